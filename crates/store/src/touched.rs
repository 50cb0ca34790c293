//! Which integrations something was logged for lately on this node, so that their health is looked at anew.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use simpul_core::id::IntegrationId;

use crate::Store;

/// Integrations that are remembered; past it, the sweep over all of them finds the others.
const AT_MOST: usize = 50_000;

/// Integrations whose log has grown.
#[derive(Debug, Default)]
pub(crate) struct Touched(Mutex<HashSet<IntegrationId>>);

impl Touched {
    /// Notes them, as far as there is room.
    pub(crate) fn note(&self, ids: impl Iterator<Item = IntegrationId>) {
        let mut touched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            if touched.len() < AT_MOST {
                touched.insert(id);
            }
        }
    }

    fn take(&self, at_most: usize) -> Vec<IntegrationId> {
        let mut touched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken: Vec<IntegrationId> = touched.iter().take(at_most).copied().collect();
        for id in &taken {
            touched.remove(id);
        }
        taken
    }
}

impl Store {
    /// Integrations for which this node logged something since they were last taken, at most so many. What they were noted
    /// for is committed a moment later: look at them a second after.
    #[must_use]
    pub fn take_touched(&self, at_most: usize) -> Vec<IntegrationId> {
        self.touched.take(at_most)
    }

    /// Notes that these are to be looked at anew.
    pub fn touch(&self, ids: impl IntoIterator<Item = IntegrationId>) {
        self.touched.note(ids.into_iter());
    }
}
