//! Partners of the platform and their outlets.

use serde::Serialize;

use crate::id::{OutletId, PartnerId};
use crate::time::Timestamp;

/// A merchant that brings accounts at providers of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    /// Lower-case letters, digits and hyphens; unique.
    pub slug: String,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One shop of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outlet {
    pub id: OutletId,
    pub partner_id: PartnerId,
    pub name: String,
    /// The partner's own name for it; unique within the partner.
    pub code: String,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether `text` can stand in a URL as a slug: 1 to 80 of `a-z`, `0-9` and inner hyphens.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    (1..=80).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Derives a slug from a name: `"Kopi Senja & Co"` becomes `kopi-senja-co`. Empty when no letter or digit is left.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_derived_and_checked() {
        assert_eq!(slug_of("Kopi Senja & Co."), "kopi-senja-co");
        assert_eq!(slug_of("  ☕  "), "");
        assert!(is_slug("kopi-senja-2"));
        for wrong in ["", "-a", "a-", "Kopi", "a b", "a/b", &"a".repeat(81)] {
            assert!(!is_slug(wrong), "{wrong}");
        }
    }
}
