//! What is said of every provider: the hub's own checks of a configuration, the common ends of a test, keys of other kinds.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    // Words that stand inside sentences.
    ("sandbox", "sandbox"),
    ("production", "produksi"),
    ("inactive", "nonaktif"),
    ("disabled", "dinonaktifkan"),
    ("suspended", "ditangguhkan"),
    ("closed", "ditutup"),
    // The manifest's checks.
    ("is required: {}", "wajib diisi: {}"),
    ("must be a whole number from {} to {}", "harus berupa bilangan bulat dari {} sampai {}"),
    ("must be one of: {}", "harus salah satu dari: {}"),
    ("must be a string", "harus berupa teks"),
    ("must not be blank; send null to remove it", "tidak boleh kosong; kirim null untuk menghapusnya"),
    ("must be at most 1000 bytes long", "paling panjang 1000 byte"),
    ("must not contain line breaks or control characters", "tidak boleh mengandung ganti baris atau karakter kontrol"),
    ("is not a known member; {} takes {}", "bukan isian yang dikenal; {} menerima {}"),
    (
        "is a mask, but not that of the stored secret: send the whole secret, or leave it out",
        "adalah samaran, tetapi bukan samaran rahasia yang tersimpan: kirim rahasia seutuhnya, atau jangan disertakan",
    ),
    // Keys of another kind.
    (
        "contains white space: paste {} again, without spaces or line breaks",
        "mengandung spasi: tempel ulang {}, tanpa spasi atau ganti baris",
    ),
    ("is an address: enter {}", "adalah sebuah alamat: isikan {}"),
    (
        "is {} in base64: enter {} as the provider shows it",
        "adalah {} dalam base64: isikan {} seperti yang ditampilkan penyedia",
    ),
    ("is {}: enter {}", "adalah {}: isikan {}"),
    ("is {}, which does not work here", "adalah {}, yang tidak berlaku di sini"),
    (
        "{} usually starts with {}; test the connection to be sure",
        "{} biasanya diawali {}; uji koneksi untuk memastikannya",
    ),
    (
        "The {} belongs to {}, but the integration is in {} mode",
        "{} ini milik lingkungan {}, tetapi integrasi dalam mode {}",
    ),
    ("is a mask, not the key itself: paste the whole key", "adalah samaran, bukan kuncinya: tempel kunci seutuhnya"),
    (
        "contains a space or a special character: copy the key again, without what surrounds it",
        "mengandung spasi atau karakter khusus: salin ulang kuncinya saja, tanpa teks di sekitarnya",
    ),
    (
        "is a mask, not the value itself: paste the whole value",
        "adalah samaran, bukan nilainya: tempel nilai seutuhnya",
    ),
    ("must be the credential alone, without the word before it", "harus kredensialnya saja, tanpa kata di depannya"),
    (
        "contains a space or a special character: copy it again, without what surrounds it",
        "mengandung spasi atau karakter khusus: salin ulang nilainya saja, tanpa teks di sekitarnya",
    ),
    ("server key", "Server key"),
    ("client key", "Client key"),
    ("secret key", "Secret key"),
    ("publishable key", "Publishable key"),
    ("API key", "Kunci API"),
    ("a Midtrans key", "kunci Midtrans"),
    ("a Midtrans sandbox key", "kunci sandbox Midtrans"),
    ("a Midtrans server key", "server key Midtrans"),
    ("a Midtrans client key", "client key Midtrans"),
    ("a Xendit key", "kunci Xendit"),
    ("a Xendit public key", "public key Xendit"),
    ("a Xendit secret key", "secret key Xendit"),
    ("a Stripe secret key", "secret key Stripe"),
    ("a Stripe restricted key", "restricted key Stripe"),
    ("a Stripe publishable key", "publishable key Stripe"),
    ("a Stripe account id", "ID akun Stripe"),
    ("a webhook signing secret", "signing secret webhook"),
    ("a webhook secret", "rahasia webhook"),
    ("a webhook secret of another service", "rahasia webhook layanan lain"),
    ("a SendGrid API key", "kunci API SendGrid"),
    ("a Mailgun key", "kunci Mailgun"),
    ("Mailgun's public validation key", "kunci validasi publik Mailgun"),
    // The ends of a test that mean the same everywhere.
    ("The {} configuration cannot be used: {} {}", "Konfigurasi {} tidak dapat digunakan: {} {}"),
    ("The {} configuration cannot be used: {}", "Konfigurasi {} tidak dapat digunakan: {}"),
    ("Correct {} and test again.", "Perbaiki {}, lalu uji lagi."),
    ("Correct the named members and test again.", "Perbaiki isian yang disebutkan, lalu uji lagi."),
    ("Switch the integration's mode, or enter the {} key.", "Ubah mode integrasi ini, atau isikan kunci {}."),
    ("{} did not answer within {} seconds", "{} tidak menjawab dalam {} detik"),
    (
        "The provider or the network is slow; test again in a minute, and check the provider's status page.",
        "Penyedia atau jaringan sedang lambat; uji lagi sebentar lagi, dan periksa halaman status penyedia.",
    ),
    ("This version of Simpul does not know the provider {}", "Versi Simpul ini tidak mengenal penyedia {}"),
    (
        "The credential contains characters that cannot be sent",
        "Kredensial mengandung karakter yang tidak dapat dikirim",
    ),
    (
        "Paste the credential again, without line breaks or special spaces.",
        "Tempel ulang kredensial, tanpa ganti baris atau spasi khusus.",
    ),
    ("{} could not be reached: {}", "{} tidak dapat dijangkau: {}"),
    (
        "Check the host name, and that this server can resolve names.",
        "Periksa nama host, dan pastikan server ini dapat menemukan alamat dari nama host.",
    ),
    (
        "The certificate could not be verified. Check for a proxy in between, and the clock of this server.",
        "Sertifikat tidak dapat diverifikasi. Periksa apakah ada proxy di antaranya, dan jam server ini.",
    ),
    (
        "The address is private or reserved. An operator can allow it with SIMPUL_EGRESS_ALLOW.",
        "Alamatnya privat atau dicadangkan. Pengelola server dapat mengizinkannya dengan SIMPUL_EGRESS_ALLOW.",
    ),
    (
        "Check that this server may reach the provider (firewall, proxy), and the provider's status page.",
        "Pastikan server ini boleh menghubungi penyedia (firewall, proxy), dan periksa halaman status penyedia.",
    ),
    ("{} limits the rate of calls", "{} membatasi laju panggilan"),
    (
        "Wait a little, test less often, and ask the provider for a higher limit if it stays.",
        "Tunggu sebentar, uji lebih jarang, dan minta batas yang lebih tinggi kepada penyedia jika terus terjadi.",
    ),
    ("{} answered with a server error ({})", "{} menjawab dengan galat server ({})"),
    (
        "The fault is at the provider. Check its status page; nothing needs to be changed here.",
        "Gangguannya ada di pihak penyedia. Periksa halaman statusnya; tidak ada yang perlu diubah di sini.",
    ),
    ("{} answered with a redirect ({})", "{} menjawab dengan pengalihan ({})"),
    (
        "Check the configured address; the API does not redirect.",
        "Periksa alamat yang dikonfigurasi; API tidak mengalihkan.",
    ),
    ("{} sent an answer that is far too long", "{} mengirim jawaban yang terlalu panjang"),
    (
        "Check the configured address; this is not the provider's API.",
        "Periksa alamat yang dikonfigurasi; ini bukan API penyedia.",
    ),
    ("{} answered with something that is not JSON ({})", "{} menjawab dengan sesuatu yang bukan JSON ({})"),
    (
        "This is often a maintenance page or a proxy in between. Check the provider's status page and the configured address.",
        "Ini sering kali halaman pemeliharaan atau proxy di antaranya. Periksa halaman status penyedia dan alamat yang dikonfigurasi.",
    ),
    (
        "Read what {} said; if it makes no sense, check the configured address.",
        "Baca yang dikatakan {}; jika tidak masuk akal, periksa alamat yang dikonfigurasi.",
    ),
    ("Wait a little, and test less often.", "Tunggu sebentar, dan uji lebih jarang."),
    ("Wait a little and test less often.", "Tunggu sebentar dan uji lebih jarang."),
    ("{} connection successful", "Koneksi {} berhasil"),
    ("{} answered with an error ({})", "{} menjawab dengan galat ({})"),
    (
        "Check the configured address; this may not be the {} API.",
        "Periksa alamat yang dikonfigurasi; ini mungkin bukan API {}.",
    ),
    (
        "Check for a proxy in between, and the address if it was overridden.",
        "Periksa apakah ada proxy di antaranya, dan alamatnya jika pernah diganti.",
    ),
    ("The quota is used up: messages will not be sent", "Kuota habis: pesan tidak akan terkirim"),
    // Mail.
    (
        "must be one e-mail address such as billing@example.com, without a name",
        "harus satu alamat email seperti billing@example.com, tanpa nama",
    ),
    ("Sender address", "Alamat pengirim"),
    ("Sender name", "Nama pengirim"),
    ("The name that recipients see.", "Nama yang dilihat penerima."),
];
