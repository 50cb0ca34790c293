//! A shaper over the real binary, webhooks for it, and a look at the worker processes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use simpul_engine::{ShapeError, Shaped, Shaper};
use tokio::sync::{Mutex, MutexGuard};

/// Workers are told from those of other tests by being this process's: one test at a time.
pub(crate) static ALONE: Mutex<()> = Mutex::const_new(());

pub(crate) struct Bench {
    pub(crate) shaper: Shaper,
    _alone: MutexGuard<'static, ()>,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let alone = ALONE.lock().await;
        Self { shaper: Shaper::new(Some(env!("CARGO_BIN_EXE_simpul").into())), _alone: alone }
    }

    pub(crate) async fn filter(&self, text: &str, event: &Arc<str>) -> Result<Shaped, ShapeError> {
        self.shaper.shape(&webhook(Some(text), None), event).await
    }

    pub(crate) async fn transform(&self, text: &str, event: &Arc<str>) -> Result<Shaped, ShapeError> {
        self.shaper.shape(&webhook(None, Some(text)), event).await
    }

    /// An ordinary filter and transformation work, and no worker is left over or unburied.
    pub(crate) async fn is_well(&self, after: &str) {
        let webhook = webhook(Some("data.currency == 'IDR'"), Some("{id, amount: .data.amount}"));
        let begun = Instant::now();
        let shaped = self.shaper.shape(&webhook, &event()).await;
        assert_eq!(shaped, Ok(Shaped::Body(r#"{"id":"e-1","amount":"150000"}"#.into())), "after {after}");
        assert!(begun.elapsed() < Duration::from_secs(3), "after {after} it took {:?}", begun.elapsed());
        let states = states();
        assert!(states.len() <= 2 && !states.iter().any(|(_, state)| *state == 'Z'), "after {after}: {states:?}");
    }
}

pub(crate) fn event() -> Arc<str> {
    event_with(r#"{"amount":"150000","currency":"IDR","items":[{"sku":"a"},{"sku":"b"}]}"#)
}

pub(crate) fn event_with(data: &str) -> Arc<str> {
    format!(
        r#"{{"id":"e-1","type":"payment.success","timestamp":"2026-01-01T00:00:00.000Z","integrationId":"i-1","partnerId":"p-1","provider":"midtrans","testMode":false,"data":{data},"raw":{{}}}}"#
    )
    .into()
}

pub(crate) fn webhook(filter: Option<&str>, transformation: Option<&str>) -> Webhook {
    let now = Timestamp::from_millis(1_771_668_000_000);
    Webhook {
        filter: filter.map(str::to_owned),
        transformation: transformation.map(str::to_owned),
        ..Webhook::new(
            IntegrationId::generate(now),
            "https://shop.example/".to_owned(),
            "whsec_never_told".to_owned(),
            "test",
            now,
        )
    }
}

/// Process id and state of this process's workers, ended ones that were not reaped included.
pub(crate) fn states() -> Vec<(u32, char)> {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let numbered = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbered
        .filter_map(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
            let mut fields = rest.split(' ');
            let (state, parent) = (fields.next()?.chars().next()?, fields.next()?);
            (parent == own && name.starts_with("simpul")).then_some((pid, state))
        })
        .collect()
}

/// A worker of which a thread is running at this moment.
pub(crate) fn busy_worker() -> Option<u32> {
    let runs = |pid: u32| {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
        let stats = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("stat")).ok());
        stats.map(|stat| stat.contains("(evaluate) R ")).find(|runs| *runs)
    };
    states().into_iter().map(|(pid, _)| pid).find(|pid| runs(*pid).is_some())
}

pub(crate) fn signal(name: &str, pid: u32) {
    let sent = std::process::Command::new("kill").args([name, &pid.to_string()]).status().expect("runs");
    assert!(sent.success());
}
