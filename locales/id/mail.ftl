# Teks surel. Kunci yang sama ada di setiap bahasa; bahasa Indonesia adalah yang pertama dan cadangannya.

## Waktu
mail-weekday-1 = Senin
mail-weekday-2 = Selasa
mail-weekday-3 = Rabu
mail-weekday-4 = Kamis
mail-weekday-5 = Jumat
mail-weekday-6 = Sabtu
mail-weekday-7 = Minggu
mail-month-1 = Januari
mail-month-2 = Februari
mail-month-3 = Maret
mail-month-4 = April
mail-month-5 = Mei
mail-month-6 = Juni
mail-month-7 = Juli
mail-month-8 = Agustus
mail-month-9 = September
mail-month-10 = Oktober
mail-month-11 = November
mail-month-12 = Desember
mail-day = { $weekday }, { $day } { $month } { $year }
mail-instant = { $weekday }, { $day } { $month } { $year } pukul { $hour }.{ $minute } { $zone }
mail-instant-short = { $day } { $month } { $hour }.{ $minute } { $zone }
mail-in-days = { $count } hari lagi
mail-in-hours = { $count } jam lagi
mail-in-minutes = { $count } menit lagi
mail-in-less-than-a-minute = kurang dari satu menit lagi
mail-is-past = sudah lewat

## Tindakan
mail-action-publish = Terbitkan pesan ini
mail-action-create = Buat konten sendiri
mail-action-rephrase = Sampaikan ulang dengan kata-kata lain
mail-action-answer = Jawab dengan fakta dan sumbernya
mail-action-like = Sukai unggahan ini
mail-action-comment = Komentari unggahan ini
mail-action-share = Bagikan unggahan ini

## Bersama
mail-greeting = Halo { $name },
mail-campaign = Kampanye
mail-message = Pesan
mail-register = Daftar publik: siapa yang berbicara untuk lembaga ini, dan apa yang diminta
mail-no-tracking = Tanpa gambar jarak jauh, tanpa pelacak. Membuka tautan tidak mengubah apa pun sebelum Anda menekan tombol di halamannya.
mail-sent-by = Dikirim oleh { $institution } dengan Gaung.
mail-copy-link = Bila tombol tidak berfungsi, salin alamat ini ke peramban:

## Tugas
mail-task-subject = { $action } di { $platform } sampai { $until }: { $title }
mail-reminder-subject = Pengingat: { $action } di { $platform } sampai { $until }: { $title }
mail-by = { $institution }, melalui { $unit },
mail-task-intro = { $by } mengajak Anda membantu kampanye “{ $title }”.
mail-reminder-intro = Tugas dari { $by } untuk kampanye “{ $title }” masih terbuka.
mail-task-heading = Yang diminta
mail-task-asked = { $action } di { $platform } dengan akun { $handle }.
mail-task-target = Unggahan yang dimaksud
mail-claim = Klaim yang beredar
mail-claim-seen = Tempat klaim ini terlihat
mail-claim-fact = Faktanya
mail-claim-source = Sumber
mail-claim-rule = Luruskan klaimnya dengan fakta dan sumbernya. Jangan menyerang orang yang menyebarkannya.
mail-task-deadline = Batas waktu
mail-task-platform = Platform
mail-task-account = Akun
mail-task-brief = Arahan
mail-task-variants = Contoh kalimat
mail-task-variants-free = Pilih salah satu atau ubah sesuka Anda.
mail-task-variants-own = Ini hanya contoh: gunakan kata-kata Anda sendiri.
mail-task-button = Buka tugas
mail-task-voluntary = Ini sukarela. Anda boleh menolak tanpa alasan, dan menolak tidak berakibat apa pun. Atasan dan koordinator hanya melihat jumlah, bukan nama yang menolak atau diam.
mail-calendar-summary = Batas waktu tugas: { $title }
mail-task-decline = Tolak tugas ini
mail-task-pause = Jeda semua surel tugas
mail-why = Mengapa Anda menerima surel ini
mail-why-participate = Anda telah menyetujui menerima tugas dari { $institution } untuk akun { $handle } di { $platform }.
mail-why-operate = Anda telah mengonfirmasi peran sebagai pengelola akun { $handle } di { $platform } untuk { $institution }.

