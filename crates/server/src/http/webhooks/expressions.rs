//! Whether filters and transformations can be read, told before anything is stored.

use std::time::Duration;

use simpul_core::webhook::Webhook;
use simpul_engine::{Expression, ShapeError};

use super::policy::EXPRESSION_CHARACTERS;
use crate::http::{ApiError, ApiResult, Problems};
use crate::state::AppState;

/// Seconds after which it is worth asking again.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// What is wrong with the filter and the transformation that are given, in this order; absent ones and those that `stored`
/// has already are not looked at.
///
/// # Errors
/// 503: it cannot be told just now.
pub(super) async fn problems(
    state: &AppState,
    stored: Option<&Webhook>,
    given: [Option<&Option<String>>; 2],
) -> ApiResult<Problems> {
    let mut problems = Problems::new();
    let [filter, transformation] = given.map(|given| given.and_then(Option::as_deref).map(str::trim));
    let shaper = state.engine.shaper();
    for (text, own, which) in [
        (filter, stored.and_then(|stored| stored.filter.as_deref()), Expression::Filter),
        (transformation, stored.and_then(|stored| stored.transformation.as_deref()), Expression::Transformation),
    ] {
        // What is too long is refused elsewhere, and the worker need not look at it.
        let Some(text) = text.filter(|text| !text.is_empty() && Some(*text) != own) else { continue };
        if text.chars().count() > EXPRESSION_CHARACTERS {
            continue;
        }
        let checked = match which {
            Expression::Filter => shaper.check_filter(text).await,
            Expression::Transformation => shaper.check_transformation(text).await,
        };
        match checked {
            Ok(()) => {}
            Err(ShapeError::Unavailable { .. }) => return Err(unavailable()),
            Err(ShapeError::Invalid { message, .. }) => problems.add(which.to_string(), message),
            Err(_) => {
                problems.add(which.to_string(), "cannot be read: it nests too deeply or is too involved; simplify it")
            }
        }
    }
    Ok(problems)
}

/// 503 for what needs a worker when none is to be had.
pub(super) fn unavailable() -> ApiError {
    ApiError::unavailable(RETRY_AFTER).with_sentence(
        "Filters and transformations cannot be evaluated just now, and nothing was stored: try again after the time that \
         Retry-After names.",
    )
}
