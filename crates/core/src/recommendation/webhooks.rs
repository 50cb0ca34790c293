//! Receivers of ours: disabled, behind an open circuit, or failing. The provider is not the cause of any of it.

use super::words::say;
use super::{ActionKind, Evidence, Recommendation, Severity, Situation, WebhookState};
use crate::id::WebhookId;

pub(super) fn find(situation: &Situation<'_>) -> Vec<Recommendation> {
    [disabled(situation), circuit_open(situation), failing(situation)].into_iter().flatten().collect()
}

fn ids<'a>(webhooks: impl Iterator<Item = &'a WebhookState>) -> Vec<WebhookId> {
    webhooks.map(|webhook| webhook.id).collect()
}

/// Other webhooks are another finding.
fn about(ids: &[WebhookId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn disabled(situation: &Situation<'_>) -> Option<Recommendation> {
    let disabled = || situation.webhooks.iter().filter(|webhook| webhook.disabled_at.is_some());
    let ids = ids(disabled());
    let message = match ids.len() {
        0 => return None,
        1 => say!(
            "1 webhook is disabled after failing; its events wait.",
            "1 webhook dinonaktifkan karena terus gagal; event untuknya ditahan."
        ),
        count => say!(
            "{count} webhooks are disabled after failing; their events wait.",
            "{count} webhook dinonaktifkan karena terus gagal; event untuknya ditahan."
        ),
    };
    let action = say!(
        "Mend the receiver, send it a test, then set the webhook active: what waited is delivered.",
        "Perbaiki penerimanya, kirim webhook uji, lalu aktifkan lagi: event yang tertahan akan dikirim."
    );
    let evidence = Evidence {
        last_error: disabled().find_map(|webhook| webhook.disabled_reason.clone()),
        webhook_ids: ids.clone(),
        ..Evidence::default()
    };
    Some(
        Recommendation::new("webhook_disabled", Severity::Critical, message, action, ActionKind::OpenWebhooks)
            .since(disabled().filter_map(|webhook| webhook.disabled_at).min())
            .with(evidence)
            .about(about(&ids)),
    )
}

fn circuit_open(situation: &Situation<'_>) -> Option<Recommendation> {
    let open = || situation.webhooks.iter().filter(|webhook| webhook.is_active && webhook.circuit_open_since.is_some());
    let ids = ids(open());
    let message = match ids.len() {
        0 => return None,
        1 => say!(
            "1 webhook does not answer: its events wait, and only a trial is sent now and then.",
            "1 webhook tidak menjawab: event untuknya ditahan, dan hanya sesekali dicoba kirim."
        ),
        count => say!(
            "{count} webhooks do not answer: their events wait, and only a trial is sent now and then.",
            "{count} webhook tidak menjawab: event untuknya ditahan, dan hanya sesekali dicoba kirim."
        ),
    };
    let action = say!(
        "Bring the receiver back; Simpul notices by itself and delivers what waited.",
        "Pulihkan penerimanya; Simpul akan mendeteksinya sendiri dan mengirim event yang tertahan."
    );
    let evidence = Evidence { webhook_ids: ids.clone(), ..Evidence::default() };
    Some(
        Recommendation::new("webhook_circuit_open", Severity::Warning, message, action, ActionKind::OpenWebhooks)
            .since(open().filter_map(|webhook| webhook.failing_since.or(webhook.circuit_open_since)).min())
            .with(evidence)
            .about(about(&ids)),
    )
}

fn failing(situation: &Situation<'_>) -> Option<Recommendation> {
    let (all, failed) = situation.deliveries;
    if failed == 0 || failed * 100 < 5 * all {
        return None;
    }
    let window = &situation.window;
    let (en, id) = (&window.en, &window.id);
    let message = say!(
        "{failed} of {all} webhook deliveries failed on every attempt in the last {en}.",
        "{failed} dari {all} pengiriman webhook gagal di semua percobaan dalam {id} terakhir."
    );
    let action = say!(
        "The provider is not the cause: look at the failed deliveries, mend the receiver and replay them.",
        "Penyebabnya bukan penyedia: lihat pengiriman yang gagal, perbaiki penerimanya, lalu kirim ulang."
    );
    let evidence = Evidence {
        calls: Some(failed),
        of_calls: Some(all),
        webhook_ids: ids(situation.webhooks.iter().filter(|webhook| webhook.failing_since.is_some())),
        ..Evidence::default()
    };
    Some(
        Recommendation::new("webhook_failing", Severity::Warning, message, action, ActionKind::OpenWebhooks)
            .since(situation.webhooks.iter().filter_map(|webhook| webhook.failing_since).min())
            .with(evidence),
    )
}
