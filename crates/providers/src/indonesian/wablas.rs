//! Wablas.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Server address", "Alamat server"),
    (
        "The https address of the server where the device lives; a token works on its own server only. Wablas Dashboard → Device → Settings → Domain API.",
        "Alamat https server tempat perangkat berada; token hanya berlaku di servernya sendiri. Wablas Dashboard → Device → Settings → Domain API.",
    ),
    (
        "must be the server's address such as https://solo.wablas.com: with https://, without a path, user name or query",
        "harus alamat server seperti https://solo.wablas.com: dengan https://, tanpa path, nama pengguna, atau query",
    ),
    (
        "must be the server's address such as https://solo.wablas.com",
        "harus alamat server seperti https://solo.wablas.com",
    ),
    ("Token", "Token"),
    (
        "The device's API token. Wablas Dashboard → Device → Settings → Token.",
        "Token API perangkat. Wablas Dashboard → Device → Settings → Token.",
    ),
    (
        "Generated beside the token and sent to the administrator's WhatsApp; newer accounts need it to send. Wablas Dashboard → Device → Settings → Secret Key.",
        "Dibuat di samping token dan dikirim ke WhatsApp administrator; akun yang lebih baru memerlukannya untuk mengirim. Wablas Dashboard → Device → Settings → Secret Key.",
    ),
    (
        "Wablas Dashboard → Device → Settings (Domain API, Token, Secret Key)",
        "Wablas Dashboard → Device → Settings (Domain API, Token, Secret Key)",
    ),
    (
        "Wablas Dashboard → Device → Settings → Webhook: enter the URL as Webhook URL, Tracking URL and Device status URL, switch on Get Incoming Message, and leave Get Auto Reply From Webhook off",
        "Wablas Dashboard → Device → Settings → Webhook: isikan URL sebagai Webhook URL, Tracking URL, dan Device status URL, aktifkan Get Incoming Message, dan biarkan Get Auto Reply From Webhook nonaktif",
    ),
    (
        "This is none of Wablas' own servers (*.wablas.com); the token will be sent to it.",
        "Ini bukan server milik Wablas (*.wablas.com); token akan dikirim ke sana.",
    ),
    (
        "is token and secret key in one: enter what is before the dot as token, and what follows it as secretKey",
        "adalah token dan secret key sekaligus: isikan bagian sebelum titik sebagai token, dan bagian sesudahnya sebagai secretKey",
    ),
    ("Wablas refuses the call", "Wablas menolak panggilan"),
    (
        "Check the token and the secret key, and whether the device allows certain IP addresses only (Wablas Dashboard → Device → Settings).",
        "Periksa token dan secret key, dan apakah perangkat hanya mengizinkan alamat IP tertentu (Wablas Dashboard → Device → Settings).",
    ),
    ("There is no Wablas interface at this address", "Tidak ada antarmuka Wablas di alamat ini"),
    (
        "Check domain: it is the server where the device lives (Wablas Dashboard → Device → Settings → Domain API).",
        "Periksa domain: isinya server tempat perangkat berada (Wablas Dashboard → Device → Settings → Domain API).",
    ),
    (
        "See what Wablas said, and check domain and token.",
        "Lihat yang dikatakan Wablas, dan periksa domain serta token.",
    ),
    ("The Wablas device is expired or not active", "Perangkat Wablas kedaluwarsa atau tidak aktif"),
    (
        "The token was accepted; the secret key could not be checked now",
        "Token diterima; secret key belum dapat diperiksa sekarang",
    ),
    ("The Wablas device expired on {}", "Perangkat Wablas kedaluwarsa pada {}"),
    ("The Wablas device is not active", "Perangkat Wablas tidak aktif"),
    (
        "Wablas answers, but its device is not linked to WhatsApp ({})",
        "Wablas menjawab, tetapi perangkatnya tidak tertaut ke WhatsApp ({})",
    ),
    (
        "Scan the QR code again: Wablas Dashboard → Device → Scan.",
        "Pindai ulang kode QR: Wablas Dashboard → Device → Scan.",
    ),
    ("Wablas did not say whether the device is linked", "Wablas tidak menyebutkan apakah perangkat tertaut"),
    ("Check domain, and the device in the Wablas Dashboard.", "Periksa domain, dan perangkatnya di Wablas Dashboard."),
    (
        "Wablas accepted the token, but rejected it together with the secret key",
        "Wablas menerima token, tetapi menolaknya bersama secret key",
    ),
    (
        "Check secretKey, or generate a new one: Wablas Dashboard → Device → Settings → Secret Key.",
        "Periksa secretKey, atau buat yang baru: Wablas Dashboard → Device → Settings → Secret Key.",
    ),
    ("Wablas rejected the token", "Wablas menolak token"),
    (
        "Check token and secretKey, and that domain is the server where this device lives: a token works on its own server only.",
        "Periksa token dan secretKey, dan pastikan domain adalah server tempat perangkat ini berada: token hanya berlaku di servernya sendiri.",
    ),
    (
        "Extend the package: Wablas Dashboard → Device → Extend.",
        "Perpanjang paket: Wablas Dashboard → Device → Extend.",
    ),
    ("This answer is not what the Wablas interface answers", "Jawaban ini bukan jawaban antarmuka Wablas"),
    ("Check domain, and whether a proxy stands in between.", "Periksa domain, dan apakah ada proxy di antaranya."),
];
