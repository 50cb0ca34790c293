//! What happens by itself: events come in and go out, connections are tested, health is computed, old rows are let go.

mod address;
mod advice;
mod alert;
mod attempt;
mod clock_guard;
mod confirm;
mod dispatch;
mod egress;
mod engine;
mod feeder;
mod health;
mod inbound;
mod incidents;
mod lanes;
mod metrics;
mod outage;
mod outbound;
mod probe;
mod recall;
mod refusals;
mod replays;
mod retention;
mod shape;
mod tests_run;
mod tls;
mod watch;
mod webhook_test;

pub use address::Policy;
pub use advice::Advice;
pub use alert::{AlertPreview, ChannelTestReport};
pub use egress::{Egress, Exchange, Timings};
pub use engine::{Engine, Options, StartError};
pub use health::{
    ComponentHealth, HealthReport, Metrics, PointState, PreviousHealth, Series, SeriesPoint, Step, Window,
};
pub use inbound::{AcceptCounts, AcceptOutcome, AcceptSubject, InboundAnswer, InboundRequest};
pub use incidents::facts as incident_facts;
pub use metrics::EngineMetrics;
pub use outbound::{PlatformEvent, payload};
pub use refusals::Suppressed;
pub use replays::ReplayWait;
pub use shape::{Expression, Preview, ShapeError, Shaped, Shaper, run_shape_worker};
pub use tests_run::TestSubject;
pub use tls::TrustError;
pub use webhook_test::WebhookTestReport;
