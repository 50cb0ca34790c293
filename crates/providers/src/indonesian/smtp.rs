//! SMTP.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Server", "Server"),
    (
        "The outgoing mail server's name, such as smtp.example.com.",
        "Nama server email keluar, seperti smtp.example.com.",
    ),
    (
        "must be the server's name or address alone: no smtp://, no path, no spaces",
        "harus nama atau alamat server saja: tanpa smtp://, tanpa path, tanpa spasi",
    ),
    ("Port", "Port"),
    (
        "587 for STARTTLS, 465 for implicit TLS; 25 and 2525 where the provider says so.",
        "587 untuk STARTTLS, 465 untuk TLS implisit; 25 dan 2525 jika diminta penyedia.",
    ),
    ("User name", "Nama pengguna"),
    (
        "Often the whole e-mail address. Left empty together with the password where the server wants no login.",
        "Sering kali alamat email lengkap. Kosongkan bersama kata sandi jika server tidak meminta login.",
    ),
    ("Password", "Kata sandi"),
    (
        "Gmail, Yahoo and iCloud need an app password, not the password of the account.",
        "Gmail, Yahoo, dan iCloud memerlukan kata sandi aplikasi, bukan kata sandi akun.",
    ),
    ("Encryption", "Enkripsi"),
    (
        "starttls on port 587, tls (implicit) on port 465. With none, the password can be read on the way.",
        "starttls di port 587, tls (implisit) di port 465. Dengan none, kata sandi dapat dibaca di perjalanan.",
    ),
    (
        "The address that mails come from; the server must allow the account to use it.",
        "Alamat asal email; server harus mengizinkan akun memakainya.",
    ),
    (
        "Your mail provider's help page for outgoing mail (SMTP): server, port, encryption, and often an app password",
        "Halaman bantuan penyedia email Anda untuk email keluar (SMTP): server, port, enkripsi, dan sering kali kata sandi aplikasi",
    ),
    (
        "cannot be used: the operator's address must have the form smtp://host:port",
        "tidak dapat digunakan: alamat dari pengelola server harus berbentuk smtp://host:port",
    ),
    ("must not contain the port: enter it in its own field", "tidak boleh memuat port: isikan di isiannya sendiri"),
    ("is required where a user name is given", "wajib diisi jika nama pengguna diisi"),
    ("is required where a password is given", "wajib diisi jika kata sandi diisi"),
    (
        "Without encryption the password can be read on the way to the mail server; choose starttls or tls.",
        "Tanpa enkripsi, kata sandi dapat dibaca di perjalanan ke server email; pilih starttls atau tls.",
    ),
    (
        "Port 465 speaks TLS from the start nearly everywhere; choose tls, or port 587 for starttls.",
        "Port 465 hampir selalu memakai TLS sejak awal; pilih tls, atau port 587 untuk starttls.",
    ),
    (
        "Port 587 begins without TLS nearly everywhere; choose starttls, or port 465 for tls.",
        "Port 587 hampir selalu mulai tanpa TLS; pilih starttls, atau port 465 untuk tls.",
    ),
    // Reaching the server.
    ("The mail server {}:{} could not be reached: {}", "Server email {}:{} tidak dapat dijangkau: {}"),
    (
        "The mail server {}:{} did not accept the connection in time",
        "Server email {}:{} tidak menerima koneksi tepat waktu",
    ),
    (
        "Check host and port, and the firewall: many hosting companies block port 25, and some all mail ports.",
        "Periksa host dan port, serta firewall: banyak perusahaan hosting memblokir port 25, dan sebagian memblokir semua port email.",
    ),
    (
        "The mail server did not complete the TLS handshake in time",
        "Server email tidak menyelesaikan jabat tangan TLS tepat waktu",
    ),
    (
        "The port may begin without TLS: choose starttls, or port 465 for implicit TLS.",
        "Port ini mungkin mulai tanpa TLS: pilih starttls, atau port 465 untuk TLS implisit.",
    ),
    (
        "The mail server answered without TLS where TLS was expected",
        "Server email menjawab tanpa TLS, padahal TLS diharapkan",
    ),
    ("The port begins without TLS: choose encryption starttls.", "Port ini mulai tanpa TLS: pilih enkripsi starttls."),
    (
        "The mail server {}:{} could not be reached by TLS: {}",
        "Server email {}:{} tidak dapat dijangkau dengan TLS: {}",
    ),
    (
        "The server's certificate has run out. Ask who runs the server to renew it; check this server's clock too.",
        "Sertifikat server sudah kedaluwarsa. Minta pengelola server email memperbaruinya; periksa juga jam server ini.",
    ),
    ("Enter the host name that the certificate is made out for.", "Isikan nama host yang tercantum dalam sertifikat."),
    (
        "The certificate is not from a public authority. Have the server send its whole chain, or let the operator add the issuing certificate with SIMPUL_EXTRA_CA_FILE.",
        "Sertifikat bukan dari otoritas publik. Atur agar server mengirim seluruh rantainya, atau minta pengelola menambahkan sertifikat penerbit dengan SIMPUL_EXTRA_CA_FILE.",
    ),
    (
        "Check the server's certificate and TLS versions, and that nothing in between breaks TLS open.",
        "Periksa sertifikat dan versi TLS server, dan pastikan tidak ada perantara yang membongkar TLS.",
    ),
    // The dialogue.
    ("The mail server does not offer STARTTLS on this port", "Server email tidak menawarkan STARTTLS di port ini"),
    (
        "Use the port for implicit TLS (465, encryption tls). If it should offer STARTTLS, something in between may remove it.",
        "Gunakan port untuk TLS implisit (465, enkripsi tls). Jika seharusnya menawarkan STARTTLS, mungkin ada perantara yang menghapusnya.",
    ),
    (
        "No user name and password are configured, so no login was tried",
        "Nama pengguna dan kata sandi tidak diisi, jadi login tidak dicoba",
    ),
    (
        "The password crossed the network unencrypted: choose starttls or tls",
        "Kata sandi melewati jaringan tanpa enkripsi: pilih starttls atau tls",
    ),
    ("The server did not confirm the farewell", "Server tidak membalas salam penutup"),
    (
        "The mail server takes no password login here, only {}",
        "Server email tidak menerima login dengan kata sandi di sini, hanya {}",
    ),
    (
        "Turn on password logins (often as app passwords) at the mail provider.",
        "Aktifkan login dengan kata sandi (sering kali berupa kata sandi aplikasi) di penyedia email.",
    ),
    ("The mail server takes logins only after STARTTLS", "Server email menerima login hanya setelah STARTTLS"),
    ("Choose encryption starttls.", "Pilih enkripsi starttls."),
    ("The mail server does not offer a login on this port", "Server email tidak menawarkan login di port ini"),
    (
        "Use port 587 (starttls) or 465 (tls). Where the server wants no login, remove user name and password.",
        "Gunakan port 587 (starttls) atau 465 (tls). Jika server tidak meminta login, hapus nama pengguna dan kata sandi.",
    ),
];
