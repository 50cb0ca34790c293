//! Testing connections on demand, and keeping what came of it.

use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::id::UserId;
use simpul_core::integration::{Configuration, Integration, Mode};
use simpul_core::time::Timestamp;
use simpul_providers::{Provider, TestReport, test_connection};

use crate::Engine;

/// Who asked for a test, for the log.
#[derive(Debug, Clone, Default)]
pub struct TestSubject {
    pub user_id: Option<UserId>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
}

impl Engine {
    /// Tests a configuration that need not be stored.
    pub async fn test_configuration(
        &self,
        provider: &dyn Provider,
        configuration: &Configuration,
        mode: Mode,
    ) -> TestReport {
        test_connection(provider, configuration, mode, self.base_url(provider.manifest().slug), self.network()).await
    }

    /// Tests an integration's connection; its last result and the log row are written in one transaction. Answers when it
    /// was tested, too.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn test_integration(
        &self,
        integration: &Integration,
        subject: &TestSubject,
    ) -> simpul_store::Result<(TestReport, Timestamp)> {
        let configuration = self.effective_configuration(integration).await?;
        let mode = Mode::of(integration.test_mode);
        let report = match simpul_providers::find(&integration.provider) {
            Some(provider) => self.test_configuration(provider, &configuration, mode).await,
            None => unknown_provider(&integration.provider),
        };
        self.metrics.tested(&integration.provider, report.success);
        let now = self.clock.now();
        let status = if report.success { Status::Success } else { Status::Failed };
        let mut log = Activity::new(integration.id, Action::Test, status, report.message.clone(), now);
        log.error_type = report.error_type;
        log.duration = Some(report.duration);
        log.request_data = Some(json!({"provider": integration.provider, "environment": mode.as_str()}));
        let details = Value::Object(report.details.clone());
        if report.success {
            log.response_data = Some(details);
        } else {
            log.error_details = Some(details);
        }
        log.user_id = subject.user_id;
        log.ip_address.clone_from(&subject.ip_address);
        log.user_agent.clone_from(&subject.user_agent);
        self.store.record_test(integration.id, status.as_str(), &report.message, log).await?;
        Ok((report, now))
    }
}

fn unknown_provider(slug: &str) -> TestReport {
    TestReport {
        success: false,
        message: format!("This version of Simpul does not know the provider {slug}"),
        details: serde_json::Map::new(),
        error_type: Some(simpul_core::error_type::ErrorType::InvalidConfiguration),
        duration: 0,
    }
}
