//! Shows settings to people: `simpul config`, and the commented example file. Secrets show as bullets.

use super::value::{MASK, without_password};
use super::{Loaded, SETTINGS, Setting, Source};

/// One setting as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: &'static str,
    /// Masked where it is a secret; empty where it is not set.
    pub value: String,
    pub source: Source,
}

impl Loaded {
    /// Every setting with its value, masked, and its source, in the table's order.
    #[must_use]
    pub fn describe(&self) -> Vec<Row> {
        SETTINGS
            .iter()
            .filter_map(|setting| {
                let (text, source) = self.origins.get(setting.key)?;
                Some(Row { key: setting.key, value: shown(setting, text), source: source.clone() })
            })
            .collect()
    }
}

fn shown(setting: &Setting, text: &str) -> String {
    match setting.key {
        _ if setting.secret && !text.is_empty() => MASK.to_owned(),
        "database_url" => without_password(text),
        _ => text.to_owned(),
    }
}

/// The rows as lines of TOML, each with a comment on its source; what is not set is commented out.
#[must_use]
pub fn render(rows: &[Row]) -> String {
    rows.iter()
        .map(|row| {
            let line = assignment(row.key, &row.value);
            match &row.source {
                Source::Default if row.value.is_empty() => format!("# {line} # not set\n"),
                Source::Default => format!("{line} # default\n"),
                source => {
                    let source = source.to_string();
                    format!("{line} # from {}\n", source.strip_prefix("the ").unwrap_or(&source))
                }
            }
        })
        .collect()
}

/// A `simpul.toml` that names every setting with its help and default, all commented out.
#[must_use]
pub fn example() -> String {
    let mut text = String::from(
        "# Simpul's settings, each with its default. Copy this file to simpul.toml and take the # away where you want\n\
         # another value. A variable SIMPUL_<KEY> stands above the file, a command-line flag above both.\n",
    );
    for setting in SETTINGS {
        let help = format!("{} Accepts {}.", setting.help, setting.accepts);
        text.push('\n');
        for line in wrapped(&help, 116) {
            text.push_str(&format!("# {line}\n"));
        }
        text.push_str(&format!("# {}\n", assignment(setting.key, setting.default)));
    }
    text
}

fn assignment(key: &str, value: &str) -> String {
    let is_number = Setting::find(key).is_some_and(|setting| setting.number);
    if is_number { format!("{key} = {value}") } else { format!("{key} = {}", toml::Value::from(value)) }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
