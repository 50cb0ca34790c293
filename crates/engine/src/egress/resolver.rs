//! Turning names into addresses: what the guard asks, and how the system answers it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::CONNECT_TIMEOUT;

/// Lookups under way at once. Each holds a thread until the system gives up, which may be long after its askers did.
const LOOKUPS: usize = 64;

/// The name could not be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name could not be resolved")]
pub(super) struct Unresolved;

/// Finds the addresses of a name, none of them judged yet.
#[async_trait]
pub(super) trait Resolve: Send + Sync {
    /// All addresses, in the order in which they should be tried.
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved>;
}

type Answer = Option<Result<Vec<IpAddr>, Unresolved>>;
type UnderWay = Arc<Mutex<HashMap<String, watch::Receiver<Answer>>>>;

/// The system's resolver. Those who ask for one name at the same time share one lookup, so that a name server that does not answer
/// takes one thread and not one for each delivery that waits for it.
pub(super) struct SystemResolver {
    under_way: UnderWay,
    permits: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { under_way: UnderWay::default(), permits: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl SystemResolver {
    fn lookup(&self, name: &str) -> watch::Receiver<Answer> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        // A lookup whose task is gone without an answer is not waited for.
        if let Some(answer) = under_way.get(name).filter(|answer| answer.has_changed().is_ok()) {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        under_way.insert(name.to_owned(), answer.clone());
        let (name, registry, permits) = (name.to_owned(), Arc::clone(&self.under_way), Arc::clone(&self.permits));
        tokio::spawn(async move {
            let found = ask_system(&permits, &name).await;
            registry.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
            sender.send_replace(Some(found));
        });
        answer
    }
}

async fn ask_system(permits: &Semaphore, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
    let _permit = timeout(CONNECT_TIMEOUT, permits.acquire()).await.map_err(|_| Unresolved)?.map_err(|_| Unresolved)?;
    let found = tokio::net::lookup_host((name, 0)).await.map_err(|_| Unresolved)?;
    Ok(found.map(|address| address.ip()).collect())
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let mut answer = self.lookup(name);
        let found = answer.wait_for(Option::is_some).await.map_err(|_| Unresolved)?;
        found.clone().unwrap_or(Err(Unresolved))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_share_a_lookup_and_nothing_is_left_of_it() {
        let resolver = SystemResolver::default();
        let first = resolver.lookup("localhost");
        assert!(first.same_channel(&resolver.lookup("localhost")));
        let found = resolver.resolve("localhost").await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback));
        assert!(resolver.under_way.lock().unwrap().is_empty());
        assert!(!first.same_channel(&resolver.lookup("localhost")), "nothing is kept once it was answered");
    }

    #[tokio::test]
    async fn a_name_that_cannot_be() {
        let resolver = SystemResolver::default();
        assert_eq!(resolver.resolve(&"x".repeat(70)).await, Err(Unresolved));
        assert_eq!(resolver.permits.available_permits(), LOOKUPS);
    }

    #[tokio::test]
    async fn a_lookup_that_ended_without_an_answer_is_started_again() {
        let resolver = SystemResolver::default();
        let (_, gone) = watch::channel(None);
        resolver.under_way.lock().unwrap().insert("localhost".to_owned(), gone);
        assert!(resolver.resolve("localhost").await.is_ok());
    }
}
