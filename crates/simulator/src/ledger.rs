//! What the simulated payment gateways hold, so that a status read back confirms (or denies) a notification.

use std::collections::VecDeque;

use serde_json::Value;

/// Kept entries; the oldest go first.
const CAPACITY: usize = 10_000;

/// Objects by one of their ids, the latest version of each.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    provider: &'static str,
    ids: Vec<String>,
    object: Value,
}

impl Ledger {
    /// Stores an object under all its ids, replacing what any of them named.
    pub(crate) fn put(&mut self, provider: &'static str, ids: &[&str], object: Value) {
        self.entries
            .retain(|entry| entry.provider != provider || !entry.ids.iter().any(|id| ids.contains(&id.as_str())));
        if self.entries.len() >= CAPACITY {
            self.entries.pop_front();
        }
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self.entries.push_back(Entry { provider, ids, object });
    }

    pub(crate) fn get(&self, provider: &str, id: &str) -> Option<Value> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.provider == provider && entry.ids.iter().any(|known| known == id))
            .map(|entry| entry.object.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_version_is_found_under_every_id_and_only_at_its_provider() {
        let mut ledger = Ledger::default();
        ledger.put("midtrans", &["order-1", "tx-1"], Value::from("pending"));
        ledger.put("midtrans", &["order-1", "tx-1"], Value::from("settlement"));
        assert_eq!(ledger.get("midtrans", "order-1"), Some(Value::from("settlement")));
        assert_eq!(ledger.get("midtrans", "tx-1"), Some(Value::from("settlement")));
        assert_eq!(ledger.get("xendit", "tx-1"), None);
    }
}
