//! The three headers of a delivery as somebody reports them: names in any case and form, values perhaps several.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Cause;

/// What the headers say, once they can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    pub id: String,
    /// Unix seconds.
    pub timestamp: i64,
    /// `v1` and `v1a` signatures, separated by single spaces.
    pub signatures: String,
}

/// Why the headers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    #[error("Missing: {}. They must reach the code that verifies; a proxy or framework may drop or rename them.", .0.join(", "))]
    Missing(Vec<&'static str>),
    #[error("{0}")]
    Malformed(String),
}

impl HeaderProblem {
    pub(super) fn cause(&self) -> Cause {
        match self {
            Self::Missing(_) => Cause::MissingHeader,
            Self::Malformed(_) => Cause::MalformedHeader,
        }
    }
}

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// `Webhook-Id`, and `HTTP_WEBHOOK_ID` as CGI, PHP and WSGI name it, are `webhook-id`.
fn plain(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase().replace('_', "-");
    name.strip_prefix("http-").map(str::to_owned).unwrap_or(name)
}

impl SignedHeaders {
    /// Reads names and values in the order of arrival; other headers are passed over.
    ///
    /// # Errors
    /// A header is missing, or says what none of Simpul's says.
    pub fn read(headers: &[(String, String)]) -> Result<Self, HeaderProblem> {
        let values = |name: &str| -> Vec<&str> {
            let own = headers.iter().filter(|(own, _)| plain(own) == name);
            own.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).collect()
        };
        let missing: Vec<&'static str> =
            [ID, TIMESTAMP, SIGNATURE].into_iter().filter(|name| values(name).is_empty()).collect();
        if !missing.is_empty() {
            return Err(HeaderProblem::Missing(missing));
        }
        let id = only(ID, &values(ID))?.to_owned();
        let written = only(TIMESTAMP, &values(TIMESTAMP))?;
        let timestamp = written
            .parse()
            .ok()
            .filter(|seconds: &i64| seconds.to_string() == written)
            .ok_or_else(|| malformed("webhook-timestamp must be whole Unix seconds, such as 1771668000"))?;
        Ok(Self { id, timestamp, signatures: signatures(&values(SIGNATURE))? })
    }

    /// Whether one of its signatures stands in another header too.
    pub(super) fn shares_a_signature(&self, header: &str) -> bool {
        header.split(' ').any(|sent| self.signatures.split(' ').any(|own| own == sent))
    }
}

fn malformed(sentence: &str) -> HeaderProblem {
    HeaderProblem::Malformed(format!("{sentence}."))
}

fn only<'a>(name: &str, values: &[&'a str]) -> Result<&'a str, HeaderProblem> {
    match values {
        [first, rest @ ..] if rest.iter().all(|value| value == first) => Ok(first),
        _ => Err(malformed(&format!("{name} came several times with different values"))),
    }
}

/// The signatures that can be checked, in one line. Several headers, or one joined by commas, are one list.
fn signatures(values: &[&str]) -> Result<String, HeaderProblem> {
    let parts: Vec<&str> =
        values.iter().flat_map(|value| value.split_ascii_whitespace()).map(|part| part.trim_end_matches(',')).collect();
    let known = |part: &&str| part.starts_with("v1,") || part.starts_with("v1a,");
    let is_sound = |part: &&str| {
        let (version, encoded) = part.split_once(',').unwrap_or_default();
        let length = if version == "v1" { 32 } else { 64 };
        STANDARD.decode(encoded).is_ok_and(|bytes| bytes.len() == length)
    };
    if !parts.iter().any(known) {
        return Err(malformed(
            "webhook-signature holds no signature of the form v1,… or v1a,…; pass the whole header on",
        ));
    }
    let sound: Vec<&str> = parts.into_iter().filter(known).filter(is_sound).collect();
    if sound.is_empty() {
        return Err(malformed(
            "webhook-signature holds no whole signature in base64: it was cut or decoded on its way",
        ));
    }
    Ok(sound.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn read(headers: &[(&str, &str)]) -> Result<SignedHeaders, HeaderProblem> {
        SignedHeaders::read(
            &headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn names_are_read_in_every_form_and_values_may_be_several() {
        let headers = read(&[
            ("HTTP_WEBHOOK_ID", "evt_1"),
            ("WebHook-Timestamp", " 17 "),
            ("webhook-timestamp", "17"),
            ("Webhook-Signature", "v2,abc v1,cut"),
            ("webhook-signature", &format!("{V1}, {V1}")),
            ("Authorization", "Bearer x"),
        ])
        .expect("readable");
        assert_eq!((headers.id.as_str(), headers.timestamp), ("evt_1", 17));
        assert_eq!(headers.signatures, format!("{V1} {V1}"));
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        let missing = read(&[("webhook-id", "evt_1"), ("webhook-signature", "")]).expect_err("missing");
        assert!(missing.to_string().contains("webhook-timestamp, webhook-signature"), "{missing}");
        for (id, timestamp, signature, part) in [
            ("a", "2026-02-21T10:00:00Z", V1, "webhook-timestamp"),
            ("a", "17.5", V1, "webhook-timestamp"),
            ("a", "017", V1, "webhook-timestamp"),
            ("a", "1", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,"),
            ("a", "1", "v1,short v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "cut"),
        ] {
            let headers = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)];
            let problem = read(&headers).expect_err("malformed");
            assert!(matches!(&problem, HeaderProblem::Malformed(sentence) if sentence.contains(part)), "{problem}");
        }
        let two =
            read(&[("webhook-id", "a"), ("webhook-id", "b"), ("webhook-timestamp", "1"), ("webhook-signature", V1)]);
        assert!(two.expect_err("two ids").to_string().contains("several times"));
    }
}
