//! A sentence in both languages, and the numbers and times that sentences hold.

use crate::language::Language;
use crate::time::{HOUR, MINUTE, Timestamp, WIB};

/// The same in English and in Indonesian.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    pub en: String,
    pub id: String,
}

impl Words {
    #[must_use]
    pub fn new(en: impl Into<String>, id: impl Into<String>) -> Self {
        Self { en: en.into(), id: id.into() }
    }

    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Indonesian => &self.id,
        }
    }
}

/// A sentence in English and in Indonesian; what stands in braces is taken from variables, as in `format!`.
macro_rules! say {
    ($en:literal, $id:literal $(,)?) => {
        $crate::recommendation::Words { en: format!($en), id: format!($id) }
    };
}
pub(super) use say;

/// `1 call`, `14 calls`.
pub(super) fn calls(count: u64) -> Words {
    Words::new(if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }, format!("{count} panggilan"))
}

/// `1 day`, `3 days`.
pub(super) fn days(count: i64) -> Words {
    Words::new(if count == 1 { "1 day".to_owned() } else { format!("{count} days") }, format!("{count} hari"))
}

/// A duration in its largest unit, rounded down: `40 minutes`, `7 hours`, `3 days`.
pub(super) fn span(millis: i64) -> Words {
    match millis {
        millis if millis >= 48 * HOUR => days(millis / (24 * HOUR)),
        millis if millis >= 2 * HOUR => {
            Words::new(format!("{} hours", millis / HOUR), format!("{} jam", millis / HOUR))
        }
        millis => Words::new(format!("{} minutes", millis / MINUTE), format!("{} menit", millis / MINUTE)),
    }
}

const MONTHS: &[(&str, &str)] = &[
    ("January", "Januari"),
    ("February", "Februari"),
    ("March", "Maret"),
    ("April", "April"),
    ("May", "Mei"),
    ("June", "Juni"),
    ("July", "Juli"),
    ("August", "Agustus"),
    ("September", "September"),
    ("October", "Oktober"),
    ("November", "November"),
    ("December", "Desember"),
];

fn local(at: Timestamp) -> String {
    Timestamp::from_millis(at.millis() + WIB).to_string()
}

/// A day in words, in Jakarta: `21 February 2026`.
pub(super) fn date(at: Timestamp) -> Words {
    let text = local(at);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let day = part(8, 10).trim_start_matches('0');
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    let (en, id) = month.copied().unwrap_or_default();
    Words::new(format!("{day} {en} {}", part(0, 4)), format!("{day} {id} {}", part(0, 4)))
}

/// A time in words, in Jakarta: `10:42 WIB` today, with the day before it otherwise.
pub(super) fn time(at: Timestamp, now: Timestamp) -> Words {
    let (text, today) = (local(at), local(now));
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (hour, minute) = (part(11, 13), part(14, 16));
    let clock = Words::new(format!("{hour}:{minute} WIB"), format!("pukul {hour}.{minute} WIB"));
    if text.get(..10) == today.get(..10) {
        return clock;
    }
    let date = date(at);
    Words::new(format!("{}, {}", date.en, clock.en), format!("{} {}", date.id, clock.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_counts_read_as_people_write_them() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = at("2026-08-21T16:00:00Z");
        assert_eq!(time(at("2026-08-21T10:42:59Z"), now), Words::new("17:42 WIB", "pukul 17.42 WIB"));
        assert_eq!(
            time(at("2026-08-02T10:42:59Z"), now),
            Words::new("2 August 2026, 17:42 WIB", "2 Agustus 2026 pukul 17.42 WIB")
        );
        assert_eq!(calls(1).en, "1 call");
        assert_eq!(calls(2), Words::new("2 calls", "2 panggilan"));
        assert_eq!(span(7 * HOUR + 1).id, "7 jam");
        assert_eq!(span(59 * MINUTE).en, "59 minutes");
        assert_eq!(span(72 * HOUR).en, "3 days");
    }
}
