//! Testing connections now: a stored integration's, or a configuration that is not stored yet.

#[cfg(test)]
mod tests;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::language::Language;
use simpul_core::time::Timestamp;
use simpul_engine::TestSubject;
use simpul_providers::TestReport;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::configuration::{merge, provider_of};
use super::extract::BODY_LIMIT;
use super::lookup::{address_of, integration_in};
use super::vocabulary::{ErrorTypeSchema, IntegrationTypeSchema};
use super::{ApiError, ApiResult, Data, Lang, LangQuery, PathId, Problems, RequestBody};
use crate::auth::Operator;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(test_integration)).routes(routes!(test_configuration))
}

/// How a connection test ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestOut {
    /// `success` or `failed`.
    pub status: &'static str,
    #[schema(example = "Midtrans connection successful")]
    pub message: String,
    /// Environment, account or device status, balance; on failure what the provider said, the step and a `hint`. Hint and steps
    /// are in the language asked for, as the message is.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    #[schema(value_type = Option<ErrorTypeSchema>)]
    pub error_type: Option<ErrorType>,
    /// Milliseconds.
    pub duration: i64,
    #[schema(value_type = String, format = "date-time")]
    pub tested_at: Timestamp,
}

fn answer(report: TestReport, tested_at: Timestamp, language: Language) -> Data<TestOut> {
    let report = report.in_language(language);
    let out = TestOut {
        status: if report.success { "success" } else { "failed" },
        message: report.message,
        details: report.details,
        error_type: report.error_type,
        duration: report.duration,
        tested_at,
    };
    Data { success: report.success, ..Data::new(out) }
}

/// Tests the connection now, within ten seconds. The result is kept with the integration and in its log.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/test", tag = "Connection tests",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), LangQuery),
    responses((status = 200, description = "The test ran; `success` says how it ended", body = Data<TestOut>)))]
async fn test_integration(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<TestOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let Lang(language) = language?;
    let subject = TestSubject {
        user_id: caller.user_id(),
        ip_address: address_of(&client),
        user_agent: client.user_agent.clone(),
    };
    let (report, tested_at) = state.engine.test_integration(&integration, &subject).await?;
    Ok(answer(report, tested_at, language))
}

/// A configuration to try.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct TestIn {
    #[schema(value_type = IntegrationTypeSchema)]
    integration_type: Option<String>,
    #[schema(value_type = String, example = "midtrans")]
    provider: Option<String>,
    #[schema(default = true)]
    test_mode: Option<bool>,
    #[schema(value_type = Object)]
    configuration: Option<Map<String, Value>>,
}

/// Tests a configuration that is not stored; nothing is stored by it.
#[utoipa::path(post, path = "/api/admin/integrations/test", tag = "Connection tests", request_body = TestIn, params(LangQuery),
    responses((status = 200, description = "The test ran; `success` says how it ended", body = Data<TestOut>)))]
async fn test_configuration(
    Operator(_caller): Operator,
    Lang(language): Lang,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<TestOut>> {
    let input: TestIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let (kind, slug) = (input.integration_type.unwrap_or_default(), input.provider.unwrap_or_default());
    let provider = provider_of(&kind, &slug, &mut problems);
    let mode = Mode::of(input.test_mode.unwrap_or(true));
    let mut configuration = Configuration::default();
    if let Some(provider) = provider {
        let sent = input.configuration.unwrap_or_default();
        let merged = merge(provider.manifest(), &configuration, sent, &mut problems);
        merged.inspect(provider, mode, &mut problems);
        configuration = merged.configuration;
    }
    problems.into_result_in(language)?;
    let Some(provider) = provider else { return Err(ApiError::invalid("provider", "is not known")) };
    let report = state.engine.test_configuration(provider, &configuration, mode).await;
    Ok(answer(report, state.now(), language))
}
