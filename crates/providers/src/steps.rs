//! The steps of a connection test and how it ended.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use simpul_core::error_type::ErrorType;
use tokio::time::Instant;

/// One thing that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// `format`, `dns`, `tcp`, `banner`, `ehlo`, `tls`, `authentication`, `permission`, `account`, `device`, …
    pub name: &'static str,
    pub status: StepStatus,
    /// Milliseconds since the step before.
    pub duration: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    Passed,
    /// It passed with a reservation that the message states.
    Warned,
    Failed,
}

/// Takes note of each step and how long it took.
pub struct Steps {
    taken: Vec<Step>,
    started: Instant,
    current: &'static str,
}

impl Default for Steps {
    fn default() -> Self {
        Self { taken: Vec::new(), started: Instant::now(), current: "format" }
    }
}

impl Steps {
    /// Names what is being tried now, so that a timeout can say where it happened.
    pub fn begin(&mut self, name: &'static str) {
        self.current = name;
        self.started = Instant::now();
    }

    pub fn pass(&mut self, message: Option<String>) {
        self.end(StepStatus::Passed, message);
    }

    pub fn warn(&mut self, message: impl Into<String>) {
        self.end(StepStatus::Warned, Some(message.into()));
    }

    pub fn fail(&mut self, message: impl Into<String>) {
        self.end(StepStatus::Failed, Some(message.into()));
    }

    /// The step being tried, or the last one tried.
    #[must_use]
    pub fn current(&self) -> &'static str {
        self.current
    }

    /// Whether the current step already has its mark.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.taken.last().is_some_and(|step| step.name == self.current)
    }

    #[must_use]
    pub fn into_taken(self) -> Vec<Step> {
        self.taken
    }

    fn end(&mut self, status: StepStatus, message: Option<String>) {
        let duration = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.taken.push(Step { name: self.current, status, duration, message });
        self.started = Instant::now();
    }
}

/// How a test ended.
pub type Outcome = Result<TestSuccess, TestFailure>;

/// The provider accepted the credential.
#[derive(Debug, Clone, Default)]
pub struct TestSuccess {
    /// One sentence, such as `Midtrans connection successful`.
    pub message: String,
    /// What the operator needs: environment, account or device status, balance, expiry. No secret.
    pub details: Map<String, Value>,
    /// The credential is genuine but may not make the test call: shown amber.
    pub limited: Option<String>,
}

/// The connection cannot be used.
#[derive(Debug, Clone)]
pub struct TestFailure {
    pub error_type: ErrorType,
    /// One sentence that says what is wrong.
    pub message: String,
    /// The remedy.
    pub hint: String,
    /// What the provider said (`providerMessage`), the status (`httpStatus`, `smtpStatus`), and the like. No secret.
    /// Boxed, so that results stay cheap to pass on.
    pub details: Box<Map<String, Value>>,
    pub retry_after: Option<Duration>,
}

impl TestFailure {
    #[must_use]
    pub fn new(error_type: ErrorType, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error_type, message: message.into(), hint: hint.into(), details: Box::default(), retry_after: None }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
