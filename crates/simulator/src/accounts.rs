//! The accounts that the simulator knows: for each provider one right set of credentials for each environment, and special
//! ones whose account is in some trouble. All are invented; they open nothing anywhere else.

mod mail;
mod messaging;
mod payment;

use simpul_core::integration::Mode;

/// What is up with an account, and so how its provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Situation {
    /// Everything works.
    Right,
    /// The credential is unknown to the provider.
    WrongKey,
    /// The credential is good but may not make the test call.
    MissingPermission,
    /// The credential belongs to the provider's other environment (or region).
    OtherEnvironment,
    /// The provider has suspended or disabled the account.
    Suspended,
    /// The key, package or subscription has run out.
    Expired,
    /// The phone is not linked.
    DeviceDisconnected,
    /// Nothing is left to send with.
    QuotaExhausted,
    /// The sending domain lacks its DNS records.
    Unverified,
}

impl Situation {
    pub const ALL: &'static [Self] = &[
        Self::Right,
        Self::WrongKey,
        Self::MissingPermission,
        Self::OtherEnvironment,
        Self::Suspended,
        Self::Expired,
        Self::DeviceDisconnected,
        Self::QuotaExhausted,
        Self::Unverified,
    ];

    /// The word for it, as used in lists and switches.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::WrongKey => "wrong_key",
            Self::MissingPermission => "missing_permission",
            Self::OtherEnvironment => "other_environment",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::DeviceDisconnected => "device_disconnected",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Unverified => "unverified",
        }
    }
}

/// One account at one provider. The fields carry the names of the hub's `configuration` members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub provider: &'static str,
    pub mode: Mode,
    pub situation: Situation,
    pub fields: &'static [(&'static str, &'static str)],
}

impl Account {
    /// A configuration member's value; empty when the account has none of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> &'static str {
        self.fields.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Written without the fields: a habit of printing credentials is not one to learn here.
        write!(formatter, "Account({} {:?} {})", self.provider, self.mode, self.situation.as_str())
    }
}

/// The account in a situation; `None` where the provider documents no such situation.
#[must_use]
pub fn find(provider: &str, mode: Mode, situation: Situation) -> Option<&'static Account> {
    all().find(|account| account.provider == provider && account.mode == mode && account.situation == situation)
}

/// The working account of a provider; `None` for a provider that is not simulated.
#[must_use]
pub fn right(provider: &str, mode: Mode) -> Option<&'static Account> {
    find(provider, mode, Situation::Right)
}

/// All special and right accounts of a provider, the right ones first.
pub fn of(provider: &str) -> impl Iterator<Item = &'static Account> {
    let provider = provider.to_owned();
    all().filter(move |account| account.provider == provider)
}

/// The private scalar of the P-256 pair that signs the simulated SendGrid's notifications.
pub(crate) const SENDGRID_SIGNING_SCALAR: [u8; 32] = [
    0x5c, 0xae, 0x23, 0xfa, 0x8c, 0x27, 0x0a, 0xff, 0xc9, 0x15, 0x0c, 0xf7, 0xda, 0x23, 0x73, 0x3a, 0x8a, 0x06, 0x4c,
    0x86, 0xe9, 0x7e, 0xa2, 0x35, 0x39, 0x75, 0x25, 0x6d, 0xa3, 0xaf, 0xa3, 0x71,
];

/// The public half, as SendGrid shows it: base64 of the DER SubjectPublicKeyInfo.
pub const SENDGRID_PUBLIC_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1AZaXqLD9f9oJ/+5Bomm0Au1hgGrQrGIm4pn5BoJpHg1g4rf3Qs6WlitgpeviDn0ZjvepyH0XdZK3a66+IMPjg==";

const fn account(
    provider: &'static str,
    mode: Mode,
    situation: Situation,
    fields: &'static [(&'static str, &'static str)],
) -> Account {
    Account { provider, mode, situation, fields }
}

/// Every account. What is not here is a wrong key.
pub fn all() -> impl Iterator<Item = &'static Account> {
    payment::ACCOUNTS.iter().chain(messaging::ACCOUNTS).chain(mail::ACCOUNTS)
}

