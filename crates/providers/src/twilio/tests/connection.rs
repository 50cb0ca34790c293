//! The connection test against scripted answers.

use simpul_core::error_type::ErrorType;

use super::*;
use crate::connection_test::{TestReport, test_connection};
use crate::messaging::scripted::{Answer, Scripted, answer, answer_with, failure};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../../fixtures/twilio/answer-", $name, ".json"))
    };
}

async fn test_in(
    mode: Mode,
    configuration: &Configuration,
    answers: impl IntoIterator<Item = Answer>,
) -> (TestReport, Vec<crate::HttpRequest>) {
    let network = Scripted::new(answers);
    let report = test_connection(PROVIDER, configuration, mode, None, network.clone()).await;
    let shown = format!("{report:?}");
    for secret in [TOKEN, SECRET, "ops@partner.example"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    (report, network.asked())
}

async fn test(configuration: &Configuration, answers: impl IntoIterator<Item = Answer>) -> TestReport {
    test_in(Mode::Production, configuration, answers).await.0
}

#[tokio::test]
async fn refused_credentials_are_an_authentication_failure_in_every_wording() {
    for body in [fixture!("error-20003"), fixture!("error-20003-rfc9457"), "", "<html>denied</html>", "{}"] {
        let report = test(&by_token(), [answer(401, body)]).await;
        assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed), "{body}");
        assert_eq!(report.details["step"], "authentication");
        assert_eq!(report.details["field"], "authToken");
        assert_eq!(report.details["httpStatus"], 401);
    }
    let report = test(&by_token(), [answer(401, fixture!("error-20003-rfc9457"))]).await;
    assert_eq!(report.details["providerMessage"], "The credentials are not valid.");
    assert_eq!(report.details["providerCode"], 20_003);
    let lying = test(&by_token(), [answer(200, fixture!("error-20003"))]).await;
    assert_eq!(lying.error_type, Some(ErrorType::AuthenticationFailed));
}

#[tokio::test]
async fn failures_that_are_not_the_credentials_are_told_apart() {
    for (given, expected) in [
        (answer(401, fixture!("error-20005")), ErrorType::AccountSuspended),
        (answer(403, fixture!("error-20403")), ErrorType::AccountSuspended),
        (answer(403, "{\"code\":10001,\"message\":\"Account is not active\",\"status\":403}"), ErrorType::AccountSuspended),
        (answer(200, fixture!("account-suspended")), ErrorType::AccountSuspended),
        (answer(200, fixture!("account-closed")), ErrorType::AccountSuspended),
        (answer(404, fixture!("error-20404")), ErrorType::NotFound),
        (answer(429, fixture!("error-20429")), ErrorType::RateLimited),
        (answer(429, "slow down"), ErrorType::RateLimited),
        (answer(500, "oops"), ErrorType::ProviderUnavailable),
        (answer(503, "{\"code\":20503,\"message\":\"Service unavailable\",\"status\":503}"), ErrorType::ProviderUnavailable),
        (answer(302, ""), ErrorType::UnexpectedResponse),
        (answer(200, "<html>maintenance</html>"), ErrorType::UnexpectedResponse),
        (answer(200, "{}"), ErrorType::UnexpectedResponse),
        (answer(200, "[]"), ErrorType::UnexpectedResponse),
        (answer(400, "{\"code\":20001}"), ErrorType::UnexpectedResponse),
        (failure(ErrorType::Timeout), ErrorType::Timeout),
        (failure(ErrorType::DnsError), ErrorType::DnsError),
        (failure(ErrorType::TlsError), ErrorType::TlsError),
    ] {
        let shown = format!("{given:?}");
        let report = test(&by_token(), [given]).await;
        assert!(!report.success);
        assert_eq!(report.error_type, Some(expected), "{shown}");
        assert!(report.details["hint"].as_str().is_some_and(|hint| hint.len() > 10));
    }
    let report = test(&by_token(), [answer(200, fixture!("account-suspended"))]).await;
    assert_eq!((&report.details["step"], &report.details["accountStatus"]), (&"account".into(), &"suspended".into()));
    let report = test(&by_token(), [answer_with(429, &[("retry-after", "17")], fixture!("error-20429"))]).await;
    assert_eq!(report.details["retryAfter"], 17);
}

#[tokio::test]
async fn the_echoed_auth_token_is_shown_nowhere_even_when_it_is_not_configured() {
    let cut = &fixture!("account-active")[..80];
    assert!(cut.contains(TOKEN));
    let report = test(&by_key(), [answer(200, cut)]).await;
    assert_eq!(report.error_type, Some(ErrorType::UnexpectedResponse));
    let report = test(&by_key(), [answer(200, fixture!("account-active"))]).await;
    assert!(report.success);
}

