//! Midtrans.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Server key", "Server key"),
    (
        "Midtrans dashboard of the same environment: Settings > Access Keys > Server Key",
        "Dasbor Midtrans dari lingkungan yang sama: Settings > Access Keys > Server Key",
    ),
    ("Client key", "Client key"),
    (
        "Midtrans dashboard: Settings > Access Keys > Client Key. Public; used by the checkout page only",
        "Dasbor Midtrans: Settings > Access Keys > Client Key. Bersifat publik; hanya dipakai halaman checkout",
    ),
    ("Merchant ID", "Merchant ID"),
    (
        "Midtrans dashboard: Settings > Access Keys > Merchant ID",
        "Dasbor Midtrans: Settings > Access Keys > Merchant ID",
    ),
    (
        "dashboard.midtrans.com (production) or dashboard.sandbox.midtrans.com (sandbox): Settings > Access Keys",
        "dashboard.midtrans.com (produksi) atau dashboard.sandbox.midtrans.com (sandbox): Settings > Access Keys",
    ),
    (
        "Midtrans dashboard: Settings > Payment > Notification URL > Payment Notification URL",
        "Dasbor Midtrans: Settings > Payment > Notification URL > Payment Notification URL",
    ),
    ("the Midtrans server key", "server key Midtrans"),
    ("the Midtrans client key", "client key Midtrans"),
    ("the Midtrans merchant ID", "merchant ID Midtrans"),
    (
        "SB-Mid-server- or Mid-server- or SB-VT-server- or VT-server-",
        "SB-Mid-server- atau Mid-server- atau SB-VT-server- atau VT-server-",
    ),
    (
        "A server key without SB- is a production key for most accounts; newer sandbox accounts have such keys too. Test the connection to be sure",
        "Server key tanpa SB- adalah kunci produksi pada sebagian besar akun; akun sandbox yang lebih baru juga memilikinya. Uji koneksi untuk memastikannya",
    ),
    ("Midtrans rejected the server key", "Midtrans menolak server key"),
    (
        "Copy the server key again from the {} dashboard (Settings > Access Keys). A key of the other environment is rejected in the same way.",
        "Salin ulang server key dari dasbor {} (Settings > Access Keys). Kunci dari lingkungan lain juga ditolak dengan cara yang sama.",
    ),
    ("Midtrans answered without a status code", "Midtrans menjawab tanpa kode status"),
    (
        "Midtrans does not let this merchant make the call",
        "Midtrans tidak mengizinkan merchant ini melakukan panggilan tersebut",
    ),
    (
        "Ask Midtrans support to enable API access for the merchant.",
        "Minta dukungan Midtrans mengaktifkan akses API untuk merchant ini.",
    ),
    ("Midtrans has deactivated this merchant account", "Midtrans telah menonaktifkan akun merchant ini"),
    (
        "Ask Midtrans support why the account is deactivated.",
        "Tanyakan kepada dukungan Midtrans mengapa akun dinonaktifkan.",
    ),
    ("Midtrans reports a server error ({})", "Midtrans melaporkan galat server ({})"),
    (
        "The fault is at Midtrans or its bank. Check its status page; nothing needs to be changed here.",
        "Gangguannya ada di Midtrans atau banknya. Periksa halaman statusnya; tidak ada yang perlu diubah di sini.",
    ),
    (
        "Midtrans answered with a status code that Simpul does not know",
        "Midtrans menjawab dengan kode status yang tidak dikenal Simpul",
    ),
];
