//! What every provider must do alike, whoever wrote it: run on each entry of the registry.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value, json};
use simpul_core::error_type::ErrorType;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::language::Language;
use simpul_core::time::Timestamp;
use simpul_providers::fake_network::FakeNetwork;
use simpul_providers::{Inbound, Kind, Provider, Refusal, TestReport, all, find, schema, test_connection};

/// No HTTP in their test.
const WITHOUT_HTTP: &[&str] = &["smtp"];
/// They sign nothing: the inbound URL itself is the proof, and is checked before they are asked.
const UNSIGNED: &[&str] = &["wablas", "fonnte"];

/// An answer that says "wrong credential" in every provider's words at once.
const REJECTED: &str = r#"{"status_code":"401","status_message":"unauthorized","error_code":"INVALID_API_KEY","code":20003,
    "status":401,"message":"Invalid credentials","reason":"invalid token","error":{"type":"invalid_request_error","message":"Invalid key"},
    "errors":[{"message":"The provided authorization grant is invalid"}]}"#;

fn example(provider: &dyn Provider) -> Configuration {
    let members = provider.manifest().fields.iter().map(|field| {
        let value = match field.kind {
            Kind::Number(..) => {
                let number = field.example.parse::<i64>();
                Value::from(number.unwrap_or_else(|_| panic!("{}: the example is no number", field.name)))
            }
            _ => Value::from(field.example),
        };
        (field.name.to_owned(), value)
    });
    Configuration(members.collect())
}

/// The mode that the example belongs to: one in which nothing is wrong with it.
fn mode(provider: &dyn Provider) -> Mode {
    let fits = |mode: &Mode| {
        let inspection = provider.inspect(&example(provider), *mode);
        inspection.problems.is_empty()
            && inspection.warnings.iter().all(|warning| warning.code != "environment_mismatch")
    };
    let slug = provider.manifest().slug;
    [Mode::Sandbox, Mode::Production]
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| panic!("{slug}: the example fits no mode"))
}

async fn tested(provider: &dyn Provider, network: Arc<FakeNetwork>) -> TestReport {
    test_connection(provider, &example(provider), mode(provider), None, network).await
}

#[test]
fn slugs_are_unique_and_found() {
    let slugs: BTreeSet<&str> = all().iter().map(|provider| provider.manifest().slug).collect();
    assert_eq!(slugs.len(), all().len());
    for slug in slugs {
        assert!(find(slug).is_some_and(|provider| provider.manifest().slug == slug));
    }
}

#[test]
fn every_field_is_explained_and_every_event_belongs() {
    for provider in all() {
        let manifest = provider.manifest();
        let mut names = BTreeSet::new();
        for field in manifest.fields {
            let place = format!("{}.{}", manifest.slug, field.name);
            assert!(names.insert(field.name), "{place} is there twice");
            assert!(!field.title.is_empty() && !field.help.is_empty() && !field.example.is_empty(), "{place}");
            let described = &schema(manifest, Language::English)["properties"][field.name];
            assert_eq!(described["writeOnly"] == json!(true), field.kind == Kind::Secret, "{place}");
        }
        assert!(!manifest.credentials_help.is_empty(), "{}", manifest.slug);
        for event in manifest.events {
            assert!(event.belongs_to(manifest.integration_type), "{} cannot have {event:?}", manifest.slug);
        }
    }
}

#[test]
fn the_example_connects() {
    for provider in all() {
        let mode = mode(*provider);
        let connected = provider.connect(&example(*provider), mode, None, FakeNetwork::new([]));
        assert!(connected.is_ok(), "{}: {:?}", provider.manifest().slug, connected.err());
    }
}

#[test]
fn each_missing_required_field_is_named() {
    for provider in all() {
        let slug = provider.manifest().slug;
        for field in provider.manifest().fields.iter().filter(|field| field.required) {
            for absent in [None, Some(Value::Null), Some(json!("")), Some(json!({"a": 1}))] {
                let mut configuration = example(*provider);
                match absent {
                    None => configuration.0.remove(field.name),
                    Some(value) => configuration.0.insert(field.name.to_owned(), value),
                };
                let problems = provider.inspect(&configuration, mode(*provider)).problems;
                assert!(
                    problems.iter().any(|problem| problem.field == field.name),
                    "{slug}.{}: {problems:?}",
                    field.name
                );
                let error = provider.connect(&configuration, mode(*provider), None, FakeNetwork::new([])).err();
                let named = error.is_some_and(|error| error.problems.iter().any(|problem| problem.field == field.name));
                assert!(named, "{slug}.{}", field.name);
            }
        }
    }
}

#[test]
fn masks_and_debug_output_show_no_secret() {
    for provider in all() {
        let manifest = provider.manifest();
        let configuration = example(*provider);
        let shown = format!("{:?} {configuration:?}", manifest.masked(&configuration));
        for secret in manifest.secret_values(&configuration) {
            assert!(!shown.contains(&secret), "{}", manifest.slug);
        }
    }
}

