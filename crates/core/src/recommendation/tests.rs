use super::*;
use crate::integration::IntegrationType;
use crate::time::{DAY, HOUR, MINUTE};

fn now() -> Timestamp {
    "2026-02-21T12:00:00Z".parse().expect("a time")
}

fn ago(millis: i64) -> Timestamp {
    Timestamp::from_millis(now().millis() - millis)
}

fn situation() -> Situation<'static> {
    Situation {
        provider_label: "Midtrans",
        integration_type: Some(IntegrationType::PaymentGateway),
        is_active: true,
        window: Words::new("24 hours", "24 jam"),
        requests: 100,
        last_test: Some(LastTest { at: now(), failed: false, limited: false, message: "" }),
        credential_max_age_days: 365,
        now: now(),
        ..Situation::default()
    }
}

fn codes(situation: &Situation<'_>) -> Vec<&'static str> {
    recommend(situation).iter().map(|found| found.code).collect()
}

fn rejected(spell: Option<(Timestamp, u64)>) -> Failures {
    Failures {
        spell,
        field: Some(("serverKey".to_owned(), Words::new("Server key", "Server key"))),
        last_error: Some("Midtrans rejected the server key".to_owned()),
        last_at: Some(ago(MINUTE)),
        ..Failures::counted(ErrorType::AuthenticationFailed, 14)
    }
}

#[test]
fn a_sound_integration_needs_nothing() {
    assert_eq!(codes(&situation()), Vec::<&str>::new());
}

#[test]
fn a_rejected_key_says_since_when_and_comes_before_slowness() {
    let errors = [rejected(Some((ago(78 * MINUTE), 14)))];
    let found = recommend(&Situation { errors: &errors, latency: Some((9_000, 2_000)), ..situation() });
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["key_rejected", "slow"]);
    assert_eq!(found[0].message.en, "Midtrans has rejected the server key since 17:42 WIB (14 calls).");
    assert_eq!(found[0].message.id, "Midtrans menolak Server key sejak pukul 17.42 WIB (14 panggilan).");
    assert_eq!((found[0].severity, found[0].since), (Severity::Critical, Some(ago(78 * MINUTE))));
    assert_eq!(found[0].evidence.field.as_deref(), Some("serverKey"));
    assert_eq!(found[0].action_kind, ActionKind::EditConfiguration);
}

#[test]
fn a_key_that_was_accepted_since_is_less_urgent() {
    let errors = [rejected(None)];
    let found = recommend(&Situation { errors: &errors, ..situation() });
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(found[0].message.en.ends_with("in the last 24 hours; the last call was accepted."), "{:?}", found[0]);
}

#[test]
fn a_few_timeouts_among_many_calls_are_no_finding() {
    let few = [Failures::counted(ErrorType::Timeout, 2)];
    assert_eq!(codes(&Situation { errors: &few, ..situation() }), Vec::<&str>::new());
    let enough = [Failures::counted(ErrorType::Timeout, 3)];
    assert_eq!(codes(&Situation { errors: &enough, ..situation() }), ["timeouts"]);
}

#[test]
fn what_is_usual_here_is_not_slow() {
    let slow = |usual| codes(&Situation { latency: Some((4_000, 2_000)), usual_latency: usual, ..situation() });
    assert_eq!(slow(Some(2_001)), Vec::<&str>::new());
    assert_eq!(slow(Some(2_000)), ["slow"]);
    assert_eq!(slow(None), ["slow"]);
    assert_eq!(codes(&Situation { latency: Some((3_999, 2_000)), ..situation() }), Vec::<&str>::new());
}

#[test]
fn several_kinds_of_network_failure_are_one_finding() {
    let errors = [Failures::counted(ErrorType::DnsError, 20), Failures::counted(ErrorType::ConnectionReset, 10)];
    assert_eq!(codes(&Situation { errors: &errors, ..situation() }), ["unreachable"]);
}

