//! What Simpul knows of each provider, one file a provider, and what they share. Providers know nothing of storage or of
//! the hub's own HTTP API; the hub hands them the network.

mod certificate_expiry;
mod connection_test;
mod digest;
mod email;
#[cfg(any(test, feature = "fake-network"))]
pub mod fake_network;
mod http_answer;
mod indonesian;
mod key_kinds;
mod manifest;
mod messaging;
mod network;
mod notification;
mod payment_data;
mod provider;
mod registry;
mod sending;
mod smtp_dialogue;
mod smtp_refusal;
mod steps;

pub use connection_test::{BUDGET, TestReport, test_connection};
pub use indonesian::{details_in_language, sentence};
pub use manifest::{Field, FieldProblem, Inspection, Kind, Manifest, Warning, inspect, schema};
pub use network::{HttpFailure, HttpRequest, HttpResponse, Network};
pub use notification::{Acknowledgement, Inbound, Kept, NormalisedEvent, Received, Refusal};
pub use provider::{ConfigurationError, Confirmation, Connection, Notifications, Payments, Provider, ProviderError};
pub use registry::{all, find};
pub use sending::{MailReceipt, Mailer, Messages, OutgoingMail, RefusedRecipient, SendError};
pub use steps::{Outcome, Step, StepStatus, Steps, TestFailure, TestSuccess};
