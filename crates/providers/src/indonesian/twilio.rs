//! Twilio.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Account SID", "Account SID"),
    (
        "AC and 32 hexadecimal digits. Twilio Console → Account Dashboard → Account Info.",
        "AC dan 32 digit heksadesimal. Twilio Console → Account Dashboard → Account Info.",
    ),
    (
        "must be AC followed by 32 hexadecimal digits (Twilio Console → Account Info)",
        "harus AC diikuti 32 digit heksadesimal (Twilio Console → Account Info)",
    ),
    ("Auth token", "Auth token"),
    (
        "The account's primary auth token; needed unless an API key is given, and always needed to take Twilio's notifications. Twilio Console → Account Dashboard → Account Info → Auth Token → Show.",
        "Auth token utama akun; wajib kecuali kunci API diisi, dan selalu wajib untuk menerima notifikasi Twilio. Twilio Console → Account Dashboard → Account Info → Auth Token → Show.",
    ),
    ("API key SID", "SID kunci API"),
    (
        "SK and 32 hexadecimal digits; goes with the API key secret. Twilio Console → Account → API keys & tokens.",
        "SK dan 32 digit heksadesimal; berpasangan dengan rahasia kunci API. Twilio Console → Account → API keys & tokens.",
    ),
    (
        "must be SK followed by 32 hexadecimal digits (Twilio Console → API keys & tokens)",
        "harus SK diikuti 32 digit heksadesimal (Twilio Console → API keys & tokens)",
    ),
    ("API key secret", "Rahasia kunci API"),
    (
        "Shown once when the API key is created. Twilio Console → Account → API keys & tokens → Create API key.",
        "Ditampilkan sekali saat kunci API dibuat. Twilio Console → Account → API keys & tokens → Create API key.",
    ),
    ("Sender number", "Nomor pengirim"),
    (
        "The WhatsApp sender in E.164 form; Simpul adds whatsapp: itself. Twilio Console → Messaging → Senders → WhatsApp senders.",
        "Pengirim WhatsApp dalam bentuk E.164; Simpul sendiri menambahkan whatsapp:. Twilio Console → Messaging → Senders → WhatsApp senders.",
    ),
    (
        "must be a number such as +14155238886: a plus, the country code and the number, without spaces and without whatsapp:",
        "harus nomor seperti +14155238886: tanda plus, kode negara, dan nomornya, tanpa spasi dan tanpa whatsapp:",
    ),
    (
        "Twilio Console → Account Dashboard → Account Info (account SID and auth token); Account → API keys & tokens (API key)",
        "Twilio Console → Account Dashboard → Account Info (account SID dan auth token); Account → API keys & tokens (kunci API)",
    ),
    (
        "Twilio Console → Messaging → Senders → WhatsApp senders → the sender → Status callback URL and Webhook URL for incoming messages. Add #rc=5&rp=all to the URL, so that Twilio sends again what was not taken",
        "Twilio Console → Messaging → Senders → WhatsApp senders → pengirim Anda → Status callback URL dan Webhook URL for incoming messages. Tambahkan #rc=5&rp=all pada URL, agar Twilio mengirim ulang yang tidak diterima",
    ),
    ("is required together with apiKeySid", "wajib diisi bersama apiKeySid"),
    ("is required together with apiKeySecret", "wajib diisi bersama apiKeySecret"),
    (
        "is required, unless apiKeySid and apiKeySecret are given (Twilio Console → Account Info → Auth Token)",
        "wajib diisi, kecuali apiKeySid dan apiKeySecret diisi (Twilio Console → Account Info → Auth Token)",
    ),
    (
        "Twilio signs its notifications with the auth token, never with an API key: without authToken they are all refused.",
        "Twilio menandatangani notifikasinya dengan auth token, tidak pernah dengan kunci API: tanpa authToken semuanya ditolak.",
    ),
    (
        "is the account SID, not a secret: enter it as accountSid",
        "adalah account SID, bukan rahasia: isikan sebagai accountSid",
    ),
    (
        "is an API key's SID, not a secret: enter it as apiKeySid",
        "adalah SID kunci API, bukan rahasia: isikan sebagai apiKeySid",
    ),
    (
        "is an API key's SID (SK…), not the account SID (AC…): enter it as apiKeySid",
        "adalah SID kunci API (SK…), bukan account SID (AC…): isikan sebagai apiKeySid",
    ),
    (
        "is the account SID (AC…), not an API key's SID (SK…): enter it as accountSid",
        "adalah account SID (AC…), bukan SID kunci API (SK…): isikan sebagai accountSid",
    ),
    ("Twilio needs the auth token or an API key", "Twilio memerlukan auth token atau kunci API"),
    ("Fill in authToken, or apiKeySid and apiKeySecret.", "Isikan authToken, atau apiKeySid dan apiKeySecret."),
    (
        "Twilio knows these test credentials; they may read nothing",
        "Twilio mengenal kredensial uji ini; kredensial ini tidak boleh membaca apa pun",
    ),
    (
        "These are Twilio's test credentials: they work, but they may not read the account.",
        "Ini kredensial uji Twilio: berlaku, tetapi tidak boleh membaca akun.",
    ),
    (
        "This API key may not read the account, so the account's state is unknown",
        "Kunci API ini tidak boleh membaca akun, sehingga status akun tidak diketahui",
    ),
    ("The API key was accepted", "Kunci API diterima"),
    ("The API key was accepted, but may not read messages", "Kunci API diterima, tetapi tidak boleh membaca pesan"),
    (
        "Twilio accepted the API key, which lacks the permission to read messages",
        "Twilio menerima kunci API, tetapi kunci itu tidak memiliki izin membaca pesan",
    ),
    (
        "Twilio Console → API keys & tokens → the key: allow reading messages, or use a standard key.",
        "Twilio Console → API keys & tokens → kunci Anda: izinkan membaca pesan, atau gunakan kunci standar.",
    ),
    (
        "Twilio answered with another account than the one asked for",
        "Twilio menjawab dengan akun lain daripada yang ditanyakan",
    ),
    (
        "Check accountSid, and that no proxy changes the call.",
        "Periksa accountSid, dan pastikan tidak ada proxy yang mengubah panggilan.",
    ),
    ("The Twilio account is {}", "Akun Twilio berstatus {}"),
    (
        "The credentials are right, but Twilio has taken the account out of use. See Twilio Console → Account, or ask Twilio's support.",
        "Kredensial benar, tetapi Twilio menghentikan pemakaian akun. Lihat Twilio Console → Account, atau tanyakan kepada dukungan Twilio.",
    ),
    (
        "These are Twilio's test credentials, which cannot be used in production",
        "Ini kredensial uji Twilio, yang tidak dapat digunakan di produksi",
    ),
    (
        "Enter the live credentials (Twilio Console → Account Info), or switch the integration to test mode.",
        "Isikan kredensial produksi (Twilio Console → Account Info), atau alihkan integrasi ini ke sandbox.",
    ),
    ("Twilio knows no account of this account SID", "Twilio tidak mengenal akun dengan account SID ini"),
    (
        "Copy accountSid again from Twilio Console → Account Info.",
        "Salin ulang accountSid dari Twilio Console → Account Info.",
    ),
    ("Twilio refuses to show this account", "Twilio menolak menampilkan akun ini"),
    (
        "Check in the Twilio Console that the account may use the API, and that the credentials belong to it.",
        "Pastikan di Twilio Console bahwa akun boleh memakai API, dan bahwa kredensial itu miliknya.",
    ),
    (
        "See the code at twilio.com/docs/errors, and Twilio's status page.",
        "Lihat kodenya di twilio.com/docs/errors, dan halaman status Twilio.",
    ),
    ("The Twilio account is not active", "Akun Twilio tidak aktif"),
    (
        "Add funds or finish the trial's activation in the Twilio Console; a suspended or closed account needs Twilio's support.",
        "Isi saldo atau selesaikan aktivasi masa percobaan di Twilio Console; akun yang ditangguhkan atau ditutup memerlukan dukungan Twilio.",
    ),
    ("Twilio rejected the account SID and auth token", "Twilio menolak account SID dan auth token"),
    (
        "Copy both again from Twilio Console → Account Info, without spaces, and check that they are of the same account and region. A suspended account is rejected likewise.",
        "Salin ulang keduanya dari Twilio Console → Account Info, tanpa spasi, dan pastikan keduanya dari akun dan region yang sama. Akun yang ditangguhkan juga ditolak.",
    ),
    ("Twilio rejected the API key", "Twilio menolak kunci API"),
    (
        "Check apiKeySid and apiKeySecret (Twilio Console → API keys & tokens): the key may be deleted, of another account or of another region. A suspended account is rejected likewise.",
        "Periksa apiKeySid dan apiKeySecret (Twilio Console → API keys & tokens): kunci mungkin sudah dihapus, dari akun lain, atau dari region lain. Akun yang ditangguhkan juga ditolak.",
    ),
    ("Twilio's answer is not what its API answers", "Jawaban Twilio tidak seperti jawaban API-nya"),
    (
        "is an identifier of Twilio's, which does not work here",
        "adalah pengenal milik Twilio, yang tidak berlaku di sini",
    ),
];
