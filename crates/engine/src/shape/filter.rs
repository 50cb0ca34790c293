//! Filters: CEL expressions over the delivered body that say whether an event is wanted.

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Context, Env, ExecutionError, ParseError, Program, Value};
use serde_json::Value as Json;
use simpul_core::activity::clip;

use super::place::place;
use super::recent::Recent;

/// The delivered body's members, and `event` for the whole.
const VARIABLES: [&str; 10] =
    ["id", "type", "timestamp", "integrationId", "partnerId", "provider", "testMode", "data", "raw", "event"];
/// Type names may be used as values, as in `type(data.amount) == string`.
const TYPES: [&str; 9] = ["bool", "bytes", "double", "dyn", "int", "list", "map", "string", "uint"];
/// What the library's standard environment has without its optional parts; macros are expanded before it matters.
const FUNCTIONS: [&str; 18] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "bool",
    "dyn",
    "type",
    "of",
    "none",
    "hasValue",
    "value",
    "or",
    "orValue",
];
/// How deeply an expression may nest: evaluation recurses with it. A sum nests once for each of its terms.
const DEEPEST: usize = 300;
const TOO_DEEP: &str = "nests too deeply: write it with fewer brackets or shorter chains";
/// Characters of the parser's message that are told.
const TOLD: usize = 200;
/// Compiled filters that are kept.
const KEPT: usize = 256;

/// The filters of one worker.
pub(super) struct Filters {
    env: Arc<Env>,
    programs: Recent<Compiled>,
}

struct Compiled {
    program: Program,
    /// The variables that it names: only those are made.
    variables: Vec<&'static str>,
}

impl Filters {
    pub(super) fn new() -> Self {
        Self { env: Arc::new(Env::stdlib()), programs: Recent::new(KEPT) }
    }

    /// # Errors
    /// What is wrong with the text and where, as a sentence without its subject.
    pub(super) fn check(&mut self, text: &str) -> Result<(), String> {
        let env = &self.env;
        self.programs.get(text, |text| compile(env, text)).map(|_| ())
    }

    /// Whether the event is wanted.
    ///
    /// # Errors
    /// The expression cannot be read, cannot be evaluated on this event, or yields no boolean.
    pub(super) fn wants(&mut self, text: &str, payload: &[u8]) -> Result<bool, String> {
        let env = &self.env;
        let compiled = self.programs.get(text, |text| compile(env, text))?;
        let event: Json = serde_json::from_slice(payload).map_err(|_| "is given an event that cannot be read")?;
        let mut context = Context::with_env(Arc::clone(env));
        for name in &compiled.variables {
            let value = if *name == "event" { Some(&event) } else { event.get(name) };
            if let Some(value) = value {
                context.add_variable_from_value(*name, value_of(value));
            }
        }
        match compiled.program.execute(&context) {
            Ok(Value::Bool(wanted)) => Ok(wanted),
            Ok(other) => Err(format!("must yield true or false; it yields a value of the type {}", other.type_of())),
            Err(error) => Err(explain(&error)),
        }
    }

    pub(super) fn forget(&mut self, text: &str) {
        self.programs.forget(text);
    }
}

fn compile(env: &Env, text: &str) -> Result<Compiled, String> {
    let program = env.compile(text).map_err(|errors| unreadable(errors.errors.first()))?;
    let mut bound = Vec::new();
    if let Some((id, problem)) = flaw(program.expression(), &mut bound, 0) {
        let at = program.source_info().offset_for(id).and_then(|(start, _)| {
            let (byte, _) = text.char_indices().nth(usize::try_from(start).ok()?)?;
            Some(format!(" at {}", place(text, byte)))
        });
        return Err(format!("{problem}{}", at.unwrap_or_default()));
    }
    let references = program.references();
    let named = |name: &&str| references.has_variable(name) || references.has_variable(format!(".{name}"));
    let variables = VARIABLES.into_iter().filter(named).collect();
    Ok(Compiled { program, variables })
}

