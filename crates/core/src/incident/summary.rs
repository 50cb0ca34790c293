//! The sentence that says what an incident is, in the languages of the operations people.

use super::{IncidentCause, IncidentKind};
use crate::error_type::ErrorType;
use crate::language::Language;
use crate::time::{DAY, HOUR, MINUTE, Timestamp, WIB};

/// What the sentence is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub kind: IncidentKind,
    pub cause: IncidentCause,
    /// The provider's name, such as `Midtrans`.
    pub provider_label: &'a str,
    /// What ends, for an expiry: its own words as they were kept.
    pub detail: &'a str,
    pub started_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// Failed calls of the platform; tests are not among them.
    pub affected_calls: u64,
    /// Integrations in a provider's outage.
    pub affected_integrations: u64,
    pub now: Timestamp,
}

/// One sentence, such as "Midtrans has rejected the credentials since 10:42 WIB (14 calls)."
#[must_use]
pub fn summary(facts: &Facts<'_>, language: Language) -> String {
    let what = match facts.kind {
        IncidentKind::Connection => connection(facts, language),
        IncidentKind::ProviderOutage => outage(facts, language),
        IncidentKind::Webhook => webhook(facts, language),
        IncidentKind::Expiry => return expiry(facts, language),
    };
    let (start, calls) = (time(facts.started_at, facts.now, language), calls(facts, language));
    match (facts.closed_at, language) {
        (None, Language::English) => format!("{what} since {start}{calls}."),
        (None, Language::Indonesian) => format!("{what} sejak {start}{calls}."),
        (Some(end), Language::English) => {
            format!("{what} from {start} for {}{calls}.", span(end.since(facts.started_at), language))
        }
        (Some(end), Language::Indonesian) => {
            format!("{what} mulai {start} selama {}{calls}.", span(end.since(facts.started_at), language))
        }
    }
}

fn connection(facts: &Facts<'_>, language: Language) -> String {
    let label = facts.provider_label;
    let is_over = facts.closed_at.is_some();
    let IncidentCause::Error(error_type) = facts.cause else {
        return match language {
            Language::English if is_over => format!("Calls to {label} failed more often than usual"),
            Language::English => format!("Calls to {label} have failed more often than usual"),
            Language::Indonesian => format!("Panggilan ke {label} lebih sering gagal dari biasanya"),
        };
    };
    match language {
        Language::English => format!("{label} {}{}", if is_over { "" } else { "has " }, english(error_type, is_over)),
        Language::Indonesian => format!("{label} {}", indonesian(error_type)),
    }
}

/// What the provider did, after its name: in the past tense and in the present perfect it reads the same but for a few.
fn english(error_type: ErrorType, is_over: bool) -> &'static str {
    match error_type {
        ErrorType::AuthenticationFailed => "rejected the credentials",
        ErrorType::PermissionDenied => "refused a permission",
        ErrorType::EnvironmentMismatch if is_over => "was set up with the other environment's key",
        ErrorType::EnvironmentMismatch => "been set up with the other environment's key",
        ErrorType::AccountSuspended => "reported the account as suspended",
        ErrorType::DeviceDisconnected => "reported its device as disconnected",
        ErrorType::NotFound => "answered \"not found\"",
        ErrorType::InvalidConfiguration if is_over => "was configured wrongly",
        ErrorType::InvalidConfiguration => "been configured wrongly",
        ErrorType::RateLimited => "limited our requests",
        ErrorType::ProviderUnavailable if is_over => "was unavailable",
        ErrorType::ProviderUnavailable => "been unavailable",
        ErrorType::Timeout => "answered too late or not at all",
        ErrorType::DnsError if is_over => "could not be found by name (DNS)",
        ErrorType::DnsError => "not been found by name (DNS)",
        ErrorType::ConnectionRefused => "refused connections",
        ErrorType::ConnectionReset => "broken off connections",
        ErrorType::TlsError => "failed to offer a secure connection (TLS)",
        ErrorType::UnexpectedResponse => "answered in an unexpected way",
        ErrorType::BlockedAddress if is_over => "was at an address that may not be reached",
        ErrorType::BlockedAddress => "been at an address that may not be reached",
        ErrorType::SignatureInvalid => "sent notifications whose signature does not hold",
        ErrorType::MalformedNotification => "sent notifications that cannot be read",
    }
}

