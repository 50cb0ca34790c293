//! The connection test against scripted answers.

use serde_json::json;
use simpul_core::error_type::ErrorType;

use super::*;
use crate::connection_test::{TestReport, test_connection};
use crate::messaging::scripted::{Answer, Scripted, answer, answer_with, failure};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../../fixtures/wablas/answer-", $name, ".json"))
    };
}

async fn test_and_ask(
    configuration: &Configuration,
    answers: impl IntoIterator<Item = Answer>,
) -> (TestReport, Vec<crate::HttpRequest>) {
    let network = Scripted::new(answers);
    let report = test_connection(PROVIDER, configuration, Mode::Production, None, network.clone()).await;
    let shown = format!("{report:?}");
    assert!(!shown.contains(TOKEN) && !shown.contains(SECRET) && !shown.contains("token="), "{shown}");
    (report, network.asked())
}

async fn test(configuration: &Configuration, answers: impl IntoIterator<Item = Answer>) -> TestReport {
    test_and_ask(configuration, answers).await.0
}

#[tokio::test]
async fn a_refused_token_is_an_authentication_failure_however_it_is_said() {
    for given in [
        answer(200, fixture!("refused")),
        answer(200, "{\"status\":\"false\",\"message\":\"device not found\"}"),
        answer(401, fixture!("refused")),
        answer(401, "<html>"),
        answer(403, fixture!("refused")),
        answer(422, fixture!("refused")),
    ] {
        let report = test(&with_secret(), [given]).await;
        assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed));
        assert_eq!((&report.details["step"], &report.details["field"]), (&"authentication".into(), &"token".into()));
    }
    let report = test(&token_only(), [answer(200, fixture!("refused"))]).await;
    assert_eq!(report.details["providerMessage"], "token invalid");
    // A provider that echoes the token is not repeated.
    let echo = format!("{{\"status\":false,\"message\":\"token {TOKEN} is invalid\"}}");
    test(&token_only(), [answer(200, echo)]).await;
}

#[tokio::test]
async fn failures_that_are_not_the_token_are_told_apart() {
    for (given, expected) in [
        (answer(200, fixture!("device-disconnected")), ErrorType::DeviceDisconnected),
        (answer(200, fixture!("device-expired")), ErrorType::AccountSuspended),
        (answer(200, fixture!("device-inactive")), ErrorType::AccountSuspended),
        (answer(200, "{\"status\":false,\"message\":\"device expired\"}"), ErrorType::AccountSuspended),
        (answer(200, "{\"status\":false,\"message\":\"Too many requests\"}"), ErrorType::RateLimited),
        (answer(403, "{\"status\":false,\"message\":\"ip not whitelisted\"}"), ErrorType::PermissionDenied),
        (answer(404, "<html>Not Found</html>"), ErrorType::NotFound),
        (answer(429, "{}"), ErrorType::RateLimited),
        (answer(500, fixture!("device-connected")), ErrorType::ProviderUnavailable),
        (answer(502, "<html>Bad Gateway</html>"), ErrorType::ProviderUnavailable),
        (answer(200, "<html>maintenance</html>"), ErrorType::UnexpectedResponse),
        (answer(200, ""), ErrorType::UnexpectedResponse),
        (answer(200, "{\"status\":true,\"da"), ErrorType::UnexpectedResponse),
        (answer(200, "{}"), ErrorType::UnexpectedResponse),
        (answer(200, "{\"status\":true}"), ErrorType::UnexpectedResponse),
        (answer(200, "{\"status\":true,\"data\":{}}"), ErrorType::UnexpectedResponse),
        (answer(301, ""), ErrorType::UnexpectedResponse),
        (failure(ErrorType::Timeout), ErrorType::Timeout),
        (failure(ErrorType::ConnectionRefused), ErrorType::ConnectionRefused),
        (failure(ErrorType::BlockedAddress), ErrorType::BlockedAddress),
    ] {
        let shown = format!("{given:?}");
        let report = test(&token_only(), [given]).await;
        assert!(!report.success);
        assert_eq!(report.error_type, Some(expected), "{shown}");
    }
    let report = test(&token_only(), [answer(200, fixture!("device-expired"))]).await;
    assert_eq!((&report.details["step"], &report.details["expiry"]), (&"account".into(), &"2022-04-08".into()));
    let report = test(&token_only(), [answer(200, fixture!("device-disconnected"))]).await;
    assert_eq!((&report.details["step"], &report.details["deviceStatus"]), (&"device".into(), &"disconnected".into()));
    assert!(report.details["hint"].as_str().is_some_and(|hint| hint.contains("QR")));
    let report = test(&token_only(), [answer_with(429, &[("retry-after", "9")], "{}")]).await;
    assert_eq!(report.details["retryAfter"], 9);
}