## Persetujuan
mail-optin-subject = Bersediakah Anda ikut? { $institution } meminta persetujuan Anda
mail-optin-title = Bersediakah Anda ikut?
mail-optin-why = Anda menerima surel ini karena { $institution } mencatat Anda sebagai calon peserta. Surel ini hanya dikirim sekali; tanpa persetujuan Anda tidak ada tugas yang menyusul.
mail-optin-intro = { $institution } ingin sesekali mengirimi Anda ajakan untuk mendukung pesan resminya dengan akun media sosial Anda. Itu hanya terjadi bila Anda setuju.
mail-optin-free = Ikut serta itu sukarela dan tidak berakibat apa pun bagi pekerjaan Anda. Bila Anda tidak melakukan apa-apa, tidak ada tugas yang dikirim. Setelah setuju pun Anda dapat menolak tugas mana pun, menjeda, atau berhenti kapan saja dengan satu klik.
mail-optin-button = Baca dan putuskan
mail-operate-subject = Konfirmasikan peran Anda sebagai pengelola akun { $institution }
mail-operate-title = Apakah Anda mengelola akun ini?
mail-operate-why = Anda menerima surel ini karena { $institution } mencatat Anda sebagai pengelola akun di atas.
mail-operate-intro = { $institution } mencatat Anda sebagai pengelola akun di bawah ini. Mohon konfirmasikan sekali bahwa itu benar, sebelum ada tugas yang dikirim.
mail-operate-free = Bila catatan ini keliru, katakan di halaman yang sama. Bila Anda tidak melakukan apa-apa, tidak ada tugas yang dikirim. Anda tetap boleh menolak tugas mana pun tanpa alasan.
mail-operate-button = Periksa dan konfirmasi
mail-optin-accounts = Akun yang tercatat
mail-optin-text = Yang Anda setujui
mail-optin-expires = Tautan ini berlaku sampai { $when }.

## Permintaan rilis
mail-release-subject = Menunggu keputusan Anda: { $title }
mail-release-intro = { $author } mengajukan kampanye { $unit }, { $institution }, untuk Anda rilis atau kembalikan.
mail-release-scope = Cakupan
mail-release-waves = { $count } gelombang
mail-release-first = Gelombang pertama dibuka
mail-release-opens-later = setelah dirilis; belum ada waktu tetap
mail-release-button = Tinjau kampanye
mail-release-note = Tidak ada surel yang dikirim ke anggota sebelum kampanye dirilis. Rilis berlaku untuk isi yang persis Anda lihat; setiap perubahan sesudahnya membatalkannya.
mail-release-why = Anda menerima surel ini karena Anda berwenang merilis kampanye unit ini.

## Tautan masuk
mail-sign-in-subject = Tautan masuk ke konsol { $institution }
mail-sign-in-intro = Dengan tautan ini Anda masuk ke konsol { $institution } tanpa kata sandi.
mail-sign-in-button = Lanjut ke halaman masuk
mail-sign-in-expires = Tautan ini berlaku satu kali, sampai { $when }.
mail-sign-in-why = Seseorang meminta tautan masuk untuk alamat surel ini.
mail-sign-in-ignore = Bukan Anda yang memintanya? Abaikan surel ini: tanpa menekan tombol di halamannya tidak ada yang masuk. Jangan teruskan surel ini.

## Surel uji coba
mail-test-subject = [UJI COBA] { $action } di { $platform } sampai { $until }: { $title }
mail-test-note = Surel uji coba untuk Anda sendiri: tautannya hanya membuka pratinjau, dan tidak ada yang dihitung.

