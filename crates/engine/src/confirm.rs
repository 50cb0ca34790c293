//! Asking the provider whether a notification tells the truth, where its signature does not cover what matters.

use std::time::Duration;

use simpul_providers::{Confirmation, Connection, NormalisedEvent};
use tokio::time::timeout;

/// All read-backs of one notification together take no longer; most providers wait 15 seconds for our answer.
const BUDGET: Duration = Duration::from_secs(8);

/// What became of the events of one notification.
pub(crate) enum Confirmed {
    /// As the provider's own answers tell them.
    All(Vec<NormalisedEvent>),
    /// The provider knows nothing of it: the notification is not genuine.
    Denied(String),
    /// The provider could not be asked: it must send the notification again.
    Unanswered(String),
}

pub(crate) async fn confirm(connection: &dyn Connection, events: Vec<NormalisedEvent>) -> Confirmed {
    let Some(payments) = connection.payments() else { return Confirmed::All(events) };
    let asking = async {
        let mut confirmed = Vec::with_capacity(events.len());
        for event in events {
            if !event.confirm {
                confirmed.push(event);
                continue;
            }
            match payments.confirm(event).await {
                Ok(Confirmation::Confirmed(event)) => confirmed.push(*event),
                Ok(Confirmation::Denied(reason)) => return Confirmed::Denied(reason),
                Err(error) => return Confirmed::Unanswered(error.detail),
            }
        }
        Confirmed::All(confirmed)
    };
    timeout(BUDGET, asking)
        .await
        .unwrap_or_else(|_| Confirmed::Unanswered("the provider did not answer in time".to_owned()))
}
