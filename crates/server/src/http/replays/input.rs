//! Which deliveries to send again, as a caller says it, and the checks on it.

use serde::Deserialize;
use simpul_core::delivery::State as DeliveryState;
use simpul_core::event::is_filter_entry;
use simpul_core::time::DAY;
use simpul_store::ReplayFilter;
use utoipa::ToSchema;

use crate::http::lookup::time_member;
use crate::http::{ApiResult, Problems};

const EVENTS_AT_MOST: usize = 50;

/// Which finished deliveries to send again; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReplayIn {
    /// `success`, `failed`, `filtered` or `dropped`; all of them when absent.
    pub status: Option<String>,
    /// Deliveries made from then on: RFC 3339, or a date.
    pub from: Option<String>,
    /// Deliveries made until then; a date includes its whole day (UTC).
    pub to: Option<String>,
    /// Event names and `family.*` prefixes; empty for all.
    #[schema(max_items = 50)]
    pub events: Option<Vec<String>>,
}

impl ReplayIn {
    /// # Errors
    /// 422 that names every member which cannot be taken.
    pub(super) fn into_filter(self) -> ApiResult<ReplayFilter> {
        let mut problems = Problems::new();
        let status = self.status.and_then(|text| {
            let status = DeliveryState::parse(&text).filter(|status| DeliveryState::FINISHED.contains(status));
            if status.is_none() {
                let problem = "must be success, failed, filtered or dropped: only what is finished can be sent again";
                problems.add("status", problem);
            }
            status
        });
        let from = time_member("from", self.from.as_deref(), 0, &mut problems);
        let to = time_member("to", self.to.as_deref(), DAY - 1, &mut problems);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            problems.add("to", "must not be before from");
        }
        let mut events = self.events.unwrap_or_default();
        if events.len() > EVENTS_AT_MOST {
            problems.add("events", format!("must have at most {EVENTS_AT_MOST} items; it has {}", events.len()));
            events.clear();
        }
        for (index, _) in events.iter().enumerate().filter(|(_, entry)| !is_filter_entry(entry)) {
            problems.add(format!("events[{index}]"), "is not a known event name or family.* prefix");
        }
        problems.into_result()?;
        Ok(ReplayFilter { status, from, to, events })
    }
}