#[tokio::test]
async fn another_account_than_the_one_asked_for_is_no_success() {
    let other = fixture!("account-active").replace(SID, "AC00000000000000000000000000000002");
    let report = test(&by_token(), [answer(200, other)]).await;
    assert_eq!(report.error_type, Some(ErrorType::UnexpectedResponse));
}

#[tokio::test]
async fn an_active_account_is_a_success_with_its_state() {
    let (report, asked) = test_in(Mode::Production, &by_token(), [answer(200, fixture!("account-active"))]).await;
    assert!(report.success);
    assert_eq!(report.message, "Twilio connection successful");
    assert_eq!(report.error_type, None);
    assert_eq!(report.details["accountStatus"], "active");
    assert_eq!(report.details["accountType"], "Full");
    assert_eq!(report.details["sender"], "whatsapp:+14155238886");
    let steps: Vec<&str> =
        report.details["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(steps, ["format", "authentication", "account"]);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].url, format!("https://api.twilio.com/2010-04-01/Accounts/{SID}.json"));
    let authorization = &asked[0].headers["authorization"];
    assert!(authorization.is_sensitive());
    assert_eq!(authorization, &crate::http_answer::basic(SID, TOKEN));
}

#[tokio::test]
async fn a_standard_api_key_is_tested_by_the_message_list() {
    let answers = [answer(401, fixture!("error-20003")), answer(200, fixture!("messages"))];
    let (report, asked) = test_in(Mode::Production, &by_key(), answers).await;
    assert!(report.success);
    assert_eq!(report.details["accountStatus"], "unknown");
    assert!(asked[1].url.ends_with(&format!("/2010-04-01/Accounts/{SID}/Messages.json?PageSize=1")));
    assert_eq!(asked[1].headers["authorization"], crate::http_answer::basic(KEY, SECRET));

    let refused = || answer(401, fixture!("error-20003"));
    let report = test(&by_key(), [refused(), refused()]).await;
    assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed));
    assert_eq!(report.details["field"], "apiKeySecret");

    let report = test(&by_key(), [answer(401, fixture!("error-20005"))]).await;
    assert_eq!(report.error_type, Some(ErrorType::AccountSuspended));

    let forbidden = || answer(403, "{\"code\":70051,\"message\":\"Forbidden\",\"status\":403}");
    let report = test(&by_key(), [forbidden(), forbidden()]).await;
    assert!(report.success);
    assert_eq!((report.error_type, &report.details["limited"]), (Some(ErrorType::PermissionDenied), &true.into()));

    let report = test(&by_key(), [refused(), answer(200, "{\"status\":\"ok\"}")]).await;
    assert_eq!(report.error_type, Some(ErrorType::UnexpectedResponse));
}

#[tokio::test]
async fn with_both_the_token_and_the_key_are_proved() {
    let both = configuration(&[("accountSid", SID), ("authToken", TOKEN), ("apiKeySid", KEY), ("apiKeySecret", SECRET)]);
    let report = test(&both, [answer(200, fixture!("account-active")), answer(401, fixture!("error-20003"))]).await;
    assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed));
    assert_eq!(report.details["field"], "apiKeySecret");
    let report = test(&both, [answer(200, fixture!("account-active")), answer(200, fixture!("messages"))]).await;
    assert!(report.success);
    assert_eq!(report.details["accountStatus"], "active");
}

#[tokio::test]
async fn test_credentials_are_known_by_twilios_own_word() {
    let body = "{\"code\":20008,\"message\":\"Resource not accessible with Test Account Credentials\",\"status\":403}";
    let (report, _) = test_in(Mode::Sandbox, &by_token(), [answer(403, body)]).await;
    assert!(report.success);
    assert_eq!(report.error_type, Some(ErrorType::PermissionDenied));
    let report = test(&by_token(), [answer(403, body)]).await;
    assert_eq!(report.error_type, Some(ErrorType::EnvironmentMismatch));
}

#[tokio::test]
async fn the_operators_address_stands_in_for_twilios() {
    let network = Scripted::new([answer(200, fixture!("account-active"))]);
    let report =
        test_connection(PROVIDER, &by_token(), Mode::Sandbox, Some("http://127.0.0.1:8420/"), network.clone()).await;
    assert!(report.success);
    assert!(network.asked()[0].url.starts_with("http://127.0.0.1:8420/2010-04-01/"));
}
