//! Replays: sending many of a webhook's finished deliveries again, with a preview before, progress meanwhile, and a way to
//! pause or end it. `/api/admin/webhooks/{id}/replay`, `/api/admin/webhooks/{id}/replays` and `/api/admin/replays`.

mod input;
mod output;

use axum::extract::State;
use serde_json::json;
use simpul_core::activity::Activity;
use simpul_core::id::{ReplayId, WebhookId};
use simpul_core::replay::{ReplayChange, ReplayState};
use simpul_core::webhook::Webhook;
use simpul_store::{Replay, ReplayTally};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::envelope::Failure;
use super::extract::BODY_LIMIT;
use super::lookup::{webhook_change, webhook_in};
use super::members::total;
use super::webhooks::inactive;
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, PageQuery, Pagination, PathId, RequestBody};
use crate::auth::{Caller, Operator, Viewer};
use crate::state::AppState;
pub use input::ReplayIn;
use output::deliveries;
pub use output::{ReplayOut, ReplayPreview, ReplayStarted, Replayed};

/// Deliveries that a preview looks at.
const PREVIEWED_AT_MOST: i64 = 1_000_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(replay_webhook))
        .routes(routes!(preview_replay))
        .routes(routes!(list_replays))
        .routes(routes!(read_replay))
        .routes(routes!(pause_replay))
        .routes(routes!(resume_replay))
        .routes(routes!(cancel_replay))
}

/// Sends a webhook's finished deliveries again, the oldest first. Receivers see the same `webhook-id` as before. It goes on by
/// itself at the pace of the receiver; `replay` says where to watch it.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/replay", tag = "Replays", request_body = Option<ReplayIn>,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "How many are sent again", body = Data<ReplayStarted>),
        (status = 409, description = "The webhook is not active", body = Failure)))]
async fn replay_webhook(
    Operator(caller): Operator,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<ReplayStarted>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let filter = body.optional_json::<ReplayIn>(BODY_LIMIT).await?.into_filter()?;
    if !webhook.is_active {
        return Err(inactive());
    }
    let now = state.now();
    let ReplayTally { count, .. } = state.store.tally_replay(webhook.id, &filter, now, None).await?;
    if count == 0 {
        return Ok(Data::new(ReplayStarted { replayed: 0, replay: None }));
    }
    let replay = Replay {
        id: ReplayId::generate(now),
        webhook_id: webhook.id,
        integration_id: webhook.integration_id,
        state: ReplayState::Running,
        filter,
        total: count,
        replayed: 0,
        cursor: None,
        created_by: caller.label(),
        created_at: now,
        updated_at: now,
        completed_at: None,
        webhook_is_active: true,
    };
    let message = format!("Replay started: {}", deliveries(count));
    let log = replay_log(&state, (&caller, &client), &webhook, &replay, &message);
    state.store.insert_replay(&replay, log).await?;
    state.engine.wake_replays();
    Ok(Data::new(ReplayStarted { replayed: total(count), replay: Some(ReplayOut::new(replay, None)) }))
}

/// Counts what a replay with this body would send; nothing is changed.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/replay/preview", tag = "Replays", request_body = Option<ReplayIn>,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "How many there are, and of which kinds", body = Data<ReplayPreview>)))]
async fn preview_replay(
    Viewer(caller): Viewer,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<ReplayPreview>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let filter = body.optional_json::<ReplayIn>(BODY_LIMIT).await?.into_filter()?;
    let tally = state.store.tally_replay(webhook.id, &filter, state.now(), Some(PREVIEWED_AT_MOST)).await?;
    Ok(Data::new(tally.into()))
}

/// A webhook's replays, the newest first.
#[utoipa::path(get, path = "/api/admin/webhooks/{id}/replays", tag = "Replays",
    params(("id" = String, Path, description = "The webhook's id", format = "uuid"), PageQuery),
    responses((status = 200, description = "One page", body = Listed<ReplayOut>)))]
async fn list_replays(
    Viewer(caller): Viewer,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<PageQuery>, ApiError>,
) -> ApiResult<Listed<ReplayOut>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let page = query?.0.page()?;
    let (replays, count) = state.store.list_replays(webhook.id, page.into()).await?;
    let waiting = state.engine.replay_wait(webhook.id, webhook.is_active).await?;
    let replays = replays.into_iter().map(|replay| ReplayOut::new(replay, waiting)).collect();
    Ok(Listed::new(replays, Pagination::new(total(count), page, None)))
}

async fn replay_in(state: &AppState, caller: &Caller, id: ReplayId) -> ApiResult<Replay> {
    state.store.find_replay(caller.scope(), id).await?.ok_or_else(|| ApiError::not_found("replay"))
}

