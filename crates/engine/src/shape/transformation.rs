//! Transformations: jq programs that make the delivered body of an event.

use std::io::{self, Write};

use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::load::{Arena, Error as LoadError, File, Loader, import};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::{Val, read, write};
use serde::de::IgnoredAny;
use simpul_core::activity::clip;

use super::frame::OUTPUT_LIMIT;
use super::place::{offset, place};
use super::recent::Recent;

/// Compiled programs that are kept.
const KEPT: usize = 128;
/// Characters of an error's text that are told.
const TOLD: usize = 300;
const NO_MODULES: &str = "must not include or import modules";
/// What reaches outside the program, or would make the body of one event differ from attempt to attempt: it is not there.
const WITHHELD: [&str; 12] = [
    "env",
    "now",
    "localtime",
    "strflocaltime",
    "input",
    "halt",
    "halt_error",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "repl",
];

type Data = JustLut<Val>;
type Filter = jaq_core::Filter<Data>;

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A sentence without its subject.
    Invalid(String),
    TooLarge,
}

/// The transformations of one worker.
pub(super) struct Transformations {
    definitions: Vec<Def<&'static str>>,
    programs: Recent<Filter>,
}

impl Transformations {
    pub(super) fn new() -> Self {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let definitions = definitions.filter(|definition| !WITHHELD.contains(&definition.name)).collect();
        Self { definitions, programs: Recent::new(KEPT) }
    }

    /// # Errors
    /// What is wrong with the text and where, as a sentence without its subject.
    pub(super) fn check(&mut self, text: &str) -> Result<(), String> {
        let definitions = &self.definitions;
        self.programs.get(text, |text| compile(definitions, text)).map(|_| ())
    }

    /// The delivered body: the one object that the program yields for the payload.
    ///
    /// # Errors
    /// The program cannot be read, fails on this event, yields anything but one object, or too large a one.
    pub(super) fn apply(&mut self, text: &str, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
        let definitions = &self.definitions;
        let program = self.programs.get(text, |text| compile(definitions, text)).map_err(Refusal::Invalid)?;
        let input = read::parse_single(payload)
            .map_err(|_| Refusal::Invalid("is given an event that cannot be read".to_owned()))?;
        let context = Ctx::<Data>::new(&program.lut, Vars::new([]));
        let mut values = program.id.run((context, input)).map(unwrap_valr);
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) => return Err(failed(&error)),
            None => return Err(invalid("must yield an object; on this event it yields nothing")),
        };
        if !matches!(value, Val::Obj(_)) {
            return Err(Refusal::Invalid(format!("must yield an object; on this event it yields {}", kind(&value))));
        }
        match values.next() {
            None => body_of(&value),
            Some(Ok(_)) => Err(invalid("must yield one object; on this event it yields more than one value")),
            Some(Err(error)) => Err(failed(&error)),
        }
    }

    pub(super) fn forget(&mut self, text: &str) {
        self.programs.forget(text);
    }
}

fn invalid(problem: &str) -> Refusal {
    Refusal::Invalid(problem.to_owned())
}

fn failed(error: &jaq_core::Error<Val>) -> Refusal {
    Refusal::Invalid(format!("fails on this event: {}", clip(&error.to_string(), TOLD)))
}

fn kind(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "a boolean",
        Val::Num(_) => "a number",
        Val::BStr(_) | Val::TStr(_) => "a string",
        Val::Arr(_) => "a list",
        Val::Obj(_) => "an object",
    }
}

fn compile(definitions: &[Def<&'static str>], text: &str) -> Result<Filter, String> {
    let arena = Arena::default();
    let file = File { code: text, path: () };
    let modules = Loader::new(definitions.iter().cloned())
        .load(&arena, file)
        .map_err(|errors| errors.first().map_or_else(unreadable, |(_, error)| explain_load(text, error)))?;
    // Data modules are only named while loading, and would be missed when the program runs.
    if import(&modules, |_| Err(String::new())).is_err() {
        return Err(NO_MODULES.to_owned());
    }
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    Compiler::default().with_funs(functions.filter(|(name, ..)| !WITHHELD.contains(name))).compile(modules).map_err(
        |errors| match errors.iter().flat_map(|(_, errors)| errors).next() {
            Some((name, undefined)) => {
                let at = offset(text, name).map(|byte| format!(" at {}", place(text, byte))).unwrap_or_default();
                format!("names{at} the unknown {} {}", undefined.as_str(), clip(name, 60))
            }
            None => unreadable(),
        },
    )
}

fn unreadable() -> String {
    "cannot be read: it is no jq program".to_owned()
}

fn explain_load(text: &str, error: &LoadError<&str>) -> String {
    let (expected, found) = match error {
        LoadError::Io(_) => return NO_MODULES.to_owned(),
        LoadError::Lex(errors) => match errors.first() {
            Some((expected, found)) => (expected.as_str(), *found),
            None => return unreadable(),
        },
        LoadError::Parse(errors) => match errors.first() {
            Some((expected, found)) => (expected.as_str(), *found),
            None => return unreadable(),
        },
    };
    let at = offset(text, found).map_or_else(|| "its end".to_owned(), |byte| place(text, byte));
    let found = found.lines().next().filter(|found| !found.is_empty());
    let found = found.map_or_else(|| "the end".to_owned(), |found| clip(found, 40));
    let expected = if expected == "nothing" { "the end" } else { expected };
    format!("cannot be read at {at}: expected {expected}, found {found}")
}

/// The value as JSON text. The library's values go beyond JSON (not-a-number, byte strings, keys that are no strings):
/// what a receiver could not read is refused.
fn body_of(value: &Val) -> Result<Vec<u8>, Refusal> {
    let mut output = Bounded(Vec::new());
    if write::write(&mut output, &write::Pp::default(), 0, value).is_err() {
        return Err(Refusal::TooLarge);
    }
    match serde_json::from_slice::<IgnoredAny>(&output.0) {
        Ok(_) if std::str::from_utf8(&output.0).is_ok() => Ok(output.0),
        _ => Err(invalid(
            "must yield JSON; on this event it yields something else (such as nan, infinite, bytes, or a key that is no string)",
        )),
    }
}

/// Takes [`OUTPUT_LIMIT`] bytes and no more.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
