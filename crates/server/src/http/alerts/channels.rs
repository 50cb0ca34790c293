//! Alert channels: ways to reach people, their secrets masked, and a test of each.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use simpul_core::access::Scope;
use simpul_core::alert::{AlertChannel, ChannelConfiguration, ChannelKind};
use simpul_core::error_type::ErrorType;
use simpul_core::id::{AlertChannelId, IntegrationId, PartnerId};
use simpul_core::integration::Integration;
use simpul_core::language::Language;
use simpul_core::signature::secret_from;
use simpul_core::time::Timestamp;
use simpul_store::Page as Rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::channel_input::{self, AlertChannelConfigurationSchema, AlertChannelIn, AlertChannelPatch};
use super::{AT_MOST, note_change};
use crate::auth::{Admin, Caller, Operator, Viewer};
use crate::http::envelope::Failure;
use crate::http::extract::BODY_LIMIT;
use crate::http::members::{Deleted, total};
use crate::http::vocabulary::ErrorTypeSchema;
use crate::http::{ApiError, ApiQuery, ApiResult, Data, Listed, PageQuery, Pagination, PathId, Problems, RequestBody};
use crate::state::AppState;

/// Channels that take over one from another.
const CHAIN_AT_MOST: usize = 5;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_alert_channels, create_alert_channel))
        .routes(routes!(read_alert_channel, change_alert_channel, delete_alert_channel))
        .routes(routes!(test_alert_channel))
}

/// A way to reach people; its secrets masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertChannelOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: AlertChannelId,
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub partner_id: Option<PartnerId>,
    pub name: String,
    /// `email`, `webhook`, `whatsapp`, `slack` or `telegram`.
    pub kind: &'static str,
    pub is_active: bool,
    #[schema(value_type = AlertChannelConfigurationSchema)]
    pub configuration: Map<String, Value>,
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub fallback_channel_id: Option<AlertChannelId>,
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub last_delivery_at: Option<Timestamp>,
    /// `success` or `failed`.
    #[schema(required = true)]
    pub last_status: Option<String>,
    #[schema(required = true)]
    pub last_error: Option<String>,
    pub created_by: String,
    pub updated_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<AlertChannel> for AlertChannelOut {
    fn from(channel: AlertChannel) -> Self {
        Self {
            id: channel.id,
            partner_id: channel.partner_id,
            name: channel.name,
            kind: channel.kind.as_str(),
            is_active: channel.is_active,
            configuration: channel_input::shown(channel.kind, &channel.configuration),
            fallback_channel_id: channel.fallback_channel_id,
            last_delivery_at: channel.last_delivery_at,
            last_status: channel.last_status,
            last_error: channel.last_error,
            created_by: channel.created_by,
            updated_by: channel.updated_by,
            created_at: channel.created_at,
            updated_at: channel.updated_at,
        }
    }
}

/// How a test of a channel ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertChannelTestOut {
    /// `success` or `failed`.
    pub status: &'static str,
    pub message: String,
    #[schema(value_type = Option<ErrorTypeSchema>)]
    pub error_type: Option<ErrorType>,
    /// Milliseconds.
    pub duration: i64,
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

async fn channel_in(state: &AppState, scope: Scope, id: AlertChannelId) -> ApiResult<AlertChannel> {
    state.store.find_alert_channel(scope, id).await?.ok_or_else(|| ApiError::not_found("alert channel"))
}

/// The alert channels that the caller may see, the oldest first.
#[utoipa::path(get, path = "/api/admin/alert-channels", tag = "Alerts", params(PageQuery),
    responses((status = 200, description = "One page", body = Listed<AlertChannelOut>)))]
async fn list_alert_channels(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    query: Result<ApiQuery<PageQuery>, ApiError>,
) -> ApiResult<Listed<AlertChannelOut>> {
    let page = query?.0.page()?;
    let (channels, count) = state.store.list_alert_channels(caller.scope(), page.into()).await?;
    Ok(Listed::new(channels.into_iter().map(Into::into).collect(), Pagination::new(total(count), page, None)))
}

/// Adds an alert channel. A webhook's `secret` is generated as `whsec_…` when absent and is in the answer in clear, this once.
#[utoipa::path(post, path = "/api/admin/alert-channels", tag = "Alerts", request_body = AlertChannelIn,
    responses((status = 201, description = "Created", body = Data<AlertChannelOut>),
        (status = 409, description = "There are 200 already", body = Failure)))]
