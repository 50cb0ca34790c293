//! Xendit.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Secret API key", "Kunci API rahasia (secret key)"),
    (
        "Xendit dashboard: Settings > Developers > API Keys > Secret keys, with Money-in Write and Balance Read",
        "Dasbor Xendit: Settings > Developers > API Keys > Secret keys, dengan izin Money-in Write dan Balance Read",
    ),
    ("Webhook verification token", "Token verifikasi webhook"),
    (
        "Xendit dashboard: Settings > Developers > Webhooks > Webhook verification token. Without it, notifications are refused",
        "Dasbor Xendit: Settings > Developers > Webhooks > Webhook verification token. Tanpa token ini, notifikasi ditolak",
    ),
    (
        "dashboard.xendit.co, switched to Test or Live mode: Settings > Developers > API Keys",
        "dashboard.xendit.co, dalam mode Test atau Live: Settings > Developers > API Keys",
    ),
    (
        "Xendit dashboard: Settings > Developers > Webhooks, one URL for each product and event",
        "Dasbor Xendit: Settings > Developers > Webhooks, satu URL untuk setiap produk dan event",
    ),
    ("the Xendit secret API key", "kunci API rahasia (secret key) Xendit"),
    ("the Xendit webhook verification token", "token verifikasi webhook Xendit"),
    ("xnd_development_ or xnd_production_", "xnd_development_ atau xnd_production_"),
    ("Xendit rejected the API key", "Xendit menolak kunci API"),
    (
        "Copy a secret key (not a public one) from the Xendit dashboard in {} mode: Settings > Developers > API Keys.",
        "Salin secret key (bukan public key) dari dasbor Xendit dalam mode {}: Settings > Developers > API Keys.",
    ),
    ("Xendit has suspended this account", "Xendit telah menangguhkan akun ini"),
    ("Ask Xendit support why the account is suspended.", "Tanyakan kepada dukungan Xendit mengapa akun ditangguhkan."),
    (
        "Xendit does not let this API key make the call",
        "Xendit tidak mengizinkan kunci API ini melakukan panggilan tersebut",
    ),
    (
        "In the Xendit dashboard, give the key the permission, and check the key's IP allow list.",
        "Di dasbor Xendit, berikan izin itu pada kunci, dan periksa daftar IP yang diizinkan untuk kunci tersebut.",
    ),
    ("The key may not read the balance", "Kunci ini tidak boleh membaca saldo"),
    (
        "Xendit accepted the API key, but it lacks the permission Balance Read",
        "Xendit menerima kunci API, tetapi izin Balance Read belum diberikan",
    ),
    (
        "Payments may work. To make the test complete, give the key the permission Balance Read (older dashboards: Money-out Read) under Settings > Developers > API Keys.",
        "Pembayaran mungkin tetap berfungsi. Agar pengujian lengkap, berikan izin Balance Read pada kunci (dasbor lama: Money-out Read) di Settings > Developers > API Keys.",
    ),
    ("Xendit answered without a balance", "Xendit menjawab tanpa saldo"),
];
