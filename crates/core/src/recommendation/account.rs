//! What happens to the account behind a key: a device that lost its link, a package, quota or certificate that runs out.

use super::words::{date, say, time};
use super::{ActionKind, Evidence, Expiry, ExpiryKind, Failures, Recommendation, Severity, Situation};
use crate::error_type::ErrorType;

pub(super) fn find(situation: &Situation<'_>, failures: &Failures) -> Option<Recommendation> {
    if failures.error_type != ErrorType::DeviceDisconnected {
        return None;
    }
    let label = situation.provider_label;
    let (message, severity) = match failures.spell {
        Some((since, _)) => {
            let at = time(since, situation.now);
            let (en, id) = (at.en, at.id);
            let message = say!(
                "The WhatsApp device of {label} has been disconnected since {en}; messages are not sent.",
                "Perangkat WhatsApp {label} terputus sejak {id}; pesan tidak terkirim."
            );
            (message, Severity::Critical)
        }
        None => {
            let when = failures.since_when(situation);
            let (en, id) = (&when.en, &when.id);
            let message = say!(
                "The WhatsApp device of {label} was disconnected {en}, and is linked again.",
                "Perangkat WhatsApp {label} sempat terputus {id}, dan kini tersambung lagi."
            );
            (message, Severity::Warning)
        }
    };
    let action = say!(
        "Open the {label} console and scan the QR code with the phone again; keep the phone online.",
        "Buka dasbor {label}, pindai lagi kode QR dengan ponsel, dan pastikan ponsel tetap daring."
    );
    let found = Recommendation::new("device_disconnected", severity, message, action, ActionKind::OpenProvider);
    Some(found.since(failures.spell.map(|(since, _)| since)).with(failures.evidence(situation)))
}

/// Ends that are near or past.
pub(super) fn endings<'a>(situation: &'a Situation<'_>) -> impl Iterator<Item = Recommendation> + 'a {
    situation.expiries.iter().filter(|expiry| expiry.is_near(situation.now)).map(|expiry| ending(situation, expiry))
}

fn ending(situation: &Situation<'_>, expiry: &Expiry) -> Recommendation {
    let severity = if expiry.is_past(situation.now) { Severity::Critical } else { Severity::Warning };
    let found = match expiry.kind {
        ExpiryKind::Subscription => subscription(situation, expiry, severity),
        ExpiryKind::Quota => quota(situation, expiry, severity),
        ExpiryKind::Certificate => certificate(situation, expiry, severity),
    };
    let evidence = Evidence { expires_at: expiry.at, remaining: expiry.remaining, ..Evidence::default() };
    // A quota falls with every message; a date is another subject.
    let about = expiry.at.map(|at| at.millis().to_string()).unwrap_or_default();
    found.with(evidence).about(about)
}

fn subscription(situation: &Situation<'_>, expiry: &Expiry, severity: Severity) -> Recommendation {
    let label = situation.provider_label;
    // The moment is the end of the day that the provider names.
    let last_day = expiry.at.map(|at| date(crate::time::Timestamp::from_millis(at.millis() - 1))).unwrap_or_default();
    let (en, id) = (&last_day.en, &last_day.id);
    let message = if severity == Severity::Critical {
        say!(
            "The {label} package ended on {en}; messages may stop at any time.",
            "Paket {label} berakhir pada {id}; pengiriman pesan bisa berhenti kapan saja."
        )
    } else {
        say!("The {label} package ends on {en}.", "Paket {label} berakhir pada {id}.")
    };
    let action = say!(
        "Extend the package in the {label} console, then test the connection.",
        "Perpanjang paket di dasbor {label}, lalu uji koneksinya."
    );
    Recommendation::new("subscription_ending", severity, message, action, ActionKind::OpenProvider)
}

fn quota(situation: &Situation<'_>, expiry: &Expiry, severity: Severity) -> Recommendation {
    let (label, left) = (situation.provider_label, expiry.remaining.unwrap_or(0));
    let message = if severity == Severity::Critical {
        say!("The {label} quota is used up; messages are not sent.", "Kuota {label} habis; pesan tidak terkirim.")
    } else {
        say!("The {label} quota is almost used up: {left} left.", "Kuota {label} hampir habis: tersisa {left}.")
    };
    let action = say!(
        "Buy quota in the {label} console, then test the connection.",
        "Tambah kuota di dasbor {label}, lalu uji koneksinya."
    );
    Recommendation::new("quota_ending", severity, message, action, ActionKind::OpenProvider)
}

fn certificate(situation: &Situation<'_>, expiry: &Expiry, severity: Severity) -> Recommendation {
    let label = situation.provider_label;
    let at = expiry.at.map(date).unwrap_or_default();
    let (en, id) = (&at.en, &at.id);
    let message = if severity == Severity::Critical {
        say!(
            "The TLS certificate of the {label} server expired on {en}.",
            "Sertifikat TLS server {label} kedaluwarsa pada {id}."
        )
    } else {
        say!(
            "The TLS certificate of the {label} server expires on {en}.",
            "Sertifikat TLS server {label} akan kedaluwarsa pada {id}."
        )
    };
    let action = say!(
        "Ask whoever runs the mail server to renew its certificate.",
        "Minta pengelola server surel memperbarui sertifikatnya."
    );
    Recommendation::new("certificate_ending", severity, message, action, ActionKind::None)
}