## Pengungkapan
mail-disclosure = Pengungkapan
mail-disclosure-participate = Tulislah sebagai diri Anda sendiri dan jangan sembunyikan hubungan Anda dengan { $institution }: pengungkapan akun { $handle } harus tetap terbaca di profil atau di unggahan. Konten berbayar selalu berlabel iklan.
mail-disclosure-operate = Akun { $handle } berbicara untuk { $institution }. Pastikan profilnya tetap menyebutkan hal itu.
mail-disclosure-each = Jangan sembunyikan hubungan Anda dengan lembaga: pengungkapan setiap akun harus tetap terbaca di profil atau di unggahan. Konten berbayar selalu berlabel iklan.

## Beberapa tugas dalam satu surel
mail-digest-subject = { $count } tugas menunggu Anda; yang terdekat sampai { $until }
mail-digest-intro = { $institution } mengajak Anda membantu dengan { $count } tugas. Yang sudah selesai, ditolak, atau lewat tidak ada di sini.
mail-digest-first = Batas waktu terdekat: { $when }.
mail-digest-button = Lihat semua tugas
mail-digest-open = Buka tugas ini
mail-digest-again = pengingat
mail-digest-campaign = Kampanye “{ $title }”, { $unit }
mail-digest-settings = Atur jam surel dan pengumpulan tugas
mail-digest-why = Anda telah menyetujui menerima tugas dari { $institution }, atau mengelola akunnya. Beberapa tugas yang waktunya berdekatan dikumpulkan dalam satu surel.

## Koreksi
mail-correction-subject = Koreksi “{ $title }”: mohon perbaiki atau hapus yang Anda unggah
mail-correction-preview = Isi kampanye ini keliru. Mohon perbaiki atau hapus yang Anda unggah, lalu beri tahu kami.
mail-correction-title = Mohon perbaiki atau hapus
mail-correction-intro = { $by } mengoreksi kampanye “{ $title }” yang Anda bantu. Isinya ternyata keliru; kekeliruan itu bukan kesalahan Anda.
mail-correction-text = Koreksinya
mail-correction-yours = Tugas yang Anda laporkan selesai
mail-correction-yours-text = { $asked } Anda melaporkannya selesai pada { $when }.
mail-correction-do = Yang kami mohon
mail-correction-how-post = Perbaiki unggahan Anda di { $platform } sesuai koreksi di atas, atau hapus.
mail-correction-how-comment = Ubah atau hapus komentar Anda di { $platform }.
mail-correction-how-like = Batalkan suka Anda pada unggahan itu di { $platform }.
mail-correction-how-share = Hapus bagikan ulang Anda di { $platform }, atau tambahkan koreksi di atas.
mail-correction-then = Setelah itu, beri tahu kami di halaman ini.
mail-correction-button = Jawab: diperbaiki atau dihapus
mail-correction-note = Tidak ada batas waktu, tetapi makin cepat makin baik. Jawaban Anda hanya dihitung, tidak ditampilkan dengan nama.
mail-correction-why = Anda menerima surel ini karena Anda melaporkan tugas kampanye ini selesai. Koreksi dikirim juga di luar jam surel dan selama jeda, karena menyangkut hal yang sudah Anda terbitkan.
mail-correction-register = Koreksi ini juga terbit di daftar publik

## Laporan harian
mail-report-subject = Laporan { $day }: { $count } kampanye
mail-report-intro = Keadaan kampanye { $institution } yang dapat Anda jalankan, { $day }.
mail-report-done = { $done } dari { $asked } selesai ({ $percent } %)
mail-report-withheld = { $asked } diminta; hasilnya tidak disebut karena kelompoknya kecil
mail-report-paused = Berhenti sementara: { $why }
mail-report-failed = { $count } surel gagal terkirim
mail-report-unknown = { $count } surel belum pasti terkirim dan menunggu keputusan Anda
mail-report-opens = Berikutnya: gelombang “{ $wave }”, { $when }
mail-report-opens-later = Berikutnya: gelombang “{ $wave }”, menunggu yang mendahuluinya
mail-report-last-mail = Surel terakhir keluar paling lambat { $when }
mail-report-button = Buka konsol
mail-report-why = Anda menerima laporan ini sekali sehari, selama ada kampanye berjalan yang dapat Anda jalankan di { $institution }.
mail-report-stop = Hentikan laporan harian

