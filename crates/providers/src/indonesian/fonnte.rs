//! Fonnte.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("Device token", "Token perangkat"),
    (
        "The token of the device, not of the account. Fonnte → Device → Token.",
        "Token perangkat, bukan token akun. Fonnte → Device → Token.",
    ),
    ("Device number", "Nomor perangkat"),
    (
        "The device's own WhatsApp number with country code; notifications of any other device are then refused. Fonnte → Device.",
        "Nomor WhatsApp perangkat itu sendiri dengan kode negara; notifikasi dari perangkat lain kemudian ditolak. Fonnte → Device.",
    ),
    (
        "must be the device's number in digits, such as 6282227097005",
        "harus nomor perangkat dalam angka, seperti 6282227097005",
    ),
    ("Fonnte (md.fonnte.com) → Device → the device's Token", "Fonnte (md.fonnte.com) → Device → Token perangkat Anda"),
    (
        "Fonnte (md.fonnte.com) → Device → Edit: enter the URL as Webhook, Webhook connect and Webhook message status, and switch on Autoread and Personal",
        "Fonnte (md.fonnte.com) → Device → Edit: isikan URL sebagai Webhook, Webhook connect, dan Webhook message status, lalu aktifkan Autoread dan Personal",
    ),
    ("Fonnte refuses the call", "Fonnte menolak panggilan"),
    (
        "Check that token is the device's token, and the package in Fonnte.",
        "Pastikan token adalah token perangkat, dan periksa paketnya di Fonnte.",
    ),
    (
        "Fonnte answers, but its device is not linked to WhatsApp",
        "Fonnte menjawab, tetapi perangkatnya tidak tertaut ke WhatsApp",
    ),
    (
        "Fonnte answers, but its device is not linked to WhatsApp ({})",
        "Fonnte menjawab, tetapi perangkatnya tidak tertaut ke WhatsApp ({})",
    ),
    ("Wait a minute and test less often.", "Tunggu sebentar dan uji lebih jarang."),
    ("The Fonnte device is expired or suspended", "Perangkat Fonnte kedaluwarsa atau ditangguhkan"),
    ("Extend the package: Fonnte → Device → Order.", "Perpanjang paket: Fonnte → Device → Order."),
    ("Fonnte refused the call for a reason of its own", "Fonnte menolak panggilan dengan alasannya sendiri"),
    ("See what Fonnte said, and the device in Fonnte.", "Lihat yang dikatakan Fonnte, dan perangkatnya di Fonnte."),
    (
        "The package has expired: Fonnte may stop sending at any time",
        "Paket sudah kedaluwarsa: Fonnte dapat berhenti mengirim sewaktu-waktu",
    ),
    ("Fonnte did not say whether the device is linked", "Fonnte tidak menyebutkan apakah perangkat tertaut"),
    ("See the device in Fonnte, and test again.", "Lihat perangkatnya di Fonnte, lalu uji lagi."),
    (
        "The token belongs to the device {}, not to the configured one; its notifications will be refused until device is corrected",
        "Token ini milik perangkat {}, bukan perangkat yang dikonfigurasi; notifikasinya akan ditolak sampai device diperbaiki",
    ),
    ("Fonnte rejected the token", "Fonnte menolak token"),
    (
        "Copy the device's token again (Fonnte → Device → Token); the account's token does not work here, and a device that was made anew has a new one.",
        "Salin ulang token perangkat (Fonnte → Device → Token); token akun tidak berlaku di sini, dan perangkat yang dibuat ulang memiliki token baru.",
    ),
    ("Scan the QR code again: Fonnte → Device → Connect.", "Pindai ulang kode QR: Fonnte → Device → Connect."),
    ("This answer is not what the Fonnte interface answers", "Jawaban ini bukan jawaban antarmuka Fonnte"),
];
