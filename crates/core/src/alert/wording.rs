//! The words of alert messages in English and Indonesian; times in WIB, which knows no summer time.

use super::message::{Facts, MessageKind};
use crate::activity::clip;
use crate::error_type::ErrorType;
use crate::incident::{IncidentCause, IncidentKind};
use crate::language::Language;
use crate::time::{DAY, HOUR, MINUTE, Timestamp};

const WIB: i64 = 7 * HOUR;
/// Bytes of a provider's own words that are repeated.
const QUOTED: usize = 160;

/// The fixed phrases of one language.
pub(super) struct Words(Language);

impl Words {
    pub(super) fn of(language: Language) -> Self {
        Self(language)
    }

    fn pick<'a>(&self, english: &'a str, indonesian: &'a str) -> &'a str {
        match self.0 {
            Language::English => english,
            Language::Indonesian => indonesian,
        }
    }

    pub(super) fn label(&self, kind: MessageKind) -> &'static str {
        match kind {
            MessageKind::Firing => self.pick("Alert:", "Peringatan:"),
            MessageKind::Repeated => self.pick("Still:", "Masih:"),
            MessageKind::Resolved => self.pick("Resolved:", "Selesai:"),
            MessageKind::Test => self.pick("Test:", "Uji coba:"),
        }
    }

    pub(super) fn several(&self, kind: MessageKind, number: usize) -> String {
        match (self.0, kind) {
            (Language::English, MessageKind::Resolved) => format!("{number} problems are over."),
            (Language::English, _) => format!("{number} problems need attention."),
            (Language::Indonesian, MessageKind::Resolved) => format!("{number} gangguan telah selesai."),
            (Language::Indonesian, _) => format!("{number} gangguan perlu diperhatikan."),
        }
    }

    pub(super) fn test(&self, channel: &str) -> String {
        match self.0 {
            Language::English => format!("Test: alerts of Simpul reach this channel ({channel})."),
            Language::Indonesian => format!("Uji coba: peringatan Simpul sampai ke saluran ini ({channel})."),
        }
    }

    pub(super) fn taken_over(&self, channel: &str, error: &str) -> String {
        match self.0 {
            Language::English => format!("Sent through this channel because \"{channel}\" failed: {error}"),
            Language::Indonesian => format!("Dikirim lewat saluran ini karena \"{channel}\" gagal: {error}"),
        }
    }

    pub(super) fn silent(&self, until: &str) -> String {
        match self.0 {
            Language::English => {
                format!("This rule has sent too many messages within an hour. What follows is gathered until {until}.")
            }
            Language::Indonesian => {
                format!(
                    "Aturan ini mengirim terlalu banyak pesan dalam satu jam. Berikutnya dikumpulkan sampai {until}."
                )
            }
        }
    }

    pub(super) fn missed(&self, passed: &str) -> String {
        match self.0 {
            Language::English => format!("Meanwhile {passed} more came and went."),
            Language::Indonesian => format!("Sementara itu {passed} gangguan lain datang dan selesai."),
        }
    }

    pub(super) fn more(&self, rest: usize) -> String {
        match self.0 {
            Language::English => format!("and {rest} more"),
            Language::Indonesian => format!("dan {rest} lagi"),
        }
    }

    pub(super) fn lasted(&self, span: &str) -> String {
        match self.0 {
            Language::English => format!("It lasted {span}. Nothing needs to be done."),
            Language::Indonesian => format!("Berlangsung {span}. Tidak perlu tindakan."),
        }
    }
}

/// Who, what, since when and how many calls, in one sentence.
pub(super) fn sentence(facts: &Facts, language: Language, now: Timestamp) -> String {
    let what = subject_and_state(facts, language);
    let start = clock(facts.started_at, now, language);
    let calls = match (facts.affected_calls, language) {
        (..=0, _) => String::new(),
        (1, Language::English) => ", 1 call failed".to_owned(),
        (calls, Language::English) => format!(", {} calls failed", count(calls)),
        (calls, Language::Indonesian) => format!(", {} panggilan gagal", count(calls)),
    };
    if facts.kind == IncidentKind::Expiry {
        return format!("{what}.");
    }
    match (language, facts.closed_at) {
        (Language::English, None) => format!("{what} since {start}{calls}."),
        (Language::Indonesian, None) => format!("{what} sejak {start}{calls}."),
        (Language::English, Some(end)) => {
            let span = span(end.since(facts.started_at), language);
            format!("{what}: over after {span} (from {start}{calls}).")
        }
        (Language::Indonesian, Some(end)) => {
            let span = span(end.since(facts.started_at), language);
            format!("{what}: selesai setelah {span} (mulai {start}{calls}).")
        }
    }
}

