//! The languages that sentences for people are written in.

use serde::{Deserialize, Serialize};

/// A language of the operations people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "id")]
    Indonesian,
}

impl Language {
    pub const ALL: &'static [Self] = &[Self::English, Self::Indonesian];

    /// The two-letter code (ISO 639-1).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// Reads a code, with or without a region: `id`, `id-ID`, and the older `in`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().split(['-', '_']).next().unwrap_or_default();
        match code.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "id" | "in" => Some(Self::Indonesian),
            _ => None,
        }
    }

    /// The language that an `Accept-Language` header asks for most (RFC 9110 section 12.5.4); English where it names none of ours.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',').take(32) {
            let mut parts = range.split(';');
            let Some(language) = parts.next().and_then(Self::parse) else { continue };
            let weight =
                parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1.0, |text| text.parse().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, language));
            }
        }
        best.map_or_else(Self::default, |(_, language)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_of_our_languages_is_taken() {
        for (header, language) in [
            ("", Language::English),
            ("id", Language::Indonesian),
            ("id-ID,id;q=0.9,en-US;q=0.8", Language::Indonesian),
            ("fr, en;q=0.3, id;q=0.7", Language::Indonesian),
            ("en-GB, id;q=0.9", Language::English),
            ("id;q=0, en;q=0.1", Language::English),
            ("ja;q=nonsense, *", Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
