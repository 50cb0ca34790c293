//! The report of a run: what it ran on, the limits, a table for each database, and what could not be measured.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::backend::{Backend, Cluster};
use crate::failure::Result;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::measure::Measure;
use crate::options::Options;
use crate::table;

/// Everything that was measured on one database.
pub(crate) struct Part {
    pub(crate) backend: Backend,
    /// For each measurement, which program (0 or 1) and its figures.
    pub(crate) rounds: Vec<(usize, Vec<Measure>)>,
    /// Sentences about measurements that could not be made.
    pub(crate) failures: Vec<String>,
}

/// A whole run.
pub(crate) struct Report<'a> {
    pub(crate) options: &'a Options,
    pub(crate) machine: Machine,
    pub(crate) cluster: Option<&'a Cluster>,
    pub(crate) limits: &'a Limits,
    pub(crate) parts: Vec<Part>,
    /// `2026-11-25`, UTC.
    pub(crate) date: String,
}

impl Report<'_> {
    pub(crate) fn is_complete(&self) -> bool {
        self.parts.iter().all(|part| part.failures.is_empty())
    }

    /// Whether something that was accepted did not arrive.
    pub(crate) fn has_losses(&self) -> bool {
        let measures = self.parts.iter().flat_map(|part| &part.rounds).flat_map(|(_, measures)| measures);
        measures.into_iter().any(|measure| measure.floor == Some(crate::measure::Floor::Zero) && measure.value > 0.0)
    }

    /// The report as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("# Simpul measured, {}\n\n", self.date);
        text.push_str(&table::facts(&self.facts()));
        text.push('\n');
        text.push_str(&table::limits(self.limits));
        for part in &self.parts {
            text.push_str(&format!("\n## {}\n\n", part.backend.name()));
            if self.options.against.is_some() {
                text.push_str(&table::comparison(&part.rounds));
            } else {
                text.push_str(&table::figures(&part.rounds));
            }
            for failure in &part.failures {
                text.push_str(&format!("\n- Not measured: {failure}\n"));
            }
        }
        text
    }

    fn facts(&self) -> BTreeMap<&'static str, String> {
        let machine = &self.machine;
        let mut facts = BTreeMap::from([
            ("commit", machine.commit.clone()),
            ("compiler", machine.rustc.clone()),
            ("kernel", machine.kernel.clone()),
            ("processor", format!("{}, {} cores", machine.processor, machine.cores)),
            ("memory", machine.memory.clone()),
            ("file system", machine.file_system.clone()),
            ("load before the run", machine.load.clone()),
            ("options", self.options.shown()),
        ]);
        if let Some(cluster) = self.cluster {
            facts.insert("PostgreSQL", format!("{} ({})", cluster.version, cluster.settings));
        }
        facts
    }

    /// Writes the report to `<date>-<commit>[-<label>].md`; answers the file's name.
    pub(crate) fn record(&self) -> Result<PathBuf> {
        let label = self.options.label.as_ref().map_or_else(String::new, |label| format!("-{label}"));
        let name = format!("{}-{}{label}.md", self.date, self.machine.short_commit);
        std::fs::create_dir_all(&self.options.results)?;
        let path = self.options.results.join(name);
        std::fs::write(&path, self.markdown())?;
        Ok(path)
    }
}
