//! A provider that cannot be reached, answers badly, limits us or is slow.

use super::words::say;
use super::{ActionKind, Evidence, Failures, Recommendation, Severity, Situation};
use crate::error_type::ErrorType;

pub(super) fn find(situation: &Situation<'_>, failures: &Failures) -> Option<Recommendation> {
    let share_is = |percent: u64| failures.count * 100 >= percent * situation.requests;
    let found = match failures.error_type {
        ErrorType::RateLimited if share_is(5) => rate_limited(situation, failures),
        ErrorType::Timeout if share_is(3) => timeouts(situation, failures),
        ErrorType::ProviderUnavailable if share_is(5) => unavailable(situation, failures),
        ErrorType::TlsError => tls(situation, failures),
        ErrorType::DnsError | ErrorType::ConnectionRefused | ErrorType::ConnectionReset | ErrorType::BlockedAddress
            if share_is(3) =>
        {
            unreachable(situation, failures)
        }
        ErrorType::InvalidConfiguration | ErrorType::NotFound => configuration(situation, failures),
        _ => return None,
    };
    Some(found.since(failures.spell.map(|(since, _)| since)).with(failures.evidence(situation)))
}

fn rate_limited(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    let action = match failures.retry_after {
        Some(seconds) => say!(
            "Wait {seconds} seconds between bursts, as {label} asks, or ask {label} for a higher limit.",
            "Beri jeda {seconds} detik sesuai permintaan {label}, atau minta batas yang lebih tinggi."
        ),
        None => say!(
            "Send less at once, or ask {label} for a higher limit.",
            "Kurangi kiriman sekaligus, atau minta batas yang lebih tinggi kepada {label}."
        ),
    };
    Recommendation::new(
        "rate_limited",
        Severity::Warning,
        say!("{label} is limiting our calls: {en}.", "{label} membatasi laju panggilan kita: {id}."),
        action,
        ActionKind::OpenProvider,
    )
}

fn timeouts(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    Recommendation::new(
        "timeouts",
        Severity::Warning,
        say!("Calls to {label} time out: {en}.", "Panggilan ke {label} melewati batas waktu: {id}."),
        say!(
            "Check the provider's status page and this server's connection to it.",
            "Periksa halaman status penyedia dan koneksi server ini ke sana."
        ),
        ActionKind::OpenLogs,
    )
}

fn unavailable(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    Recommendation::new(
        "provider_unavailable",
        Severity::Warning,
        say!("{label} answers with server errors: {en}.", "{label} menjawab dengan galat server: {id}."),
        say!(
            "The fault is at the provider: check its status page and wait; nothing needs to be changed here.",
            "Gangguannya ada di pihak penyedia: pantau halaman statusnya dan tunggu; tidak ada yang perlu diubah di sini."
        ),
        ActionKind::None,
    )
}

fn tls(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    Recommendation::new(
        "tls_failures",
        Severity::Warning,
        say!(
            "The certificate of {label} could not be verified: {en}.",
            "Sertifikat {label} tidak dapat diverifikasi: {id}."
        ),
        say!(
            "Check the host name and its certificate, and the clock of this server.",
            "Periksa nama host dan sertifikatnya, serta jam server ini."
        ),
        ActionKind::EditConfiguration,
    )
}

fn unreachable(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    let (why_en, why_id) = match failures.error_type {
        ErrorType::DnsError => ("the name cannot be resolved", "nama host tidak dapat ditemukan"),
        ErrorType::ConnectionRefused => ("the connection is refused", "koneksi ditolak"),
        ErrorType::BlockedAddress => ("the address is not allowed", "alamatnya tidak diizinkan"),
        _ => ("the connection breaks off", "koneksi terputus"),
    };
    Recommendation::new(
        "unreachable",
        Severity::Warning,
        say!("{label} cannot be reached, {why_en}: {en}.", "{label} tidak dapat dijangkau, {why_id}: {id}."),
        say!(
            "Check the configured address, this server's network and its name resolution.",
            "Periksa alamat yang dikonfigurasi, jaringan server ini, dan resolusi namanya."
        ),
        ActionKind::EditConfiguration,
    )
}

fn configuration(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    Recommendation::new(
        "configuration",
        Severity::Warning,
        say!(
            "{label} cannot be used as configured: {en}.",
            "{label} tidak dapat digunakan dengan konfigurasi sekarang: {id}."
        ),
        say!(
            "Correct what the last error names, save and test again.",
            "Perbaiki yang disebutkan galat terakhir, simpan, lalu uji lagi."
        ),
        ActionKind::EditConfiguration,
    )
}

/// Slow is: twice the target, and twice what is usual here. Where nothing is known of the usual pace, the target decides.
pub(super) fn slow(situation: &Situation<'_>) -> Option<Recommendation> {
    let (p95, target) = situation.latency.filter(|(p95, target)| *p95 >= 2 * *target)?;
    let usual = situation.usual_latency;
    if usual.is_some_and(|usual| p95 < 2 * usual) {
        return None;
    }
    let label = situation.provider_label;
    let message = match usual {
        Some(usual) => say!(
            "{label} is slower than usual: 95 % of calls finish within {p95} ms; over the last 7 days it was {usual} ms, and the target is {target} ms.",
            "{label} lebih lambat dari biasanya: 95 % panggilan selesai dalam {p95} ms; dalam 7 hari terakhir {usual} ms, dan targetnya {target} ms."
        ),
        None => say!(
            "{label} is slow: 95 % of calls finish within {p95} ms, the target is {target} ms.",
            "{label} lambat: 95 % panggilan selesai dalam {p95} ms, sedangkan targetnya {target} ms."
        ),
    };
    let action = say!(
        "Check the provider's status page; if this is its usual pace, raise the integration's latency target.",
        "Periksa halaman status penyedia; jika memang segitu kecepatannya, naikkan target waktu respons integrasi ini."
    );
    let evidence = Evidence {
        p95_response_time: Some(p95),
        latency_target: Some(target),
        usual_p95_response_time: usual,
        of_calls: Some(situation.requests),
        ..Evidence::default()
    };
    Some(Recommendation::new("slow", Severity::Warning, message, action, ActionKind::OpenLogs).with(evidence))
}
