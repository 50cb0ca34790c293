//! The SMTP test against a real mail server in every mode that operators meet, and against scripted oddities.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod smtp_world;

use serde_json::{Value, json};
use simpul_core::error_type::ErrorType;
use simpul_providers::{SendError, TestReport};
use smtp_world::{Authority, Server, World};

const PASSWORD: &str = "correct horse battery";

/// Tests an account with the given members on that port; whatever comes out must not hold the password.
async fn test(world: &World, port: u16, members: Value) -> TestReport {
    let mut all = json!({"host": "localhost", "port": port, "username": "billing@example.com", "password": PASSWORD});
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    let report = world.test(all).await;
    let shown = format!("{} {}", report.message, Value::Object(report.details.clone()));
    for secret in [PASSWORD, "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5", "AGJpbGxpbmdAZXhhbXBsZS5jb20A"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    report
}

fn steps(report: &TestReport) -> Vec<String> {
    let steps = report.details["steps"].as_array().unwrap();
    steps.iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn assert_failed(report: &TestReport, error_type: ErrorType, step: &str, hint: &str) {
    assert_eq!(report.error_type, Some(error_type), "{} {:?}", report.message, report.details);
    assert!(!report.success);
    assert_eq!(report.details["step"], step, "{:?}", report.details);
    assert!(report.details["hint"].as_str().unwrap().contains(hint), "{} {}", report.message, report.details["hint"]);
}

#[tokio::test]
async fn starttls_with_the_right_password_succeeds_and_shows_what_was_agreed() {
    let authority = Authority::new();
    let server = Server::start("starttls", Some(authority.certificate("localhost")));
    let report = test(&World::trusting(&authority), server.port, json!({})).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    assert_eq!(report.message, "SMTP connection successful");
    assert_eq!(report.details["tlsVersion"], "TLS 1.3");
    assert_eq!(report.details["certificateExpiresAt"], "4096-01-01T00:00:00.000Z");
    assert_eq!(report.details["mechanism"], "PLAIN");
    assert_eq!(report.details["authenticated"], true);
    assert!(report.details["serverGreeting"].as_str().unwrap().contains("mail.test"));
    assert!(report.details["capabilities"].to_string().contains("AUTH"));
    assert_eq!(steps(&report), ["format", "connect", "banner", "ehlo", "tls", "ehlo", "authentication", "quit"]);
}

#[tokio::test]
async fn implicit_tls_succeeds() {
    let authority = Authority::new();
    let server = Server::start("tls", Some(authority.certificate("localhost")));
    let report = test(&World::trusting(&authority), server.port, json!({"encryption": "tls"})).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    assert_eq!(steps(&report), ["format", "connect", "tls", "banner", "ehlo", "authentication", "quit"]);
}

#[tokio::test]
async fn without_encryption_it_succeeds_with_a_warning() {
    let server = Server::start("plain", None);
    let report = test(&World::trusting_nobody(), server.port, json!({"encryption": "none"})).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    let login =
        report.details["steps"].as_array().unwrap().iter().find(|step| step["name"] == "authentication").unwrap();
    assert_eq!(login["status"], "warned");
}

#[tokio::test]
async fn a_server_that_offers_login_only_is_logged_in_to() {
    let server = Server::start("login-only", None);
    let world = World::trusting_nobody();
    let report = test(&world, server.port, json!({"encryption": "none"})).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    assert_eq!(report.details["mechanism"], "LOGIN");
    let report = test(&world, server.port, json!({"encryption": "none", "password": "wrong password"})).await;
    assert_failed(&report, ErrorType::AuthenticationFailed, "authentication", "app password");
}

#[tokio::test]
async fn a_wrong_password_is_an_authentication_failure() {
    let authority = Authority::new();
    let server = Server::start("starttls", Some(authority.certificate("localhost")));
    let report = test(&World::trusting(&authority), server.port, json!({"password": "wrong password"})).await;
    assert_failed(&report, ErrorType::AuthenticationFailed, "authentication", "app password");
    assert_eq!(report.details["smtpStatus"], 535);
    assert_eq!(report.details["enhancedStatus"], "5.7.8");
    assert_eq!(report.details["providerMessage"], "Authentication credentials invalid");
    assert_eq!(report.details["tlsVersion"], "TLS 1.3");
}

#[tokio::test]
async fn without_credentials_it_says_that_no_login_was_tried() {
    let server = Server::start("without-login", None);
    let members = json!({"encryption": "none", "username": null, "password": null});
    let report = test(&World::trusting_nobody(), server.port, members).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    assert_eq!(report.details["authenticated"], false);
    assert!(report.details["steps"].to_string().contains("no login was tried"));
}

#[tokio::test]
async fn certificates_that_do_not_hold_are_told_apart() {
    let authority = Authority::new();
    for (certificate, hint) in [
        (Authority::self_signed("localhost"), "SIMPUL_EXTRA_CA_FILE"),
        (authority.certificate("mail.example.com"), "host name"),
        (authority.expired("localhost"), "run out"),
    ] {
        for (mode, encryption) in [("starttls", "starttls"), ("tls", "tls")] {
            let server = Server::start(mode, Some(certificate.clone()));
            let world = World::trusting(&authority);
            let report = test(&world, server.port, json!({"encryption": encryption})).await;
            assert_failed(&report, ErrorType::TlsError, "tls", hint);
        }
    }
}

#[tokio::test]
async fn a_silent_server_is_a_timeout_that_names_the_stage() {
    let authority = Authority::new();
    let silent = Server::start("silent", None);
    let implicit = Server::start("tls", Some(authority.certificate("localhost")));
    let world = World::trusting(&authority);
    // Without TLS a port for implicit TLS is just as silent.
    let (first, second, third) = tokio::join!(
        test(&world, silent.port, json!({})),
        test(&world, implicit.port, json!({})),
        test(&world, silent.port, json!({"encryption": "tls"})),
    );
    assert_failed(&first, ErrorType::Timeout, "banner", "implicit TLS");
    assert_failed(&second, ErrorType::Timeout, "banner", "implicit TLS");
    assert_failed(&third, ErrorType::Timeout, "tls", "starttls");
    assert!(first.duration < 9_500, "{}", first.duration);
}

#[tokio::test]
async fn throttling_is_a_rate_limit_at_the_greeting_and_at_the_login() {
    let world = World::trusting_nobody();
    for (mode, step) in [("throttled", "banner"), ("throttled-login", "authentication")] {
        let server = Server::start(mode, None);
        let report = test(&world, server.port, json!({"encryption": "none"})).await;
        assert_failed(&report, ErrorType::RateLimited, step, "Wait");
        assert_eq!(report.details["smtpStatus"], 421);
    }
}

#[tokio::test]
async fn what_the_port_does_not_offer_is_named() {
    let world = World::trusting_nobody();
    let plain = Server::start("plain", None);
    let report = test(&world, plain.port, json!({})).await;
    assert_failed(&report, ErrorType::TlsError, "tls", "465");
    let report = test(&world, plain.port, json!({"encryption": "tls"})).await;
    assert_failed(&report, ErrorType::TlsError, "tls", "choose encryption starttls");

    let without = Server::start("without-login", None);
    let report = test(&world, without.port, json!({"encryption": "none"})).await;
    assert_failed(&report, ErrorType::InvalidConfiguration, "authentication", "587");

    let authority = Authority::new();
    let starttls = Server::start("starttls", Some(authority.certificate("localhost")));
    let report = test(&world, starttls.port, json!({"encryption": "none"})).await;
    assert_failed(&report, ErrorType::InvalidConfiguration, "authentication", "starttls");
}

#[tokio::test]
async fn nobody_listening_is_a_refused_connection() {
    let port = smtp_world::closed_port().await;
    let report = test(&World::trusting_nobody(), port, json!({})).await;
    assert_failed(&report, ErrorType::ConnectionRefused, "connect", "firewall");
}

/// Tests without encryption against a server that says these things in turn.
async fn scripted(encryption: &str, script: &'static [&'static [u8]]) -> TestReport {
    let port = smtp_world::scripted(script).await;
    test(&World::trusting_nobody(), port, json!({"encryption": encryption})).await
}

#[tokio::test]
async fn terse_servers_and_lower_case_keywords_are_understood() {
    let report = scripted("none", &[b"220\r\n", b"250-x\r\n250 auth plain\r\n", b"235\r\n", b"221\r\n"]).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    // The server hangs up in place of a farewell: the login was seen all the same.
    let report = scripted("none", &[b"220 x\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"235 ok\r\n", b""]).await;
    assert!(report.success, "{} {:?}", report.message, report.details);
    assert!(report.details["steps"].to_string().contains("farewell"));
}

#[tokio::test]
async fn only_235_is_a_login() {
    for answer in [
        &[b"220 x\r\n".as_slice(), b"250-x\r\n250 AUTH PLAIN\r\n", b"250 sure\r\n"][..],
        &[b"220 x\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"334 \r\n"],
    ] {
        let port = smtp_world::scripted(answer).await;
        let report = test(&World::trusting_nobody(), port, json!({"encryption": "none"})).await;
        assert_failed(&report, ErrorType::UnexpectedResponse, "authentication", "host and port");
    }
}

#[tokio::test]
async fn what_is_injected_before_tls_stops_the_test() {
    let report = scripted(
        "starttls",
        &[b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 in\r\n"],
    )
    .await;
    assert_failed(&report, ErrorType::TlsError, "tls", "Somebody between");
}

#[tokio::test]
async fn what_is_no_mail_server_is_told_apart() {
    let report = scripted("starttls", &[b"\x15\x03\x01\x00\x02\x02\x46"]).await;
    assert_failed(&report, ErrorType::UnexpectedResponse, "banner", "choose implicit TLS");
    let report = scripted("starttls", &[b"* OK IMAP4rev1 ready\r\n"]).await;
    assert_failed(&report, ErrorType::UnexpectedResponse, "banner", "IMAP");
    let report = scripted("starttls", &[&[b'2'; 9_000]]).await;
    assert_failed(&report, ErrorType::UnexpectedResponse, "banner", "mail server");
    let report = scripted("starttls", &[b"554 5.7.1 go away\r\n"]).await;
    assert_failed(&report, ErrorType::PermissionDenied, "banner", "IP address");
    let report = scripted("starttls", &[b""]).await;
    assert_failed(&report, ErrorType::ConnectionReset, "banner", "host and port");
}

#[tokio::test]
async fn a_server_that_quotes_the_login_does_not_get_it_into_the_report() {
    let greeting: &[u8] = b"220 x\r\n";
    let hello: &[u8] = b"250-x\r\n250 AUTH PLAIN\r\n";
    let quoted: &[u8] =
        b"535 5.7.8 bad AUTH PLAIN AGJpbGxpbmdAZXhhbXBsZS5jb20AY29ycmVjdCBob3JzZSBiYXR0ZXJ5 (correct horse battery)\r\n";
    let raw: &[u8] = b"AUTH PLAIN AGJpbGxpbmdAZXhhbXBsZS5jb20AY29ycmVjdCBob3JzZSBiYXR0ZXJ5\r\n";
    let world = World::trusting_nobody();
    for (answer, error_type) in [(quoted, ErrorType::AuthenticationFailed), (raw, ErrorType::UnexpectedResponse)] {
        let port = smtp_world::scripted(&[greeting, hello, answer]).await;
        let report = test(&world, port, json!({"encryption": "none"})).await;
        assert_eq!(report.error_type, Some(error_type));
    }
}

const MAIL: &str = "Subject: Alert\r\n\r\nfirst\r\n.\r\n..two\r\nlast\r\n";

fn account(port: u16) -> Value {
    json!({"host": "localhost", "port": port, "username": "billing@example.com", "password": PASSWORD, "encryption": "none"})
}

#[tokio::test]
async fn a_mail_arrives_whole_and_each_refused_recipient_is_named() {
    let (server, world) = (Server::start("taking", None), World::trusting_nobody());
    let receipt = world.send(account(server.port), &["a@example.com"], MAIL).await.unwrap();
    assert!(receipt.refused.is_empty());
    let to = ["a@example.com", "nobody@example.com", "later@example.com"];
    let receipt = world.send(account(server.port), &to, MAIL).await.unwrap();
    let refused: Vec<_> =
        receipt.refused.iter().map(|refused| (refused.address.as_str(), refused.is_transient)).collect();
    assert_eq!(refused, [("nobody@example.com", false), ("later@example.com", true)]);
    assert!(receipt.refused[0].message.contains("no such mailbox"));
}

#[tokio::test]
async fn what_nobody_takes_is_told_as_for_good_or_for_now() {
    let (server, world) = (Server::start("taking", None), World::trusting_nobody());
    let refused = world.send(account(server.port), &["nobody@example.com"], MAIL).await.unwrap_err();
    assert!(matches!(refused, SendError::Refused(_)), "{refused}");
    let busy = world.send(account(server.port), &["nobody@example.com", "later@example.com"], MAIL).await.unwrap_err();
    assert!(matches!(busy, SendError::Unavailable(_)), "{busy}");
    let damaged = world.send(account(server.port), &["a@example.com"], "Subject: x\r\n\r\n").await.unwrap_err();
    assert!(matches!(&damaged, SendError::Refused(error) if error.detail.contains("damaged")), "{damaged}");
    let wrong = json!({"host": "localhost", "port": server.port, "username": "a@b.c", "password": "wrong-one", "encryption": "none"});
    let wrong = world.send(wrong, &["a@example.com"], MAIL).await.unwrap_err();
    assert!(
        matches!(&wrong, SendError::Refused(error) if error.error_type == ErrorType::AuthenticationFailed),
        "{wrong}"
    );
    let nobody = world.send(account(smtp_world::closed_port().await), &["a@example.com"], MAIL).await.unwrap_err();
    assert!(matches!(nobody, SendError::Unavailable(_)), "{nobody}");
    for address in ["a@b.c>\r\nRCPT TO:<x@y.z", "a b@c.d", "nonsense"] {
        let error = world.send(account(server.port), &[address], MAIL).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_)));
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_after_the_mail_may_have_taken_it() {
    let script: [&'static [u8]; 6] =
        [b"220 x\r\n", b"250 x\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go\r\n", b""];
    let port = smtp_world::scripted(&script).await;
    let open = json!({"host": "localhost", "port": port, "encryption": "none"});
    let lost = World::trusting_nobody().send(open, &["a@example.com"], MAIL).await.unwrap_err();
    assert!(matches!(lost, SendError::Unknown(_)), "{lost}");
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_carries_it() {
    let (server, world) = (Server::start("taking", None), World::trusting_nobody());
    world.send(account(server.port), &["andr\u{e9}@example.com"], MAIL).await.unwrap();
    let script: [&'static [u8]; 3] = [b"220 x\r\n", b"250 x\r\n", b"221 bye\r\n"];
    let open = json!({"host": "localhost", "port": smtp_world::scripted(&script).await, "encryption": "none"});
    let refused = world.send(open, &["andr\u{e9}@example.com"], MAIL).await.unwrap_err();
    assert!(matches!(&refused, SendError::Refused(error) if error.detail.contains("SMTPUTF8")), "{refused}");
}
