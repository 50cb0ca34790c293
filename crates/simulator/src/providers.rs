//! The stand-ins, one file a provider: who is asking, and what the provider would say.

mod fonnte;
mod mailgun;
mod midtrans;
mod sendgrid;
mod stripe;
mod twilio;
mod wablas;
mod xendit;

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use simpul_core::integration::Mode;
use simpul_core::time::Timestamp;

use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};
use crate::ledger::Ledger;

/// What a provider's file supplies. Plain functions: a stand-in has no state but the ledger.
pub(crate) struct StandIn {
    pub(crate) slug: &'static str,
    /// Whether the request carries this account's credential.
    pub(crate) carries: fn(&Call, &Account) -> bool,
    /// The credential as text, to look for magic words in.
    pub(crate) credential: fn(&Call) -> String,
    pub(crate) answer: fn(&Visit<'_>) -> Answer,
    pub(crate) rate_limited: fn(Timestamp) -> Answer,
    pub(crate) server_error: fn() -> Answer,
    /// 200 around an error.
    pub(crate) error_inside: fn() -> Answer,
}

/// A request, who sends it, and the circumstances.
pub(crate) struct Visit<'a> {
    pub(crate) call: &'a Call,
    /// Whose credential it carries; `None` when nobody's.
    pub(crate) account: Option<&'static Account>,
    pub(crate) situation: Situation,
    /// What the mount adds to the slug: `sandbox` or `production` for Midtrans, `eu` for Mailgun; else empty.
    pub(crate) variant: &'a str,
    pub(crate) ledger: &'a Mutex<Ledger>,
    /// Grows with every request; ids in answers are made of it.
    pub(crate) serial: u64,
}

impl Visit<'_> {
    pub(crate) fn field(&self, name: &str) -> &'static str {
        self.account.map_or("", |account| account.field(name))
    }

    pub(crate) fn mode(&self) -> Mode {
        self.account.map_or(Mode::Sandbox, |account| account.mode)
    }

    pub(crate) fn recorded(&self, provider: &str, id: &str) -> Option<Value> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).get(provider, id)
    }

    pub(crate) fn uuid(&self) -> String {
        crate::notify::seed_uuid("answer", self.serial)
    }
}

/// Every provider that speaks HTTP.
pub(crate) const STAND_INS: &[StandIn] = &[
    midtrans::STAND_IN,
    xendit::STAND_IN,
    stripe::STAND_IN,
    twilio::STAND_IN,
    wablas::STAND_IN,
    fonnte::STAND_IN,
    mailgun::STAND_IN,
    sendgrid::STAND_IN,
];

/// The stand-in mounted under a path's first segment, and the variant that the segment adds (`midtrans-production`).
pub(crate) fn mounted(segment: &str) -> Option<(&'static StandIn, &str)> {
    let (slug, variant) = segment.split_once('-').unwrap_or((segment, ""));
    STAND_INS.iter().find(|stand_in| stand_in.slug == slug).map(|stand_in| (stand_in, variant))
}
