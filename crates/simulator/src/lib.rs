//! Stand-ins for the providers, written from their documentation and independent of the hub's own adapters: they answer
//! like the providers, errors included, send the providers' notifications, and receive the hub's webhooks.

pub mod accounts;
mod chat;
mod control;
mod exchange;
mod ledger;
pub mod notify;
mod providers;
mod receiver;
mod scenario;
mod server;
mod smtp;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use simpul_core::time::{Clock, SystemClock};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use receiver::{Behaviour, KEPT_REQUESTS, ReceivedRequest};
pub use scenario::Fault;

use notify::Notification;
use server::World;

/// How long [`Running::stop`] waits for open connections.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// What a simulator may be told before it starts.
#[derive(Clone)]
pub struct Settings {
    pub clock: Arc<dyn Clock>,
    /// How long a slow answer takes unless the fault says; longer than any patience by default.
    pub slow: Duration,
    /// Where the mail server listens; any free port of the HTTP address by default.
    pub smtp_address: Option<SocketAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), slow: Duration::from_secs(15), smtp_address: None }
    }
}

/// Starts simulators.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

impl Simulator {
    /// Starts all stand-ins on one address (port 0: any free one) and the mail server on another port.
    ///
    /// # Errors
    /// An address cannot be bound.
    pub async fn start(address: SocketAddr) -> io::Result<Running> {
        Self::start_with(address, Settings::default()).await
    }

    /// As [`Simulator::start`], with settings of one's own.
    ///
    /// # Errors
    /// An address cannot be bound.
    pub async fn start_with(address: SocketAddr, settings: Settings) -> io::Result<Running> {
        let http = tokio::net::TcpListener::bind(address).await?;
        let smtp_address = settings.smtp_address.unwrap_or_else(|| SocketAddr::new(address.ip(), 0));
        let smtp = tokio::net::TcpListener::bind(smtp_address).await?;
        let (stop, stopping) = watch::channel(false);
        let (http_address, smtp_address) = (http.local_addr()?, smtp.local_addr()?);
        let world = Arc::new(World::new(settings, stopping.clone()));
        let tasks = vec![
            tokio::spawn(server::serve(http, Arc::clone(&world))),
            tokio::spawn(smtp::serve(smtp, Arc::clone(&world))),
        ];
        Ok(Running { world, http_address, smtp_address, stop, tasks })
    }
}

/// A simulator at work. Dropping it leaves it running until the runtime ends; [`Running::stop`] ends it in order.
pub struct Running {
    world: Arc<World>,
    http_address: SocketAddr,
    smtp_address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Running {
    /// A provider's base URL, for the hub's override. `midtrans-sandbox` and `midtrans-production` take one environment's
    /// keys only, plain `midtrans` both; `mailgun-eu` is Mailgun's other region.
    #[must_use]
    pub fn base_url(&self, provider: &str) -> String {
        format!("http://{}/{provider}", self.http_address)
    }

    /// Where the receiver of this name takes webhooks.
    #[must_use]
    pub fn receiver_url(&self, name: &str) -> String {
        format!("http://{}/receiver/{name}", self.http_address)
    }

    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    #[must_use]
    pub fn smtp_address(&self) -> SocketAddr {
        self.smtp_address
    }

    /// Lets a provider (by slug; `smtp` for the mail server) fail from now on, or, with `None`, work again. It goes before
    /// magic words in credentials.
    pub fn set_fault(&self, provider: &str, fault: Option<Fault>) {
        let mut faults = locked(&self.world.faults);
        match fault {
            Some(fault) => faults.insert(provider.to_owned(), fault),
            None => faults.remove(provider),
        };
    }

    /// How many requests a provider has had (connections, for `smtp`).
    #[must_use]
    pub fn calls(&self, provider: &str) -> u64 {
        locked(&self.world.calls).get(provider).copied().unwrap_or(0)
    }

    /// Puts a transaction where `GET /v2/{id}/status` finds it, by order id and by transaction id.
    pub fn midtrans_transaction(&self, order_id: &str, transaction_id: &str, transaction: Value) {
        locked(&self.world.ledger).put("midtrans", &[order_id, transaction_id], transaction);
    }

    /// Puts an invoice where `GET /v2/invoices/{id}` finds it.
    pub fn xendit_invoice(&self, id: &str, invoice: Value) {
        locked(&self.world.ledger).put("xendit-invoice", &[id], invoice);
    }

    /// Puts a payment where `GET /v3/payments/{id}` finds it.
    pub fn xendit_payment(&self, id: &str, payment: Value) {
        locked(&self.world.ledger).put("xendit-payment", &[id], payment);
    }

    /// Makes true what a notification says, so that reading the status back confirms it. Notifications of providers that
    /// have nothing to read back change nothing.
    pub fn record(&self, notification: &Notification) {
        self.world.record(notification);
    }

    /// Sets how the receiver of this name answers.
    pub fn receiver_behaves(&self, name: &str, behaviour: Behaviour) {
        locked(&self.world.receivers).behave(name, behaviour);
    }

    /// Gives the receiver of this name a webhook secret to check signatures with.
    pub fn receiver_secret(&self, name: &str, secret: Option<String>) {
        locked(&self.world.receivers).set_secret(name, secret);
    }

    /// The last [`KEPT_REQUESTS`] requests of a receiver, oldest first.
    #[must_use]
    pub fn received(&self, name: &str) -> Vec<ReceivedRequest> {
        locked(&self.world.receivers).requests(name)
    }

    /// How many requests a receiver has had in all.
    #[must_use]
    pub fn received_total(&self, name: &str) -> u64 {
        locked(&self.world.receivers).total(name)
    }

    /// Forgets what a receiver has had; its behaviour and secret stay.
    pub fn forget_received(&self, name: &str) {
        locked(&self.world.receivers).forget(name);
    }

    /// Waits until the receiver of this name has had `count` requests in all, and returns what is kept of them. Never
    /// returns when they do not come: put a timeout around it.
    pub async fn wait_for_received(&self, name: &str, count: u64) -> Vec<ReceivedRequest> {
        loop {
            // Asked for before looking, so that a request in between is not missed.
            let arrival = self.world.arrival.notified();
            tokio::pin!(arrival);
            arrival.as_mut().enable();
            if self.received_total(name) >= count {
                return self.received(name);
            }
            arrival.await;
        }
    }

    /// Stops accepting, ends slow answers and idle connections, and waits at most five seconds for the rest.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for mut task in self.tasks {
            if tokio::time::timeout(STOP_PATIENCE, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
