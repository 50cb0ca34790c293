//! Accepting a refused notification after all, once the secret is mended: its sealed request is judged as if it arrived now,
//! except that its time is compared with the time at which it came. Events, log row and the mark on the notification are one
//! transaction, and an event that the provider has sent again meanwhile is a duplicate.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use simpul_core::access::Scope;
use simpul_core::activity::Status;
use simpul_core::event::EventType;
use simpul_core::id::{NotificationId, UserId};
use simpul_core::integration::Integration;
use simpul_core::refusal::RefusalReason;
use simpul_store::{AcceptFilter, Accepted, Error, Ingest, Notification, NotificationRow};
use tokio::time::Instant;

use super::context::{Context, names};
use super::{Verdict, kept_request};
use crate::Engine;

/// Notifications that one call for many accepts.
const AT_ONCE: usize = 500;
/// More than an integration keeps.
const COUNTED: u32 = 2_000;
/// Notifications of one call that are judged side by side, since the provider may have to be asked.
const JUDGED_TOGETHER: usize = 8;
/// One call for many starts nothing more after this long, so that its caller still waits for the answer.
const BUDGET: Duration = Duration::from_secs(20);

/// Who accepts.
#[derive(Debug, Clone)]
pub struct AcceptSubject {
    /// As written to the notification and the log.
    pub by: String,
    pub user_id: Option<UserId>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcceptOutcome {
    /// It counts now; without events where it is genuine but becomes none.
    Accepted(Vec<(EventType, Accepted)>),
    /// The reason, where it is one of the list, and the sentence.
    StillRefused(Option<RefusalReason>, String),
    /// The provider could not be asked to confirm it; nothing changed.
    Unconfirmed(String),
    AlreadyAccepted,
    /// It was not refused in the first place.
    NotRefused,
    /// Its request was too large to be kept, or newer ones took its place.
    NotKept,
}

/// What became of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AcceptCounts {
    /// With at least one event that was new.
    pub accepted: u64,
    /// All of whose events were there already.
    pub duplicate: u64,
    /// Genuine, but without an event.
    pub kept: u64,
    pub still_refused: u64,
    /// The provider could not be asked to confirm them.
    pub unconfirmed: u64,
    /// Not tried by this call.
    pub remaining: u64,
}

/// A refused notification, judged anew.
enum Reconsidered {
    Genuine(Box<Ingest>),
    Not(AcceptOutcome),
}

impl Engine {
    /// Accepts one refused notification.
    ///
    /// # Errors
    /// The store cannot be reached, or too much is waiting to be written.
    pub async fn accept_refused(
        &self,
        integration: &Integration,
        row: &NotificationRow,
        subject: &AcceptSubject,
    ) -> simpul_store::Result<AcceptOutcome> {
        match self.reconsider(integration, row, subject).await? {
            Reconsidered::Genuine(ingest) => self.take(*ingest).await,
            Reconsidered::Not(outcome) => Ok(outcome),
        }
    }

    /// Accepts up to 500 of an integration's refused notifications, the oldest first.
    ///
    /// # Errors
    /// The store cannot be reached, or too much is waiting to be written; what was accepted before stays accepted.
    pub async fn accept_all_refused(
        &self,
        integration: &Integration,
        filter: AcceptFilter,
        subject: &AcceptSubject,
    ) -> simpul_store::Result<AcceptCounts> {
        let started = Instant::now();
        let ids = self.store.acceptable_notifications(integration.id, filter, COUNTED).await?;
        let mut counts =
            AcceptCounts { remaining: u64::try_from(ids.len()).unwrap_or(u64::MAX), ..AcceptCounts::default() };
        let mut judged = stream::iter(ids.into_iter().take(AT_ONCE))
            .map(|id| self.reconsider_id(integration, id, subject))
            .buffered(JUDGED_TOGETHER);
        while started.elapsed() < BUDGET
            && let Some(judged) = judged.next().await
        {
            let outcome = match judged? {
                Reconsidered::Genuine(ingest) => self.take(*ingest).await?,
                Reconsidered::Not(outcome) => outcome,
            };
            counts.add(&outcome);
        }
        Ok(counts)
    }

    async fn reconsider_id(
        &self,
        integration: &Integration,
        id: NotificationId,
        subject: &AcceptSubject,
    ) -> simpul_store::Result<Reconsidered> {
        match self.store.find_notification(Scope::All, id).await? {
            Some(row) => self.reconsider(integration, &row, subject).await,
            None => Ok(Reconsidered::Not(AcceptOutcome::NotKept)),
        }
    }

