//! A delivery's life: waiting, leased to a node, then delivered, exhausted, filtered out, or parked with its disabled
//! webhook.
//!
//! ```text
//! pending ──claim──▶ leased ──2xx───────────────▶ success ─┐
//!    ▲                 │ ├─no attempts left, 410─▶ failed  ├─replay──▶ pending
//!    └──retry, release─┘ └─not what is wanted────▶ filtered┘
//! held ──the one before it with its key is finished──▶ pending
//! pending ◀──webhook enabled again── parked ◀──webhook disabled── pending
//!                                       └──dropped on request, or too old──▶ dropped
//! ```

use serde::Serialize;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits in the table until `next_attempt_at`.
    Pending,
    /// Held by one node under a lease.
    Leased,
    /// A 2xx was received.
    Success,
    /// Its attempts are exhausted; it can be replayed.
    Failed,
    /// Waits for its disabled webhook to be enabled again.
    Parked,
    /// Waits for an earlier delivery with the same key to be finished.
    Held,
    /// The webhook's filter did not want it.
    Filtered,
    /// Was parked, and is not sent: somebody said so, or it waited too long.
    Dropped,
}

impl State {
    /// Those in which nothing is under way any more: such a delivery can be sent again.
    pub const FINISHED: &'static [Self] = &[Self::Success, Self::Failed, Self::Filtered, Self::Dropped];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Leased => "leased",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Parked => "parked",
            Self::Held => "held",
            Self::Filtered => "filtered",
            Self::Dropped => "dropped",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        use State::{Dropped, Failed, Filtered, Held, Leased, Parked, Pending, Success};
        [Pending, Leased, Success, Failed, Parked, Held, Filtered, Dropped]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// The status that callers see: leases and the order of deliveries are the hub's own business.
    #[must_use]
    pub fn status(self) -> &'static str {
        match self {
            Self::Leased | Self::Held => "pending",
            other => other.as_str(),
        }
    }
}

/// Why an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The first try of a delivery.
    Initial,
    /// A retry by schedule.
    Automatic,
    /// A person or program asked for it.
    Manual,
}

impl Trigger {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Automatic => "automatic",
            Self::Manual => "manual",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Initial, Self::Automatic, Self::Manual].into_iter().find(|trigger| trigger.as_str() == text)
    }
}
