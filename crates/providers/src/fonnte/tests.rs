//! What a user of the Fonnte integration relies on: errors found under HTTP 200, the device's state told apart from the
//! interface's, notifications of other devices refused.

mod connection;
mod notifications;

use simpul_core::integration::Configuration;

use super::*;
use crate::messaging::scripted::{configuration, examples};

pub(super) const TOKEN: &str = "Ex+mple@Token#Of!20-";
pub(super) const DEVICE: &str = "6282227097005";

pub(super) fn token_only() -> Configuration {
    configuration(&[("token", TOKEN)])
}

pub(super) fn with_device() -> Configuration {
    configuration(&[("token", TOKEN), ("device", DEVICE)])
}

#[test]
fn the_examples_pass_every_check() {
    assert_eq!(PROVIDER.inspect(&examples(&MANIFEST), Mode::Production), Inspection::default());
    assert_eq!(PROVIDER.inspect(&token_only(), Mode::Sandbox), Inspection::default());
}

#[test]
fn missing_and_mistaken_members_are_named() {
    for (members, field, part) in [
        (&[("device", DEVICE)][..], "token", "required"),
        (&[("token", "abc def")], "token", "space"),
        (&[("token", "SG.abc")], "token", "SendGrid"),
        (&[("token", "sk_live_abc")], "token", "Stripe"),
        (&[("token", "Bearer abc")], "token", "alone"),
        (&[("token", "AC00000000000000000000000000000001")], "token", "Twilio"),
        (&[("token", TOKEN), ("device", "my phone")], "device", "digits"),
    ] {
        let inspection = PROVIDER.inspect(&configuration(members), Mode::Production);
        let problem = &inspection.problems[0];
        assert_eq!(problem.field, field);
        assert!(problem.message.contains(part), "{}", problem.message);
    }
    let padded = configuration(&[("token", &format!("  {TOKEN} "))]);
    assert_eq!(PROVIDER.inspect(&padded, Mode::Production), Inspection::default());
}
