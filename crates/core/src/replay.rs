//! Sending many of a webhook's deliveries again: where such a replay stands, and what may be done with it.
//!
//! ```text
//!             ┌──pause──▶ paused ──┐
//! running ────┤◀─resume─────┘      ├─cancel─▶ cancelled
//!    │        └────────────────────┘
//!    └─nothing left──▶ completed
//! ```

/// Where a replay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplayState {
    /// Goes on by itself, unless its webhook cannot take more just now.
    Running,
    /// A person stopped it; it goes on where it was when somebody resumes it.
    Paused,
    /// A person ended it. What was sent stays sent.
    Cancelled,
    /// Everything that was left of its selection has been sent again.
    Completed,
}

impl ReplayState {
    /// The word in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Cancelled, Self::Completed].into_iter().find(|state| state.as_str() == text)
    }

    /// Whether it will never send anything again.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Completed)
    }
}

/// What a person may ask of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayChange {
    Pause,
    Resume,
    Cancel,
}

impl ReplayChange {
    /// The states in which it can be asked.
    #[must_use]
    pub fn from(self) -> &'static [ReplayState] {
        match self {
            Self::Pause => &[ReplayState::Running],
            Self::Resume => &[ReplayState::Paused],
            Self::Cancel => &[ReplayState::Running, ReplayState::Paused],
        }
    }

    /// The state that it leads to.
    #[must_use]
    pub fn to(self) -> ReplayState {
        match self {
            Self::Pause => ReplayState::Paused,
            Self::Resume => ReplayState::Running,
            Self::Cancel => ReplayState::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_takes_no_change() {
        for state in ["cancelled", "completed"].map(|text| ReplayState::parse(text).unwrap()) {
            assert!(state.is_over());
            for change in [ReplayChange::Pause, ReplayChange::Resume, ReplayChange::Cancel] {
                assert!(!change.from().contains(&state), "{change:?} of {state:?}");
            }
        }
        assert_eq!(ReplayState::parse("stopped"), None);
    }
}
