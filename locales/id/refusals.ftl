# Penolakan dalam bahasa Indonesia; bahasa Inggrisnya adalah kalimat domain itu sendiri.

## Permintaan
refused-not_found = Ini tidak ditemukan, atau tidak termasuk unit Anda
refused-forbidden = Peran Anda tidak mengizinkan ini
refused-invalid = Ada isian yang perlu diperbaiki
refused-conflict = Orang lain sudah mengubahnya, atau sudah ada; muat ulang halaman
refused-busy = Layanan sedang sibuk; coba lagi sebentar
refused-internal = Terjadi kesalahan di pihak kami; nomor permintaan membantu mencarinya
refused-request-no_route = Halaman ini tidak ada
refused-request-method = Alamat ini tidak dapat dipanggil dengan cara itu
refused-request-cross_site = Permintaan ini datang dari situs lain
refused-request-too_large = Kiriman terlalu besar
refused-request-too_slow = Kiriman tidak sampai pada waktunya
refused-request-media_type = Jenis isi kiriman ini salah
refused-request-malformed = Permintaan tidak dapat dibaca
refused-auth-wrong_credentials = Alamat surel atau kata sandi salah
refused-auth-limited = Terlalu banyak percobaan; coba lagi nanti
refused-form-act = Formulir ini tidak menyebut apa yang harus dilakukan
refused-form-not_from_page = Formulir ini tidak datang dari halamannya; muat ulang halaman lalu ulangi
refused-page-cursor = Halaman daftar ini tidak dikenal; mulai dari halaman pertama
refused-json-syntax = Isian ini bukan JSON yang benar
refused-json-shape = Bentuk dokumen ini salah

## Tautan dan persetujuan
refused-link-invalid = Tautan ini tidak lengkap atau tidak berlaku; bukalah dari surelnya
refused-link-expired = Tautan ini tidak berlaku lagi: waktunya sudah habis
refused-link-revoked = Tautan ini sudah ditarik; gunakan surel yang terbaru
refused-link-own_needed = Halaman ini terbuka dengan tautan pribadi Anda, yang ada di setiap surel, bukan dengan tautan satu tugas
refused-hours-too_short = Beri jarak setidaknya satu jam di antara kedua waktu
refused-hours-no_day = Pilih setidaknya satu hari
refused-consent-text_changed = Teks persetujuan sudah berubah sejak tautan ini dikirim; diperlukan tautan baru
refused-consent-unknown = Tidak ada permintaan persetujuan untuk tautan ini
refused-member-left = Anggota ini sudah keluar

## Tugas
refused-assignment-already_checked = Pemeriksa sudah memeriksa penyelesaian ini
refused-assignment-already_declined = Tugas ini sudah ditolak; urungkan dahulu
refused-assignment-already_done = Tugas ini sudah selesai; urungkan dahulu
refused-assignment-expired = Batas waktu tugas ini sudah lewat
refused-assignment-not_done = Hanya penyelesaian yang sudah selesai dapat diperiksa
refused-assignment-nothing_to_undo = Tidak ada yang perlu diurungkan
refused-assignment-undo_too_late = Ini tidak dapat diurungkan lagi
refused-assignment-withdrawn = Tugas ini sudah ditarik oleh pengirimnya
refused-completion-already_used = Tautan ini sudah dipakai untuk penyelesaian lain
refused-completion-confirm_too_soon = Lihat halamannya beberapa detik, lalu pastikan sekali lagi
refused-completion-disclosure_not_confirmed = Pastikan hubungan Anda dengan institusi terlihat di profil atau di unggahan
refused-completion-evidence_missing = Tugas ini memerlukan tautan unggahan sebagai bukti
refused-completion-not_linked = Penyelesaian ini tanpa tautan, jadi tidak ada yang diperiksa; tetap sebagai pernyataan
refused-completion-not_this_account = Tautan ini milik akun lain, bukan akun yang diminta
refused-completion-nothing_to_confirm = Tidak ada penyelesaian yang menunggu kepastian
refused-completion-own_words_missing = Tugas ini meminta kata-kata Anda sendiri; pastikan Anda menulisnya sendiri
refused-post_url-character = Tautan ini memuat karakter yang tidak boleh ada di dalamnya
refused-post_url-empty = Tempel tautan unggahannya
refused-post_url-encoded = Tautan ini rusak; salin lagi dari platformnya
refused-post_url-home = Ini halaman depan platform; tempel tautan unggahannya
refused-post_url-host_character = Nama situs di tautan ini tidak benar
refused-post_url-ip_address = Tautan ini menuju alamat mesin, bukan platform
refused-post_url-malformed = Ini bukan tautan; salin dari platformnya
refused-post_url-not_a_post = Tautan ini tidak menuju sebuah unggahan
refused-post_url-not_platform = Tautan ini tidak menuju platform yang diminta
refused-post_url-other_platform = Tautan ini menuju platform lain
refused-post_url-owner = Pemilik unggahan di tautan ini tidak dapat dibaca
refused-post_url-port = Tautan ini menyebut porta; salin lagi dari platformnya
refused-post_url-profile = Ini tautan profil; tempel tautan unggahannya
refused-post_url-scheme = Tautan harus diawali https://
refused-post_url-short_link = Ini tautan pendek; buka dahulu lalu salin alamat lengkapnya
refused-post_url-too_long = Tautan ini terlalu panjang
refused-post_url-user_info = Tautan ini memuat nama pengguna; salin lagi dari platformnya