async fn create_alert_channel(
    Admin(caller): Admin,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<AlertChannelOut>)> {
    let input: AlertChannelIn = body.json(BODY_LIMIT).await?;
    let (mut problems, now) = (Problems::new(), state.now());
    let name = problems.line("name", &input.name.unwrap_or_default(), 100);
    let kind = ChannelKind::parse(input.kind.as_deref().unwrap_or_default());
    if kind.is_none() {
        let known: Vec<&str> = ChannelKind::ALL.iter().map(|kind| kind.as_str()).collect();
        problems.add("kind", format!("must be one of {}", known.join(", ")));
    }
    let partner_id = owner(&state, &caller, input.partner_id.as_deref(), &mut problems).await?;
    let Some(kind) = kind else {
        return Err(problems.into_result().err().unwrap_or_else(|| ApiError::invalid("kind", "is not known")));
    };
    let stored = ChannelConfiguration::default();
    let mut configuration = channel_input::merge(kind, &stored, input.configuration.unwrap_or_default(), &mut problems);
    let is_generated = kind == ChannelKind::Webhook && configuration.secret.is_none();
    if is_generated {
        configuration.secret = Some(secret_from(&rand::random()));
    }
    let channel = AlertChannel {
        id: AlertChannelId::generate(now),
        partner_id,
        name,
        kind,
        is_active: input.is_active.unwrap_or(true),
        configuration,
        fallback_channel_id: id_member("fallbackChannelId", input.fallback_channel_id.as_deref(), &mut problems),
        last_delivery_at: None,
        last_status: None,
        last_error: None,
        created_by: caller.label(),
        updated_by: caller.label(),
        created_at: now,
        updated_at: now,
    };
    check(&state, &caller, &channel, problems).await?;
    let (_, count) = state.store.list_alert_channels(Scope::All, Rows { offset: 0, limit: 1 }).await?;
    if count >= AT_MOST {
        let sentence = format!("There are {AT_MOST} alert channels already: delete one first.");
        return Err(ApiError::conflict(sentence, None).with_code("too_many_alert_channels"));
    }
    state.store.insert_alert_channel(&channel).await?;
    note_change(&caller, "alert channel", "created", channel.id);
    let secret = channel.configuration.secret.clone().filter(|_| is_generated);
    let mut out = AlertChannelOut::from(channel);
    if let Some(secret) = secret {
        out.configuration.insert("secret".to_owned(), secret.into());
    }
    Ok(Data::new(out).created())
}

/// One alert channel.
#[utoipa::path(get, path = "/api/admin/alert-channels/{id}", tag = "Alerts",
    params(("id" = String, Path, description = "The channel's id", format = "uuid")),
    responses((status = 200, description = "The channel", body = Data<AlertChannelOut>)))]
async fn read_alert_channel(
    Viewer(caller): Viewer,
    PathId(id): PathId<AlertChannelId>,
    State(state): State<AppState>,
) -> ApiResult<Data<AlertChannelOut>> {
    Ok(Data::new(channel_in(&state, caller.scope(), id).await?.into()))
}

/// Changes an alert channel; absent members stay as they are.
#[utoipa::path(put, path = "/api/admin/alert-channels/{id}", tag = "Alerts", request_body = AlertChannelPatch,
    params(("id" = String, Path, description = "The channel's id", format = "uuid")),
    responses((status = 200, description = "The channel as it is now", body = Data<AlertChannelOut>)))]
async fn change_alert_channel(
    Admin(caller): Admin,
    PathId(id): PathId<AlertChannelId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<AlertChannelOut>> {
    let mut channel = channel_in(&state, caller.scope(), id).await?;
    let patch: AlertChannelPatch = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    if let Some(name) = patch.name {
        channel.name = problems.line("name", &name, 100);
    }
    channel.is_active = patch.is_active.unwrap_or(channel.is_active);
    if let Some(sent) = patch.configuration {
        channel.configuration = channel_input::merge(channel.kind, &channel.configuration, sent, &mut problems);
    }
    if let Some(fallback) = patch.fallback_channel_id {
        channel.fallback_channel_id = id_member("fallbackChannelId", fallback.as_deref(), &mut problems);
    }
    check(&state, &caller, &channel, problems).await?;
    (channel.updated_by, channel.updated_at) = (caller.label(), state.now());
    state.store.update_alert_channel(&channel).await?;
    note_change(&caller, "alert channel", "changed", channel.id);
    Ok(Data::new(channel.into()))
}

/// Deletes an alert channel with its log of deliveries.
#[utoipa::path(delete, path = "/api/admin/alert-channels/{id}", tag = "Alerts",
    params(("id" = String, Path, description = "The channel's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>),
        (status = 409, description = "A rule or another channel uses it", body = Failure)))]