fn subject_and_state(facts: &Facts, language: Language) -> String {
    let label = facts.provider_label.as_str();
    if facts.kind == IncidentKind::ProviderOutage {
        let (affected, of) = (count(facts.affected), count(facts.of.max(facts.affected)));
        return match language {
            Language::English => format!("{label} is down for {affected} of {of} integrations"),
            Language::Indonesian => format!("{label} terganggu untuk {affected} dari {of} integrasi"),
        };
    }
    let place = [facts.partner_name.as_deref(), facts.integration_name.as_deref()];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let place = if place.is_empty() { label.to_owned() } else { place };
    let state = match language {
        Language::English => english(facts),
        Language::Indonesian => indonesian(facts),
    };
    format!("{place}: {state}")
}

fn english(facts: &Facts) -> String {
    let label = facts.provider_label.as_str();
    match facts.cause {
        IncidentCause::WorseBand => format!("calls to {label} fail more often than usual"),
        IncidentCause::WebhookFailing => "deliveries to a webhook fail".to_owned(),
        IncidentCause::WebhookDisabled => "a webhook was disabled after failures, events wait".to_owned(),
        IncidentCause::ExpiresSoon => format!("something at {label} is about to end ({})", quoted(&facts.last_error)),
        IncidentCause::Expired => format!("something at {label} has ended ({})", quoted(&facts.last_error)),
        IncidentCause::Error(error) => {
            let state = match error {
                ErrorType::AuthenticationFailed => "rejects the credentials",
                ErrorType::PermissionDenied => "refuses a permission",
                ErrorType::EnvironmentMismatch => "got the key of its other environment",
                ErrorType::AccountSuspended => "has suspended the account",
                ErrorType::DeviceDisconnected => "reports its device as disconnected",
                ErrorType::NotFound => "answers \"not found\"",
                ErrorType::InvalidConfiguration => "cannot be used as it is configured",
                ErrorType::RateLimited => "limits our requests",
                ErrorType::ProviderUnavailable => "is unavailable",
                ErrorType::Timeout => "answers too late or not at all",
                ErrorType::DnsError => "cannot be found by name (DNS)",
                ErrorType::ConnectionRefused => "refuses connections",
                ErrorType::ConnectionReset => "breaks off connections",
                ErrorType::TlsError => "offers no secure connection (TLS)",
                ErrorType::UnexpectedResponse => "answers in an unexpected way",
                ErrorType::BlockedAddress => "is at an address that may not be reached",
                ErrorType::SignatureInvalid => "sends notifications whose signature does not hold",
                ErrorType::MalformedNotification => "sends notifications that cannot be read",
            };
            format!("{label} {state}")
        }
    }
}

fn indonesian(facts: &Facts) -> String {
    let label = facts.provider_label.as_str();
    match facts.cause {
        IncidentCause::WorseBand => format!("panggilan ke {label} lebih sering gagal dari biasanya"),
        IncidentCause::WebhookFailing => "pengiriman ke sebuah webhook gagal".to_owned(),
        IncidentCause::WebhookDisabled => {
            "sebuah webhook dinonaktifkan karena terus gagal, peristiwa menunggu".to_owned()
        }
        IncidentCause::ExpiresSoon => format!("sesuatu di {label} segera berakhir ({})", quoted(&facts.last_error)),
        IncidentCause::Expired => format!("sesuatu di {label} telah berakhir ({})", quoted(&facts.last_error)),
        IncidentCause::Error(error) => {
            let state = match error {
                ErrorType::AuthenticationFailed => "menolak kredensial",
                ErrorType::PermissionDenied => "menolak izin",
                ErrorType::EnvironmentMismatch => "mendapat kunci dari lingkungan lain",
                ErrorType::AccountSuspended => "menangguhkan akun",
                ErrorType::DeviceDisconnected => "melaporkan perangkat terputus",
                ErrorType::NotFound => "menjawab \"tidak ditemukan\"",
                ErrorType::InvalidConfiguration => "tidak dapat dipakai dengan konfigurasinya",
                ErrorType::RateLimited => "membatasi permintaan kita",
                ErrorType::ProviderUnavailable => "tidak tersedia",
                ErrorType::Timeout => "terlambat atau tidak menjawab",
                ErrorType::DnsError => "tidak ditemukan namanya (DNS)",
                ErrorType::ConnectionRefused => "menolak koneksi",
                ErrorType::ConnectionReset => "memutus koneksi",
                ErrorType::TlsError => "tidak menyediakan koneksi aman (TLS)",
                ErrorType::UnexpectedResponse => "menjawab di luar dugaan",
                ErrorType::BlockedAddress => "berada di alamat yang tidak boleh dihubungi",
                ErrorType::SignatureInvalid => "mengirim notifikasi dengan tanda tangan yang tidak cocok",
                ErrorType::MalformedNotification => "mengirim notifikasi yang tidak dapat dibaca",
            };
            format!("{label} {state}")
        }
    }
}