#[test]
fn a_failing_receiver_is_not_blamed_on_the_provider() {
    let id = WebhookId::generate(now());
    let webhooks = [WebhookState {
        id,
        is_active: false,
        disabled_at: Some(ago(HOUR)),
        disabled_reason: Some("410".to_owned()),
        circuit_open_since: Some(ago(2 * HOUR)),
        failing_since: Some(ago(3 * HOUR)),
    }];
    let found = recommend(&Situation { deliveries: (10, 10), webhooks: &webhooks, ..situation() });
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["webhook_disabled", "webhook_failing"]);
    assert_eq!((found[0].since, &found[0].evidence.webhook_ids), (Some(ago(HOUR)), &vec![id]));
    assert!(found[1].action.en.contains("not the cause"));
    let active = [WebhookState { is_active: true, disabled_at: None, ..webhooks[0].clone() }];
    assert_eq!(codes(&Situation { webhooks: &active, ..situation() }), ["webhook_circuit_open"]);
}

#[test]
fn an_untested_or_stale_integration_is_to_be_tested() {
    assert_eq!(codes(&Situation { last_test: None, ..situation() }), ["never_tested"]);
    let test = |days: i64| Some(LastTest { at: ago(days * DAY), failed: false, limited: false, message: "" });
    assert_eq!(codes(&Situation { last_test: test(8), ..situation() }), ["test_stale"]);
    assert_eq!(codes(&Situation { last_test: test(6), ..situation() }), Vec::<&str>::new());
}

#[test]
fn mail_refusals_are_told_by_class() {
    let refusal = |status: u16, enhanced: &str| MailRefusal {
        status,
        enhanced: Some(enhanced.to_owned()),
        calls: 2,
        first_at: ago(HOUR),
        last_at: ago(MINUTE),
        last_error: "said".to_owned(),
    };
    let of = |status, enhanced| {
        let refusals = [refusal(status, enhanced)];
        let errors = [Failures::counted(ErrorType::AuthenticationFailed, 2)];
        let errors = if status == 535 { &errors[..] } else { &[] };
        codes(&Situation {
            integration_type: Some(IntegrationType::EmailSmtp),
            mail_refusals: &refusals,
            errors,
            ..situation()
        })
    };
    assert_eq!(of(535, "5.7.8"), ["mail_login_rejected"], "and no key_rejected beside it");
    assert_eq!(of(550, "5.7.26"), ["mail_reputation"]);
    assert_eq!(of(554, "5.7.1"), ["mail_reputation"]);
    assert_eq!(of(550, "5.1.1"), Vec::<&str>::new(), "an unknown recipient is nobody's fault");
    assert_eq!(of(421, "4.7.0"), ["mail_limited"]);
    assert_eq!(of(450, "4.2.0"), ["mail_limited"]);
}

#[test]
fn old_credentials_are_told_when_they_reach_the_chosen_age() {
    let of = |days: i64, most: u32| {
        codes(&Situation {
            credentials_changed_at: Some(ago(days * DAY)),
            credential_max_age_days: most,
            ..situation()
        })
    };
    assert_eq!(of(364, 365), Vec::<&str>::new());
    assert_eq!(of(365, 365), ["credential_old"]);
    assert_eq!(of(9_000, 0), Vec::<&str>::new(), "switched off");
}

#[test]
fn notifications_are_missed_where_they_are_expected_and_noticed_where_they_are_not() {
    let silence = Some(Silence { since: ago(20 * HOUR), usual_gap: HOUR });
    assert_eq!(codes(&Situation { silence, ..situation() }), ["notifications_silent"]);
    let off = Situation { silence, is_active: false, notifications: 3, ..situation() };
    assert_eq!(codes(&off), ["inactive_receiving"]);
}

