# The public register.

register-title = Register publik
register-about = Siapa yang berbicara untuk institusi ini, dengan pernyataan apa, dan apa yang diminta dari mereka. Siapa pun boleh membacanya.
register-accounts = Akun
register-no-accounts = Akun tampil di sini setelah pernyataannya dikonfirmasi orang kedua.
register-account = Akun
register-operator = Dikelola oleh
register-disclosure = Pernyataan publik
register-where = Lihat di sana
register-checked = diperiksa { $when }
register-advocates = { $n } akun milik pegawai ikut serta atas pilihan sendiri; namanya tidak ditampilkan.
register-advocates-few = Akun milik pegawai yang ikut serta terlalu sedikit untuk disebut tanpa menunjukkan siapa.
register-campaigns = Kampanye yang telah berjalan
register-no-campaigns = Kampanye tampil di sini setelah gelombang pertamanya dibuka.
register-paid = berbayar
register-unpaid = tidak ada yang dibayar
register-asked = { $n } tugas diberikan
register-done = { $n } selesai
register-withheld = terlalu sedikit orang untuk disebut
engagement-unpaid = tanpa imbalan
engagement-in_kind = imbalan barang atau jasa
engagement-paid = berbayar
