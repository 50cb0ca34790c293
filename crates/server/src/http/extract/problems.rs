//! Gathers everything that is wrong with a request, so that the caller is told once and not field by field.

use serde_json::{Value, json};
use simpul_core::language::Language;
use url::Url;

use crate::http::ApiError;
use crate::http::error::Fields;

/// What is wrong, by the path of the member; each problem is a sentence without its subject ("is required").
#[derive(Debug, Clone, Default)]
pub struct Problems(Fields);

impl Problems {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        let problems = self.0.entry(field.into()).or_insert_with(|| json!([]));
        if let Value::Array(problems) = problems {
            problems.push(Value::String(problem.into()));
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Errors
    /// 422 with all problems, when there are any.
    pub fn into_result(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::validation(self.0)) }
    }

    /// As [`Self::into_result`], with what is wrong with a configuration in that language.
    ///
    /// # Errors
    /// 422 with all problems, when there are any.
    pub fn into_result_in(self, language: Language) -> Result<(), ApiError> {
        self.into_result().map_err(|error| error.in_language(language))
    }

    /// A text of one line that is not empty once trimmed and has at most `most` characters; answers it trimmed.
    pub fn line(&mut self, field: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.add(field, "is required");
        } else if text.chars().any(char::is_control) {
            self.add(field, "must be one line without control characters");
        }
        self.length(field, text, 0, most);
        text.to_owned()
    }

    /// A length in characters.
    pub fn length(&mut self, field: &str, text: &str, least: usize, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.add(field, format!("must have at most {most} characters; it has {length}"));
        } else if length < least {
            self.add(field, format!("must have at least {least} characters; it has {length}"));
        }
    }

    /// A number within bounds, both included.
    pub fn range(&mut self, field: &str, number: i64, least: i64, most: i64) {
        if !(least..=most).contains(&number) {
            self.add(field, format!("must be from {least} to {most}"));
        }
    }

    /// An e-mail address; answers it trimmed and in lower case, as addresses are compared.
    pub fn email(&mut self, field: &str, text: &str) -> String {
        let text = text.trim().to_lowercase();
        if !is_email(&text) {
            self.add(field, "must be an e-mail address, such as name@example.com");
        }
        text
    }

    /// An absolute http or https URL of at most 2,048 characters, without user name and password.
    pub fn http_url(&mut self, field: &str, text: &str) -> Option<Url> {
        self.length(field, text, 0, 2_048);
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        match &url {
            None => self.add(field, "must be an http:// or https:// URL"),
            Some(url) if !url.username().is_empty() || url.password().is_some() => {
                self.add(field, "must not hold a user name or password: use a header or the signature");
            }
            Some(_) => {}
        }
        url
    }

    /// A short name for use in addresses: lower-case letters, digits and single hyphens.
    pub fn slug(&mut self, field: &str, text: &str, most: usize) {
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_sound = !text.is_empty() && text.split('-').all(|part| !part.is_empty() && part.bytes().all(is_letter));
        if !is_sound {
            self.add(field, "must be lower-case letters and digits with single hyphens between, such as toko-satu");
        }
        self.length(field, text, 0, most);
    }
}

/// Whether the text has the shape of an e-mail address: one `@`, a dotted host, no white space. Nothing is looked up.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let sound =
        |character: char| character.is_ascii_graphic() && !matches!(character, '<' | '>' | '(' | ')' | ',' | ';' | '"');
    let labels_sound = host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    });
    text.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && local.chars().all(sound)
        && (host.contains('.') || host == "localhost")
        && labels_sound
}
