//! Turns what serde says about input into a member's path and a plain reason. The input itself is not quoted: it may be a
//! secret.

use serde_json::json;

use crate::http::error::Fields;

/// What stands for the whole of the input where no member can be named.
pub(super) const WHOLE: &str = "(body)";
/// More unknown members than this are not listed.
const LISTED_AT_MOST: usize = 50;

/// The path of a failure as `configuration.port` or `[3].type`.
pub(super) fn failed_path(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut written = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => written.push_str(&format!("[{index}]")),
            Segment::Map { key } => push_name(&mut written, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    written
}

/// The path of a member that nothing took, written alike.
pub(super) fn ignored_path(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", ignored_path(parent)),
        Path::Map { parent, key } => {
            let mut written = ignored_path(parent);
            push_name(&mut written, key);
            written
        }
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            ignored_path(parent)
        }
    }
}

fn push_name(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.extend(name.chars().take(100));
}

/// The member and the reason in serde's message about `path`.
pub(super) fn explain(path: &str, message: &str) -> (String, String) {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let quoted = || message.split('`').nth(1).unwrap_or_default();
    let member = |name: &str| {
        if path == name || path.ends_with(&format!(".{name}")) {
            return path.to_owned();
        }
        let mut written = path.to_owned();
        push_name(&mut written, name);
        written
    };
    if message.starts_with("missing field") {
        return (member(quoted()), "is required".to_owned());
    }
    if message.starts_with("duplicate field") {
        return (member(quoted()), "is given more than once".to_owned());
    }
    if message.starts_with("unknown field") {
        return (member(quoted()), "is not a known member".to_owned());
    }
    let path = if path.is_empty() { WHOLE.to_owned() } else { path.to_owned() };
    let speaks_of_input = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    if speaks_of_input.iter().any(|opening| message.starts_with(opening)) {
        let expected = message.rsplit_once("expected ").map_or("of another form", |(_, expected)| expected);
        return (path, format!("must be {}", plain(expected)));
    }
    if message.starts_with("UUID parsing failed") {
        return (path, "must be a UUID in lower-case hyphenated form".to_owned());
    }
    if message.starts_with("data did not match any variant") {
        return (path, "has a form that is not taken here".to_owned());
    }
    (path, message.to_owned())
}

/// Rust's names of types in words.
fn plain(expected: &str) -> String {
    match expected {
        "a string" | "a borrowed string" | "a character" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "unit" => "null".to_owned(),
        _ if expected.starts_with("struct ") => "an object".to_owned(),
        _ if expected.starts_with("a Vec") => "a list".to_owned(),
        _ => expected.replace('`', ""),
    }
}

/// Adds the members that nothing took.
pub(super) fn add_unknown(fields: &mut Fields, unknown: Vec<String>, reason: &str) {
    for name in unknown.into_iter().take(LISTED_AT_MOST) {
        fields.insert(name, json!([reason]));
    }
}
