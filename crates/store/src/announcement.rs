//! Telling that a webhook was disabled, or soon will be: its row, its incident, a log row, an event for the integration's other webhooks,
//! all in the transaction that decided it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::event::EventType;
use simpul_core::id::{EventId, IntegrationId, PartnerId, WebhookId};
use simpul_core::time::Timestamp;

use crate::Store;
use crate::db::{Tx, within};
use crate::error::Result;
use crate::events::EventSource;
use crate::incidents::webhooks::{WebhookTrouble, failing_since, note_trouble};
use crate::ingest::{self, Ingest, NewEvent};
use crate::queue::{News, PARKED, tell};
use crate::room::Room;
use crate::settle::Settled;
use crate::webhooks::park;

/// A webhook that is disabled, or of which it is said that it soon will be.
pub(crate) struct Announcement {
    pub(crate) webhook_id: WebhookId,
    pub(crate) integration_id: IntegrationId,
    pub(crate) reason: String,
    pub(crate) disables: bool,
    pub(crate) at: Timestamp,
}

/// The partner, the provider's slug and the mode of an integration.
type Owner = (PartnerId, String, bool);

/// Writes down each announcement, disables and parks where one says so, and tells the integration's other webhooks.
pub(crate) async fn announce(
    store: &Store,
    tx: &mut Tx,
    announcements: Vec<Announcement>,
    room: &Room,
    logs: &mut Vec<Activity>,
) -> Result<Settled> {
    let mut settled = Settled::default();
    let mut owners: HashMap<IntegrationId, Option<Owner>> = HashMap::new();
    let mut ingests = Vec::new();
    for announcement in announcements {
        mark(tx, &announcement).await?;
        if let Entry::Vacant(unknown) = owners.entry(announcement.integration_id) {
            unknown.insert(owner(tx, announcement.integration_id).await?);
        }
        if let Some(Some((partner_id, provider, _))) = owners.get(&announcement.integration_id) {
            let trouble = WebhookTrouble {
                webhook_id: announcement.webhook_id,
                integration_id: announcement.integration_id,
                partner_id: *partner_id,
                provider,
                is_disabled: announcement.disables,
                reason: &announcement.reason,
                since: failing_since(tx, announcement.webhook_id).await?,
                at: announcement.at,
            };
            note_trouble(tx, &trouble).await?;
        }
        let log = log(&announcement);
        let events = owners
            .get(&announcement.integration_id)
            .and_then(Option::as_ref)
            .map(|owner| event(&announcement, owner))
            .into_iter()
            .collect();
        let message = log.message.clone();
        ingests.push(Ingest { events, notification: None, log: Some((log, message)), created_at: announcement.at });
        let told = if announcement.disables { &mut settled.disabled } else { &mut settled.warned };
        told.push((announcement.webhook_id, announcement.reason));
    }
    if !ingests.is_empty() {
        let ingested = Box::pin(ingest::apply(store, tx, &ingests.iter().collect::<Vec<_>>(), room, logs)).await?;
        settled.leased = ingested.leased;
        settled.waiting = ingested.waiting;
    }
    Ok(settled)
}

async fn mark(tx: &mut Tx, announcement: &Announcement) -> Result<()> {
    const DISABLE: &str =
        "UPDATE integration_webhooks SET is_active = FALSE, disabled_at = $2, disabled_reason = $3 WHERE id = $1";
    const WARN: &str = "UPDATE integration_webhooks SET warned_at = $2 WHERE id = $1 AND $3 IS NOT NULL";
    within!(&mut *tx, |connection| {
        sqlx::query(if announcement.disables { DISABLE } else { WARN })
            .bind(announcement.webhook_id)
            .bind(announcement.at)
            .bind(&announcement.reason)
            .execute(connection)
            .await?;
    });
    if announcement.disables {
        park(tx, announcement.webhook_id, PARKED).await?;
        tell(tx, News::Changed(announcement.webhook_id)).await?;
    }
    Ok(())
}

async fn owner(tx: &mut Tx, id: IntegrationId) -> Result<Option<Owner>> {
    const SQL: &str = "SELECT partner_id, provider, test_mode FROM partner_integrations WHERE id = $1";
    Ok(within!(&mut *tx, |connection| sqlx::query_as(SQL).bind(id).fetch_optional(connection).await?))
}

fn log(announcement: &Announcement) -> Activity {
    let Announcement { webhook_id, integration_id, reason, disables, at } = announcement;
    let message = if *disables { format!("Webhook disabled: {reason}") } else { format!("Webhook failing: {reason}") };
    let mut log = Activity::new(*integration_id, Action::Error, Status::Failed, message, *at);
    log.component = Component::Deliveries;
    log.error_details = Some(serde_json::json!({"webhookId": webhook_id, "reason": reason}));
    log
}

fn event(announcement: &Announcement, (partner_id, provider, test_mode): &Owner) -> NewEvent {
    let Announcement { webhook_id, integration_id, reason, disables, at } = announcement;
    let event_type = if *disables { EventType::WebhookDisabled } else { EventType::WebhookFailing };
    let id = EventId::generate(*at);
    let payload = serde_json::json!({
        "id": id, "type": event_type, "timestamp": at, "integrationId": integration_id, "partnerId": partner_id,
        "provider": provider, "testMode": test_mode, "data": {"webhookId": webhook_id, "reason": reason}, "raw": {},
    });
    NewEvent {
        id,
        integration_id: *integration_id,
        partner_id: *partner_id,
        event_type,
        source: EventSource::Hub,
        deduplication_key: None,
        replay_guard: None,
        key_lifetime: None,
        subject: None,
        order_key: None,
        rank: 0,
        occurred_at: *at,
        payload: Arc::from(payload.to_string()),
    }
}