async fn shown(state: &AppState, replay: Replay) -> ApiResult<Data<ReplayOut>> {
    let waiting = match replay.state {
        ReplayState::Running => state.engine.replay_wait(replay.webhook_id, replay.webhook_is_active).await?,
        _ => None,
    };
    Ok(Data::new(ReplayOut::new(replay, waiting)))
}

/// How far a replay has come.
#[utoipa::path(get, path = "/api/admin/replays/{id}", tag = "Replays",
    params(("id" = String, Path, description = "The replay's id", format = "uuid")),
    responses((status = 200, description = "The replay", body = Data<ReplayOut>)))]
async fn read_replay(
    Viewer(caller): Viewer,
    PathId(id): PathId<ReplayId>,
    State(state): State<AppState>,
) -> ApiResult<Data<ReplayOut>> {
    let replay = replay_in(&state, &caller, id).await?;
    shown(&state, replay).await
}

/// Pauses a running replay: from then on it sets nothing more on its way. What is on its way already is delivered.
#[utoipa::path(post, path = "/api/admin/replays/{id}/pause", tag = "Replays",
    params(("id" = String, Path, description = "The replay's id", format = "uuid")),
    responses((status = 200, description = "The replay as it is now", body = Data<ReplayOut>),
        (status = 409, description = "It is not running", body = Failure)))]
async fn pause_replay(
    Operator(caller): Operator,
    PathId(id): PathId<ReplayId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<ReplayOut>> {
    change(&state, (&caller, &client), id, ReplayChange::Pause).await
}

/// Lets a paused replay go on where it was.
#[utoipa::path(post, path = "/api/admin/replays/{id}/resume", tag = "Replays",
    params(("id" = String, Path, description = "The replay's id", format = "uuid")),
    responses((status = 200, description = "The replay as it is now", body = Data<ReplayOut>),
        (status = 409, description = "It is not paused", body = Failure)))]
async fn resume_replay(
    Operator(caller): Operator,
    PathId(id): PathId<ReplayId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<ReplayOut>> {
    let answer = change(&state, (&caller, &client), id, ReplayChange::Resume).await?;
    state.engine.wake_replays();
    Ok(answer)
}

/// Ends a replay. What is on its way already is delivered.
#[utoipa::path(post, path = "/api/admin/replays/{id}/cancel", tag = "Replays",
    params(("id" = String, Path, description = "The replay's id", format = "uuid")),
    responses((status = 200, description = "The replay as it is now", body = Data<ReplayOut>),
        (status = 409, description = "It has ended already", body = Failure)))]
async fn cancel_replay(
    Operator(caller): Operator,
    PathId(id): PathId<ReplayId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<ReplayOut>> {
    change(&state, (&caller, &client), id, ReplayChange::Cancel).await
}

async fn change(
    state: &AppState,
    by: (&Caller, &Client),
    id: ReplayId,
    change: ReplayChange,
) -> ApiResult<Data<ReplayOut>> {
    let found = replay_in(state, by.0, id).await?;
    let webhook = webhook_in(state, by.0.scope(), found.webhook_id).await?;
    let log = |replay: &Replay| {
        let what = match change {
            ReplayChange::Pause => "paused",
            ReplayChange::Resume => "resumed",
            ReplayChange::Cancel => "cancelled",
        };
        let (sent, all) = (output::grouped(replay.replayed), deliveries(replay.total));
        replay_log(state, by, &webhook, replay, &format!("Replay {what}: {sent} of {all} sent"))
    };
    match state.store.change_replay(id, change, state.now(), log).await? {
        Some(replay) => shown(state, replay).await,
        None => Err(not_now(replay_in(state, by.0, id).await?.state)),
    }
}

/// 409 for a replay whose state does not allow what was asked.
fn not_now(state: ReplayState) -> ApiError {
    let (sentence, code) = match state {
        ReplayState::Running => ("This replay is running: only a paused one can be resumed.", "replay_running"),
        ReplayState::Paused => ("This replay is paused already.", "replay_paused"),
        ReplayState::Cancelled => ("This replay has been cancelled: start another one.", "replay_cancelled"),
        ReplayState::Completed => ("This replay is completed: everything has been sent.", "replay_completed"),
    };
    ApiError::conflict(sentence, None).with_code(code)
}

fn replay_log(state: &AppState, by: (&Caller, &Client), webhook: &Webhook, replay: &Replay, message: &str) -> Activity {
    let filter = &replay.filter;
    let mut log = webhook_change(state, by, webhook, message, &[]);
    log.request_data = Some(json!({
        "webhookId": webhook.id, "replayId": replay.id, "by": by.0.label(), "total": replay.total, "replayed": replay.replayed,
        "filter": {"status": filter.status, "from": filter.from, "to": filter.to, "events": filter.events},
    }));
    log
}

#[cfg(test)]
mod tests;
