//! What a user of the Wablas integration relies on: the token shown nowhere, the device's state told apart from the
//! interface's, notifications read in every documented form and refused in any other.

mod connection;
mod notifications;

use simpul_core::integration::Configuration;

use super::*;
use crate::messaging::scripted::{configuration, examples};

pub(super) const TOKEN: &str = "ExampleTokenOfFiftyFiveCharacters0123456789abcdefghijkl";
pub(super) const SECRET: &str = "Ab12Cd34";

pub(super) fn token_only() -> Configuration {
    configuration(&[("domain", "https://solo.wablas.com"), ("token", TOKEN)])
}

pub(super) fn with_secret() -> Configuration {
    configuration(&[("domain", "https://solo.wablas.com/"), ("token", TOKEN), ("secretKey", SECRET)])
}

#[test]
fn the_examples_pass_every_check() {
    assert_eq!(PROVIDER.inspect(&examples(&MANIFEST), Mode::Production), Inspection::default());
    assert_eq!(PROVIDER.inspect(&token_only(), Mode::Sandbox), Inspection::default());
}

#[test]
fn the_domain_is_an_https_origin_and_nothing_else() {
    for domain in [
        "solo.wablas.com",
        "http://solo.wablas.com",
        "https://",
        "https://.",
        "https://a..b",
        "https://solo.wablas.com/api",
        "https://solo.wablas.com?x=1",
        "https://solo.wablas.com#x",
        "https://user:pass@solo.wablas.com",
        "https://solo.wablas.com:99999",
        "https://solo.wablas.com:",
        "https://solo .wablas.com",
        "https://solo.wablas.com\\@evil.example",
        "ftp://solo.wablas.com",
    ] {
        let inspection = PROVIDER.inspect(&configuration(&[("domain", domain), ("token", TOKEN)]), Mode::Production);
        assert_eq!(inspection.problems.first().map(|problem| problem.field), Some("domain"), "{domain}");
    }
    for (domain, warned) in [
        ("https://solo.wablas.com", false),
        ("https://TEGAL.wablas.com/", false),
        ("https://wa.partner.example", true),
        ("https://wa.partner.example:8443", true),
        ("https://wablas.com.evil.example", true),
        ("https://evilwablas.com", true),
        ("https://a.b.wablas.com", true),
    ] {
        let inspection = PROVIDER.inspect(&configuration(&[("domain", domain), ("token", TOKEN)]), Mode::Production);
        assert_eq!(inspection.problems, []);
        assert_eq!(inspection.warnings.iter().any(|warning| warning.code == "unknown_host"), warned, "{domain}");
    }
}

#[test]
fn missing_and_mistaken_secrets_are_named() {
    for (members, field, part) in [
        (&[("token", TOKEN)][..], "domain", "required"),
        (&[("domain", "https://solo.wablas.com")], "token", "required"),
        (&[("domain", "https://solo.wablas.com"), ("token", "abc def")], "token", "space"),
        (&[("domain", "https://solo.wablas.com"), ("token", "token.secret")], "token", "secretKey"),
        (&[("domain", "https://solo.wablas.com"), ("token", "xnd_production_abc")], "token", "Xendit"),
        (&[("domain", "https://solo.wablas.com"), ("token", "Mid-server-abc")], "token", "Midtrans"),
        (&[("domain", "https://solo.wablas.com"), ("token", "SK00000000000000000000000000000001")], "token", "Twilio"),
        (&[("domain", "https://solo.wablas.com"), ("token", TOKEN), ("secretKey", "sk_live_abc")], "secretKey", "Stripe"),
    ] {
        let inspection = PROVIDER.inspect(&configuration(members), Mode::Production);
        let problem = &inspection.problems[0];
        assert_eq!(problem.field, field);
        assert!(problem.message.contains(part), "{}", problem.message);
    }
}
