//! The headers that a webhook adds to its deliveries: what may be named, and what is shown masked.

use std::collections::BTreeMap;

use http::HeaderName;
use simpul_core::secret::{looks_masked, mask, names_a_secret};
use simpul_core::webhook::RESERVED_HEADERS;

use crate::http::Problems;

const AT_MOST: usize = 20;
const NAME_CHARACTERS: usize = 100;
const VALUE_CHARACTERS: usize = 1_000;

/// Whether a header's name suggests that its value opens a door.
pub(super) fn hides_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    names_a_secret(&lower)
        || ["token", "secret", "password", "api-key", "apikey", "auth", "cookie"]
            .iter()
            .any(|word| lower.contains(word))
}

/// The headers as they are shown.
pub(super) fn masked(headers: BTreeMap<String, String>) -> BTreeMap<String, String> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let shown = if hides_a_secret(&name) { mask(&value, &[]) } else { value };
            (name, shown)
        })
        .collect()
}

/// Checks the headers that a caller wants. A value that is the mask of the stored one stands for it.
pub(super) fn checked(
    given: BTreeMap<String, String>,
    stored: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> BTreeMap<String, String> {
    if given.len() > AT_MOST {
        problems.add("headers", format!("must have at most {AT_MOST} members; it has {}", given.len()));
        return BTreeMap::new();
    }
    let mut seen: Vec<String> = Vec::new();
    let mut headers = BTreeMap::new();
    for (name, value) in given {
        let field = format!("headers.{}", name.chars().take(NAME_CHARACTERS).collect::<String>());
        let lower = name.to_ascii_lowercase();
        if let Some(problem) = name_problem(&name, &lower) {
            problems.add(&field, problem);
        }
        if seen.contains(&lower) {
            problems.add(&field, "is given more than once; case does not tell header names apart");
        }
        seen.push(lower);
        let of_name = stored.iter().find(|(own, _)| own.eq_ignore_ascii_case(&name)).map(|(_, value)| value);
        let value = match of_name {
            Some(own) if hides_a_secret(&name) && looks_masked(&value) && mask(own, &[]) == value => own.clone(),
            _ => value,
        };
        if let Some(problem) = value_problem(&value) {
            problems.add(&field, problem);
        }
        headers.insert(name, value);
    }
    headers
}

fn name_problem(name: &str, lower: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > NAME_CHARACTERS || HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Some("is not a header name: use letters, digits and hyphens, at most 100");
    }
    (RESERVED_HEADERS.contains(&lower) || lower.starts_with("webhook-"))
        .then_some("is set by Simpul itself and cannot be replaced")
}

fn value_problem(value: &str) -> Option<&'static str> {
    if looks_masked(value) {
        return Some("is a mask and not that of the stored value: send the whole value");
    }
    if value.len() > VALUE_CHARACTERS {
        return Some("must have at most 1000 characters");
    }
    (!value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())).then_some("must be visible ASCII characters")
}