fn indonesian(error_type: ErrorType) -> &'static str {
    match error_type {
        ErrorType::AuthenticationFailed => "menolak kredensial",
        ErrorType::PermissionDenied => "menolak izin",
        ErrorType::EnvironmentMismatch => "dipasangi kunci dari lingkungan lain",
        ErrorType::AccountSuspended => "menyatakan akun ditangguhkan",
        ErrorType::DeviceDisconnected => "melaporkan perangkat terputus",
        ErrorType::NotFound => "menjawab \"tidak ditemukan\"",
        ErrorType::InvalidConfiguration => "salah dikonfigurasi",
        ErrorType::RateLimited => "membatasi permintaan kita",
        ErrorType::ProviderUnavailable => "tidak tersedia",
        ErrorType::Timeout => "terlambat menjawab atau tidak menjawab",
        ErrorType::DnsError => "tidak ditemukan namanya (DNS)",
        ErrorType::ConnectionRefused => "menolak koneksi",
        ErrorType::ConnectionReset => "memutus koneksi",
        ErrorType::TlsError => "gagal menyediakan koneksi aman (TLS)",
        ErrorType::UnexpectedResponse => "menjawab di luar dugaan",
        ErrorType::BlockedAddress => "berada di alamat yang tidak boleh dihubungi",
        ErrorType::SignatureInvalid => "mengirim notifikasi dengan tanda tangan yang tidak cocok",
        ErrorType::MalformedNotification => "mengirim notifikasi yang tidak dapat dibaca",
    }
}

fn outage(facts: &Facts<'_>, language: Language) -> String {
    let (label, count) = (facts.provider_label, facts.affected_integrations);
    match (language, facts.closed_at.is_some()) {
        (Language::English, false) => {
            format!("{label} has been failing for {count} of its integrations at once, which points to the provider,")
        }
        (Language::English, true) => {
            format!("{label} failed for {count} of its integrations at once, which points to the provider,")
        }
        (Language::Indonesian, _) => {
            format!("{label} gagal untuk {count} integrasi sekaligus, jadi kemungkinan gangguan ada di penyedia,")
        }
    }
}

fn webhook(facts: &Facts<'_>, language: Language) -> String {
    let is_disabled = facts.cause == IncidentCause::WebhookDisabled;
    let text = match (language, is_disabled, facts.closed_at.is_some()) {
        (Language::English, true, false) => "A webhook has been disabled after failures; events have been waiting",
        (Language::English, true, true) => "A webhook was disabled after failures; events waited",
        (Language::English, false, false) => "Deliveries to a webhook have been failing",
        (Language::English, false, true) => "Deliveries to a webhook failed",
        (Language::Indonesian, true, _) => "Sebuah webhook dinonaktifkan karena terus gagal; peristiwa menunggu",
        (Language::Indonesian, false, _) => "Pengiriman ke sebuah webhook gagal",
    };
    text.to_owned()
}

/// The detail is the thing's name and its end, as `subscription 2026-03-01T00:00:00.000Z`, or `quota` and what is left of it.
fn expiry(facts: &Facts<'_>, language: Language) -> String {
    let (what, end) = facts.detail.rsplit_once(' ').unwrap_or((facts.detail, ""));
    let label = facts.provider_label;
    if what == "quota" {
        return match (language, facts.cause == IncidentCause::Expired) {
            (Language::English, false) => format!("The {label} quota is almost used up: {end} left."),
            (Language::English, true) => format!("The {label} quota is used up."),
            (Language::Indonesian, false) => format!("Kuota {label} hampir habis: tersisa {end}."),
            (Language::Indonesian, true) => format!("Kuota {label} sudah habis."),
        };
    }
    let day = end.parse::<Timestamp>().map_or_else(|_| end.to_owned(), date);
    let thing = match (language, what) {
        (Language::English, "certificate") => "certificate",
        (Language::English, _) => "subscription",
        (Language::Indonesian, "certificate") => "Sertifikat",
        (Language::Indonesian, _) => "Langganan",
    };
    match (language, facts.cause == IncidentCause::Expired) {
        (Language::English, false) => format!("The {label} {thing} ends on {day}."),
        (Language::English, true) => format!("The {label} {thing} ended on {day}."),
        (Language::Indonesian, false) => format!("{thing} {label} berakhir pada {day}."),
        (Language::Indonesian, true) => format!("{thing} {label} telah berakhir pada {day}."),
    }
}

fn calls(facts: &Facts<'_>, language: Language) -> String {
    match (facts.affected_calls, language) {
        (0, _) => String::new(),
        (1, Language::English) => " (1 call)".to_owned(),
        (count, Language::English) => format!(" ({count} calls)"),
        (count, Language::Indonesian) => format!(" ({count} panggilan)"),
    }
}

