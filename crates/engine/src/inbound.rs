//! A provider's notification on its way in: verified, confirmed where need be, put into the hub's words, stored, answered.

mod accept;
mod context;
mod kept_request;

use http::{HeaderMap, Method};
use serde_json::json;
use simpul_core::activity::Status;
use simpul_core::error_type::ErrorType;
use simpul_core::id::NotificationId;
use simpul_core::integration::{Integration, Mode};
use simpul_core::time::Timestamp;
use simpul_providers::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};
use simpul_store::{Ingest, Notification};

pub use accept::{AcceptCounts, AcceptOutcome, AcceptSubject};

use crate::Engine;
use crate::confirm::{Confirmed, confirm};
use context::Context;

/// A request to an inbound URL, as received.
pub struct InboundRequest<'a> {
    pub token: &'a str,
    pub method: &'a Method,
    /// With the leading `?`, as received; empty where there is none.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub remote_address: Option<String>,
}

/// What the provider is to be told.
#[derive(Debug)]
pub enum InboundAnswer {
    /// Everything is stored.
    Accepted(Acknowledgement),
    /// No integration has this token, or its provider sends no notifications.
    Unknown,
    /// Not genuine, or not readable: the status, and the sentence that says why.
    Refused(u16, Refusal),
    /// Nothing was stored: it is to be sent again.
    Later(String),
}

/// What a notification turned out to be.
enum Verdict {
    Genuine {
        events: Vec<NormalisedEvent>,
        /// Why parts of it become no event.
        kept: Vec<String>,
        acknowledgement: Acknowledgement,
    },
    Refused {
        refusal: Refusal,
        status: u16,
        acknowledgement: Acknowledgement,
    },
    /// The provider could not be asked to confirm it.
    Unconfirmed(String),
    /// The integration cannot judge it: something is missing from its configuration.
    Unconfigured(String),
    /// The provider sends no notifications.
    Unknown,
}

impl Engine {
    /// Takes a notification. An answer of success is given only when everything is durable.
    ///
    /// # Errors
    /// The store cannot be reached, or too much is waiting to be written.
    pub async fn receive(&self, request: &InboundRequest<'_>) -> simpul_store::Result<InboundAnswer> {
        let Some(integration) = self.store.recall_integration_by_token(request.token).await? else {
            return Ok(InboundAnswer::Unknown);
        };
        let now = self.clock.now();
        let Some(context) = self.context(request, &integration, now, now).await? else {
            return Ok(InboundAnswer::Unknown);
        };
        match self.judge(&context).await {
            Verdict::Genuine { events, kept, acknowledgement } => {
                self.writer.ingest(context.ingest(events, &kept)).await?;
                self.metrics.notified(&integration.provider, "accepted");
                Ok(InboundAnswer::Accepted(acknowledgement))
            }
            Verdict::Refused { refusal, status, acknowledgement } => {
                self.metrics.notified(&integration.provider, "refused");
                self.refuse(&context, status, &refusal).await?;
                // What the provider sent rightly is answered as it expects; that it is not for us is our own affair.
                let is_ours_to_mend = (200..300).contains(&status);
                Ok(if is_ours_to_mend {
                    InboundAnswer::Accepted(acknowledgement)
                } else {
                    InboundAnswer::Refused(status, refusal)
                })
            }
            Verdict::Unconfirmed(reason) | Verdict::Unconfigured(reason) => {
                self.metrics.notified(&integration.provider, "postponed");
                self.postpone(&context, &reason).await
            }
            Verdict::Unknown => Ok(InboundAnswer::Unknown),
        }
    }

