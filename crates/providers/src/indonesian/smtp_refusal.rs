//! What a mail server's refusal means.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    // A sentence with the reply's code after it.
    ("{} ({})", "{} ({})"),
    // Where in the dialogue.
    ("its greeting", "sapaannya"),
    ("EHLO", "EHLO"),
    ("STARTTLS", "STARTTLS"),
    ("the login", "login"),
    ("the sender address", "alamat pengirim"),
    ("the recipient", "penerima"),
    ("the mail", "email"),
    (
        "The port speaks TLS: choose implicit TLS (encryption tls).",
        "Port ini memakai TLS: pilih TLS implisit (enkripsi tls).",
    ),
    (
        "Check user name and password. Gmail, Yahoo and iCloud need an app password, not the password of the account.",
        "Periksa nama pengguna dan kata sandi. Gmail, Yahoo, dan iCloud memerlukan kata sandi aplikasi, bukan kata sandi akun.",
    ),
    ("The mail server cannot start TLS at the moment", "Server email sedang tidak dapat memulai TLS"),
    (
        "The fault is at the server. Try again later, or use its port for implicit TLS.",
        "Gangguannya ada di server. Coba lagi nanti, atau gunakan port-nya untuk TLS implisit.",
    ),
    ("The mail server wants the password to be changed first", "Server email meminta kata sandi diganti dahulu"),
    (
        "Sign in to the mailbox once by its web page or another program, then test again.",
        "Masuk sekali ke kotak surat lewat halaman webnya atau program lain, lalu uji lagi.",
    ),
    ("The mail server is not available at the moment", "Server email sedang tidak tersedia"),
    (
        "The fault is at the server. Try again later; nothing needs to be changed here.",
        "Gangguannya ada di server. Coba lagi nanti; tidak ada yang perlu diubah di sini.",
    ),
    ("The mail server does not take the sender address", "Server email tidak menerima alamat pengirim"),
    ("Enter a sender address that the account may use.", "Isikan alamat pengirim yang boleh dipakai akun ini."),
    ("The mail server does not take the recipient", "Server email tidak menerima penerima itu"),
    ("Check the recipient's address.", "Periksa alamat penerima."),
    ("The mail server refused the mail", "Server email menolak email itu"),
    (
        "See what the server said: the sender, the content or a limit of the account.",
        "Lihat yang dikatakan server: pengirim, isi, atau batas akun.",
    ),
    ("This host does not accept mail", "Host ini tidak menerima email"),
    (
        "Check the host name: enter the provider's outgoing (SMTP) server.",
        "Periksa nama host: isikan server keluar (SMTP) milik penyedia.",
    ),
    ("The mail server refuses connections from this server", "Server email menolak koneksi dari server ini"),
    (
        "The server refuses this IP address: it may be on a block list, or has to be allowed in the provider's settings.",
        "Server menolak alamat IP ini: mungkin ada dalam daftar blokir, atau harus diizinkan di pengaturan penyedia.",
    ),
    (
        "The mail server offers STARTTLS but refuses to start it",
        "Server email menawarkan STARTTLS, tetapi menolak memulainya",
    ),
    (
        "Use the port for implicit TLS (465, encryption tls), or ask who runs the server.",
        "Gunakan port untuk TLS implisit (465, enkripsi tls), atau tanyakan kepada pengelola server.",
    ),
    (
        "The server does not speak the extended SMTP that logging in needs",
        "Server tidak mendukung SMTP yang diperluas (ESMTP), yang diperlukan untuk login",
    ),
    (
        "Check host and port: enter the provider's outgoing (SMTP) server.",
        "Periksa host dan port: isikan server keluar (SMTP) milik penyedia.",
    ),
    (
        "The mail server answered {} with a reply that does not belong there",
        "Server email menjawab {} dengan balasan yang tidak pada tempatnya",
    ),
    (
        "Check host and port; something in between may answer in the mail server's place.",
        "Periksa host dan port; mungkin ada perantara yang menjawab menggantikan server email.",
    ),
    ("The mail server limits the number of connections or logins", "Server email membatasi jumlah koneksi atau login"),
    (
        "Wait some minutes, test less often, and check that nothing else signs in with this account all the time.",
        "Tunggu beberapa menit, uji lebih jarang, dan pastikan tidak ada yang lain yang terus-menerus masuk dengan akun ini.",
    ),
    ("The mail server says that the account is disabled", "Menurut server email, akun dinonaktifkan"),
    ("Ask the mail provider to enable the account again.", "Minta penyedia email mengaktifkan kembali akun ini."),
    (
        "The mail server rejected the login: SMTP AUTH may be turned off for this mailbox",
        "Server email menolak login: SMTP AUTH mungkin dimatikan untuk kotak surat ini",
    ),
    (
        "At Microsoft 365, turn on Authenticated SMTP for the mailbox (and check security defaults), then check user name and password.",
        "Di Microsoft 365, aktifkan Authenticated SMTP untuk kotak surat (dan periksa security defaults), lalu periksa nama pengguna dan kata sandi.",
    ),
    ("The mail server wants another kind of password", "Server email meminta jenis kata sandi lain"),
    (
        "Create an app password for this account and enter it in place of the usual password.",
        "Buat kata sandi aplikasi untuk akun ini, dan isikan sebagai ganti kata sandi biasa.",
    ),
    (
        "The mail server takes logins over an encrypted connection only",
        "Server email hanya menerima login lewat koneksi terenkripsi",
    ),
    (
        "Choose encryption starttls (port 587) or tls (port 465).",
        "Pilih enkripsi starttls (port 587) atau tls (port 465).",
    ),
    ("The mail server wants STARTTLS first", "Server email meminta STARTTLS dahulu"),
    ("The mail server wants a login", "Server email meminta login"),
    ("Enter user name and password.", "Isikan nama pengguna dan kata sandi."),
    ("The mail server does not take logins here", "Server email tidak menerima login di sini"),
    (
        "Check the port: logins belong on 587 (starttls) or 465 (tls).",
        "Periksa port: login dilakukan di 587 (starttls) atau 465 (tls).",
    ),
    (
        "The mail server does not permit this account to send through it",
        "Server email tidak mengizinkan akun ini mengirim melaluinya",
    ),
    (
        "Ask the mail provider to allow SMTP for this account and for this server's address.",
        "Minta penyedia email mengizinkan SMTP untuk akun ini dan untuk alamat server ini.",
    ),
    ("The mail server rejected user name or password", "Server email menolak nama pengguna atau kata sandi"),
    // A dialogue that broke.
    (
        "The mail server accepted the connection but sent no greeting in time",
        "Server email menerima koneksi, tetapi tidak mengirim sapaan tepat waktu",
    ),
    (
        "The server is slow, or waits for TLS: on port 465 choose implicit TLS (encryption tls). {}",
        "Server lambat, atau menunggu TLS: di port 465 pilih TLS implisit (enkripsi tls). {}",
    ),
    ("The mail server did not complete {} in time", "Server email tidak menyelesaikan {} tepat waktu"),
    ("The mail server closed the connection during {}", "Server email menutup koneksi saat {}"),
    (
        "The server may refuse this server's address or be overloaded. Check host and port, and ask who runs it.",
        "Server email mungkin menolak alamat server ini atau kelebihan beban. Periksa host dan port, dan tanyakan kepada pengelolanya.",
    ),
    ("The connection was reset during {}", "Koneksi diputus saat {}"),
    (
        "A firewall in between may cut mail connections. Check host and port, and that this server may send mail out.",
        "Mungkin ada firewall yang memutus koneksi email. Periksa host dan port, dan pastikan server ini boleh mengirim email ke luar.",
    ),
    ("The mail server sent a reply without end during {}", "Server email mengirim balasan tanpa akhir saat {}"),
    (
        "Check host and port: this does not behave like a mail server.",
        "Periksa host dan port: ini tidak berperilaku seperti server email.",
    ),
    (
        "Something was injected into the connection before TLS began",
        "Ada yang disisipkan ke dalam koneksi sebelum TLS dimulai",
    ),
    (
        "Somebody between here and the mail server may be reading or altering the traffic. Use implicit TLS (port 465), and do not use this path until it is explained.",
        "Mungkin ada yang membaca atau mengubah lalu lintas antara sini dan server email. Gunakan TLS implisit (port 465), dan jangan pakai jalur ini sampai sebabnya jelas.",
    ),
    (
        "The mail server sent more than it was asked before {}",
        "Server email mengirim lebih dari yang diminta sebelum {}",
    ),
    (
        "Test again in a minute, and check that no firewall holds the connection back.",
        "Uji lagi sebentar lagi, dan pastikan tidak ada firewall yang menahan koneksi.",
    ),
    (
        "This is the server for reading mail (POP3 or IMAP). Enter the one for sending (SMTP), usually on port 587 or 465.",
        "Ini server untuk membaca email (POP3 atau IMAP). Isikan server untuk mengirim (SMTP), biasanya di port 587 atau 465.",
    ),
    ("This is an SSH server. Check the port.", "Ini server SSH. Periksa port."),
    ("This is a web server. Check the port.", "Ini server web. Periksa port."),
    ("What answered during {} is not a mail server's reply", "Jawaban saat {} bukan balasan server email"),
];
