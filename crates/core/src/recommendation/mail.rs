//! What mail servers refuse, by class of reply (RFC 5321, section 4.2; RFC 3463).

use super::words::{calls, say};
use super::{ActionKind, Evidence, MailRefusal, Recommendation, Severity, Situation};

/// 530, 534, 535: the login; also where the enhanced status says so (5.7.8, 5.7.9, 5.7.139).
pub(super) fn is_login(refusal: &MailRefusal) -> bool {
    matches!(refusal.status, 530 | 534 | 535)
}

/// 550, 554 and the like: the message or its sender is not wanted. A 5.1.x speaks of the recipient, which is no finding.
fn is_reputation(refusal: &MailRefusal) -> bool {
    let is_recipient = refusal.enhanced.as_deref().is_some_and(|status| status.starts_with("5.1."));
    matches!(refusal.status, 550 | 553 | 554) && !is_recipient
}

/// 421, 450, 451, 452: for now.
fn is_limit(refusal: &MailRefusal) -> bool {
    matches!(refusal.status, 421 | 450..=452)
}

pub(super) fn find(situation: &Situation<'_>) -> Vec<Recommendation> {
    let of = |class: fn(&MailRefusal) -> bool, made: fn(&Situation<'_>, &MailRefusal, u64) -> Recommendation| {
        let mut refusals = situation.mail_refusals.iter().filter(|refusal| class(refusal));
        let first = refusals.next()?;
        let (mut last, mut count) = (first, first.calls);
        for refusal in refusals {
            count += refusal.calls;
            last = if refusal.last_at > last.last_at { refusal } else { last };
        }
        let evidence = Evidence {
            calls: Some(count),
            smtp_status: Some(last.status),
            last_error: Some(last.last_error.clone()),
            last_error_at: Some(last.last_at),
            ..Evidence::default()
        };
        Some(made(situation, last, count).since(Some(first.first_at)).with(evidence))
    };
    [of(is_login, login), of(is_reputation, reputation), of(is_limit, limit)].into_iter().flatten().collect()
}

fn login(situation: &Situation<'_>, refusal: &MailRefusal, count: u64) -> Recommendation {
    let (label, status, times) = (situation.provider_label, refusal.status, calls(count));
    let (en, id) = (times.en, times.id);
    Recommendation::new(
        "mail_login_rejected",
        Severity::Critical,
        say!(
            "The {label} server rejected the login on {en} (reply {status}).",
            "Server {label} menolak login pada {id} (balasan {status})."
        ),
        say!(
            "Check user name and password. Gmail, Yahoo and iCloud need an app password; at Microsoft 365, Authenticated SMTP must be turned on for the mailbox.",
            "Periksa nama pengguna dan kata sandi. Gmail, Yahoo, dan iCloud memerlukan kata sandi aplikasi; di Microsoft 365, SMTP AUTH harus diaktifkan untuk kotak surat itu."
        ),
        ActionKind::EditConfiguration,
    )
}

fn reputation(situation: &Situation<'_>, refusal: &MailRefusal, count: u64) -> Recommendation {
    let (label, status, times) = (situation.provider_label, refusal.status, calls(count));
    let (en, id) = (times.en, times.id);
    Recommendation::new(
        "mail_reputation",
        Severity::Warning,
        say!(
            "Mail through {label} was refused on {en} (reply {status}): the receiving side does not trust the sender.",
            "Surel melalui {label} ditolak pada {id} (balasan {status}): pihak penerima tidak memercayai pengirimnya."
        ),
        say!(
            "Check the SPF, DKIM and DMARC records of the sender's domain, and whether the sending address is on a block list.",
            "Periksa catatan SPF, DKIM, dan DMARC pada domain pengirim, dan apakah alamat IP pengirim masuk daftar blokir."
        ),
        ActionKind::OpenLogs,
    )
}

fn limit(situation: &Situation<'_>, refusal: &MailRefusal, count: u64) -> Recommendation {
    let (label, status, times) = (situation.provider_label, refusal.status, calls(count));
    let (en, id) = (times.en, times.id);
    Recommendation::new(
        "mail_limited",
        Severity::Warning,
        say!(
            "The {label} server put off {en} (reply {status}): greylisting, a limit, or a passing fault of its own.",
            "Server {label} menunda {id} (balasan {status}): greylisting, batas pengiriman, atau gangguan sementara."
        ),
        say!(
            "Try again after some minutes and send more slowly; if it stays, ask the mail provider for its sending limit.",
            "Coba lagi setelah beberapa menit dan kirim lebih lambat; jika terus terjadi, tanyakan batas pengiriman kepada penyedia surel."
        ),
        ActionKind::OpenLogs,
    )
}
