//! Creating, changing and deleting integrations: everything is checked before anything is stored.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use simpul_core::id::{IntegrationId, OutletId, PartnerId};
use simpul_core::integration::{Configuration, Integration, Mode, Settings, credential_max_age_days};
use simpul_core::language::Language;
use simpul_providers::{Manifest, Provider};
use utoipa::ToSchema;

use super::{IntegrationOut, change_log, find_outlet, secret_names, shown};
use crate::auth::{Admin, Caller};
use crate::http::client::Client;
use crate::http::configuration::{in_language, merge, provider_of, warnings_of};
use crate::http::envelope::{Failure, Warning};
use crate::http::extract::BODY_LIMIT;
use crate::http::lookup::integration_in;
use crate::http::members::{Deleted, present};
use crate::http::partners::find_partner;
use crate::http::vocabulary::IntegrationTypeSchema;
use crate::http::{ApiError, ApiResult, Data, Lang, LangQuery, PathId, Problems, RequestBody};
use crate::state::AppState;
use crate::token;

/// A new integration. Creating it runs no test.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct IntegrationIn {
    #[schema(value_type = IntegrationTypeSchema)]
    integration_type: Option<String>,
    /// The provider's slug.
    #[schema(value_type = String, example = "midtrans")]
    provider: Option<String>,
    /// The provider's name where absent.
    #[schema(max_length = 120)]
    display_name: Option<String>,
    #[schema(default = true)]
    is_active: Option<bool>,
    /// The provider's sandbox; say `false` for production.
    #[schema(default = true)]
    test_mode: Option<bool>,
    /// For an outlet: work with the partner's configuration for the same provider.
    #[schema(default = false)]
    use_partner_config: Option<bool>,
    /// Shaped by the provider; its JSON Schema is in `GET /api/admin/providers`.
    #[schema(value_type = Object)]
    configuration: Option<Map<String, Value>>,
    settings: Option<SettingsPatch>,
}

/// What to change; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct IntegrationPatch {
    /// Cannot be changed; accepted if it is what it was.
    #[schema(value_type = Option<IntegrationTypeSchema>)]
    integration_type: Option<String>,
    /// Cannot be changed; accepted if it is what it was.
    provider: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(max_length = 120, nullable = false)]
    display_name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    test_mode: Option<bool>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    use_partner_config: Option<bool>,
    /// Merged member by member; `null` removes one, a masked secret leaves it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Object, nullable = false)]
    configuration: Option<Map<String, Value>>,
    settings: Option<SettingsPatch>,
}

/// Settings to change; absent members keep their value, or their default on creation.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = IntegrationSettingsPatch)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SettingsPatch {
    confirm_notifications: Option<bool>,
    #[schema(minimum = 1, maximum = 1440)]
    test_interval_minutes: Option<i64>,
    #[schema(minimum = 50, maximum = 60_000)]
    latency_target_ms: Option<i64>,
    #[schema(minimum = 0, maximum = 3_650)]
    credential_max_age_days: Option<i64>,
}

impl SettingsPatch {
    fn over(self, mut settings: Settings, problems: &mut Problems) -> Settings {
        if let Some(confirm) = self.confirm_notifications {
            settings.confirm_notifications = confirm;
        }
        if let Some(minutes) = self.test_interval_minutes {
            problems.range("settings.testIntervalMinutes", minutes, 1, 1_440);
            settings.test_interval_minutes = u32::try_from(minutes).unwrap_or(settings.test_interval_minutes);
        }
        if let Some(target) = self.latency_target_ms {
            problems.range("settings.latencyTargetMs", target, 50, 60_000);
            settings.latency_target_ms = u32::try_from(target).unwrap_or(settings.latency_target_ms);
        }
        if let Some(days) = self.credential_max_age_days {
            problems.range("settings.credentialMaxAgeDays", days, 0, 3_650);
            settings.credential_max_age_days = u32::try_from(days).unwrap_or(settings.credential_max_age_days);
        }
        settings
    }
}

fn default_settings(manifest: &Manifest) -> Settings {
    Settings {
        confirm_notifications: manifest.confirms_notifications,
        test_interval_minutes: 5,
        latency_target_ms: manifest.integration_type.default_latency_target_ms(),
        credential_max_age_days: credential_max_age_days(),
    }
}

