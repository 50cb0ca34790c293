//! What kind of activity a rollup counts, as one number: SQLite groups by a number in half the time that five columns take.

use std::sync::LazyLock;

use simpul_core::activity::{Action, Component, Status};
use simpul_core::error_type::ErrorType;

/// Places of a column's words in the number, one more than any list of words has: the last is for a word that is not known.
const ACTIONS: i64 = 8;
const COMPONENTS: i64 = 4;
const STATUSES: i64 = 4;
const ERROR_TYPES: i64 = 32;
/// Latency buckets begin at −1.
const BUCKETS: i64 = 128;

const _: () = assert!(Action::ALL.len() < 8 && Component::ALL.len() < 4 && Status::ALL.len() < 4);
const _: () = assert!(ErrorType::ALL.len() < 31, "the place 0 is for none");

/// What a rollup counts; `None` for a word that this version does not know, and for no error type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) action: Option<Action>,
    pub(crate) component: Option<Component>,
    pub(crate) status: Option<Status>,
    pub(crate) error_type: Option<ErrorType>,
    pub(crate) latency_bucket: i32,
}

/// The number of a rollup's kind, as an expression over its columns.
pub(crate) static KIND: LazyLock<String> = LazyLock::new(|| {
    let actions = place("action", ACTIONS, Action::ALL.iter().map(|word| word.as_str()));
    let components = place("component", COMPONENTS, Component::ALL.iter().map(|word| word.as_str()));
    let statuses = place("status", STATUSES, Status::ALL.iter().map(|word| word.as_str()));
    let error_types =
        place("error_type", ERROR_TYPES, [""].into_iter().chain(ErrorType::ALL.iter().map(|word| word.as_str())));
    format!(
        "((({actions} * {COMPONENTS} + {components}) * {STATUSES} + {statuses}) * {ERROR_TYPES} + {error_types}) * {BUCKETS}
        + latency_bucket + 1"
    )
});

/// The place of a column's word in the list of them, or the last of all places.
fn place<'a>(column: &str, places: i64, words: impl Iterator<Item = &'a str>) -> String {
    let cases: String = words.enumerate().map(|(index, word)| format!(" WHEN '{word}' THEN {index}")).collect();
    format!("CASE {column}{cases} ELSE {} END", places - 1)
}

impl Kind {
    /// What the number stands for.
    pub(crate) fn of(mut number: i64) -> Self {
        let mut take = |places: i64| {
            let place = number.rem_euclid(places);
            number = number.div_euclid(places);
            place
        };
        let at = |place: i64| usize::try_from(place).unwrap_or(usize::MAX);
        let latency_bucket = i32::try_from(take(BUCKETS) - 1).unwrap_or(-1);
        let error_type = ErrorType::ALL.get(at(take(ERROR_TYPES) - 1)).copied();
        let status = Status::ALL.get(at(take(STATUSES))).copied();
        let component = Component::ALL.get(at(take(COMPONENTS))).copied();
        let action = Action::ALL.get(at(take(ACTIONS))).copied();
        Self { action, component, status, error_type, latency_bucket }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_one_kind() {
        let number = |action: i64, component: i64, status: i64, error_type: i64, bucket: i64| {
            (((action * COMPONENTS + component) * STATUSES + status) * ERROR_TYPES + error_type) * BUCKETS + bucket + 1
        };
        let found = Kind::of(number(1, 2, 1, 1, 63));
        assert_eq!((found.action, found.component), (Some(Action::ALL[1]), Some(Component::ALL[2])));
        assert_eq!((found.status, found.error_type), (Some(Status::ALL[1]), Some(ErrorType::ALL[0])));
        assert_eq!(found.latency_bucket, 63);
        let plain = Kind::of(number(0, 0, 0, 0, -1));
        assert_eq!((plain.action, plain.error_type, plain.latency_bucket), (Some(Action::ALL[0]), None, -1));
        let unknown = Kind::of(number(ACTIONS - 1, COMPONENTS - 1, STATUSES - 1, ERROR_TYPES - 1, 5));
        assert_eq!((unknown.action, unknown.component, unknown.status, unknown.error_type), (None, None, None, None));
    }

    #[test]
    fn every_word_has_its_place_in_the_expression() {
        for word in ErrorType::ALL {
            assert!(KIND.contains(&format!("WHEN '{}' THEN", word.as_str())), "{word}");
        }
        assert!(KIND.starts_with("(((CASE action WHEN 'test' THEN 0"));
    }
}
