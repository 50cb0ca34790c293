//! SendGrid.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "The key as shown once when it was created; it starts with SG. and is 69 characters long.",
        "Kunci yang ditampilkan sekali saat dibuat; diawali SG. dan panjangnya 69 karakter.",
    ),
    ("Verification key of the event webhook", "Kunci verifikasi Event Webhook"),
    (
        "Proves that notifications come from SendGrid. Without it they are refused. Several keys are separated by commas.",
        "Membuktikan bahwa notifikasi berasal dari SendGrid. Tanpa kunci ini notifikasi ditolak. Beberapa kunci dipisahkan dengan koma.",
    ),
    (
        "The address that mails come from; SendGrid must have verified it or its domain.",
        "Alamat asal email; SendGrid harus sudah memverifikasi alamat itu atau domainnya.",
    ),
    (
        "SendGrid → Settings → API Keys (API key, with Mail Send); Settings → Mail Settings → Event Webhook → Signature Verification (verification key)",
        "SendGrid → Settings → API Keys (kunci API, dengan Mail Send); Settings → Mail Settings → Event Webhook → Signature Verification (kunci verifikasi)",
    ),
    (
        "SendGrid → Settings → Mail Settings → Event Webhook → create a webhook with the URL, and turn on Signed Event Webhook",
        "SendGrid → Settings → Mail Settings → Event Webhook → buat webhook dengan URL itu, dan aktifkan Signed Event Webhook",
    ),
    (
        "is not a verification key: copy it whole from Settings → Mail Settings → Event Webhook → Signature Verification",
        "bukan kunci verifikasi: salin seutuhnya dari Settings → Mail Settings → Event Webhook → Signature Verification",
    ),
    (
        "looks like the API key's id, not the key: the key starts with SG. and is shown only once, when it is created",
        "tampaknya ID kunci API, bukan kuncinya: kunci diawali SG. dan hanya ditampilkan sekali, saat dibuat",
    ),
    ("must start with SG.", "harus diawali SG."),
    ("mail.send is not among the key's permissions", "mail.send tidak termasuk dalam izin kunci ini"),
    (
        "SendGrid accepts the key, but it may not send mail: the permission mail.send is missing",
        "SendGrid menerima kunci, tetapi kunci itu tidak boleh mengirim email: izin mail.send tidak ada",
    ),
    (
        "Give the key the permission Mail Send (Settings → API Keys), or create a key that has it.",
        "Berikan izin Mail Send pada kunci (Settings → API Keys), atau buat kunci yang memilikinya.",
    ),
    ("SendGrid rejected the API key", "SendGrid menolak kunci API"),
    (
        "The key is wrong, cut short, or deleted. Create a new one under Settings → API Keys. A key of an EU regional subuser works only at api.eu.sendgrid.com (SIMPUL_PROVIDER_SENDGRID_URL).",
        "Kunci salah, terpotong, atau sudah dihapus. Buat yang baru di Settings → API Keys. Kunci milik subuser regional EU hanya berlaku di api.eu.sendgrid.com (SIMPUL_PROVIDER_SENDGRID_URL).",
    ),
    ("SendGrid refused the call", "SendGrid menolak panggilan"),
    (
        "Check Settings → IP Access Management: this server's address must be allowed. SendGrid also refuses for a while after too many bad requests.",
        "Periksa Settings → IP Access Management: alamat server ini harus diizinkan. SendGrid juga menolak untuk sementara setelah terlalu banyak permintaan yang salah.",
    ),
    ("SendGrid has nothing at this address", "Tidak ada apa-apa milik SendGrid di alamat ini"),
    (
        "The configured base address must be the host alone, such as https://api.sendgrid.com.",
        "Alamat dasar yang dikonfigurasi harus host saja, seperti https://api.sendgrid.com.",
    ),
    ("SendGrid gave an answer that holds no permissions ({})", "SendGrid memberi jawaban yang tidak memuat izin ({})"),
    (
        "Check the configured address; a proxy may answer in SendGrid's place.",
        "Periksa alamat yang dikonfigurasi; mungkin sebuah proxy menjawab menggantikan SendGrid.",
    ),
];
