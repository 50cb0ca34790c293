//! Where in an expression something is wrong, in a reader's terms.

/// The line and column, both 1-based and in characters, of a byte of the text.
pub(super) fn place(text: &str, byte: usize) -> String {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

/// The byte at which `part` begins in `text`, where it is a slice of it.
pub(super) fn offset(text: &str, part: &str) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize).filter(|offset| *offset <= text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = "é + 1\n  & 2";
        assert_eq!(place(text, 0), "line 1, column 1");
        assert_eq!(place(text, text.find('+').unwrap()), "line 1, column 3");
        assert_eq!(place(text, text.find('&').unwrap()), "line 2, column 3");
        assert_eq!(place(text, 999), "line 2, column 6");
        assert_eq!(offset(text, &text[3..5]), Some(3));
        assert_eq!(offset(&text[4..], &text[0..2]), None);
    }
}
