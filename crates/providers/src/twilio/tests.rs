//! What a user of the Twilio integration relies on: failures named, secrets kept, notifications believed only when signed.

mod connection;
mod notifications;

use simpul_core::integration::Configuration;

use super::*;
use crate::messaging::scripted::{configuration, examples};

pub(super) const SID: &str = "AC00000000000000000000000000000001";
pub(super) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(super) const KEY: &str = "SK00000000000000000000000000000001";
pub(super) const SECRET: &str = "ExampleApiKeySecretOf32Character";

pub(super) fn by_token() -> Configuration {
    configuration(&[("accountSid", SID), ("authToken", TOKEN), ("phoneNumber", "+14155238886")])
}

pub(super) fn by_key() -> Configuration {
    configuration(&[("accountSid", SID), ("apiKeySid", KEY), ("apiKeySecret", SECRET)])
}

fn problem(members: &[(&str, &str)]) -> (String, String) {
    let inspection = PROVIDER.inspect(&configuration(members), Mode::Production);
    let problem = inspection.problems.first().unwrap_or_else(|| panic!("{members:?} has no problem"));
    (problem.field.to_owned(), problem.message.clone())
}

#[test]
fn the_examples_pass_every_check() {
    for mode in [Mode::Sandbox, Mode::Production] {
        assert_eq!(PROVIDER.inspect(&examples(&MANIFEST), mode), Inspection::default());
    }
}

#[test]
fn a_token_or_a_whole_api_key_is_required() {
    assert_eq!(problem(&[("authToken", TOKEN)]).0, "accountSid");
    let (field, message) = problem(&[("accountSid", SID)]);
    assert_eq!(field, "authToken");
    assert!(message.contains("apiKeySid"), "{message}");
    assert_eq!(problem(&[("accountSid", SID), ("apiKeySid", KEY)]).0, "apiKeySecret");
    assert_eq!(problem(&[("accountSid", SID), ("authToken", TOKEN), ("apiKeySecret", SECRET)]).0, "apiKeySid");
    let inspection = PROVIDER.inspect(&by_key(), Mode::Production);
    assert!(inspection.problems.is_empty());
    assert_eq!(inspection.warnings[0].code, "notifications_refused");
}

#[test]
fn values_in_the_wrong_place_are_named() {
    let (field, message) = problem(&[("accountSid", KEY), ("authToken", TOKEN)]);
    assert_eq!(field, "accountSid");
    assert!(message.contains("apiKeySid"), "{message}");
    for (member, value, part) in [
        ("authToken", SID, "accountSid"),
        ("authToken", KEY, "apiKeySid"),
        ("authToken", "0123 4567", "space"),
        ("authToken", "Mid-server-abcdefgh", "Midtrans"),
        ("authToken", "sk_live_abcdefgh", "Stripe"),
        ("authToken", "xnd_production_abc", "Xendit"),
        ("authToken", "SG.abcdefgh", "SendGrid"),
        ("phoneNumber", "whatsapp:+14155238886", "whatsapp:"),
        ("phoneNumber", "08123456789", "+14155238886"),
    ] {
        let members: Vec<(&str, &str)> = [("accountSid", SID), ("authToken", TOKEN)]
            .into_iter()
            .filter(|(name, _)| *name != member)
            .chain([(member, value)])
            .collect();
        let (field, message) = problem(&members);
        assert_eq!(field, member);
        assert!(message.contains(part), "{value}: {message}");
    }
    let (_, message) = problem(&[("accountSid", "Mid-server-abcdefgh"), ("authToken", TOKEN)]);
    assert!(message.contains("Midtrans"), "{message}");
}
