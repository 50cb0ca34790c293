//! A provider as data: its fields, from which the form, the JSON Schema, the checks and the masks are all made.

use serde::Serialize;
use serde_json::{Map, Value, json};
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType};
use simpul_core::language::Language;
use simpul_core::secret;

use crate::indonesian::sentence;

/// Everything about a provider that is the same for every account.
pub struct Manifest {
    /// The provider's name in JSON, SQL and URLs.
    pub slug: &'static str,
    /// The provider's name for people.
    pub label: &'static str,
    pub integration_type: IntegrationType,
    pub fields: &'static [Field],
    /// The canonical events that its notifications can become.
    pub events: &'static [EventType],
    /// The front page of the provider's console; `None` where each account has its own.
    pub console_url: Option<&'static str>,
    /// Where a partner finds the credentials, as a path through the provider's own console.
    pub credentials_help: &'static str,
    /// Where the inbound URL is to be entered at the provider; `None` when it sends no notifications.
    pub notifications_help: Option<&'static str>,
    /// Base URLs without a trailing slash: sandbox, production. Empty where each account has its own.
    pub base_urls: (&'static str, &'static str),
    /// Whether a notification's claim is read back from the provider unless the integration says otherwise.
    pub confirms_notifications: bool,
}

/// One member of a provider's configuration.
pub struct Field {
    pub name: &'static str,
    pub title: &'static str,
    /// What it is and where to find it.
    pub help: &'static str,
    /// An invented value of the right form; also used by the conformance tests, where it must pass every check.
    pub example: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// Regular expression that the whole value must match, with the sentence that says so.
    pub pattern: Option<(&'static str, &'static str)>,
    /// Prefixes that the provider's format fixes; a mask keeps them.
    pub prefixes: &'static [&'static str],
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Secret,
    /// A whole number in this range.
    Number(i64, i64),
    /// One of these words; the first is the default where the field is not required.
    Choice(&'static [&'static str]),
}

/// A member that cannot be taken, and the sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: &'static str,
    pub message: String,
}

/// Something that will not work, but is not ours to refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The path in the request, such as `configuration.serverKey`.
    pub field: String,
    /// `environment_mismatch` keeps the connection test from making a call.
    pub code: &'static str,
    pub message: String,
}

/// What a look at the configuration found, without asking anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    pub problems: Vec<FieldProblem>,
    pub warnings: Vec<Warning>,
}

impl Inspection {
    pub fn problem(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(FieldProblem { field, message: message.into() });
    }

    pub fn environment_mismatch(&mut self, field: &str, message: impl Into<String>) {
        self.warnings.push(Warning {
            field: format!("configuration.{field}"),
            code: "environment_mismatch",
            message: message.into(),
        });
    }

    pub fn warning(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.warnings.push(Warning { field: format!("configuration.{field}"), code, message: message.into() });
    }
}

impl Manifest {
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The names of the members that are kept sealed and shown masked.
    pub fn secret_names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter(|field| field.kind == Kind::Secret).map(|field| field.name)
    }

    /// The configuration with every secret masked, members in the manifest's order.
    #[must_use]
    pub fn masked(&self, configuration: &Configuration) -> Map<String, Value> {
        self.fields
            .iter()
            .filter_map(|field| {
                let value = configuration.0.get(field.name)?;
                let shown = match (field.kind, value) {
                    (Kind::Secret, Value::String(secret)) => Value::String(secret::mask(secret, field.prefixes)),
                    (Kind::Secret, _) => Value::String(secret::mask("", &[])),
                    _ => value.clone(),
                };
                Some((field.name.to_owned(), shown))
            })
            .collect()
    }

    /// The secrets of a configuration, for the redactor.
    #[must_use]
    pub fn secret_values(&self, configuration: &Configuration) -> Vec<String> {
        self.secret_names().filter_map(|name| configuration.text(name)).collect()
    }
}

/// The checks that follow from the manifest alone: required, type, range, choice, pattern, no white space in secrets,
/// no unknown member. A provider's own `inspect` adds what only it knows (wrong kind of key, wrong environment).
#[must_use]
pub fn inspect(manifest: &Manifest, configuration: &Configuration, own: impl FnOnce(&mut Inspection)) -> Inspection {
    let mut inspection = Inspection::default();
    for field in manifest.fields {
        let value = configuration.0.get(field.name).filter(|value| !value.is_null());
        match value {
            None if field.required => inspection.problem(field.name, format!("is required: {}", field.help)),
            None => {}
            Some(value) => {
                if let Err(message) = field.check(value) {
                    inspection.problem(field.name, message);
                }
            }
        }
    }
    if inspection.problems.is_empty() {
        own(&mut inspection);
    }
    inspection
}

impl Field {
    fn check(&self, value: &Value) -> Result<(), String> {
        match (self.kind, value) {
            (Kind::Number(low, high), Value::Number(number)) => match number.as_i64() {
                Some(number) if (low..=high).contains(&number) => Ok(()),
                _ => Err(format!("must be a whole number from {low} to {high}")),
            },
            (Kind::Number(low, high), _) => Err(format!("must be a whole number from {low} to {high}")),
            (Kind::Choice(choices), Value::String(text)) if choices.contains(&text.as_str()) => Ok(()),
            (Kind::Choice(choices), _) => Err(format!("must be one of: {}", choices.join(", "))),
            (Kind::Text | Kind::Secret, Value::String(text)) => self.check_text(text),
            (Kind::Text | Kind::Secret, _) => Err("must be a string".to_owned()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        if text.trim().is_empty() {
            return if self.required {
                Err(format!("is required: {}", self.help))
            } else {
                Err("must not be blank; send null to remove it".to_owned())
            };
        }
        if text.len() > 1_000 {
            return Err("must be at most 1000 bytes long".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Err("must not contain line breaks or control characters".to_owned());
        }
        if let Some((pattern, message)) = self.pattern
            && !regex_lite::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(text.trim()))
        {
            return Err(message.to_owned());
        }
        Ok(())
    }
}

/// The configuration's JSON Schema (draft 2020-12): `writeOnly` on secrets, titles, help, examples, patterns. Titles and help
/// are in the language asked for.
#[must_use]
pub fn schema(manifest: &Manifest, language: Language) -> Value {
    let properties: Map<String, Value> =
        manifest.fields.iter().map(|field| (field.name.to_owned(), field.schema(language))).collect();
    let required: Vec<&str> = manifest.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": manifest.label,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

impl Field {
    fn schema(&self, language: Language) -> Value {
        let mut schema = match self.kind {
            Kind::Text | Kind::Secret => json!({"type": "string", "minLength": 1, "maxLength": 1000}),
            Kind::Number(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
            Kind::Choice(choices) => json!({"type": "string", "enum": choices}),
        };
        schema["title"] = sentence(self.title, language).into();
        schema["description"] = sentence(self.help, language).into();
        schema["examples"] = match self.kind {
            Kind::Number(..) => json!([self.example.parse::<i64>().unwrap_or_default()]),
            _ => json!([self.example]),
        };
        if self.kind == Kind::Secret {
            schema["writeOnly"] = true.into();
        }
        if let Some((pattern, _)) = self.pattern {
            schema["pattern"] = format!("^(?:{pattern})$").into();
        }
        schema
    }
}
