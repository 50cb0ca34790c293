//! What a request says about an integration's configuration, laid over what is stored: masks leave secrets as they are,
//! `null` removes a member, and everything that cannot be taken is named by its path.

use serde_json::{Map, Value};
use simpul_core::integration::{Configuration, IntegrationType, Mode};
use simpul_core::language::Language;
use simpul_core::secret::{looks_masked, mask};
use simpul_providers::{Field, Kind, Manifest, Provider, sentence};

use super::{Problems, Warning};

/// A configuration after a request was laid over it.
pub(super) struct Merged {
    pub(super) configuration: Configuration,
    /// The names of the members that are not what they were, without their values.
    pub(super) changed: Vec<String>,
    /// The members that were refused already, so that they are not refused twice.
    refused: Vec<String>,
}

fn path(name: &str) -> String {
    format!("configuration.{name}")
}

/// Lays `sent` over `stored`. An unknown member, and a mask that is not the stored secret's, become problems.
pub(super) fn merge(
    manifest: &Manifest,
    stored: &Configuration,
    sent: Map<String, Value>,
    problems: &mut Problems,
) -> Merged {
    let mut merged = Merged { configuration: stored.clone(), changed: Vec::new(), refused: Vec::new() };
    for (name, value) in sent {
        let Some(field) = manifest.field(&name) else {
            let known: Vec<&str> = manifest.fields.iter().map(|field| field.name).collect();
            problems.add(path(&name), format!("is not a known member; {} takes {}", manifest.label, known.join(", ")));
            continue;
        };
        match masked(field, &value, stored) {
            Some(true) => {}
            Some(false) => {
                let problem = "is a mask, but not that of the stored secret: send the whole secret, or leave it out";
                problems.add(path(&name), problem);
                merged.refused.push(name);
            }
            None if value.is_null() => drop(merged.configuration.0.remove(&name)),
            None => drop(merged.configuration.0.insert(name, value)),
        }
    }
    merged.changed = changed(manifest, stored, &merged.configuration);
    merged
}

/// Whether the value is a mask, and if so whether it is that of the stored secret.
fn masked(field: &Field, value: &Value, stored: &Configuration) -> Option<bool> {
    let text = value.as_str().filter(|text| field.kind == Kind::Secret && looks_masked(text))?;
    let own = stored.0.get(field.name).and_then(Value::as_str);
    Some(own.is_some_and(|secret| mask(secret, field.prefixes) == text))
}

fn changed(manifest: &Manifest, before: &Configuration, after: &Configuration) -> Vec<String> {
    let names = manifest.fields.iter().map(|field| field.name);
    names.filter(|name| before.0.get(*name) != after.0.get(*name)).map(path).collect()
}

impl Merged {
    /// Checks the whole as the provider does; answers what was accepted but looks wrong.
    pub(super) fn inspect(&self, provider: &dyn Provider, mode: Mode, problems: &mut Problems) -> Vec<Warning> {
        let inspection = provider.inspect(&self.configuration, mode);
        for problem in inspection.problems {
            if !self.refused.iter().any(|name| name == problem.field) {
                problems.add(path(problem.field), problem.message);
            }
        }
        inspection.warnings.into_iter().map(warning).collect()
    }
}

/// What looks wrong in a configuration that is not this request's own, such as an inherited one.
pub(super) fn warnings_of(provider: &dyn Provider, configuration: &Configuration, mode: Mode) -> Vec<Warning> {
    provider.inspect(configuration, mode).warnings.into_iter().map(warning).collect()
}

fn warning(warning: simpul_providers::Warning) -> Warning {
    Warning { field: warning.field, code: warning.code.to_owned(), message: warning.message }
}

/// The warnings in the language asked for.
pub(super) fn in_language(mut warnings: Vec<Warning>, language: Language) -> Vec<Warning> {
    for warning in &mut warnings {
        warning.message = sentence(&warning.message, language).into_owned();
    }
    warnings
}

/// The provider that a request names by type and slug; otherwise a problem that lists the known ones.
pub(super) fn provider_of(
    integration_type: &str,
    provider: &str,
    problems: &mut Problems,
) -> Option<&'static dyn Provider> {
    let kind = IntegrationType::parse(integration_type);
    if kind.is_none() {
        let known: Vec<&str> = IntegrationType::ALL.iter().map(|kind| kind.as_str()).collect();
        problems.add("integrationType", format!("must be one of {}", known.join(", ")));
    }
    let fitting: Vec<&str> = simpul_providers::all()
        .iter()
        .map(|provider| provider.manifest())
        .filter(|manifest| kind.is_none_or(|kind| manifest.integration_type == kind))
        .map(|manifest| manifest.slug)
        .collect();
    let found = simpul_providers::find(provider).filter(|_| fitting.contains(&provider));
    match (found, kind) {
        (None, Some(kind)) => {
            problems.add("provider", format!("must, for {}, be one of {}", kind.as_str(), fitting.join(", ")));
        }
        (None, None) => problems.add("provider", format!("must be one of {}", fitting.join(", "))),
        (Some(_), _) => {}
    }
    kind.and(found)
}