/// The parser's first complaint in fewer words.
fn unreadable(error: Option<&ParseError>) -> String {
    const PLAIN: &str = "cannot be read: it is no CEL expression";
    let Some(error) = error else { return PLAIN.to_owned() };
    if error.msg.contains("Recursion limit") {
        return TOO_DEEP.to_owned();
    }
    if error.pos.0 < 1 {
        return PLAIN.to_owned();
    }
    let message = error.msg.strip_prefix("Syntax error: ").unwrap_or(&error.msg);
    let message = message.replace("<EOF>", "the end").replace(['\n', '\r'], " ");
    format!("cannot be read at line {}, column {}: {}", error.pos.0, error.pos.1.max(1), clip(&message, TOLD))
}

/// What is wrong with an expression that can be read, with the node where it is: a name that means nothing, or nesting
/// that evaluation could not follow. `bound` holds the names that macros around the node bind.
fn flaw<'e>(node: &'e IdedExpr, bound: &mut Vec<&'e str>, depth: usize) -> Option<(u64, String)> {
    if depth > DEEPEST {
        return Some((node.id, TOO_DEEP.to_owned()));
    }
    match &node.expr {
        Expr::Ident(name) => {
            let plain = name.strip_prefix('.').unwrap_or(name);
            let is_known = VARIABLES.contains(&plain) || TYPES.contains(&plain) || bound.contains(&plain);
            let problem = || format!("names {plain}, but an event has {}", VARIABLES.join(", "));
            (!is_known).then(|| (node.id, problem()))
        }
        Expr::Call(call) => {
            let name = call.func_name.as_str();
            let is_operator = !name.starts_with(|first: char| first.is_ascii_alphabetic());
            if !is_operator && !FUNCTIONS.contains(&name) {
                return Some((node.id, format!("calls {name}, but no function has that name")));
            }
            // `optional.of(…)` is a function in a namespace and not one of a variable.
            let is_namespace = |target: &&IdedExpr| matches!(&target.expr, Expr::Ident(name) if name == "optional");
            let target = call.target.as_deref().filter(|target| !is_namespace(target));
            first_flaw(target.into_iter().chain(&call.args), bound, depth)
        }
        Expr::Comprehension(loops) => first_flaw([&loops.iter_range, &loops.accu_init], bound, depth).or_else(|| {
            let before = bound.len();
            bound.extend([loops.iter_var.as_str(), loops.accu_var.as_str()]);
            bound.extend(loops.iter_var2.as_deref());
            let found = first_flaw([&loops.loop_cond, &loops.loop_step, &loops.result], bound, depth);
            bound.truncate(before);
            found
        }),
        Expr::List(list) => first_flaw(&list.elements, bound, depth),
        Expr::Select(select) => flaw(&select.operand, bound, depth + 1),
        Expr::Struct(_) => Some((node.id, "makes a message, but an event has none".to_owned())),
        Expr::Map(map) => {
            let parts = map.entries.iter().flat_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                EntryExpr::StructField(field) => vec![&field.value],
            });
            first_flaw(parts, bound, depth)
        }
        Expr::Literal(_) | Expr::Unspecified => None,
    }
}

fn first_flaw<'e>(
    parts: impl IntoIterator<Item = &'e IdedExpr>,
    bound: &mut Vec<&'e str>,
    depth: usize,
) -> Option<(u64, String)> {
    parts.into_iter().find_map(|part| flaw(part, bound, depth + 1))
}

/// JSON in CEL's types: whole numbers are `int`, as they are in every filter that people write.
fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(large)) => Value::UInt(large),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(value_of).collect::<Vec<_>>()),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), value_of(value)));
            Value::from(members.collect::<HashMap<_, _>>())
        }
    }
}