## Akun dan keterbukaan
refused-account-action_not_for_kind = Jenis akun ini tidak boleh diminta melakukan itu
refused-account-engagement_missing = Akun KOL eksternal menyebut bentuk kerja samanya: unpaid, in_kind atau paid
refused-account-engagement_not_external = Hanya akun KOL eksternal yang mempunyai bentuk kerja sama
refused-account-member_not_active = Anggotanya sedang berhenti atau sudah keluar
refused-account-no_consent = Anggotanya belum memberi persetujuan yang diperlukan jenis akun ini
refused-account-not_active = Akun ini tidak aktif
refused-account-operating_unit_missing = Akun white-label menyebut unit yang mengoperasikannya; register publik menampilkannya
refused-account-operators_not_institution = Hanya akun institusi mempunyai operator tambahan
refused-account-retired = Akun ini sudah dipensiunkan; tambahkan sebagai akun baru
refused-account-second_on_platform = Orang ini sudah punya akun di platform itu; satu orang, satu akun per platform
refused-account-undisclosed = Akun ini belum punya keterbukaan yang dikonfirmasi dan masih berlaku
refused-disclosure-checker_is_filer = Keterbukaan dikonfirmasi oleh orang lain, bukan yang mengajukannya
refused-disclosure-settled = Keterbukaan ini sudah diputuskan; ajukan yang baru

## Kampanye dan gelombang
refused-campaign-author_may_not_release = Kampanye dirilis oleh orang lain, bukan penulis atau pengajunya
refused-campaign-content_changed = Isinya berubah sejak dilihat; lihat lagi sebelum merilis
refused-campaign-content_invalid = Isinya masih salah; perbaiki sebelum diajukan
refused-campaign-election_freeze = Kampanye ini jatuh pada masa tenang; penyetuju kedua harus mencatat alasan dahulu
refused-campaign-freeze_needs_second_approver = Alasan masa tenang datang dari penyetuju lain, bukan yang merilis dan bukan penulisnya
refused-campaign-near_identical_variants = Sebagian teks saran hampir sama; tulis ulang, atau nyatakan saat mengajukan
refused-campaign-not_cancellable = Kampanye ini sudah berakhir
refused-campaign-not_draft = Hanya konsep yang dapat diajukan
refused-campaign-not_editable = Kampanye yang gelombangnya sudah dibuka tidak dapat disunting; batalkan atau koreksi
refused-campaign-not_pausable = Hanya kampanye yang dirilis atau berjalan dapat dijeda
refused-campaign-not_paused = Hanya kampanye yang dijeda dapat dilanjutkan
refused-campaign-not_submitted = Hanya kampanye yang diajukan dapat dirilis atau dikembalikan
refused-campaign-opens_in_the_past = Waktu buka sebuah gelombang sudah lewat; pindahkan dahulu
refused-wave-campaign_not_running = Kampanyenya tidak dirilis atau tidak berjalan
refused-wave-no_target = Gelombang ini belum punya sasaran: unggahan yang ditunggu belum terdaftar
refused-wave-not_held = Hanya gelombang yang ditahan dapat dibuka dengan tangan
refused-wave-not_skippable = Hanya gelombang yang direncanakan atau ditahan dapat dilewati
refused-target-blocked = Sasarannya ada di daftar akun calon dan partai
refused-target-not_an_earlier_wave = Sasaran harus berasal dari gelombang lapis lebih rendah yang lebih dahulu
refused-target-not_for_this_layer = Tugas lapis ini tidak boleh menunjuk sasaran itu
refused-target-not_registered = Sasarannya bukan unggahan atau klaim yang terdaftar; daftarkan dahulu
refused-target-other_platform = Sukai, komentari, bagikan atau jawab memerlukan sasaran di platform yang sama
refused-mail-not_retryable = Hanya surel yang gagal atau tidak diketahui nasibnya dapat dikirim lagi
refused-mail-not_unknown = Hanya surel yang tidak diketahui nasibnya dapat diterima sebagai terkirim
refused-sign_in-link_invalid = Tautan masuk ini tidak berlaku; mintalah yang baru
refused-sign_in-link_expired = Tautan masuk ini sudah lewat: masa berlakunya sepuluh menit; mintalah yang baru
refused-sign_in-link_used = Tautan masuk ini sudah dipakai: hanya berlaku satu kali; mintalah yang baru
