//! A recommendation that somebody does not want to see, for good or for a time.

use super::{Recommendation, Severity};
use crate::time::Timestamp;

/// A recommendation put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dismissal {
    pub code: String,
    /// `None` for as long as it does not change.
    pub until: Option<Timestamp>,
    /// How severe it was, and what it was about.
    pub severity: Severity,
    pub fingerprint: String,
    pub reason: Option<String>,
    /// The user's or key's id.
    pub created_by: String,
    pub created_at: Timestamp,
}

impl Dismissal {
    /// Whether it still holds for this finding: not after its time, not where it got worse, not for another subject.
    #[must_use]
    pub fn hides(&self, finding: &Recommendation, now: Timestamp) -> bool {
        self.code == finding.code
            && self.until.is_none_or(|until| now < until)
            && finding.severity >= self.severity
            && finding.fingerprint == self.fingerprint
    }
}
