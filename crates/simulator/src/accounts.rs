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