mail-request-export = salinan data Anda
mail-request-correct = perbaikan data Anda
mail-request-withdraw = penarikan semua persetujuan
mail-request-erase = penghapusan data Anda
mail-notice-request-to-confirm-subject = Mohon konfirmasi: penghapusan data Anda
mail-notice-request-to-confirm-title = Hapus data Anda?
mail-notice-request-to-confirm-intro = Melalui halaman Anda, seseorang meminta { $about } kepada { $institution }. Buka halaman di bawah, baca apa yang akan terjadi, lalu konfirmasi. Tindakan ini tidak dapat dibatalkan.
mail-notice-request-to-confirm-note = Jika bukan Anda, abaikan saja: setelah tiga hari tautan berakhir dan tidak ada yang berubah.
mail-notice-request-to-confirm-button = Baca dan konfirmasi
mail-notice-request-to-confirm-why = Anda menerima surel ini karena permintaan diajukan melalui halaman Anda sendiri.
mail-notice-request-granted-subject = Permintaan Anda dikabulkan
mail-notice-request-granted-title = Permintaan Anda dikabulkan
mail-notice-request-granted-intro = Anda meminta { $about } kepada { $institution }. Permintaan itu sudah dilaksanakan.
mail-notice-request-granted-note = Di halaman Anda terlihat semua data tentang Anda, dan dapat diunduh sebagai berkas.
mail-notice-request-granted-button = Lihat data saya
mail-notice-request-granted-why = Anda menerima surel ini karena Anda mengajukan permintaan tentang data Anda.
mail-notice-request-refused-subject = Permintaan Anda tidak dikabulkan
mail-notice-request-refused-title = Permintaan Anda tidak dikabulkan
mail-notice-request-refused-intro = Anda meminta { $about } kepada { $institution }. Jawabannya:
mail-notice-request-refused-note = Jika menurut Anda jawaban ini keliru, balas surel ini atau ajukan lagi di halaman Anda.
mail-notice-request-refused-button = Lihat data saya
mail-notice-request-refused-why = Anda menerima surel ini karena Anda mengajukan permintaan tentang data Anda.
mail-notice-request-due-subject = Permintaan data pribadi harus dijawab paling lambat { $about }
mail-notice-request-due-title = Sebuah permintaan segera jatuh tempo
mail-notice-request-due-intro = Sebuah permintaan tentang data pribadi menunggu jawaban paling lambat { $about }. Setelah itu batas 3 × 24 jam menurut undang-undang terlewati.
mail-notice-request-due-note = Siapa yang meminta dan apa yang diminta hanya tercantum di halamannya. Jika tidak dapat dijawab tepat waktu, beri tahu orangnya lebih dahulu.
mail-notice-request-due-button = Buka permintaan
mail-notice-request-due-why = Anda menerima surel ini karena Anda menjawab permintaan data untuk unit ini.
mail-notice-correction-to-confirm-subject = Konfirmasi sekarang: koreksi { $about }
mail-notice-correction-to-confirm-title = Sebuah koreksi menunggu Anda
mail-notice-correction-to-confirm-intro = { $by } mengusulkan koreksi kampanye "{ $about }". Tidak ada yang dihentikan dan tidak ada yang disurati sebelum Anda, atau pemberi persetujuan lain, mengonfirmasi. Teksnya:
mail-notice-correction-to-confirm-note = Konfirmasi menghentikan surel kampanye yang belum terkirim, menarik tugas terbuka, meminta semua yang ikut serta memperbaiki atau menghapus unggahannya, dan memuat teks ini di register publik.
mail-notice-correction-to-confirm-button = Periksa dan konfirmasi
mail-notice-correction-to-confirm-why = Anda menerima surel ini karena Anda berwenang merilis kampanye unit ini.
mail-notice-drill-to-confirm-subject = LATIHAN: konfirmasi koreksi { $about }
mail-notice-drill-to-confirm-title = LATIHAN: sebuah koreksi menunggu Anda
mail-notice-drill-to-confirm-intro = Ini latihan. { $by } berlatih mengoreksi kampanye "{ $about }". Bertindaklah seperti keadaan sebenarnya. Teksnya:
mail-notice-drill-to-confirm-note = Konfirmasi tidak menghentikan apa pun, tidak menyurati anggota, dan tidak menerbitkan apa pun. Yang diukur adalah waktu yang Anda berdua perlukan.
mail-notice-drill-to-confirm-button = Periksa dan konfirmasi latihan
mail-notice-drill-to-confirm-why = Anda menerima surel ini karena Anda berwenang merilis kampanye unit ini.
mail-notice-drill-done-subject = LATIHAN selesai: koreksi { $about }
mail-notice-drill-done-title = Latihan selesai
mail-notice-drill-done-intro = Latihan koreksi "{ $about }" sudah dijalankan sampai selesai. { $by }
mail-notice-drill-done-note = Tidak ada yang dihentikan, tidak ada anggota yang disurati, tidak ada yang diterbitkan. Latihan ini tercatat di log.
mail-notice-drill-done-button = Lihat latihan
mail-notice-drill-done-why = Anda menerima surel ini karena Anda salah satu dari dua orang dalam latihan ini.
mail-checkpoint-subject = Titik periksa { $day }: { $size } entri
mail-checkpoint-intro = Titik periksa log { $institution }, { $day }.
mail-checkpoint-sealed = { $size } entri telah disegel; ditandatangani { $when }.
mail-checkpoint-intact = Layanan ini sendiri telah membaca ulang { $size } entri pertama dan menemukannya utuh.
mail-checkpoint-broken = Layanan ini sendiri menemukan bahwa entri { $entry } tidak sama dengan yang disegel.
mail-checkpoint-unchecked = Layanan ini sendiri belum menyelesaikan satu pemeriksaan pun.
mail-checkpoint-keep = Simpan baris-baris ini, dari yang pertama sampai yang terakhir, dalam berkas Anda sendiri: siapa pun yang memiliki titik periksa ini dapat mengetahui setiap perubahan entri sebelumnya, tanpa harus memercayai layanan ini.
mail-checkpoint-button = Periksa sendiri
mail-checkpoint-why = Anda menerima titik periksa sekali setiap hari kerja karena Anda auditor di { $institution }.
mail-notice-address-to-confirm-subject = Mohon konfirmasi alamat baru Anda
mail-notice-address-to-confirm-title = Apakah ini alamat Anda?
mail-notice-address-to-confirm-intro = Seseorang meminta { $institution } mengirim tugas Anda ke { $about } mulai sekarang. Buka halaman di bawah dan konfirmasi bahwa Anda membaca surel di alamat ini.
mail-notice-address-to-confirm-note = Bila Anda tidak tahu-menahu, abaikan saja: setelah tujuh hari tautannya berakhir, dan tidak ada yang dikirim ke sini.
mail-notice-address-to-confirm-button = Konfirmasi alamat ini
mail-notice-address-to-confirm-why = Anda menerima satu surel ini karena alamat ini diberikan sebagai alamat baru seseorang.
mail-notice-address-asked-subject = Ada permintaan mengganti alamat
mail-notice-address-asked-title = Ada permintaan mengganti alamat
mail-notice-address-asked-intro = Seseorang meminta { $institution } mengirim tugas Anda ke { $about } sebagai pengganti alamat ini. Itu baru terjadi setelah dikonfirmasi di sana.
mail-notice-address-asked-note = Bila itu bukan alamat Anda, beri tahu lembaga, atau pertahankan alamat ini di halaman di bawah: sebelum dikonfirmasi, semuanya tetap dikirim ke sini.
mail-notice-address-asked-button = Buka pengaturan saya
mail-notice-address-asked-why = Anda menerima surel ini karena tugas Anda selama ini dikirim ke alamat ini.