#[test]
fn a_dismissed_finding_comes_back_when_it_gets_worse_or_is_about_something_else() {
    let errors = [rejected(None)];
    let finding = recommend(&Situation { errors: &errors, ..situation() }).remove(0);
    let dismissal = Dismissal {
        code: finding.code.to_owned(),
        until: Some(Timestamp::from_millis(now().millis() + HOUR)),
        severity: finding.severity,
        fingerprint: finding.fingerprint.clone(),
        reason: None,
        created_by: "u".to_owned(),
        created_at: now(),
    };
    assert!(dismissal.hides(&finding, now()));
    assert!(!dismissal.hides(&finding, Timestamp::from_millis(now().millis() + HOUR)), "the snooze is over");
    assert!(!dismissal.hides(&Recommendation { severity: Severity::Critical, ..finding.clone() }, now()));
    assert!(!dismissal.hides(&Recommendation { fingerprint: "another key".to_owned(), ..finding }, now()));
}

/// Every finding that can be made, to look over its sentences.
fn everything() -> Vec<Recommendation> {
    let spell = Some((ago(2 * HOUR), 3));
    let errors: Vec<Failures> = ErrorType::ALL
        .iter()
        .flat_map(|error_type| {
            let open = Failures { spell, retry_after: Some(30), ..Failures::counted(*error_type, 90) };
            [vec![open], vec![Failures::counted(*error_type, 90)]]
        })
        .flatten()
        .collect();
    let mut found = Vec::new();
    for failures in errors {
        found.extend(recommend(&Situation { errors: &[failures], ..situation() }));
    }
    let end = |kind, remaining| Expiry { kind, at: Some(ago(-DAY)), remaining };
    let expiries =
        [end(ExpiryKind::Subscription, None), end(ExpiryKind::Certificate, None), end(ExpiryKind::Quota, Some(3))];
    let mail = |status| MailRefusal {
        status,
        enhanced: None,
        calls: 1,
        first_at: ago(HOUR),
        last_at: ago(HOUR),
        last_error: String::new(),
    };
    let webhook = |is_active, disabled_at| WebhookState {
        id: WebhookId::generate(now()),
        is_active,
        disabled_at,
        disabled_reason: None,
        circuit_open_since: Some(ago(HOUR)),
        failing_since: None,
    };
    let rich = Situation {
        expiries: &expiries,
        mail_refusals: &[mail(535), mail(550), mail(421)],
        webhooks: &[webhook(false, Some(ago(HOUR))), webhook(true, None)],
        deliveries: (5, 5),
        latency: Some((9_000, 2_000)),
        silence: Some(Silence { since: ago(20 * HOUR), usual_gap: HOUR }),
        credentials_changed_at: Some(ago(400 * DAY)),
        is_only_of_its_kind: true,
        pause: Some(Pause { since: ago(HOUR), until: None }),
        last_test: None,
        ..situation()
    };
    found.extend(recommend(&rich));
    let test = |failed, limited, days: i64| Some(LastTest { at: ago(days * DAY), failed, limited, message: "said" });
    for last_test in [test(true, false, 0), test(false, true, 0), test(false, false, 30)] {
        found.extend(recommend(&Situation { last_test, ..rich.clone() }));
    }
    found.extend(recommend(&Situation { is_active: false, notifications: 2, ..rich }));
    found
}

#[test]
fn every_code_is_made_and_listed_and_speaks_both_languages() {
    let found = everything();
    let mut made: Vec<&str> = found.iter().map(|found| found.code).collect();
    made.sort_unstable();
    made.dedup();
    assert_eq!(made, CODES);
    for finding in &found {
        for words in [&finding.message, &finding.action] {
            assert!(words.en.ends_with('.') && words.id.ends_with('.'), "{words:?}");
            assert!(words.en.len() > 8 && words.id.len() > 8 && words.en != words.id, "{words:?}");
            assert!(!words.en.contains("  ") && !words.id.contains("  "), "{words:?}");
            for english in [" the ", " and ", " since ", " calls", " of "] {
                assert!(!words.id.contains(english), "English in {words:?}");
            }
            for indonesian in [" dan ", " yang ", " sejak ", " panggilan", " pada "] {
                assert!(!words.en.contains(indonesian), "Indonesian in {words:?}");
            }
        }
    }
}
