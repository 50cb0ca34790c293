//! The one list of providers. To add one: write its file beside this one, and add its word here.

use crate::provider::Provider;

/// Each word is a file of this folder that says `pub(crate) const PROVIDER: &dyn Provider = &…;`.
macro_rules! providers {
    ($($name:ident),* $(,)?) => {
        #[path = "."]
        mod list {
            $(pub(super) mod $name;)*
        }

        /// Every provider, in the order in which people are shown them.
        #[must_use]
        pub fn all() -> &'static [&'static dyn Provider] {
            &[$(list::$name::PROVIDER),*]
        }
    };
}

providers! { midtrans, xendit, stripe, twilio, wablas, fonnte, mailgun, sendgrid }

/// The provider of that slug.
#[must_use]
pub fn find(slug: &str) -> Option<&'static dyn Provider> {
    all().iter().copied().find(|provider| provider.manifest().slug == slug)
}
