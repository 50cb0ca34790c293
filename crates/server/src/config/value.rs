//! The typed values of settings: secrets that do not show themselves, and URLs that were checked once.

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// What is shown in a secret's place.
pub(super) const MASK: &str = "••••";

/// A secret setting. Its `Debug` and `Display` show bullets; [`Secret::expose`] is the one way to the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: for use, never for display.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// The 32 bytes that wrap every stored secret's key.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Reads 32 bytes of standard base64, as `openssl rand -base64 32` writes them. White space around it is ignored.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    /// The key itself: for the cipher alone.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// How the outside reaches Simpul: an http or https origin without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads an origin such as `https://hub.example.com`; a path, query, user name or trailing slash is refused.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = http_url(text)?;
        (url.path() == "/" && !text.ends_with('/')).then_some(Self(url))
    }

    /// Scheme, host and port, without a slash at the end; a default port is left out.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The full address of a path that begins with `/`.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Whether cookies must be marked `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.origin())
    }
}

/// Reads `name=value` pairs; `None` where a name or a value cannot be sent in a header.
pub(crate) fn header_pairs(text: &str) -> Option<HashMap<String, String>> {
    text.split(',')
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            let sound = http::HeaderName::try_from(name).is_ok() && http::HeaderValue::try_from(value).is_ok();
            sound.then(|| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Reads an http or https URL without user name, query or fragment.
pub(super) fn http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none() && url.has_host();
    (matches!(url.scheme(), "http" | "https") && plain && bare).then_some(url)
}

/// Where the data is: `sqlite:<path>` or `postgres://…`. Shows without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
        let usable = match path {
            Some(path) => !path.is_empty(),
            None => Url::parse(text)
                .is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql") && text.contains("://")),
        };
        usable.then(|| Self(text.to_owned()))
    }

    /// With its password: for the connection alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&without_password(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Blanks the password of a URL, wherever it may stand. What cannot be read as a URL is hidden whole.
pub(super) fn without_password(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else { return MASK.to_owned() };
    let masked_password = url.password().is_some();
    if masked_password && url.set_password(Some("MASKED")).is_err() {
        return MASK.to_owned();
    }
    if let Some(query) = url.query() {
        let shown: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| {
                let hidden = name.to_ascii_lowercase().contains("password");
                format!("{name}={}", if hidden { MASK } else { value.as_ref() })
            })
            .collect();
        let shown = shown.join("&");
        url.set_query(None);
        return format!("{}?{shown}", url.as_str().replacen(":MASKED@", &format!(":{MASK}@"), 1));
    }
    url.as_str().replacen(":MASKED@", &format!(":{MASK}@"), 1)
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}