/// The fields of the right account with a credential, in the provider's format, that asks for a fault by its magic word
/// (`html`, `429`, …: [`crate::Fault::NAMED`]); `None` for a provider that is not simulated.
#[must_use]
pub fn asking_for(provider: &str, mode: Mode, word: &str) -> Option<Vec<(&'static str, String)>> {
    let account = right(provider, mode)?;
    let (name, credential) = match (provider, mode) {
        ("midtrans", Mode::Sandbox) => ("serverKey", format!("SB-Mid-server-simulate-{word}-0000000000")),
        ("midtrans", Mode::Production) => ("serverKey", format!("Mid-server-simulate-{word}-0000000000")),
        ("xendit", Mode::Sandbox) => ("apiKey", format!("xnd_development_simulate{word}0123456789abcdefghij")),
        ("xendit", Mode::Production) => ("apiKey", format!("xnd_production_simulate{word}0123456789abcdefghij")),
        ("stripe", Mode::Sandbox) => ("secretKey", format!("sk_test_simulate{word}0123456789abcdefghij")),
        ("stripe", Mode::Production) => ("secretKey", format!("sk_live_simulate{word}0123456789abcdefghij")),
        ("twilio", _) => ("authToken", format!("{:0<32}", format!("simulate-{word}-"))),
        ("wablas", _) => ("token", format!("{:x<55}", format!("simulate{word}"))),
        ("fonnte", _) => ("token", format!("{:0<20}", format!("simulate-{word}"))),
        ("mailgun", _) => ("apiKey", format!("key-{:0<32}", format!("simulate{word}x"))),
        ("sendgrid", _) => ("apiKey", format!("SG.{:0<22}.{:0<43}", format!("simulate-{word}-"), "x")),
        _ => ("password", format!("simulate-{word}")),
    };
    let fields = account
        .fields
        .iter()
        .map(|(key, value)| (*key, if *key == name { credential.clone() } else { (*value).to_owned() }));
    Some(fields.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    const PROVIDERS: [&str; 9] =
        ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid", "smtp"];

    #[test]
    fn every_provider_has_a_right_account_in_each_environment_and_no_two_are_alike() {
        for provider in PROVIDERS {
            for mode in [Mode::Sandbox, Mode::Production] {
                assert!(right(provider, mode).is_some(), "{provider}");
            }
            let accounts: Vec<_> = of(provider).collect();
            for (index, account) in accounts.iter().enumerate() {
                let others = accounts.iter().skip(index + 1);
                assert!(others.clone().all(|other| other.fields != account.fields), "{account:?}");
            }
        }
        assert!(right("paypal", Mode::Sandbox).is_none());
    }

    #[test]
    fn credentials_have_the_documented_format() {
        let is_sid = |text: &str, prefix: &str| {
            text.len() == 34 && text.starts_with(prefix) && text.chars().skip(2).all(|digit| digit.is_ascii_hexdigit())
        };
        for account in all() {
            let field = |name| account.field(name);
            let good = match account.provider {
                "midtrans" => field("serverKey").contains("Mid-server-"),
                "xendit" => field("apiKey").starts_with("xnd_") && field("webhookToken").len() == 48,
                "stripe" => field("secretKey").split('_').count() == 3 && field("webhookSecret").starts_with("whsec_"),
                "twilio" => {
                    is_sid(field("accountSid"), "AC")
                        && field("authToken").len() == 32
                        && (field("apiKeySid").is_empty() || is_sid(field("apiKeySid"), "SK"))
                }
                "wablas" => field("token").len() == 55 && field("secretKey").len() == 8,
                "fonnte" => field("token").len() == 20,
                "mailgun" => field("apiKey").len() == 32 + 1 + 8 + 1 + 8,
                "sendgrid" => field("apiKey").len() == 69 && field("apiKey").starts_with("SG."),
                _ => !field("password").is_empty(),
            };
            assert!(good, "{account:?}");
        }
    }

    #[test]
    fn a_credential_that_asks_for_a_fault_does_and_debug_shows_none() {
        for provider in PROVIDERS {
            let fields = asking_for(provider, Mode::Production, "429").expect("fields");
            assert!(fields.iter().any(|(_, value)| Fault::in_credential(value).is_some()), "{provider}");
            assert_eq!(
                format!("{:?}", right(provider, Mode::Sandbox)),
                format!("Some(Account({provider} Sandbox right))")
            );
        }
        let fields = asking_for("sendgrid", Mode::Sandbox, "truncated").expect("fields");
        assert!(fields.iter().any(|(name, value)| *name == "apiKey" && value.len() == 69));
    }
}
