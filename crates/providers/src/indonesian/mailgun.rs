//! Mailgun.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "must be the sending domain alone, such as mg.example.com: no https://, no path, no e-mail address",
        "harus domain pengirim saja, seperti mg.example.com: tanpa https://, tanpa path, bukan alamat email",
    ),
    (
        "An account API key. A domain sending key can send but cannot be tested.",
        "Kunci API akun. Domain sending key dapat mengirim, tetapi tidak dapat diuji.",
    ),
    ("Sending domain", "Domain pengirim"),
    (
        "The domain that is set up at Mailgun, such as mg.example.com.",
        "Domain yang disiapkan di Mailgun, seperti mg.example.com.",
    ),
    ("Region", "Region"),
    (
        "Where the domain was created. Left on auto, the test asks both and says which one answered.",
        "Tempat domain dibuat. Jika dibiarkan auto, pengujian menanyai keduanya dan menyebutkan yang menjawab.",
    ),
    ("HTTP webhook signing key", "HTTP webhook signing key"),
    (
        "Proves that notifications come from Mailgun. Without it they are refused. It is not the API key.",
        "Membuktikan bahwa notifikasi berasal dari Mailgun. Tanpa kunci ini notifikasi ditolak. Ini bukan kunci API.",
    ),
    (
        "The address that mails come from, normally of the sending domain.",
        "Alamat asal email, biasanya dari domain pengirim.",
    ),
    (
        "Mailgun dashboard → Settings → API Security (API key, HTTP webhook signing key); Sending → Domains (domain)",
        "Dasbor Mailgun → Settings → API Security (kunci API, HTTP webhook signing key); Sending → Domains (domain)",
    ),
    (
        "Mailgun dashboard → Sending → Webhooks → choose the domain → add the URL for accepted, delivered, permanent fail and complained",
        "Dasbor Mailgun → Sending → Webhooks → pilih domain → tambahkan URL untuk accepted, delivered, permanent fail, dan complained",
    ),
    ("The key's role may not read domains", "Peran kunci ini tidak boleh membaca domain"),
    (
        "Mailgun accepts the key, but its role lacks the permission to read domains",
        "Mailgun menerima kunci, tetapi perannya tidak memiliki izin membaca domain",
    ),
    (
        "The domain's state is unknown. Use a key with the role Developer, Analyst or Admin to see it.",
        "Status domain tidak diketahui. Gunakan kunci dengan peran Developer, Analyst, atau Admin untuk melihatnya.",
    ),
    ("Mailgun rejected the API key", "Mailgun menolak kunci API"),
    (
        "Paste an account API key from Settings → API Security. A domain sending key is rejected here too: it may only send. The webhook signing key and the SMTP password are other secrets.",
        "Tempel kunci API akun dari Settings → API Security. Domain sending key juga ditolak di sini: kunci itu hanya boleh mengirim. Webhook signing key dan kata sandi SMTP adalah rahasia lain.",
    ),
    (
        "Mailgun knows no domain {} in either region for this account",
        "Mailgun tidak mengenal domain {} di kedua region untuk akun ini",
    ),
    ("Mailgun knows no domain {} for this account", "Mailgun tidak mengenal domain {} untuk akun ini"),
    (
        "Check the spelling of the domain, and that the API key belongs to the account that owns it.",
        "Periksa ejaan domain, dan pastikan kunci API milik akun yang memiliki domain itu.",
    ),
    (
        "Mailgun answered with another domain than was asked for",
        "Mailgun menjawab dengan domain lain daripada yang ditanyakan",
    ),
    (
        "Check the configured address; a proxy may answer in Mailgun's place.",
        "Periksa alamat yang dikonfigurasi; mungkin sebuah proxy menjawab menggantikan Mailgun.",
    ),
    (
        "A sandbox domain sends to authorised recipients only",
        "Domain sandbox hanya mengirim ke penerima yang diizinkan",
    ),
    ("Mailgun did not say that the domain is active", "Mailgun tidak menyebutkan bahwa domain aktif"),
    ("Mailgun answered, but not on the path of its API", "Mailgun menjawab, tetapi bukan di path API-nya"),
    (
        "The configured base address holds a path or a version; it must be the host alone, such as https://api.mailgun.net.",
        "Alamat dasar yang dikonfigurasi memuat path atau versi; isinya harus host saja, seperti https://api.mailgun.net.",
    ),
    ("Mailgun has disabled this account", "Mailgun telah menonaktifkan akun ini"),
    (
        "Sign in to Mailgun to see why, and ask its support to enable the account again.",
        "Masuk ke Mailgun untuk melihat sebabnya, dan minta dukungannya mengaktifkan kembali akun ini.",
    ),
    ("Mailgun gave an answer that holds no domain ({})", "Mailgun memberi jawaban yang tidak memuat domain ({})"),
    (
        "The domain {} is in Mailgun's {} region, not in the {} region",
        "Domain {} berada di region {} Mailgun, bukan di region {}",
    ),
    ("Set the region to {} or to auto.", "Atur region ke {} atau ke auto."),
    ("Mailgun has disabled the domain {}", "Mailgun telah menonaktifkan domain {}"),
    (
        "Sign in to Mailgun to see why, and ask its support to enable the domain again.",
        "Masuk ke Mailgun untuk melihat sebabnya, dan minta dukungannya mengaktifkan kembali domain ini.",
    ),
    (
        "Mailgun has not verified the domain {}: DNS records are missing",
        "Mailgun belum memverifikasi domain {}: ada record DNS yang kurang",
    ),
    (
        "Add the DNS records that Mailgun shows under Sending → Domains, then press Verify there.",
        "Tambahkan record DNS yang ditampilkan Mailgun di Sending → Domains, lalu tekan Verify di sana.",
    ),
    ("The domain {} is {} at Mailgun", "Domain {} berstatus {} di Mailgun"),
];