    async fn reconsider(
        &self,
        integration: &Integration,
        row: &NotificationRow,
        subject: &AcceptSubject,
    ) -> simpul_store::Result<Reconsidered> {
        let not = |outcome| Ok(Reconsidered::Not(outcome));
        if row.accepted_at.is_some() {
            return not(AcceptOutcome::AlreadyAccepted);
        }
        if row.outcome != "refused" {
            return not(AcceptOutcome::NotRefused);
        }
        let Some(text) = self.store.open_request(integration.id, row.id).await? else {
            return not(AcceptOutcome::NotKept);
        };
        let Some(kept) = kept_request::read(&text) else {
            let row = row.id.to_string();
            return Err(Error::Corrupt { table: "inbound_notifications", column: "sealed_request", row });
        };
        let request = kept.as_request(row.remote_address.clone());
        let unknown = || {
            let sentence = "this integration's provider sends no notifications".to_owned();
            Ok(Reconsidered::Not(AcceptOutcome::StillRefused(None, sentence)))
        };
        let now = self.clock.now();
        let Some(context) = self.context(&request, integration, now, row.received_at).await? else { return unknown() };
        match self.judge(&context).await {
            Verdict::Genuine { events, kept, .. } => {
                Ok(Reconsidered::Genuine(Box::new(context.acceptance(row.id, events, &kept, subject))))
            }
            Verdict::Refused { refusal, .. } => {
                let sentence = context.redactor.text(&refusal.to_string());
                not(AcceptOutcome::StillRefused(Some(refusal.reason()), sentence))
            }
            Verdict::Unconfigured(reason) => not(AcceptOutcome::StillRefused(None, context.redactor.text(&reason))),
            Verdict::Unconfirmed(reason) => not(AcceptOutcome::Unconfirmed(context.redactor.text(&reason))),
            Verdict::Unknown => unknown(),
        }
    }

    async fn take(&self, ingest: Ingest) -> simpul_store::Result<AcceptOutcome> {
        let types: Vec<EventType> = ingest.events.iter().map(|event| event.event_type).collect();
        match self.writer.ingest(ingest).await {
            Ok(accepted) => Ok(AcceptOutcome::Accepted(types.into_iter().zip(accepted).collect())),
            // Somebody else accepted it between our look and our write.
            Err(Error::Conflict(_)) => Ok(AcceptOutcome::AlreadyAccepted),
            Err(error) => Err(error),
        }
    }
}

impl Context<'_> {
    fn acceptance(
        &self,
        id: NotificationId,
        events: Vec<simpul_providers::NormalisedEvent>,
        kept: &[String],
        subject: &AcceptSubject,
    ) -> Ingest {
        let opening = format!("Notification from {} accepted again by {}", self.provider.manifest().label, subject.by);
        let names = names(&events);
        let message = if events.is_empty() {
            let reason = kept.first().map_or("it holds nothing to deliver", String::as_str);
            format!("{opening}, kept without an event: {reason}")
        } else {
            format!("{opening}: {names}")
        };
        let mut log = self.log(Status::Success, message);
        log.user_id = subject.user_id;
        log.ip_address.clone_from(&subject.ip_address);
        log.user_agent.clone_from(&subject.user_agent);
        let duplicate = format!("{opening}; its events were there already, nothing is delivered twice: {names}");
        let notification = Notification {
            acceptance: Some((subject.by.clone(), self.now)),
            ..self.notification(id, "refused", None, false)
        };
        self.ingest_as(events, notification, (log, duplicate))
    }
}

impl AcceptCounts {
    fn add(&mut self, outcome: &AcceptOutcome) {
        self.remaining = self.remaining.saturating_sub(1);
        let count = match outcome {
            AcceptOutcome::Accepted(events) if events.is_empty() => &mut self.kept,
            AcceptOutcome::Accepted(events) if events.iter().all(|(_, accepted)| accepted.duplicate) => {
                &mut self.duplicate
            }
            AcceptOutcome::Accepted(_) => &mut self.accepted,
            AcceptOutcome::StillRefused(..) => &mut self.still_refused,
            AcceptOutcome::Unconfirmed(_) => &mut self.unconfirmed,
            // Somebody else's doing since the list was made.
            AcceptOutcome::AlreadyAccepted | AcceptOutcome::NotRefused | AcceptOutcome::NotKept => return,
        };
        *count += 1;
    }
}
