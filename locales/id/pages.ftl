# Teks halaman. Setiap bahasa punya kunci yang sama; bahasa Indonesia yang pertama.

## Waktu
weekday-1 = Sen
weekday-2 = Sel
weekday-3 = Rab
weekday-4 = Kam
weekday-5 = Jum
weekday-6 = Sab
weekday-7 = Min
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = Mei
month-6 = Jun
month-7 = Jul
month-8 = Agu
month-9 = Sep
month-10 = Okt
month-11 = Nov
month-12 = Des
instant = { $weekday } { $day } { $month } { $year }, { $hour }.{ $minute } { $zone }
days-in = { $n } hari lagi
hours-in = { $n } jam lagi
minutes-in = { $n } menit lagi
moment-in = sebentar lagi
days-ago = { $n } hari lalu
hours-ago = { $n } jam lalu
minutes-ago = { $n } menit lalu
moment-ago = baru saja
length-days = { $n } hari
length-hours = { $n } jam
length-minutes = { $n } menit

## Kerangka
skip = Langsung ke isi
lang-other = English
nav = Utama
nav-campaigns = Kampanye
nav-log = Log audit
nav-mailbox = Kotak surat
problem = Ada yang perlu diperbaiki
any = semua
older = Lebih lama
next-page = Berikutnya
cancel = Batal
back = Kembali

## Masuk
sign-in = Masuk
sign-out = Keluar
email = Alamat surel
password = Kata sandi
sign-in-members = Anggota tidak perlu masuk: tautan di surel tugas sudah cukup.
sign-in-wrong = Alamat surel atau kata sandi salah
sign-in-limited = Terlalu banyak percobaan; coba lagi dalam { $seconds } detik

## Galat
error-back = Kembali ke halaman sebelumnya, atau ke
error-home = halaman awal
error-request = Nomor permintaan:
error-400 = Permintaan tidak dapat dibaca
error-401 = Anda perlu masuk
error-403 = Ini tidak diizinkan
error-404 = Halaman ini tidak ditemukan
error-405 = Cara memanggil halaman ini salah
error-409 = Ini tidak dapat dilakukan sekarang
error-413 = Kiriman terlalu besar
error-422 = Ada isian yang perlu diperbaiki
error-429 = Terlalu banyak percobaan
error-500 = Terjadi kesalahan di pihak kami
error-503 = Layanan sedang sibuk; coba lagi sebentar
error-other = Permintaan ini tidak dapat dipenuhi

## Log
log = Log audit
log-about = Orang hanya muncul lewat rujukan samaran, tidak pernah dengan nama.
log-filter = Saring log
log-export = Unduh CSV
log-from = Dari ({ $zone })
log-to = Sampai ({ $zone })
log-kind = Kejadian
log-actor = Pelaku
log-subject = Rujukan orang
log-campaign = Kampanye
log-unit = Unit
log-assignment = Penugasan
log-wave = Gelombang
log-apply = Saring
log-clear = Hapus saringan
log-entries = Entri, terbaru dahulu
log-none = Tidak ada entri yang cocok.
log-at = Waktu
log-where = Tentang
log-id = Nomor entri
log-commitment = Komitmen
log-sealed = Disegel
log-unsealed = menunggu segel
log-leaf = daun { $index }
log-payload = Isi
log-personal = Rincian pribadi tidak pernah masuk ke log; yang disimpan hanya komitmen bergaramnya.
log-bad-time = Tulis waktu seperti 2026-11-23T09:00
log-bad-kind = Kejadian ini tidak ada
log-bad-id = Ini bukan nomor yang benar
