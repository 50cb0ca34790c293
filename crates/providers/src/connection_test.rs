//! The connection test as the hub runs it: local checks first, no call for a key of the wrong environment, a budget for
//! the whole, and no secret in what comes out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use simpul_core::error_type::ErrorType;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::language::Language;
use simpul_core::secret::Redactor;
use tokio::time::{Instant, timeout};

use crate::indonesian::{details_in_language, sentence};
use crate::network::Network;
use crate::provider::Provider;
use crate::steps::{Outcome, Steps, TestFailure};

/// No test takes longer.
pub const BUDGET: Duration = Duration::from_secs(10);

/// A finished test, ready to be shown and stored.
#[derive(Debug, Clone)]
pub struct TestReport {
    pub success: bool,
    pub message: String,
    pub details: Map<String, Value>,
    pub error_type: Option<ErrorType>,
    /// Milliseconds.
    pub duration: i64,
}

impl TestReport {
    /// The same report with its message, its hint and what its steps say in that language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if language != Language::English {
            self.message = sentence(&self.message, language).into_owned();
            details_in_language(&mut self.details, language);
        }
        self
    }
}

/// Tests a configuration against the provider.
pub async fn test_connection(
    provider: &dyn Provider,
    configuration: &Configuration,
    mode: Mode,
    base_url: Option<&str>,
    network: Arc<dyn Network>,
) -> TestReport {
    let started = Instant::now();
    let mut steps = Steps::default();
    let outcome = run(provider, configuration, mode, base_url, network, &mut steps).await;
    let redactor = Redactor::new(provider.manifest().secret_values(configuration));
    report(outcome, steps, mode, started, &redactor)
}

async fn run(
    provider: &dyn Provider,
    configuration: &Configuration,
    mode: Mode,
    base_url: Option<&str>,
    network: Arc<dyn Network>,
    steps: &mut Steps,
) -> Outcome {
    let label = provider.manifest().label;
    steps.begin("format");
    let inspection = provider.inspect(configuration, mode);
    if let Some(problem) = inspection.problems.first() {
        let message = format!("The {label} configuration cannot be used: {} {}", problem.field, problem.message);
        return Err(TestFailure::new(
            ErrorType::InvalidConfiguration,
            message,
            format!("Correct {} and test again.", problem.field),
        ));
    }
    if let Some(warning) = inspection.warnings.iter().find(|warning| warning.code == "environment_mismatch") {
        let hint = format!("Switch the integration's mode, or enter the {} key.", mode.as_str());
        return Err(TestFailure::new(ErrorType::EnvironmentMismatch, warning.message.clone(), hint)
            .with("field", warning.field.clone()));
    }
    let connection = provider.connect(configuration, mode, base_url, network).map_err(|error| {
        TestFailure::new(
            ErrorType::InvalidConfiguration,
            format!("The {label} configuration cannot be used: {error}"),
            "Correct the named members and test again.",
        )
    })?;
    steps.pass(None);
    timeout(BUDGET, connection.test(steps)).await.unwrap_or_else(|_| {
        let message = format!("{label} did not answer within {} seconds", BUDGET.as_secs());
        Err(TestFailure::new(
            ErrorType::Timeout,
            message,
            "The provider or the network is slow; test again in a minute, and check the provider's status page.",
        ))
    })
}

fn report(outcome: Outcome, mut steps: Steps, mode: Mode, started: Instant, redactor: &Redactor) -> TestReport {
    let mut details = Map::new();
    details.insert("environment".to_owned(), mode.as_str().into());
    let (success, message, error_type) = match outcome {
        Ok(success) => {
            details.extend(success.details);
            if let Some(permission) = &success.limited {
                details.insert("limited".to_owned(), true.into());
                details.insert("hint".to_owned(), permission.clone().into());
            }
            (true, success.message, success.limited.map(|_| ErrorType::PermissionDenied))
        }
        Err(failure) => {
            if !steps.is_marked() || failure.error_type == ErrorType::Timeout {
                steps.fail(failure.message.clone());
            }
            details.extend(*failure.details);
            details.insert("step".to_owned(), steps.current().into());
            details.insert("hint".to_owned(), failure.hint.into());
            if let Some(wait) = failure.retry_after {
                details.insert("retryAfter".to_owned(), wait.as_secs().into());
            }
            (false, failure.message, Some(failure.error_type))
        }
    };
    details.insert("steps".to_owned(), json!(steps.into_taken()));
    let details = details.into_iter().map(|(name, value)| (name, redactor.json(value))).collect();
    TestReport {
        success,
        message: redactor.text(&message),
        details,
        error_type,
        duration: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
    }
}