/// Real bodies of that provider, if it has a folder, and bodies that nobody would send.
fn bodies(slug: &str) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        &b""[..],
        b"{}",
        b"[]",
        b"null",
        b"not json",
        b"\xff\xfe\x00\x80",
        b"{\"a\":",
        b"a=1&b=%ZZ&c",
        b"{\"event\":{\"event\":[]},\"data\":{\"data\":{\"data\":1}},\"signature\":[],\"type\":1}",
    ]
    .iter()
    .map(|body| body.to_vec())
    .collect();
    bodies.push("[".repeat(100_000).into_bytes());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(slug);
    if let Ok(entries) = std::fs::read_dir(folder) {
        let files = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
        bodies.extend(files.filter_map(|path| std::fs::read(path).ok()));
    }
    bodies
}

#[test]
fn an_unsigned_notification_is_forged_whatever_its_body() {
    for provider in all() {
        let slug = provider.manifest().slug;
        let connected = provider.connect(&example(*provider), mode(*provider), None, FakeNetwork::new([]));
        let connected = connected.unwrap_or_else(|error| panic!("{slug}: {error}"));
        let Some(notifications) = connected.notifications() else { continue };
        for content_type in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
        {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static(content_type));
            for mut body in bodies(slug) {
                // Midtrans' proof is in the body; without it, a genuine body is unsigned too.
                if let Ok(Value::Object(mut members)) = serde_json::from_slice(&body) {
                    members.remove("signature_key");
                    members.remove("signature");
                    body = Value::Object(members).to_string().into_bytes();
                }
                let request = Inbound {
                    method: &Method::POST,
                    url: "https://hub.example/api/inbound/token",
                    headers: &headers,
                    body: &body,
                    received_at: Timestamp::from_millis(1_770_088_622_000),
                };
                let answer = notifications.receive(&request);
                if UNSIGNED.contains(&slug) {
                    continue;
                }
                let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
                // Where the proof sits inside the body, a body that cannot be read may be called malformed instead.
                let readable =
                    content_type == "application/json" && serde_json::from_slice::<Map<String, Value>>(&body).is_ok();
                let refused = if readable { matches!(answer, Err(Refusal::Forged(_))) } else { answer.is_err() };
                assert!(refused, "{slug}: {answer:?} for {content_type} {shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_401_is_a_rejected_credential() {
    for provider in all().iter().filter(|provider| !WITHOUT_HTTP.contains(&provider.manifest().slug)) {
        let report = tested(*provider, FakeNetwork::answering(401, REJECTED)).await;
        assert!(!report.success, "{}", provider.manifest().slug);
        assert_eq!(
            report.error_type,
            Some(ErrorType::AuthenticationFailed),
            "{}: {report:?}",
            provider.manifest().slug
        );
        assert!(report.details["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    }
}

#[tokio::test]
async fn a_page_a_truncated_answer_and_an_empty_one_are_no_success() {
    for provider in all() {
        for body in ["<!doctype html><title>Maintenance</title>", "{\"balance\": 12", "", "{}", "null", "[]"] {
            let report = tested(*provider, FakeNetwork::answering(200, body)).await;
            assert!(!report.success, "{}: {body:?} {report:?}", provider.manifest().slug);
        }
    }
}

#[tokio::test]
async fn a_500_is_the_providers_fault_and_a_network_failure_keeps_its_name() {
    for provider in all().iter().filter(|provider| !WITHOUT_HTTP.contains(&provider.manifest().slug)) {
        let slug = provider.manifest().slug;
        for body in ["<html>", "{}", REJECTED] {
            let report = tested(*provider, FakeNetwork::answering(500, body)).await;
            assert_eq!(report.error_type, Some(ErrorType::ProviderUnavailable), "{slug}: {report:?}");
        }
        for error_type in [ErrorType::Timeout, ErrorType::DnsError, ErrorType::TlsError, ErrorType::BlockedAddress] {
            let report = tested(*provider, FakeNetwork::failing(error_type)).await;
            assert_eq!(report.error_type, Some(error_type), "{slug}: {report:?}");
        }
    }
}

#[tokio::test]
async fn no_report_shows_a_secret_even_when_the_provider_echoes_it() {
    for provider in all() {
        let configuration = example(*provider);
        let secrets = provider.manifest().secret_values(&configuration);
        let echo = secrets.join(" and ");
        let body = json!({"status_code": "400", "status_message": echo, "message": echo, "error_code": echo, "reason": echo,
            "error": {"message": echo, "code": echo}, "errors": [{"message": echo}]});
        for status in [200, 400, 401, 403, 404, 429, 500] {
            for text in [body.to_string(), format!("<html>{echo}")] {
                let report = tested(*provider, FakeNetwork::answering(status, &text)).await;
                let shown = format!("{} {}", report.message, Value::Object(report.details.clone()));
                for secret in &secrets {
                    assert!(!shown.contains(secret), "{} {status}: {shown}", provider.manifest().slug);
                }
            }
        }
    }
}
