//! What the providers say, in Indonesian. What is stored and what the API answers by default is English; a sentence is
//! translated where it is shown to somebody who asked for Indonesian. There is a file for each provider's sentences and one for
//! those of all; `{}` stands for what a sentence was filled with, in the same order in both languages.

mod fonnte;
mod mailgun;
mod midtrans;
mod network;
mod sendgrid;
mod shared;
mod smtp;
mod smtp_refusal;
mod stripe;
#[cfg(test)]
mod tests;
mod twilio;
mod wablas;
mod xendit;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use simpul_core::language::Language;

const GAP: &str = "{}";

const CATALOGUES: &[&[(&str, &str)]] = &[
    shared::SENTENCES,
    network::SENTENCES,
    midtrans::SENTENCES,
    xendit::SENTENCES,
    stripe::SENTENCES,
    twilio::SENTENCES,
    wablas::SENTENCES,
    fonnte::SENTENCES,
    smtp::SENTENCES,
    smtp_refusal::SENTENCES,
    mailgun::SENTENCES,
    sendgrid::SENTENCES,
];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::build);

/// A sentence of this crate, or of the network that it was handed, in that language. What is unknown, such as what a
/// provider said itself, is answered as it is.
#[must_use]
pub fn sentence(text: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::English => Cow::Borrowed(text),
        Language::Indonesian => CATALOGUE.translated(text),
    }
}

/// Puts the hint and the steps' messages of a connection test's details into that language, as the answer and the log hold
/// them. What the provider said itself stays.
pub fn details_in_language(details: &mut Map<String, Value>, language: Language) {
    let translate = |value: &mut Value| {
        if let Value::String(text) = value {
            *text = sentence(text, language).into_owned();
        }
    };
    if let Some(hint) = details.get_mut("hint") {
        translate(hint);
    }
    let steps = details.get_mut("steps").and_then(Value::as_array_mut);
    steps.into_iter().flatten().filter_map(|step| step.get_mut("message")).for_each(translate);
}

struct Catalogue {
    whole: HashMap<&'static str, &'static str>,
    /// Those with gaps, the most literal first, so that a general one never takes what a particular one is meant for.
    templates: Vec<Template>,
}

impl Catalogue {
    fn build() -> Self {
        let (mut whole, mut templates) = (HashMap::new(), Vec::new());
        for (english, indonesian) in CATALOGUES.iter().copied().flatten().copied() {
            if english.contains(GAP) {
                templates.push(Template::new(english, indonesian));
            } else {
                whole.insert(english, indonesian);
            }
        }
        templates.sort_by_key(|template| Reverse(template.english.iter().map(|part| part.len()).sum::<usize>()));
        Self { whole, templates }
    }

    fn translated<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if let Some(translation) = self.whole.get(text) {
            return Cow::Borrowed(*translation);
        }
        let found = self.templates.iter().find_map(|template| Some((template, template.fillings(text)?)));
        match found {
            Some((template, fillings)) => Cow::Owned(template.filled(&fillings, self)),
            None => Cow::Borrowed(text),
        }
    }
}

/// A sentence with gaps, as the text around them.
struct Template {
    english: Vec<&'static str>,
    indonesian: Vec<&'static str>,
}

impl Template {
    fn new(english: &'static str, indonesian: &'static str) -> Self {
        Self { english: english.split(GAP).collect(), indonesian: indonesian.split(GAP).collect() }
    }

    /// What the gaps hold, if the text is this sentence.
    fn fillings<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.english.split_first()?;
        let (last, middle) = others.split_last()?;
        let mut rest = text.strip_prefix(first)?;
        let mut fillings = Vec::with_capacity(others.len());
        for part in middle {
            let (filling, after) = rest.split_once(part)?;
            fillings.push(filling);
            rest = after;
        }
        fillings.push(rest.strip_suffix(last)?);
        Some(fillings)
    }

    /// The sentence with its gaps filled; a filling may be a sentence or a word of the catalogue itself, and is always shorter
    /// than the text it is from.
    fn filled(&self, fillings: &[&str], catalogue: &Catalogue) -> String {
        let mut text = String::new();
        for (index, part) in self.indonesian.iter().enumerate() {
            text.push_str(part);
            if let Some(filling) = fillings.get(index) {
                text.push_str(&catalogue.translated(filling));
            }
        }
        text
    }
}
