//! Showing secrets safely: masks for people, redaction for anything that is stored or logged.

use serde_json::Value;

const GONE: &str = "••••";
/// What stands where a secret was, in logs and stored requests.
pub const REDACTED: &str = "[redacted]";

/// Masks a secret for display: the prefix that the provider's format fixes, four bullets, the last four characters.
/// Shorter than 12 characters, or with fewer than four characters left beside prefix and ending: all gone.
#[must_use]
pub fn mask(secret: &str, prefixes: &[&str]) -> String {
    let length = secret.chars().count();
    if length < 12 {
        return GONE.to_owned();
    }
    let prefix = prefixes
        .iter()
        .filter(|prefix| secret.starts_with(**prefix))
        .max_by_key(|prefix| prefix.len())
        .copied()
        .unwrap_or("");
    if length < prefix.chars().count() + 8 {
        return format!("{prefix}{GONE}");
    }
    let ending: String = secret.chars().skip(length - 4).collect();
    format!("{prefix}{GONE}{ending}")
}

/// Whether the text has the form of a mask, whoever's secret it may stand for.
#[must_use]
pub fn looks_masked(text: &str) -> bool {
    text.contains(GONE)
}

/// Removes known secrets from anything about to be stored or shown, by value: a provider may echo a key back.
/// Keep one per integration, and build it from every secret of its configuration.
#[derive(Clone, Default)]
pub struct Redactor {
    values: Vec<String>,
}

impl Redactor {
    /// Values shorter than six characters are not searched for: they would blank out ordinary text.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> =
            secrets.into_iter().map(|secret| secret.trim().to_owned()).filter(|secret| secret.len() >= 6).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { values }
    }

    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.values.iter().fold(redact_key_shapes(text), |text, value| {
            if text.contains(value.as_str()) { text.replace(value.as_str(), REDACTED) } else { text }
        })
    }

    /// Redacts every string in the tree, and blanks members whose name says that they hold a secret.
    #[must_use]
    pub fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.json(item)).collect()),
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, member)| {
                        let member = if names_a_secret(&name) && !member.is_null() {
                            Value::String(REDACTED.to_owned())
                        } else {
                            self.json(member)
                        };
                        (name, member)
                    })
                    .collect(),
            ),
            other => other,
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redactor({} values)", self.values.len())
    }
}

/// Member and header names that hold credentials in every provider's world, compared without case, `-` and `_`.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "authorization",
        "proxyauthorization",
        "cookie",
        "setcookie",
        "password",
        "passwd",
        "secret",
        "secretkey",
        "serverkey",
        "apikey",
        "apikeysecret",
        "authtoken",
        "accesstoken",
        "refreshtoken",
        "token",
        "clientsecret",
        "privatekey",
        "webhooksecret",
        "webhooktoken",
        "webhooksigningkey",
        "signaturekey",
        "xcallbacktoken",
        "smtppassword",
        "cardnumber",
        "cvv",
        "cvc",
        "pan",
    ];
    let plain: String =
        name.chars().filter(|character| !matches!(character, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect();
    NAMES.contains(&plain.as_str())
}

/// Blanks text that has the shape of a well-known key even when it is not one of ours (Stripe echoes part of a key).
fn redact_key_shapes(text: &str) -> String {
    const STARTS: &[&str] = &[
        "sk_test_",
        "sk_live_",
        "rk_test_",
        "rk_live_",
        "whsec_",
        "whsk_",
        "xnd_development_",
        "xnd_production_",
        "SB-Mid-server-",
        "Mid-server-",
        "SG.",
        "key-",
    ];
    if !STARTS.iter().any(|start| text.contains(start)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, start)) = STARTS
        .iter()
        .filter_map(|start| rest.find(start).map(|at| (at, *start)))
        .min_by_key(|(at, start)| (*at, std::cmp::Reverse(start.len())))
    {
        let after = &rest[at + start.len()..];
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '+' | '/' | '=' | '•')))
            .unwrap_or(after.len());
        let begins_word = !rest[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        out.push_str(&rest[..at]);
        if begins_word && end >= 8 {
            out.push_str(REDACTED);
        } else {
            out.push_str(start);
            out.push_str(&after[..end]);
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_the_fixed_prefix_and_the_last_four() {
        assert_eq!(mask("SB-Mid-server-abcdefgh1a2b", &["SB-Mid-server-", "Mid-server-"]), "SB-Mid-server-••••1a2b");
        assert_eq!(mask("abcdefghijklmnop", &[]), "••••mnop");
        assert_eq!(mask("short", &[]), "••••");
        assert_eq!(mask("sk_test_12345", &["sk_test_"]), "sk_test_••••");
    }

    #[test]
    fn secrets_are_removed_by_value_by_name_and_by_shape() {
        let redactor = Redactor::new(["hunter2-hunter2".to_owned()]);
        let seen = redactor.json(serde_json::json!({
            "message": "key hunter2-hunter2 is wrong", "Authorization": "Basic abc", "nested": [{"smtp_password": "x"}],
            "echo": "Invalid API Key provided: sk_test_51Habcdefgh", "plain": "token-free text"
        }));
        assert_eq!(
            seen,
            serde_json::json!({
                "message": "key [redacted] is wrong", "Authorization": "[redacted]", "nested": [{"smtp_password": "[redacted]"}],
                "echo": "Invalid API Key provided: [redacted]", "plain": "token-free text"
            })
        );
    }
}