    async fn context<'a>(
        &self,
        request: &'a InboundRequest<'a>,
        integration: &'a Integration,
        now: Timestamp,
        received_at: Timestamp,
    ) -> simpul_store::Result<Option<Context<'a>>> {
        let Some(provider) = simpul_providers::find(&integration.provider) else { return Ok(None) };
        let configuration = self.effective_configuration(integration).await?;
        Ok(Some(Context::new(request, integration, provider, configuration, (now, received_at))))
    }

    /// Verifies and reads a notification by the integration's present configuration, and asks the provider where the
    /// settings say so. Stores nothing.
    async fn judge(&self, context: &Context<'_>) -> Verdict {
        let (integration, request) = (context.integration, context.request);
        let (mode, base_url) = (Mode::of(integration.test_mode), self.base_url(&integration.provider));
        let connection = match context.provider.connect(&context.configuration, mode, base_url, self.network()) {
            Ok(connection) => connection,
            Err(error) => {
                return Verdict::Unconfigured(format!("the integration is not configured completely: {error}"));
            }
        };
        let Some(notifications) = connection.notifications() else { return Verdict::Unknown };
        let acknowledgement = notifications.acknowledge();
        let refused =
            |refusal: Refusal| Verdict::Refused { status: notifications.refuse(&refusal), refusal, acknowledgement };
        let url = format!("{}{}", self.inbound_url(request.token), request.query);
        let inbound = Inbound {
            method: request.method,
            url: &url,
            headers: request.headers,
            body: request.body,
            received_at: context.received_at,
        };
        let Received { events, kept } = match notifications.receive(&inbound) {
            Ok(received) => received,
            Err(refusal) => return refused(refusal),
        };
        let kept = kept.into_iter().map(|kept| kept.reason).collect();
        if !integration.settings.confirm_notifications {
            return Verdict::Genuine { events, kept, acknowledgement };
        }
        match confirm(&*connection, events).await {
            Confirmed::All(events) => Verdict::Genuine { events, kept, acknowledgement },
            Confirmed::Denied(reason) => refused(Refusal::Forged(reason)),
            Confirmed::Unanswered(reason) => {
                let label = context.provider.manifest().label;
                Verdict::Unconfirmed(format!("{label} could not be asked to confirm it: {reason}"))
            }
        }
    }

    /// Refuses a notification, leaving a log row and the notification itself with its sealed request, unless the
    /// integration has been refusing so much lately that it is only counted.
    async fn refuse(&self, context: &Context<'_>, status: u16, refusal: &Refusal) -> simpul_store::Result<()> {
        let integration_id = context.integration.id;
        if !self.refusals.admits(integration_id, context.now) {
            return Ok(());
        }
        let id = NotificationId::generate(context.now);
        let mut reason = context.redactor.text(&refusal.to_string());
        let sealed_request = match kept_request::write(context.request) {
            Some(request) => Some(self.store.seal_request(integration_id, id, &request).await?),
            None => {
                reason.push_str(
                    ". The request is larger than 256 KiB, so it is not kept whole and cannot be accepted again",
                );
                None
            }
        };
        let notification = Notification {
            reason_code: Some(refusal.reason()),
            sealed_request,
            ..context.notification(id, "refused", Some(reason.clone()), true)
        };
        let log = context.refusal_log(id, status, refusal, &reason);
        let message = log.message.clone();
        self.writer
            .ingest(Ingest {
                events: Vec::new(),
                notification: Some(notification),
                log: Some((log, message)),
                created_at: context.now,
            })
            .await?;
        if let Err(error) = self.store.let_old_requests_go(integration_id).await {
            tracing::warn!(%error, "old refused notifications could not be let go; the next refusal tries again");
        }
        Ok(())
    }

    /// Asks the provider to send again later; nothing counts as accepted.
    async fn postpone(&self, context: &Context<'_>, reason: &str) -> simpul_store::Result<InboundAnswer> {
        let reason = context.redactor.text(reason);
        if self.refusals.admits(context.integration.id, context.now) {
            let log = context.log(
                Status::Pending,
                format!("Notification not taken yet, the provider was asked to send it again: {reason}"),
            );
            self.writer.record(vec![log]).await?;
        }
        Ok(InboundAnswer::Later(reason))
    }

    /// How many refused notifications of an integration this process only counted lately.
    #[must_use]
    pub fn suppressed(&self, integration: &Integration) -> crate::Suppressed {
        self.refusals.suppressed(integration.id, self.clock.now())
    }
}

impl Context<'_> {
    fn refusal_log(
        &self,
        id: NotificationId,
        status: u16,
        refusal: &Refusal,
        reason: &str,
    ) -> simpul_core::activity::Activity {
        let label = self.provider.manifest().label;
        let details = json!({"reason": reason, "reasonCode": refusal.reason().as_str(), "status": status});
        let mut log = if (200..300).contains(&status) {
            // Neither we nor the provider failed: it must not count against the integration's health.
            self.log(Status::Success, format!("Notification from {label} set aside: {reason}"))
        } else {
            let mut log = self.log(Status::Failed, format!("Notification from {label} refused: {reason}"));
            log.error_type = Some(match refusal {
                Refusal::Forged(_) | Refusal::Stale(_) | Refusal::UnknownAccount(_) => ErrorType::SignatureInvalid,
                Refusal::Malformed(_) => ErrorType::MalformedNotification,
            });
            log
        };
        log.request_data = Some(json!({"notificationId": id}));
        log.error_details = Some(details);
        log
    }
}
