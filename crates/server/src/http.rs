//! The HTTP side: one error type, the envelope, extractors that keep the contract's order of checks, and the layers
//! that every request passes through.

/// Whether the text has the shape of an e-mail address: one `@`, a dotted host, no white space. Nothing is looked up.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let sound =
        |character: char| character.is_ascii_graphic() && !matches!(character, '<' | '>' | '(' | ')' | ',' | ';' | '"');
    let labels_sound = host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    });
    text.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && local.chars().all(sound)
        && (host.contains('.') || host == "localhost")
        && labels_sound
}
