//! Alerts by a stepped clock, on both databases: what is told, when, and how often.

mod delivering;
mod telling;
mod world;
