//! Integrations: a partner's and an outlet's accounts at providers, under `/api/admin`.

mod read;
mod secrets;
mod write;

use serde::Serialize;
use serde_json::{Map, Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::id::{IntegrationId, OutletId, PartnerId};
use simpul_core::integration::{Integration, IntegrationType, Settings};
use simpul_core::language::Language;
use simpul_core::partner::Outlet;
use simpul_core::time::Timestamp;
use simpul_providers::sentence;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::lookup::address_of;
use super::vocabulary::IntegrationTypeSchema;
use super::{ApiError, ApiResult};
use crate::auth::Caller;
use crate::state::AppState;
use simpul_core::access::{Role, Scope};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read::list_integrations))
        .routes(routes!(read::list_partner_integrations, write::create_partner_integration))
        .routes(routes!(read::list_outlet_integrations, write::create_outlet_integration))
        .routes(routes!(read::read_integration, write::change_integration, write::delete_integration))
        .routes(routes!(secrets::reveal_integration))
        .routes(routes!(secrets::rotate_inbound_token))
}

/// One account at a provider.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: IntegrationId,
    #[schema(value_type = String, format = "uuid")]
    pub partner_id: PartnerId,
    /// The outlet that it belongs to; `null` for the partner's own.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub outlet_id: Option<OutletId>,
    #[schema(value_type = IntegrationTypeSchema)]
    pub integration_type: IntegrationType,
    /// The provider's slug, as `GET /api/admin/providers` lists it.
    #[schema(example = "midtrans")]
    pub provider: String,
    pub display_name: String,
    pub is_active: bool,
    /// `true` for the provider's sandbox, `false` for production.
    pub test_mode: bool,
    /// For an outlet's: whether it works with the partner's configuration.
    pub use_partner_config: bool,
    /// Shaped by the provider; secrets masked. An inheriting integration shows the partner's.
    #[schema(value_type = Object, example = json!({"serverKey": "SB-Mid-server-••••1a2b"}))]
    pub configuration: Map<String, Value>,
    #[schema(value_type = SettingsSchema)]
    pub settings: Settings,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub last_tested_at: Option<Timestamp>,
    /// `success` or `failed`.
    pub last_test_status: Option<String>,
    /// In the language asked for.
    pub last_test_message: Option<String>,
    /// The address to enter at the provider. Whoever knows it can send to it, so a viewer sees its last part masked.
    #[schema(example = "https://hub.example.com/api/inbound/8Jx…")]
    pub inbound_url: String,
    /// The id of the user or key that made it.
    pub created_by: String,
    pub updated_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
    /// In an outlet's list: whether it is the partner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub inherited: Option<bool>,
}

/// What the hub itself does with an integration.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = IntegrationSettings, rename_all = "camelCase")]
pub struct SettingsSchema {
    /// Read a payment's status back from the provider before passing on what its notification claims.
    pub confirm_notifications: bool,
    /// Minutes between scheduled tests.
    #[schema(minimum = 1, maximum = 1440)]
    pub test_interval_minutes: u32,
    /// Response time in milliseconds that counts as good.
    #[schema(minimum = 50, maximum = 60_000)]
    pub latency_target_ms: u32,
    /// Days after which the credentials should be changed; 0 is never.
    #[schema(minimum = 0, maximum = 3_650)]
    pub credential_max_age_days: u32,
}

/// The integration as this caller may see it.
async fn shown(
    state: &AppState,
    caller: &Caller,
    integration: Integration,
    language: Language,
) -> ApiResult<IntegrationOut> {
    let configuration = state.engine.effective_configuration(&integration).await?;
    let masked = simpul_providers::find(&integration.provider)
        .map(|provider| provider.manifest().masked(&configuration))
        .unwrap_or_default();
    let token = if caller.role >= Role::Operator { integration.inbound_token.as_str() } else { "••••" };
    let inbound_url = state.engine.inbound_url(token);
    let last_test_message = integration.last_test_message.map(|message| sentence(&message, language).into_owned());
    Ok(IntegrationOut {
        id: integration.id,
        partner_id: integration.partner_id,
        outlet_id: integration.outlet_id,
        integration_type: integration.integration_type,
        provider: integration.provider,
        display_name: integration.display_name,
        is_active: integration.is_active,
        test_mode: integration.test_mode,
        use_partner_config: integration.use_partner_config,
        configuration: masked,
        settings: integration.settings,
        last_tested_at: integration.last_tested_at,
        last_test_status: integration.last_test_status,
        last_test_message,
        inbound_url,
        created_by: integration.created_by,
        updated_by: integration.updated_by,
        created_at: integration.created_at,
        updated_at: integration.updated_at,
        inherited: None,
    })
}

async fn find_outlet(state: &AppState, scope: Scope, id: OutletId) -> ApiResult<Outlet> {
    state.store.find_outlet(scope, id).await?.ok_or_else(|| ApiError::not_found("outlet"))
}

/// The log row of a change: who made it and the names of what changed, never values.
pub(super) fn change_log(
    integration: &Integration,
    message: &str,
    changed: &[String],
    caller: &Caller,
    client: &Client,
    now: Timestamp,
) -> Activity {
    let mut log = Activity::new(integration.id, Action::ConfigChange, Status::Success, message, now);
    let mut data = json!({"by": caller.label()});
    if !changed.is_empty() {
        data["changed"] = json!(changed);
    }
    log.request_data = Some(data);
    log.user_id = caller.user_id();
    log.ip_address = address_of(client);
    log.user_agent.clone_from(&client.user_agent);
    log
}

/// The names of the members that are sealed; none for a provider that this version does not know.
fn secret_names(slug: &str) -> Vec<&'static str> {
    simpul_providers::find(slug).map(|provider| provider.manifest().secret_names().collect()).unwrap_or_default()
}