async fn delete_alert_channel(
    Admin(caller): Admin,
    PathId(id): PathId<AlertChannelId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    let channel = channel_in(&state, caller.scope(), id).await?;
    if !state.store.delete_alert_channel(channel.id).await? {
        let sentence = "A rule or another channel uses this alert channel: take it out there first.";
        return Err(ApiError::conflict(sentence, None).with_code("alert_channel_in_use"));
    }
    note_change(&caller, "alert channel", "deleted", channel.id);
    Ok(Data::new(Deleted::new(channel.id)))
}

/// Sends a test message through the channel now; it is not tried again.
#[utoipa::path(post, path = "/api/admin/alert-channels/{id}/test", tag = "Alerts",
    params(("id" = String, Path, description = "The channel's id", format = "uuid")),
    responses((status = 200, description = "The test ran; `success` says how it ended", body = Data<AlertChannelTestOut>)))]
async fn test_alert_channel(
    Operator(caller): Operator,
    PathId(id): PathId<AlertChannelId>,
    State(state): State<AppState>,
) -> ApiResult<Data<AlertChannelTestOut>> {
    let channel = channel_in(&state, caller.scope(), id).await?;
    let report = state.engine.test_alert_channel(&channel, Language::English).await?;
    let out = AlertChannelTestOut {
        status: if report.success { "success" } else { "failed" },
        message: report.message,
        error_type: report.error_type,
        duration: report.duration,
        details: report.details,
    };
    Ok(Data { success: report.success, ..Data::new(out) })
}

/// An id in a body.
pub(super) fn id_member<T: std::str::FromStr>(field: &str, text: Option<&str>, problems: &mut Problems) -> Option<T> {
    let text = text?;
    let id = text.parse().ok();
    if id.is_none() {
        problems.add(field, "must be an id");
    }
    id
}

/// Whose a new channel or rule is: a caller who sees one partner alone makes that partner's.
pub(super) async fn owner(
    state: &AppState,
    caller: &Caller,
    asked: Option<&str>,
    problems: &mut Problems,
) -> ApiResult<Option<PartnerId>> {
    let asked: Option<PartnerId> = id_member("partnerId", asked, problems);
    if let Some(id) = asked
        && state.store.find_partner(caller.scope(), id).await?.is_none()
    {
        problems.add("partnerId", "is not a partner that you can see");
    }
    Ok(asked.or(caller.partner_id))
}

async fn check(state: &AppState, caller: &Caller, channel: &AlertChannel, mut problems: Problems) -> ApiResult<()> {
    let integration: Option<Integration> = match channel.configuration.integration_id {
        Some(id) => usable(state, caller, id).await?,
        None => None,
    };
    channel_input::check(channel, integration.as_ref(), state.engine.egress(), &mut problems);
    let (mut next, mut passed) = (channel.fallback_channel_id, vec![channel.id]);
    while let Some(id) = next {
        let Some(fallback) = state.store.find_alert_channel(caller.scope(), id).await? else {
            problems.add("fallbackChannelId", "is not an alert channel that you can use");
            break;
        };
        if passed.contains(&id) || passed.len() >= CHAIN_AT_MOST {
            problems.add("fallbackChannelId", "leads back to this channel, or over too many others");
            break;
        }
        // One partner's people must not read what was meant for others.
        if fallback.partner_id.is_some() && fallback.partner_id != channel.partner_id {
            problems.add("fallbackChannelId", "belongs to a partner that this channel does not belong to");
            break;
        }
        passed.push(id);
        // A fallback beyond the caller's sight was checked by whoever set it.
        next = fallback.fallback_channel_id.filter(|_| caller.partner_id.is_none());
    }
    problems.into_result()
}

async fn usable(state: &AppState, caller: &Caller, id: IntegrationId) -> ApiResult<Option<Integration>> {
    Ok(state.store.find_integration(caller.scope(), id).await?)
}
