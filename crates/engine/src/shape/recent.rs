//! Compiled programs by their text; those that were not used for longest make room.

use std::collections::HashMap;

pub(super) struct Recent<T> {
    kept: HashMap<String, (u64, T)>,
    capacity: usize,
    uses: u64,
}

impl<T> Recent<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { kept: HashMap::new(), capacity, uses: 0 }
    }

    /// What was kept for the text, or what `make` makes of it. Failures are not kept.
    pub(super) fn get(&mut self, text: &str, make: impl FnOnce(&str) -> Result<T, String>) -> Result<&T, String> {
        self.uses += 1;
        if !self.kept.contains_key(text) {
            let made = make(text)?;
            if self.kept.len() >= self.capacity {
                let oldest = self.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(text, _)| text.clone());
                oldest.and_then(|oldest| self.kept.remove(&oldest));
            }
            self.kept.insert(text.to_owned(), (self.uses, made));
        }
        let uses = self.uses;
        let kept = self.kept.get_mut(text).map(|(used, kept)| {
            *used = uses;
            &*kept
        });
        kept.ok_or_else(|| "was not kept".to_owned())
    }

    pub(super) fn forget(&mut self, text: &str) {
        self.kept.remove(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let mut recent = Recent::new(2);
        let mut made = Vec::new();
        for text in ["a", "b", "a", "c", "a", "b"] {
            let length = recent.get(text, |text| {
                made.push(text.to_owned());
                Ok(text.len())
            });
            assert_eq!(length, Ok(&1));
        }
        assert_eq!(made, ["a", "b", "c", "b"]);
        assert_eq!(recent.get("d", |_| Err("bad".to_owned())), Err("bad".to_owned()));
        recent.forget("a");
        assert_eq!(recent.get("a", |_| Ok(7)), Ok(&7));
    }
}