/// Creates an integration of the partner itself.
#[utoipa::path(post, path = "/api/admin/partners/{id}/integrations", tag = "Integrations", request_body = IntegrationIn,
    params(("id" = String, Path, description = "The partner's id", format = "uuid"), LangQuery),
    responses((status = 201, description = "Created; `warnings` names what looks wrong", body = Data<IntegrationOut>),
        (status = 409, description = "There is one of this type and provider", body = Failure)))]
pub(super) async fn create_partner_integration(
    Admin(caller): Admin,
    PathId(id): PathId<PartnerId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<IntegrationOut>)> {
    let partner = find_partner(&state, caller.scope(), id).await?;
    let Lang(language) = language?;
    let input = body.json(BODY_LIMIT).await?;
    create(&state, (&caller, &client, language), partner.id, None, input).await
}

/// Creates an integration of one outlet, with a configuration of its own or with the partner's.
#[utoipa::path(post, path = "/api/admin/outlets/{id}/integrations", tag = "Integrations", request_body = IntegrationIn,
    params(("id" = String, Path, description = "The outlet's id", format = "uuid"), LangQuery),
    responses((status = 201, description = "Created; `warnings` names what looks wrong", body = Data<IntegrationOut>),
        (status = 409, description = "There is one of this type and provider", body = Failure)))]
pub(super) async fn create_outlet_integration(
    Admin(caller): Admin,
    PathId(id): PathId<OutletId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<IntegrationOut>)> {
    let outlet = find_outlet(&state, caller.scope(), id).await?;
    let Lang(language) = language?;
    let input = body.json(BODY_LIMIT).await?;
    create(&state, (&caller, &client, language), outlet.partner_id, Some(outlet.id), input).await
}

async fn create(
    state: &AppState,
    (caller, client, language): (&Caller, &Client, Language),
    partner_id: PartnerId,
    outlet_id: Option<OutletId>,
    input: IntegrationIn,
) -> ApiResult<(StatusCode, Data<IntegrationOut>)> {
    let mut problems = Problems::new();
    let now = state.now();
    let named = (input.integration_type.unwrap_or_default(), input.provider.unwrap_or_default());
    let Some(provider) = provider_of(&named.0, &named.1, &mut problems) else {
        problems.into_result_in(language)?;
        return Err(ApiError::invalid("provider", "is not known"));
    };
    let manifest = provider.manifest();
    let display_name = problems.line("displayName", input.display_name.as_deref().unwrap_or(manifest.label), 120);
    let settings = input.settings.unwrap_or_default().over(default_settings(manifest), &mut problems);
    let mode = Mode::of(input.test_mode.unwrap_or(true));
    let use_partner_config = input.use_partner_config.unwrap_or(false);
    let merged = merge(manifest, &Configuration::default(), input.configuration.unwrap_or_default(), &mut problems);
    let warnings = if use_partner_config {
        inherited(state, partner_id, outlet_id, provider, mode, &mut problems).await?
    } else {
        merged.inspect(provider, mode, &mut problems)
    };
    problems.into_result_in(language)?;
    let integration = Integration {
        id: IntegrationId::generate(now),
        partner_id,
        outlet_id,
        integration_type: manifest.integration_type,
        provider: manifest.slug.to_owned(),
        display_name,
        is_active: input.is_active.unwrap_or(true),
        test_mode: mode == Mode::Sandbox,
        use_partner_config,
        configuration: merged.configuration,
        settings,
        inbound_token: token::generate().expose().to_owned(),
        last_tested_at: None,
        last_test_status: None,
        last_test_message: None,
        created_by: caller.label(),
        updated_by: caller.label(),
        created_at: now,
        updated_at: now,
    };
    let log = change_log(&integration, "Integration created", &merged.changed, caller, client, now);
    state.store.insert_integration(&integration, &secret_names(manifest.slug), log).await?;
    let warnings = in_language(warnings, language);
    Ok(Data::new(shown(state, caller, integration, language).await?).warnings(warnings).created())
}

