//! What the provider sends to us: refused, silent, or sent to an integration that is switched off.

use super::words::{say, span, time};
use super::{ActionKind, Evidence, Failures, Recommendation, Severity, Situation};
use crate::error_type::ErrorType;

pub(super) fn find(situation: &Situation<'_>, failures: &Failures) -> Option<Recommendation> {
    if failures.error_type != ErrorType::SignatureInvalid {
        return None;
    }
    let (label, window, count) = (situation.provider_label, &situation.window, failures.count);
    let (en, id) = (&window.en, &window.id);
    let message = if count == 1 {
        say!(
            "1 notification was refused in the last {en} because its signature did not match.",
            "1 notifikasi ditolak dalam {id} terakhir karena tanda tangannya tidak cocok."
        )
    } else {
        say!(
            "{count} notifications were refused in the last {en} because their signature did not match.",
            "{count} notifikasi ditolak dalam {id} terakhir karena tanda tangannya tidak cocok."
        )
    };
    let action = say!(
        "Compare the signing secret with the one in the {label} console; if it is right, somebody else is calling the inbound URL: rotate it.",
        "Bandingkan kunci tanda tangan dengan yang ada di dasbor {label}; jika sudah benar, ada pihak lain yang memanggil URL notifikasi: ganti URL itu."
    );
    let found =
        Recommendation::new("signature_failures", Severity::Warning, message, action, ActionKind::EditConfiguration);
    Some(found.with(failures.evidence(situation)))
}

/// Notifications that do not come, or come where nobody waits for them.
pub(super) fn unexpected(situation: &Situation<'_>) -> impl Iterator<Item = Recommendation> {
    [silent(situation), inactive(situation)].into_iter().flatten()
}

fn silent(situation: &Situation<'_>) -> Option<Recommendation> {
    let silence = situation.silence.filter(|_| situation.is_active)?;
    let label = situation.provider_label;
    let (since, gap) = (time(silence.since, situation.now), span(silence.usual_gap));
    let (since_en, since_id, gap_en, gap_id) = (since.en, since.id, gap.en, gap.id);
    let message = say!(
        "{label} has sent no notification since {since_en}, although its calls succeed; usually one comes within {gap_en}.",
        "{label} tidak mengirim notifikasi sejak {since_id}, padahal panggilannya berhasil; biasanya ada notifikasi dalam {gap_id}."
    );
    let action = say!(
        "Check in the {label} console that the notification URL is the integration's inbound URL and is switched on.",
        "Periksa di dasbor {label} apakah URL notifikasinya adalah URL masuk integrasi ini dan masih aktif."
    );
    let evidence = Evidence { usual_gap: Some(silence.usual_gap), ..Evidence::default() };
    Some(
        Recommendation::new("notifications_silent", Severity::Warning, message, action, ActionKind::OpenProvider)
            .since(Some(silence.since))
            .with(evidence)
            .about(silence.since.millis().to_string()),
    )
}

fn inactive(situation: &Situation<'_>) -> Option<Recommendation> {
    let count = situation.notifications;
    if situation.is_active || count == 0 {
        return None;
    }
    let (label, window) = (situation.provider_label, &situation.window);
    let (en, id) = (&window.en, &window.id);
    let message = say!(
        "This integration is switched off, but {label} sent it {count} notifications in the last {en}.",
        "Integrasi ini nonaktif, tetapi {label} mengirim {count} notifikasi kepadanya dalam {id} terakhir."
    );
    let action = say!(
        "Switch it on if it is in use; if not, remove its inbound URL in the {label} console.",
        "Aktifkan jika masih dipakai; jika tidak, hapus URL masuknya di dasbor {label}."
    );
    let evidence = Evidence { calls: Some(count), ..Evidence::default() };
    Some(
        Recommendation::new("inactive_receiving", Severity::Warning, message, action, ActionKind::EditConfiguration)
            .with(evidence),
    )
}
