//! All of Simpul's SQL: one `Store` over SQLite or PostgreSQL, every statement written once in the subset both share.

mod activity;
mod activity_counts;
mod advice;
mod alerts;
mod announcement;
mod bulk;
mod connection_hours;
mod db;
mod deliveries;
mod dismissals;
mod error;
mod events;
mod figures;
mod health;
mod horizons;
mod identities;
mod incidents;
mod ingest;
mod installation;
mod integrations;
mod kinds;
mod leadership;
mod maintenance;
mod metrics;
mod notifications;
mod ordering;
mod partners;
mod probes;
mod public_pages;
mod public_status;
mod queue;
mod receiver;
mod remembered;
mod replays;
mod retention;
mod rollups;
mod room;
mod seal;
mod series;
mod settle;
mod snapshots;
#[cfg(feature = "testing")]
pub mod testing;
mod touched;
mod webhooks;
mod writer;

use std::sync::Arc;

pub use activity::{ActivityFilter, ActivityPage, ActivityRow, StatCount};
pub use advice::{AdviceFacts, FailureRow, HourlyLatency, LastTestRow};
pub use alerts::{AlertChange, AlertDeliveryFilter, AlertFailure, AlertIncident, AlertOutcome, AlertView, AlertWrite};
pub use connection_hours::ConnectionHour;
pub use db::{Database, Store};
pub use deliveries::{Attempt, Delivery, DeliveryFilter};
pub use error::{Error, Result};
pub use events::{EventRow, EventSource};
pub use figures::{COUNTED_AT_MOST, Figures};
pub use health::{LastOutcome, RollupLine};
pub use horizons::Horizons;
pub use identities::{ApiKey, Session, User};
pub use incidents::{ConnectionMinute, Incident, IncidentChange, IncidentEntry, IncidentFilter, Telling};
pub use ingest::{Accepted, IDEMPOTENCY_DAYS, Ingest, NewEvent};
pub use integrations::IntegrationFilter;
pub use maintenance::{MaintenanceFilter, MaintenanceWindow};
pub use metrics::WriterMetrics;
pub use notifications::{AcceptFilter, Notification, NotificationFilter, NotificationRow};
pub use probes::ProbeTarget;
pub use public_pages::{Badge, StatusPage};
pub use queue::{ClaimRules, Claimed, LeasedDelivery, News};
pub use receiver::DisableRules;
pub use replays::{Replay, ReplayFilter, ReplayStep, ReplayTally, RunningReplay};
pub use retention::Old;
pub use room::{Place, Room};
pub use seal::{MasterKey, MasterKeyError};
pub use series::{SeriesLine, SeriesOutcome};
pub use settle::{AttemptRecord, Outcome, Settled, Settlement, Sign};
pub use snapshots::{HealthChange, HealthCount, HealthEntry, HealthSnapshot, OverviewFilter};
pub use writer::{Writer, WriterOptions};

/// A page of a list: how many to skip and how many to take.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub offset: u32,
    pub limit: u32,
}

/// The clock, as the store is handed it.
pub type SharedClock = Arc<dyn simpul_core::time::Clock>;
