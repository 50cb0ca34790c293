//! Stripe.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Secret key", "Secret key"),
    (
        "Stripe dashboard: Developers > API keys > Secret key, or a restricted key with Balance Read",
        "Dasbor Stripe: Developers > API keys > Secret key, atau restricted key dengan izin Balance Read",
    ),
    ("Publishable key", "Publishable key"),
    (
        "Stripe dashboard: Developers > API keys > Publishable key. Public; used by the checkout page only",
        "Dasbor Stripe: Developers > API keys > Publishable key. Bersifat publik; hanya dipakai halaman checkout",
    ),
    ("Webhook signing secret", "Signing secret webhook"),
    (
        "Stripe dashboard: Developers > Webhooks > the endpoint > Signing secret. Without it, notifications are refused",
        "Dasbor Stripe: Developers > Webhooks > endpoint Anda > Signing secret. Tanpa rahasia ini, notifikasi ditolak",
    ),
    ("Connected account", "Akun terhubung"),
    (
        "For Connect platforms: the connected account, from Stripe dashboard: Connect > Accounts",
        "Untuk platform Connect: akun yang terhubung, dari dasbor Stripe: Connect > Accounts",
    ),
    ("must start with acct_, followed by letters and digits", "harus diawali acct_, diikuti huruf dan angka"),
    (
        "dashboard.stripe.com, with the sandbox switched on or off: Developers > API keys",
        "dashboard.stripe.com, dengan sandbox dinyalakan atau dimatikan: Developers > API keys",
    ),
    (
        "Stripe dashboard: Developers > Webhooks > Add endpoint, with the events payment_intent.*, checkout.session.*, refund.* and charge.dispute.created",
        "Dasbor Stripe: Developers > Webhooks > Add endpoint, dengan event payment_intent.*, checkout.session.*, refund.*, dan charge.dispute.created",
    ),
    ("the Stripe secret key", "secret key Stripe"),
    ("the Stripe publishable key", "publishable key Stripe"),
    ("the endpoint's signing secret (whsec_…)", "signing secret endpoint (whsec_…)"),
    ("sk_test_ or sk_live_ or rk_test_ or rk_live_", "sk_test_ atau sk_live_ atau rk_test_ atau rk_live_"),
    (
        "Stripe says that the secret key has expired or was rolled",
        "Menurut Stripe, secret key sudah kedaluwarsa atau sudah diganti",
    ),
    (
        "Copy the current key from the Stripe dashboard: Developers > API keys.",
        "Salin kunci yang berlaku sekarang dari dasbor Stripe: Developers > API keys.",
    ),
    (
        "Stripe does not give this key access to the connected account",
        "Stripe tidak memberi kunci ini akses ke akun terhubung itu",
    ),
    (
        "Check accountId, and that the account is still connected to the platform that owns the key.",
        "Periksa accountId, dan pastikan akun itu masih terhubung ke platform pemilik kunci.",
    ),
    ("Stripe says that this is not a secret key", "Menurut Stripe, ini bukan secret key"),
    (
        "Enter the secret key (sk_… or rk_…), not the publishable one.",
        "Isikan secret key (sk_… atau rk_…), bukan publishable key.",
    ),
    ("Stripe rejected the secret key", "Stripe menolak secret key"),
    (
        "Copy the key again from the Stripe dashboard: Developers > API keys.",
        "Salin ulang kunci dari dasbor Stripe: Developers > API keys.",
    ),
    ("Stripe does not let this key read the balance", "Stripe tidak mengizinkan kunci ini membaca saldo"),
    (
        "Read what Stripe said, and check the key's permissions and its IP restrictions.",
        "Baca yang dikatakan Stripe, dan periksa izin serta pembatasan IP kunci itu.",
    ),
    ("Stripe is busy with the same object", "Stripe sedang memproses objek yang sama"),
    (
        "Test again in a moment; nothing needs to be changed here.",
        "Uji lagi sebentar lagi; tidak ada yang perlu diubah di sini.",
    ),
    ("The key works, but not in {} mode", "Kunci ini berlaku, tetapi bukan dalam mode {}"),
    ("Stripe answered with something other than a balance", "Stripe menjawab dengan sesuatu yang bukan saldo"),
    ("Stripe did not say whether the key is live", "Stripe tidak menyebutkan apakah kunci ini untuk produksi"),
    ("The key lacks the permission {}", "Kunci ini tidak memiliki izin {}"),
    (
        "Stripe accepted the key, but it lacks the permission {}",
        "Stripe menerima kunci, tetapi kunci itu tidak memiliki izin {}",
    ),
    (
        "Payments may work. To make the test complete, give the restricted key the permission {} (Balance: Read) under Developers > API keys.",
        "Pembayaran mungkin tetap berfungsi. Agar pengujian lengkap, berikan izin {} (Balance: Read) pada restricted key di Developers > API keys.",
    ),
];