/// Why an expression cannot be evaluated, without the event's values.
fn explain(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(name) => format!("asks for the member {name}, which this event does not have"),
        ExecutionError::UndeclaredReference(name) => format!("names {name}, which this event does not have"),
        ExecutionError::NoSuchOverload(mismatch) => format!("cannot be evaluated on this event: {mismatch}"),
        ExecutionError::ValuesNotComparable(..) => "compares values that cannot be compared".to_owned(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "divides by zero".to_owned(),
        ExecutionError::Overflow(..) => "calculates with numbers that are too large".to_owned(),
        ExecutionError::IndexOutOfBounds(_) => "asks for an item past the end of a list".to_owned(),
        ExecutionError::FunctionError { function, .. } => format!("cannot apply {function} to what this event has"),
        _ => "cannot be evaluated on this event".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"id":"e","type":"payment.success","timestamp":"2026-01-01T00:00:00.000Z","integrationId":"i",
        "partnerId":"p","provider":"midtrans","testMode":false,
        "data":{"amount":"150000","currency":"IDR","count":3,"rate":0.5,"items":[{"sku":"a"},{"sku":"b"}],"none":null},"raw":{}}"#;

    fn wants(text: &str) -> Result<bool, String> {
        Filters::new().wants(text, EVENT.as_bytes())
    }

    #[test]
    fn an_expression_sees_the_events_members() {
        for text in [
            "data.currency == 'IDR' && !testMode",
            "type == 'payment.success' && provider in ['midtrans', 'xendit']",
            "event.type == type && event.data.count == 3",
            "double(data.amount) >= 150000.0",
            "int(data.amount) > 100000",
            "data.count > 2 && data.rate < 1.0 && data.count + 1 == 4",
            "data.items.exists(item, item.sku == 'b')",
            "data.items.all(item, size(item.sku) == 1)",
            "!has(data.refundId)",
            "has(data.refundId) && data.refundId == 'x' || true",
            "data.none == null",
            "type.startsWith('payment.') && data.currency.contains('D') && type.endsWith('success')",
            "'amount' in data",
            "timestamp > '2025'",
            "size(data.items.filter(x, x.sku != 'a').map(x, x.sku)) == 1",
            "data[?'missing'].orValue('x') == 'x'",
            "optional.of(1).hasValue()",
        ] {
            assert_eq!(wants(text), Ok(true), "{text}");
        }
        assert_eq!(wants("testMode"), Ok(false));
        assert_eq!(wants("data.count > 3"), Ok(false));
    }

    #[test]
    fn what_cannot_be_evaluated_says_why_and_shows_no_value() {
        for (text, part) in [
            ("data.refundId == 'x'", "the member refundId"),
            ("data.amount > 100", "no matching overload"),
            ("data.count", "of the type int"),
            ("data", "of the type map"),
            ("1 / (data.count - 3) > 0", "divides by zero"),
            ("data.items[5].sku == 'a'", "past the end"),
            ("int(data.currency) > 0", "cannot"),
            ("9223372036854775807 + data.count > 0", "too large"),
        ] {
            let problem = wants(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
            assert!(!problem.contains("150000") && !problem.contains("IDR"), "{text}: {problem}");
        }
        let problem = Filters::new().wants("raw.a", br#"{"id":"e"}"#).unwrap_err();
        assert!(problem.contains("names raw"), "{problem}");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let mut filters = Filters::new();
        for (text, part) in [
            ("data.currency == ", "line 1, column 1"),
            ("data.currency = 'IDR'", "line 1, column 15"),
            ("testMode &&\n  (data.count > 1", "line 2"),
            ("testMode and data", "line 1, column 10"),
            ("curency == 'IDR'", "names curency, but an event has id, type"),
            ("true && dta.x", "at line 1, column 9"),
            ("data.items.exists(i, j.sku == 'a')", "names j"),
            ("matches(type, 'x')", "calls matches"),
            ("type.matches('x')", "calls matches"),
            ("{'a': b}.a", "names b"),
            ("'unclosed", "line 1"),
            ("Message{a: 1} == 1", "makes a message"),
        ] {
            let problem = filters.check(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
            assert!(problem.len() < 600, "{problem}");
        }
        assert!(filters.check("data.items.map(i, i.sku).exists(s, s == 'a') && type(data) == map").is_ok());
    }

    /// On a stack like the worker's.
    #[test]
    fn what_nests_deeper_than_evaluation_can_follow_is_refused() {
        let check = || {
            let mut filters = Filters::new();
            for text in [format!("1{} > 0", "+1".repeat(1_900)), format!("{}1{}", "(".repeat(200), ")".repeat(200))] {
                assert!(filters.check(&text).unwrap_err().contains("nests too deeply"), "{text}");
            }
            let long = format!("data.count{} > 0", "+1".repeat(200));
            assert_eq!(filters.wants(&long, EVENT.as_bytes()), Ok(true));
        };
        std::thread::Builder::new().stack_size(32 << 20).spawn(check).unwrap().join().unwrap();
    }
}
