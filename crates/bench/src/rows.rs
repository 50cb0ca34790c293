//! The measurements, one file each. Each starts Simpul on an empty database, so that none sees what another left.

pub(crate) mod accept;
pub(crate) mod deliver;
pub(crate) mod history;
pub(crate) mod kills;
pub(crate) mod latency;
pub(crate) mod lists;
pub(crate) mod overview;
pub(crate) mod slow_receiver;
pub(crate) mod startup;

use std::path::PathBuf;

use crate::backend::{Fresh, Place};
use crate::failure::Result;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::measure::Measure;
use crate::progress::say;
use crate::simpul::Settings;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Small counts, to see that everything works.
    pub(crate) quick: bool,
    /// Events delivered to one webhook; a quarter of them where there are ten.
    pub(crate) events: u64,
    /// Stored deliveries for the lists.
    pub(crate) rows: u64,
    /// Log rows of the long log, and integrations that share it.
    pub(crate) logs: u64,
    pub(crate) integrations: u64,
    pub(crate) kills: u32,
}

impl Sizes {
    pub(crate) fn pick<T>(self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// What a measurement is given.
pub(crate) struct Run<'a> {
    pub(crate) binary: PathBuf,
    pub(crate) place: &'a Place,
    pub(crate) limits: &'a Limits,
    pub(crate) sizes: Sizes,
}

impl Run<'_> {
    pub(crate) fn settings(&self, fresh: &Fresh) -> Settings {
        Settings { binary: self.binary.clone(), database_url: fresh.url.clone(), more: Vec::new() }
    }

    /// Simpul on an empty database.
    pub(crate) async fn start(&self) -> Result<(Fresh, Hub)> {
        let fresh = self.place.fresh().await?;
        let hub = Hub::start(&self.settings(&fresh)).await?;
        // For a profiler.
        say(&format!("  Simpul runs as process {}", hub.simpul.pid()));
        Ok((fresh, hub))
    }
}

/// A measurement; some give the figures of two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bench {
    Accept,
    DeliverToOne,
    DeliverToTen,
    Latency,
    SlowReceiver,
    Lists,
    Startup,
    Kills,
    Overview,
    History,
}

impl Bench {
    pub(crate) const ALL: [Self; 10] = [
        Self::Accept,
        Self::DeliverToOne,
        Self::DeliverToTen,
        Self::Latency,
        Self::SlowReceiver,
        Self::Lists,
        Self::Startup,
        Self::Kills,
        Self::Overview,
        Self::History,
    ];

    pub(crate) fn rows(self) -> &'static [u8] {
        match self {
            Self::Accept => &[1],
            Self::DeliverToOne => &[2, 5],
            Self::DeliverToTen => &[3, 5],
            Self::Latency => &[4],
            Self::SlowReceiver => &[6],
            Self::Lists => &[7, 8],
            Self::Startup => &[9],
            Self::Kills => &[10],
            Self::Overview => &[11],
            Self::History => &[8, 12, 13, 14],
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accept => "accepting events",
            Self::DeliverToOne => "delivering to one webhook",
            Self::DeliverToTen => "delivering to ten webhooks",
            Self::Latency => "end-to-end latency",
            Self::SlowReceiver => "a slow receiver beside a fast one",
            Self::Lists => "lists over stored deliveries",
            Self::Startup => "binary, start and idle memory",
            Self::Kills => "kill -9 in the middle of the work",
            Self::Overview => "the overview of many integrations",
            Self::History => "a long log",
        }
    }

    pub(crate) async fn measure(self, run: &Run<'_>) -> Result<Vec<Measure>> {
        match self {
            Self::Accept => accept::measure(run).await,
            Self::DeliverToOne => deliver::measure(run, 1).await,
            Self::DeliverToTen => deliver::measure(run, 10).await,
            Self::Latency => latency::measure(run).await,
            Self::SlowReceiver => slow_receiver::measure(run).await,
            Self::Lists => lists::measure(run).await,
            Self::Startup => startup::measure(run).await,
            Self::Kills => kills::measure(run).await,
            Self::Overview => overview::measure(run).await,
            Self::History => history::measure(run).await,
        }
    }
}

/// How many warnings Simpul wrote, for a figure's note; empty where there were none. The last is told as progress only, since
/// it may name paths.
pub(crate) fn warned(hub: &Hub) -> String {
    match hub.simpul.warnings() {
        0 => String::new(),
        count => {
            say(&format!("Simpul warned: {}", hub.simpul.last_warning()));
            format!("; {count} warnings in Simpul's log")
        }
    }
}
