//! The providers sending notifications: pure functions from an account, a kind and an occasion to a request, signed as the
//! provider signs. The occasion's seed decides every id, so the same seed and kind twice is a duplicate, and several kinds
//! under one seed tell of one payment, message or mail.

use serde_json::Value;
use sha2::{Digest, Sha256};
use simpul_core::time::Timestamp;

use crate::accounts::Account;
use crate::exchange::hex;

/// Writes a provider's `Kind`: the enumeration, its names, and the way back.
macro_rules! kinds {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// What the provider tells about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($variant),+ }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in lists and switches; where the provider has a word for it, that one.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub mod fonnte;
pub mod mailgun;
pub mod midtrans;
pub mod sendgrid;
pub mod stripe;
pub mod twilio;
pub mod wablas;
pub mod xendit;

/// How true a notification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Variant {
    #[default]
    Valid,
    /// Proven with a secret that is not the account's. Wablas and Fonnte prove nothing: there it names a foreign device.
    Forged,
    /// Changed after signing, where the proof covers it.
    Altered,
    /// Changed where the proof does not cover it, so that only reading back reveals it: Midtrans' status, Xendit's amount,
    /// Mailgun's event. Elsewhere as `Altered`.
    AlteredUnsigned,
    /// Signed by the account long ago (Stripe: ten minutes; Mailgun and SendGrid: three days). Where no time is signed, as
    /// `Valid`.
    Stale,
}

/// When, where to, and about what.
#[derive(Debug, Clone)]
pub struct Occasion {
    pub seed: u64,
    pub at: Timestamp,
    /// The public URL that the notification is sent to; part of what Twilio signs.
    pub url: String,
    pub variant: Variant,
}

impl Occasion {
    #[must_use]
    pub fn new(seed: u64, at: Timestamp, url: &str) -> Self {
        Self { seed, at, url: url.to_owned(), variant: Variant::Valid }
    }

    #[must_use]
    pub fn variant(mut self, variant: Variant) -> Self {
        self.variant = variant;
        self
    }

    /// The merchant's order: what ties a notification to a sale.
    #[must_use]
    pub fn order_id(&self) -> String {
        format!("INV-2026-{:06}", self.seed)
    }

    /// The amount in whole rupiah.
    #[must_use]
    pub fn amount(&self) -> u64 {
        (self.seed % 400 + 10) * 1_000
    }

    fn hex(&self, what: &str, length: usize) -> String {
        seed_hex(what, self.seed, length)
    }

    fn uuid(&self, what: &str) -> String {
        seed_uuid(what, self.seed)
    }
}

/// A request as the provider would send it with POST.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Without `content-type`.
    pub headers: Vec<(String, String)>,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub(crate) record: Option<Record>,
}

/// What the provider holds after the notification.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) collection: &'static str,
    pub(crate) ids: Vec<String>,
    pub(crate) object: Value,
}

impl Notification {
    fn json(body: &Value) -> Self {
        Self::new("application/json", body.to_string().into_bytes())
    }

    fn new(content_type: &'static str, body: Vec<u8>) -> Self {
        Self { headers: Vec::new(), content_type, body, record: None }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn recorded(mut self, collection: &'static str, ids: &[&str], object: Value) -> Self {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self.record = Some(Record { collection, ids, object });
        self
    }

    /// A header's value; `None` when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

macro_rules! by_provider {
    ($($module:ident),+) => {
        /// The names of what a provider can tell; empty for one that sends nothing.
        #[must_use]
        pub fn kinds(provider: &str) -> Vec<&'static str> {
            match provider {
                $(stringify!($module) => $module::Kind::ALL.iter().map(|kind| kind.as_str()).collect(),)+
                _ => Vec::new(),
            }
        }

        /// A notification of the account's provider; `None` when it has no such kind.
        #[must_use]
        pub fn build(account: &Account, kind: &str, occasion: &Occasion) -> Option<Notification> {
            match account.provider {
                $(stringify!($module) => {
                    $module::Kind::parse(kind).map(|kind| $module::notification(account, kind, occasion))
                })+
                _ => None,
            }
        }
    };
}

by_provider!(midtrans, xendit, stripe, twilio, wablas, fonnte, mailgun, sendgrid);

/// Up to 64 hexadecimal digits that follow from the seed.
pub(crate) fn seed_hex(what: &str, seed: u64, length: usize) -> String {
    let mut text = hex(&Sha256::digest(format!("{what}:{seed}")));
    text.truncate(length);
    text
}

/// A UUID of version 4's form that follows from the seed.
pub(crate) fn seed_uuid(what: &str, seed: u64) -> String {
    let digits = seed_hex(what, seed, 32);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("");
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// A time as `2026-02-03 10:15:30` at seven hours east, as Midtrans writes it.
fn jakarta(time: Timestamp) -> String {
    let text = time.plus(std::time::Duration::from_secs(7 * 3_600)).to_string();
    text.get(..19).unwrap_or("").replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use simpul_core::integration::Mode;

    #[test]
    fn every_kind_of_every_provider_is_built_and_a_duplicate_is_the_same() {
        let occasion = Occasion::new(7, Timestamp::from_millis(1_770_088_622_000), "https://hub.example/api/inbound/t");
        for provider in ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"] {
            let account = accounts::right(provider, Mode::Sandbox).expect("an account");
            let kinds = kinds(provider);
            assert!(kinds.len() > 2, "{provider}");
            for kind in kinds {
                let first = build(account, kind, &occasion).expect("a notification");
                let second = build(account, kind, &occasion).expect("a notification");
                assert_eq!((first.headers, first.body), (second.headers, second.body), "{provider} {kind}");
            }
            assert!(build(account, "no-such-kind", &occasion).is_none());
        }
    }

    #[test]
    fn times_are_written_at_jakarta() {
        assert_eq!(jakarta(Timestamp::from_millis(1_770_088_530_000)), "2026-02-03 10:15:30");
    }

    #[test]
    fn seeded_ids_have_the_form_of_a_uuid() {
        let id = seed_uuid("order", 1);
        assert_eq!(id.len(), 36);
        assert_ne!(id, seed_uuid("order", 2));
    }
}