/// What an outlet's integration needs in order to inherit, and what looks wrong in what it inherits.
async fn inherited(
    state: &AppState,
    partner_id: PartnerId,
    outlet_id: Option<OutletId>,
    provider: &dyn Provider,
    mode: Mode,
    problems: &mut Problems,
) -> ApiResult<Vec<Warning>> {
    let manifest = provider.manifest();
    if outlet_id.is_none() {
        problems.add("usePartnerConfig", "is for an outlet's integration; this one is the partner's own");
        return Ok(Vec::new());
    }
    let own = state.store.find_partner_integration(partner_id, manifest.integration_type, manifest.slug).await?;
    let Some(own) = own else {
        let problem = format!("needs an integration of the partner with {}; create that first", manifest.label);
        problems.add("usePartnerConfig", problem);
        return Ok(Vec::new());
    };
    Ok(warnings_of(provider, &own.configuration, mode))
}

/// Changes an integration; absent members stay as they are.
#[utoipa::path(put, path = "/api/admin/integrations/{id}", tag = "Integrations", request_body = IntegrationPatch,
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), LangQuery),
    responses((status = 200, description = "Changed; `warnings` names what looks wrong", body = Data<IntegrationOut>)))]
pub(super) async fn change_integration(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<IntegrationOut>> {
    let before = integration_in(&state, caller.scope(), id).await?;
    let Lang(language) = language?;
    let patch: IntegrationPatch = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    if patch.integration_type.as_deref().is_some_and(|kind| kind != before.integration_type.as_str()) {
        problems.add("integrationType", "cannot be changed; create another integration");
    }
    if patch.provider.as_deref().is_some_and(|slug| slug != before.provider) {
        problems.add("provider", "cannot be changed; create another integration");
    }
    let provider = provider_of(before.integration_type.as_str(), &before.provider, &mut problems);
    let mut after = before.clone();
    if let Some(name) = &patch.display_name {
        after.display_name = problems.line("displayName", name, 120);
    }
    after.is_active = patch.is_active.unwrap_or(before.is_active);
    after.test_mode = patch.test_mode.unwrap_or(before.test_mode);
    after.use_partner_config = patch.use_partner_config.unwrap_or(before.use_partner_config);
    after.settings = patch.settings.unwrap_or_default().over(before.settings, &mut problems);
    let (warnings, changed) =
        reconfigure(&state, &mut after, provider, patch.configuration.unwrap_or_default(), &mut problems).await?;
    problems.into_result_in(language)?;
    after.updated_by = caller.label();
    after.updated_at = state.now();
    let changed = [changed_members(&before, &after), changed].concat();
    let log = change_log(&after, "Integration changed", &changed, &caller, &client, after.updated_at);
    state.store.update_integration(&after, &secret_names(&after.provider), log).await?;
    let warnings = in_language(warnings, language);
    Ok(Data::new(shown(&state, &caller, after, language).await?).warnings(warnings))
}

async fn reconfigure(
    state: &AppState,
    after: &mut Integration,
    provider: Option<&'static dyn Provider>,
    sent: Map<String, Value>,
    problems: &mut Problems,
) -> ApiResult<(Vec<Warning>, Vec<String>)> {
    let Some(provider) = provider else { return Ok((Vec::new(), Vec::new())) };
    let mode = Mode::of(after.test_mode);
    let merged = merge(provider.manifest(), &after.configuration, sent, problems);
    let warnings = if after.use_partner_config {
        inherited(state, after.partner_id, after.outlet_id, provider, mode, problems).await?
    } else {
        merged.inspect(provider, mode, problems)
    };
    after.configuration = merged.configuration;
    Ok((warnings, merged.changed))
}

/// The names of the members that differ, but for the configuration's.
fn changed_members(before: &Integration, after: &Integration) -> Vec<String> {
    [
        ("displayName", before.display_name != after.display_name),
        ("isActive", before.is_active != after.is_active),
        ("testMode", before.test_mode != after.test_mode),
        ("usePartnerConfig", before.use_partner_config != after.use_partner_config),
        ("settings", before.settings != after.settings),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// Deletes an integration with its webhooks; its logs stay readable to a `super_admin` until retention removes them.
#[utoipa::path(delete, path = "/api/admin/integrations/{id}", tag = "Integrations",
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>)))]
pub(super) async fn delete_integration(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<Deleted>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let log = change_log(&integration, "Integration deleted", &[], &caller, &client, state.now());
    state.store.delete_integration(id, log).await?;
    Ok(Data::new(Deleted::new(id)))
}