fn quoted(text: &str) -> String {
    clip(text.trim(), QUOTED)
}

/// What to do about it.
pub(super) fn remedy(facts: &Facts, language: Language) -> String {
    let words = Words::of(language);
    if facts.kind == IncidentKind::ProviderOutage {
        let english = "The fault is at the provider; nothing needs to be changed at your side.";
        return words.pick(english, "Gangguan ada di penyedia; tidak ada yang perlu diubah di sisi Anda.").to_owned();
    }
    let (english, indonesian) = match facts.cause {
        IncidentCause::WebhookFailing | IncidentCause::WebhookDisabled => (
            "Check the receiver; what was not delivered waits and can be sent again.",
            "Periksa penerima; yang belum terkirim menunggu dan dapat dikirim ulang.",
        ),
        IncidentCause::ExpiresSoon | IncidentCause::Expired => {
            ("Renew it at the provider, then test the connection.", "Perpanjang di penyedia, lalu uji koneksinya.")
        }
        IncidentCause::WorseBand => {
            ("Look at the latest errors of the integration.", "Lihat kesalahan terakhir pada integrasi ini.")
        }
        IncidentCause::Error(error) => match error {
            ErrorType::AuthenticationFailed => (
                "Paste the current credentials and test the connection.",
                "Tempelkan kredensial yang berlaku lalu uji koneksinya.",
            ),
            ErrorType::EnvironmentMismatch => (
                "Switch the integration's mode, or enter the key of this environment.",
                "Ganti mode integrasi, atau masukkan kunci untuk lingkungan ini.",
            ),
            ErrorType::PermissionDenied => {
                ("Give the key the missing permission at the provider.", "Berikan izin yang kurang di penyedia.")
            }
            ErrorType::AccountSuspended => (
                "Settle the account at the provider: it is suspended or has run out.",
                "Selesaikan status akun di penyedia: ditangguhkan atau habis masa berlakunya.",
            ),
            ErrorType::DeviceDisconnected => {
                ("Scan the QR code again to link the device.", "Pindai ulang kode QR untuk menautkan perangkat.")
            }
            ErrorType::InvalidConfiguration | ErrorType::NotFound | ErrorType::BlockedAddress => (
                "Check the integration's configuration and test the connection.",
                "Periksa konfigurasi integrasi lalu uji koneksinya.",
            ),
            ErrorType::RateLimited => (
                "Send less at once, or ask the provider for a higher limit.",
                "Kurangi permintaan, atau minta batas yang lebih tinggi ke penyedia.",
            ),
            ErrorType::SignatureInvalid | ErrorType::MalformedNotification => (
                "Check the notification secret and URL at the provider.",
                "Periksa rahasia dan URL notifikasi di penyedia.",
            ),
            _ => (
                "Check the provider's status page; nothing needs to be changed unless it stays.",
                "Periksa halaman status penyedia; tidak perlu diubah kecuali terus berlanjut.",
            ),
        },
    };
    words.pick(english, indonesian).to_owned()
}

/// The time of day in Jakarta, with the date where it is not near.
pub(super) fn clock(at: Timestamp, now: Timestamp, language: Language) -> String {
    let local = at.millis() + WIB;
    let (hours, minutes) = (local.rem_euclid(DAY) / HOUR, local.rem_euclid(HOUR) / MINUTE);
    let separator = if language == Language::Indonesian { '.' } else { ':' };
    let clock = format!("{hours:02}{separator}{minutes:02} WIB");
    if now.since(at) < 12 * HOUR {
        return clock;
    }
    let day = Timestamp::from_millis(local).to_string();
    format!("{} {clock}", day.split('T').next().unwrap_or_default())
}

/// A duration in its largest whole units; at least a minute.
pub(super) fn span(millis: i64, language: Language) -> String {
    let minutes = (millis.max(0) / MINUTE).max(1);
    let unit = |number: i64, english: &str, indonesian: &str| match language {
        Language::English if number == 1 => format!("1 {english}"),
        Language::English => format!("{number} {english}s"),
        Language::Indonesian => format!("{number} {indonesian}"),
    };
    match minutes {
        ..120 => unit(minutes, "minute", "menit"),
        120..2_880 => unit(minutes / 60, "hour", "jam"),
        _ => unit(minutes / 1_440, "day", "hari"),
    }
}

/// A count as people write it; thousands are not parted, so that both languages read it alike.
pub(super) fn count(number: i64) -> String {
    number.to_string()
}
