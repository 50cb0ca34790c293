//! The messages as people read them.

use super::*;
use crate::error_type::ErrorType;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

fn facts(kind: IncidentKind, cause: IncidentCause) -> Facts {
    let now = at("2026-02-21T14:04:00Z");
    Facts {
        alert_id: AlertId::generate(now),
        incident_id: IncidentId::generate(now),
        kind,
        severity: IncidentSeverity::Critical,
        cause,
        provider: "midtrans".to_owned(),
        provider_label: "Midtrans".to_owned(),
        partner_id: None,
        partner_name: Some("Kopi Senja".to_owned()),
        integration_id: None,
        integration_name: Some("Midtrans utama".to_owned()),
        started_at: now,
        closed_at: None,
        affected_calls: 14,
        affected: 212,
        of: 230,
        last_error: String::new(),
    }
}

const NOW: &str = "2026-02-21T14:30:00Z";

fn about(kind: MessageKind, facts: &[Facts], language: Language) -> AlertMessage {
    AlertMessage::about(kind, language, facts, "https://hub.example", at(NOW))
}

#[test]
fn one_trouble_is_a_sentence_a_remedy_and_a_link() {
    let one = facts(IncidentKind::Connection, IncidentCause::Error(ErrorType::AuthenticationFailed));
    let text = about(MessageKind::Firing, std::slice::from_ref(&one), Language::English).text(4_000);
    let expected = format!(
        "Alert: Kopi Senja · Midtrans utama: Midtrans rejects the credentials since 21:04 WIB, 14 calls failed.\n\
         Paste the current credentials and test the connection.\nhttps://hub.example/incidents/{}",
        one.incident_id
    );
    assert_eq!(text, expected);
    let text = about(MessageKind::Firing, &[one], Language::Indonesian).text(4_000);
    assert!(text.starts_with(
        "Peringatan: Kopi Senja · Midtrans utama: Midtrans menolak kredensial sejak 21.04 WIB, 14 panggilan gagal.\n"
    ));
}

#[test]
fn an_outage_says_how_many_and_that_nothing_is_to_be_done() {
    let mut outage = facts(IncidentKind::ProviderOutage, IncidentCause::Error(ErrorType::Timeout));
    outage.affected_calls = 0;
    let text = about(MessageKind::Firing, std::slice::from_ref(&outage), Language::English).text(4_000);
    assert!(text.starts_with(
        "Alert: Midtrans is down for 212 of 230 integrations since 21:04 WIB.\nThe fault is at the provider"
    ));
    outage.closed_at = Some(at("2026-02-21T14:24:00Z"));
    let text = about(MessageKind::Resolved, &[outage], Language::English).text(4_000);
    assert!(
        text.contains("over after 20 minutes (from 21:04 WIB).") && text.contains("It lasted 20 minutes."),
        "{text}"
    );
}

#[test]
fn many_are_listed_to_ten_and_counted() {
    let many: Vec<Facts> =
        (0..34).map(|_| facts(IncidentKind::Connection, IncidentCause::Error(ErrorType::Timeout))).collect();
    let message = about(MessageKind::Firing, &many, Language::English);
    let text = message.text(10_000);
    assert!(text.starts_with("Alert: 34 problems need attention.\n\n- Kopi Senja"), "{text}");
    assert_eq!(text.matches("\n- ").count(), 10);
    assert!(text.ends_with("\n\nand 24 more"), "{text}");
    let short = message.text(600);
    assert!(short.chars().count() <= 600 && short.contains("and 3"), "{short}");
    assert!(message.text(20).chars().count() <= 20);
    let message = about(MessageKind::Firing, &vec![many[0].clone(); 300], Language::Indonesian);
    assert_eq!((message.items.len(), message.more), (100, 200));
    assert!(message.text(10_000).ends_with("dan 290 lagi"));
}

#[test]
fn every_cause_has_words_in_every_language() {
    let errors = ErrorType::ALL.iter().map(|error| IncidentCause::Error(*error));
    let others = ["worse_band", "webhook_failing", "webhook_disabled", "expires_soon", "expired"];
    for cause in errors.chain(others.iter().filter_map(|word| IncidentCause::parse(word))) {
        for kind in IncidentKind::ALL {
            for language in Language::ALL {
                let message = about(MessageKind::Firing, &[facts(*kind, cause)], *language);
                let item = &message.items[0];
                assert!(item.sentence.ends_with('.') && item.remedy.ends_with('.'), "{item:?}");
                assert!(!item.sentence.contains("  "), "{item:?}");
            }
        }
    }
}

#[test]
fn what_is_kept_reads_back() {
    let message =
        about(MessageKind::Firing, &[facts(IncidentKind::Webhook, IncidentCause::WebhookDisabled)], Language::English)
            .taken_over("Mail", "refused")
            .silent_until(at(NOW))
            .missed(3)
            .missed(0);
    assert_eq!(message.notes.len(), 3);
    let text = serde_json::to_string(&message).unwrap_or_default();
    assert_eq!(serde_json::from_str::<AlertMessage>(&text).ok(), Some(message));
}