/// The time of day in Jakarta, with the date where it was not within the last twelve hours.
fn time(at: Timestamp, now: Timestamp, language: Language) -> String {
    let local = at.millis() + WIB;
    let (hours, minutes) = (local.rem_euclid(DAY) / HOUR, local.rem_euclid(HOUR) / MINUTE);
    let separator = if language == Language::Indonesian { '.' } else { ':' };
    let clock = format!("{hours:02}{separator}{minutes:02} WIB");
    if now.since(at) < 12 * HOUR { clock } else { format!("{} {clock}", date(at)) }
}

/// The day in Jakarta, as `2026-02-21`.
fn date(at: Timestamp) -> String {
    let local = Timestamp::from_millis(at.millis() + WIB).to_string();
    local.split('T').next().unwrap_or_default().to_owned()
}

/// A duration in its largest whole units.
fn span(millis: i64, language: Language) -> String {
    let minutes = (millis.max(0) + MINUTE / 2) / MINUTE;
    let unit = |count: i64, english: &str, indonesian: &str| match language {
        Language::English if count == 1 => format!("1 {english}"),
        Language::English => format!("{count} {english}s"),
        Language::Indonesian => format!("{count} {indonesian}"),
    };
    match minutes {
        0 => unit(1, "minute", "menit"),
        1..120 => unit(minutes, "minute", "menit"),
        120..2_880 => unit(minutes / 60, "hour", "jam"),
        _ => unit(minutes / 1_440, "day", "hari"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(kind: IncidentKind, cause: IncidentCause) -> Facts<'static> {
        Facts {
            kind,
            cause,
            provider_label: "Midtrans",
            detail: "",
            started_at: "2026-02-21T03:42:10Z".parse().unwrap_or_default(),
            closed_at: None,
            affected_calls: 14,
            affected_integrations: 1,
            now: "2026-02-21T04:00:00Z".parse().unwrap_or_default(),
        }
    }

    #[test]
    fn it_says_who_did_what_since_when_in_both_languages() {
        let open = facts(IncidentKind::Connection, IncidentCause::Error(ErrorType::AuthenticationFailed));
        assert_eq!(
            summary(&open, Language::English),
            "Midtrans has rejected the credentials since 10:42 WIB (14 calls)."
        );
        assert_eq!(summary(&open, Language::Indonesian), "Midtrans menolak kredensial sejak 10.42 WIB (14 panggilan).");
        let closed = Facts {
            closed_at: "2026-02-21T03:54:00Z".parse().ok(),
            affected_calls: 0,
            now: "2026-02-23T04:00:00Z".parse().unwrap_or_default(),
            ..open
        };
        assert_eq!(
            summary(&closed, Language::English),
            "Midtrans rejected the credentials from 2026-02-21 10:42 WIB for 12 minutes."
        );
        let outage = Facts {
            affected_integrations: 40,
            affected_calls: 0,
            ..facts(IncidentKind::ProviderOutage, IncidentCause::Error(ErrorType::Timeout))
        };
        assert_eq!(
            summary(&outage, Language::English),
            "Midtrans has been failing for 40 of its integrations at once, which points to the provider, since 10:42 WIB."
        );
    }

    #[test]
    fn an_expiry_names_what_ends_and_its_day() {
        let soon = Facts {
            detail: "subscription 2026-02-27T17:00:00.000Z",
            provider_label: "Wablas",
            ..facts(IncidentKind::Expiry, IncidentCause::ExpiresSoon)
        };
        assert_eq!(summary(&soon, Language::English), "The Wablas subscription ends on 2026-02-28.");
        assert_eq!(summary(&soon, Language::Indonesian), "Langganan Wablas berakhir pada 2026-02-28.");
    }

    #[test]
    fn every_cause_makes_a_sentence_in_every_language() {
        let causes = ErrorType::ALL.iter().map(|error_type| IncidentCause::Error(*error_type));
        for cause in causes.chain([IncidentCause::WorseBand, IncidentCause::WebhookDisabled, IncidentCause::Expired]) {
            for kind in IncidentKind::ALL {
                for language in Language::ALL {
                    let sentence = summary(&facts(*kind, cause), *language);
                    assert!(sentence.ends_with('.') && sentence.len() > 20 && !sentence.contains("  "), "{sentence}");
                }
            }
        }
    }
}
