//! The connection test against scripted answers.

use simpul_core::error_type::ErrorType;

use super::*;
use crate::connection_test::{TestReport, test_connection};
use crate::messaging::scripted::{Answer, Scripted, answer, answer_with, failure};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../../fixtures/fonnte/answer-", $name, ".json"))
    };
}

async fn test(configuration: &Configuration, given: Answer) -> TestReport {
    let network = Scripted::new([given]);
    let report = test_connection(PROVIDER, configuration, Mode::Production, None, network.clone()).await;
    let shown = format!("{report:?}");
    assert!(!shown.contains(TOKEN), "{shown}");
    let asked = network.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].url, "https://api.fonnte.com/device");
    assert_eq!(asked[0].method, http::Method::POST);
    assert_eq!(asked[0].headers["authorization"], TOKEN);
    assert!(asked[0].headers["authorization"].is_sensitive());
    assert_eq!(asked[0].headers["content-type"], "application/x-www-form-urlencoded");
    assert!(asked[0].body.is_empty());
    report
}

#[tokio::test]
async fn a_refused_token_is_found_under_http_200_in_every_spelling() {
    for given in [
        answer(200, fixture!("token-invalid")),
        answer(200, fixture!("unknown-user")),
        answer(200, "{\"STATUS\":\"false\",\"Reason\":\"Invalid token\"}"),
        answer(403, fixture!("token-invalid")),
        answer(401, "<html>"),
        answer(401, ""),
    ] {
        let report = test(&token_only(), given).await;
        assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed));
        assert_eq!((&report.details["step"], &report.details["field"]), (&"authentication".into(), &"token".into()));
    }
    let report = test(&token_only(), answer(200, fixture!("unknown-user"))).await;
    assert_eq!(report.details["providerMessage"], "unknown user");
    assert_eq!(report.details["httpStatus"], 200);
    test(&token_only(), answer(200, format!("{{\"status\":false,\"reason\":\"token invalid: {TOKEN}\"}}"))).await;
}

#[tokio::test]
async fn failures_that_are_not_the_token_are_told_apart() {
    for (given, expected) in [
        (answer(200, fixture!("device-disconnect")), ErrorType::DeviceDisconnected),
        (answer(200, fixture!("disconnected-device")), ErrorType::DeviceDisconnected),
        (answer(200, "{\"status\":false,\"reason\":\"rate limit\"}"), ErrorType::RateLimited),
        (answer(200, "{\"status\":false,\"reason\":\"device expired\"}"), ErrorType::AccountSuspended),
        (answer(200, "{\"status\":false,\"reason\":\"request timeout\"}"), ErrorType::UnexpectedResponse),
        (answer(200, "{\"status\":false}"), ErrorType::UnexpectedResponse),
        (answer(200, "{\"status\":true}"), ErrorType::UnexpectedResponse),
        (answer(403, "{}"), ErrorType::PermissionDenied),
        (answer(404, "{}"), ErrorType::UnexpectedResponse),
        (answer(429, fixture!("token-invalid")), ErrorType::RateLimited),
        (answer(500, fixture!("device-connect")), ErrorType::ProviderUnavailable),
        (answer(200, "<html>maintenance</html>"), ErrorType::UnexpectedResponse),
        (answer(200, "{\"device\":\"62"), ErrorType::UnexpectedResponse),
        (answer(200, "[]"), ErrorType::UnexpectedResponse),
        (answer(302, ""), ErrorType::UnexpectedResponse),
        (failure(ErrorType::Timeout), ErrorType::Timeout),
        (failure(ErrorType::ConnectionReset), ErrorType::ConnectionReset),
    ] {
        let shown = format!("{given:?}");
        let report = test(&token_only(), given).await;
        assert!(!report.success);
        assert_eq!(report.error_type, Some(expected), "{shown}");
    }
    let report = test(&token_only(), answer(200, fixture!("device-disconnect"))).await;
    assert_eq!((&report.details["step"], &report.details["deviceStatus"]), (&"device".into(), &"disconnect".into()));
    let report = test(&token_only(), answer_with(429, &[("retry-after", "60")], "{}")).await;
    assert_eq!(report.details["retryAfter"], 60);
}

#[tokio::test]
async fn a_linked_device_is_a_success_with_its_figures() {
    let report = test(&with_device(), answer(200, fixture!("device-connect"))).await;
    assert!(report.success);
    assert_eq!(report.message, "Fonnte connection successful");
    for (name, value) in [
        ("deviceStatus", "connect"),
        ("device", DEVICE),
        ("quota", "78"),
        ("expiry", "18 November 2029"),
        ("package", "Reguler"),
    ] {
        assert_eq!(report.details[name], value);
    }
    let names: Vec<&str> =
        report.details["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["format", "authentication", "account", "device"]);
    assert!(!report.details["steps"].to_string().contains("warned"));
    let seconds = fixture!("device-connect").replace("18 November 2029", "1889654400");
    assert_eq!(test(&with_device(), answer(200, seconds)).await.details["expiry"], "2029-11-18");
}

#[tokio::test]
async fn what_will_soon_go_wrong_is_a_warning() {
    for (from, to, words) in [
        ("\"78\"", "\"0\"", "quota is used up"),
        ("18 November 2029", "18 November 2023", "has expired"),
        (DEVICE, "6281111111111", "notifications will be refused"),
    ] {
        let report = test(&with_device(), answer(200, fixture!("device-connect").replace(from, to))).await;
        assert!(report.success);
        let steps = report.details["steps"].to_string();
        assert!(steps.contains("warned") && steps.contains(words), "{steps}");
    }
    let report = test(&with_device(), answer(200, fixture!("device-connect").replace(DEVICE, "6281111111111"))).await;
    assert_eq!(report.details["deviceMatches"], false);
    let local = configuration(&[("token", TOKEN), ("device", "082227097005")]);
    let report = test(&local, answer(200, fixture!("device-connect"))).await;
    assert!(!report.details.contains_key("deviceMatches"));
}

#[tokio::test]
async fn the_operators_address_stands_in_for_fonntes() {
    let network = Scripted::new([answer(200, fixture!("device-connect"))]);
    let report =
        test_connection(PROVIDER, &token_only(), Mode::Sandbox, Some("http://127.0.0.1:8420"), network.clone()).await;
    assert!(report.success);
    assert_eq!(network.asked()[0].url, "http://127.0.0.1:8420/device");
}
