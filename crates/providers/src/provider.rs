//! The contract between the hub and a provider's file: a static description, and what one configured account can do.
//! What guards has no default: a provider that takes notifications must verify them to read them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use simpul_core::error_type::ErrorType;
use simpul_core::integration::{Configuration, Mode};

use crate::manifest::{FieldProblem, Inspection, Manifest};
use crate::network::Network;
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};
use crate::sending::{Mailer, Messages};
use crate::steps::{Outcome, Steps};

/// A kind of service.
pub trait Provider: Send + Sync {
    fn manifest(&self) -> &'static Manifest;

    /// Checks a configuration without asking anybody: what must be refused, and what deserves a warning.
    fn inspect(&self, configuration: &Configuration, mode: Mode) -> Inspection;

    /// Parses a configuration once into an account that can be used. `base_url` is the operator's override; it stands in
    /// for the provider's own address in both modes.
    ///
    /// # Errors
    /// The members that are missing or wrong.
    fn connect(
        &self,
        configuration: &Configuration,
        mode: Mode,
        base_url: Option<&str>,
        network: Arc<dyn Network>,
    ) -> Result<Box<dyn Connection>, ConfigurationError>;
}

/// One configured account.
#[async_trait]
pub trait Connection: Send + Sync {
    /// Tests the connection with read-only calls, noting each step. Success means that the provider was seen to accept the
    /// credential. The caller keeps the time budget.
    async fn test(&self, steps: &mut Steps) -> Outcome;

    /// What reads this account's notifications, where the provider sends any.
    fn notifications(&self) -> Option<&dyn Notifications> {
        None
    }

    /// What sends text messages through this account, where the provider carries any.
    fn messages(&self) -> Option<&dyn Messages> {
        None
    }

    /// What sends mail through this account, where the provider carries any.
    fn mailer(&self) -> Option<&dyn Mailer> {
        None
    }

    /// What reads this account's payments back, where the provider takes payments.
    fn payments(&self) -> Option<&dyn Payments> {
        None
    }
}

/// Verifies and reads notifications, in one step: nothing unverified can be parsed.
pub trait Notifications: Send + Sync {
    /// # Errors
    /// The notification is forged or cannot be read.
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal>;

    /// The answer once everything is stored.
    fn acknowledge(&self) -> Acknowledgement;

    /// The status that answers a refusal; 200 for what the provider sent rightly and is not to send again.
    fn refuse(&self, refusal: &Refusal) -> u16 {
        match refusal {
            Refusal::Forged(_) | Refusal::Stale(_) | Refusal::UnknownAccount(_) => 401,
            Refusal::Malformed(_) => 400,
        }
    }
}

/// Reads payments back from the provider.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Asks the provider for the truth about an event read from a notification.
    ///
    /// # Errors
    /// The provider could not be asked.
    async fn confirm(&self, event: NormalisedEvent) -> Result<Confirmation, ProviderError>;
}

/// What the provider said when asked.
#[derive(Debug)]
pub enum Confirmation {
    /// The event as the provider's own answer tells it; its type may differ from what the notification claimed.
    Confirmed(Box<NormalisedEvent>),
    /// The provider knows no such payment, or in another amount: the notification was not genuine.
    Denied(String),
}

/// A call that did not do what it was made for.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{detail}")]
pub struct ProviderError {
    pub error_type: ErrorType,
    /// Not before this long, if the provider said so.
    pub retry_after: Option<Duration>,
    /// Safe to show.
    pub detail: String,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .problems.iter().map(|problem| format!("{} {}", problem.field, problem.message)).collect::<Vec<_>>().join("; "))]
pub struct ConfigurationError {
    pub problems: Vec<FieldProblem>,
}
