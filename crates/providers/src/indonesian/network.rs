//! Why a provider could not be reached, as the engine's guarded network says it after `{} could not be reached:`.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("no complete answer within {} seconds", "tidak ada jawaban lengkap dalam {} detik"),
    ("the connection broke off before an answer arrived", "koneksi terputus sebelum ada jawaban"),
    (
        "the head of the answer is too large (more than 64 KiB, or 100 headers)",
        "kepala jawaban terlalu besar (lebih dari 64 KiB, atau 100 header)",
    ),
    (
        "the answer is not HTTP; check the port and whether the URL needs https://",
        "jawabannya bukan HTTP; periksa port, dan apakah URL memerlukan https://",
    ),
    ("the connection broke off during the TLS handshake", "koneksi terputus saat jabat tangan TLS"),
    (
        "this machine cannot open another connection now (file descriptors, ports or memory are used up)",
        "mesin ini tidak dapat membuka koneksi lagi sekarang (file descriptor, port, atau memori habis)",
    ),
    ("the connection was refused: nothing listens there", "koneksi ditolak: tidak ada layanan di sana"),
    ("the connection broke off", "koneksi terputus"),
    ("the connection could not be made in time", "koneksi tidak terjalin tepat waktu"),
    ("the connection could not be made", "koneksi tidak dapat dijalin"),
    ("there is no route to the address", "tidak ada rute ke alamat itu"),
    (
        "the name resolves only to private or reserved addresses",
        "nama host hanya mengarah ke alamat privat atau yang dicadangkan",
    ),
    ("the name could not be resolved in time", "nama host tidak ditemukan tepat waktu"),
    ("the name could not be resolved", "nama host tidak dapat ditemukan"),
    ("the host name cannot appear in a certificate", "nama host itu tidak mungkin ada dalam sertifikat"),
    ("the TLS handshake was not finished in time", "jabat tangan TLS tidak selesai tepat waktu"),
    ("the host is at a private or reserved address", "host berada di alamat privat atau yang dicadangkan"),
    (
        "port {} is not used for mail; use 587, 465, 25 or 2525",
        "port {} tidak dipakai untuk email; gunakan 587, 465, 25, atau 2525",
    ),
    ("the URL cannot be read", "URL tidak dapat dibaca"),
    ("the URL must start with http:// or https://", "URL harus diawali http:// atau https://"),
    ("the URL must not hold a user name or password", "URL tidak boleh memuat nama pengguna atau kata sandi"),
    ("the URL names no host", "URL tidak menyebutkan host"),
    ("the URL names a private or reserved address", "URL menyebutkan alamat privat atau yang dicadangkan"),
    (
        "port {} may not be used; use 80, 443, or one from 1024",
        "port {} tidak boleh digunakan; gunakan 80, 443, atau mulai dari 1024",
    ),
    ("the certificate has expired", "sertifikat sudah kedaluwarsa"),
    ("the certificate is not valid yet", "sertifikat belum berlaku"),
    (
        "the certificate was issued by nobody known here (self-signed, or its chain is incomplete)",
        "penerbit sertifikat tidak dikenal di sini (ditandatangani sendiri, atau rantainya tidak lengkap)",
    ),
    ("the certificate belongs to another host name", "sertifikat milik nama host lain"),
    ("the certificate was revoked", "sertifikat sudah dicabut"),
    (
        "the certificate cannot be used for a server (often self-signed)",
        "sertifikat tidak dapat dipakai untuk server (sering kali karena ditandatangani sendiri)",
    ),
    ("the certificate is not valid ({})", "sertifikat tidak sah ({})"),
    ("the other side does not speak TLS on this port", "pihak lain tidak memakai TLS di port ini"),
    ("the other side refused TLS ({})", "pihak lain menolak TLS ({})"),
    ("TLS failed ({})", "TLS gagal ({})"),
];