#[tokio::test]
async fn a_linked_device_is_a_success_with_its_figures() {
    let (report, asked) = test_and_ask(&token_only(), [answer(200, fixture!("device-connected"))]).await;
    assert!(report.success);
    assert_eq!(report.message, "Wablas connection successful");
    assert_eq!(report.details["deviceStatus"], "connected");
    assert_eq!(report.details["quota"], "91");
    assert_eq!(report.details["expiry"], "2027-04-08");
    assert_eq!(report.details["active"], true);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].url, format!("https://solo.wablas.com/api/device/info?token={TOKEN}"));
    assert_eq!(asked[0].headers["authorization"], TOKEN);
    assert!(asked[0].headers["authorization"].is_sensitive());
    let unlimited = test(&token_only(), [answer(200, fixture!("device-unlimited"))]).await;
    assert_eq!(unlimited.details["quota"], "unlimited");
    let empty = fixture!("device-connected").replace("91", "0");
    let report = test(&token_only(), [answer(200, empty)]).await;
    assert!(report.success);
    assert!(report.details["steps"].to_string().contains("quota is used up"));
}

#[tokio::test]
async fn the_secret_key_is_proved_by_a_second_call() {
    let linked = || answer(200, fixture!("device-connected"));
    let (report, asked) = test_and_ask(&with_secret(), [linked(), answer(200, fixture!("report"))]).await;
    assert!(report.success);
    assert_eq!(report.details["secretKeyChecked"], true);
    assert_eq!(asked[1].url, "https://solo.wablas.com/api/report-realtime?limit=1");
    for request in &asked {
        assert_eq!(request.headers["authorization"], format!("{TOKEN}.{SECRET}"));
        assert_eq!(request.method, http::Method::GET);
    }
    for refused in [
        answer(401, ""),
        answer(200, "{\"status\":false,\"message\":\"secret key invalid\"}"),
        answer(403, "{\"status\":false,\"message\":\"Unauthorized\"}"),
    ] {
        let report = test(&with_secret(), [linked(), refused]).await;
        assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed));
        assert_eq!(report.details["field"], "secretKey");
        assert!(report.message.contains("secret key"));
    }
    for doubtful in [
        answer(429, "{}"),
        answer(500, fixture!("report")),
        answer(200, "{\"status\":false,\"message\":\"data not found\"}"),
    ] {
        let report = test(&with_secret(), [linked(), doubtful]).await;
        assert!(report.success);
        assert_eq!(report.details["secretKeyChecked"], false);
        assert_eq!(report.details["steps"][1]["status"], json!("warned"));
    }
    for (broken, expected) in [
        (answer(500, "oops"), ErrorType::ProviderUnavailable),
        (answer(200, "<html>"), ErrorType::UnexpectedResponse),
        (answer(200, "[]"), ErrorType::UnexpectedResponse),
        (failure(ErrorType::Timeout), ErrorType::Timeout),
    ] {
        assert_eq!(test(&with_secret(), [linked(), broken]).await.error_type, Some(expected));
    }
}

#[tokio::test]
async fn a_token_with_odd_characters_is_encoded_in_the_query_and_the_operators_address_replaces_the_domain() {
    let odd = configuration(&[("domain", "https://solo.wablas.com"), ("token", "a+b&c=d#e/f%")]);
    let network = Scripted::new([answer(200, fixture!("device-connected"))]);
    let report =
        test_connection(PROVIDER, &odd, Mode::Production, Some("http://127.0.0.1:8420/"), network.clone()).await;
    assert!(report.success);
    assert_eq!(network.asked()[0].url, "http://127.0.0.1:8420/api/device/info?token=a%2Bb%26c%3Dd%23e%2Ff%25");
}
