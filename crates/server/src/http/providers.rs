//! The catalogue of providers, from which the dashboard builds its forms: `GET /api/admin/providers`.

use serde::Serialize;
use serde_json::Value;
use simpul_core::event::EventType;
use simpul_core::integration::IntegrationType;
use simpul_core::language::Language;
use simpul_providers::{Provider, sentence};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::vocabulary::IntegrationTypeSchema;
use super::{Data, Lang, LangQuery};
use crate::auth::Viewer;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_providers))
}

/// A kind of service that an integration can be made for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderOut {
    /// What an integration's `provider` member says.
    #[schema(example = "midtrans")]
    pub slug: &'static str,
    /// The name for people.
    #[schema(example = "Midtrans")]
    pub label: &'static str,
    #[schema(value_type = IntegrationTypeSchema)]
    pub integration_type: IntegrationType,
    /// JSON Schema (draft 2020-12) of the configuration, with `writeOnly` on secrets. Its titles and descriptions are in the
    /// language asked for.
    #[schema(value_type = Object)]
    pub schema: Value,
    /// The event types that its notifications can become.
    #[schema(value_type = Vec<String>)]
    pub events: &'static [EventType],
    /// Where the credentials are found, as a path through the provider's own console.
    pub credentials_help: String,
    /// Where the inbound URL is to be entered at the provider; `null` when it sends no notifications.
    pub notifications_help: Option<String>,
    /// The default of `settings.confirmNotifications`.
    pub confirms_notifications: bool,
    /// Whether it sends notifications at all.
    pub sends_notifications: bool,
}

impl ProviderOut {
    fn of(provider: &dyn Provider, language: Language) -> Self {
        let manifest = provider.manifest();
        let said = |text: &str| sentence(text, language).into_owned();
        Self {
            slug: manifest.slug,
            label: manifest.label,
            integration_type: manifest.integration_type,
            schema: simpul_providers::schema(manifest, language),
            events: manifest.events,
            credentials_help: said(manifest.credentials_help),
            notifications_help: manifest.notifications_help.map(said),
            confirms_notifications: manifest.confirms_notifications,
            sends_notifications: manifest.notifications_help.is_some(),
        }
    }
}

/// Every provider that this version knows, in the order in which people are shown them.
#[utoipa::path(get, path = "/api/admin/providers", tag = "Integrations", params(LangQuery),
    responses((status = 200, description = "All providers", body = Data<Vec<ProviderOut>>)))]
async fn list_providers(_: Viewer, Lang(language): Lang) -> Data<Vec<ProviderOut>> {
    Data::new(simpul_providers::all().iter().map(|provider| ProviderOut::of(*provider, language)).collect())
}
