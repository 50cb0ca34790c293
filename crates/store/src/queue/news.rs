//! What nodes on one PostgreSQL tell each other, in the transaction that makes it true. SQLite has one node: nothing is sent.

use std::sync::Arc;
use std::time::Duration;

use simpul_core::id::WebhookId;
use sqlx::postgres::PgListener;

use crate::Store;
use crate::db::{Db, Tx};
use crate::error::Result;

const CHANNEL: &str = "simpul_deliveries";
/// Before a broken connection is made anew.
const PAUSE: Duration = Duration::from_secs(1);

/// Something that other nodes should know at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Deliveries were left in the table.
    Waiting,
    /// A webhook was changed: what a node holds of it in memory goes back to the table.
    Changed(WebhookId),
}

impl News {
    fn text(self) -> String {
        match self {
            Self::Waiting => "waiting".to_owned(),
            Self::Changed(id) => format!("changed:{id}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None => (text == "waiting").then_some(Self::Waiting),
            Some(("changed", id)) => id.parse().ok().map(Self::Changed),
            Some(_) => None,
        }
    }
}

/// Tells the other nodes once this transaction has committed.
pub(crate) async fn tell(tx: &mut Tx, news: News) -> Result<()> {
    let Tx::Postgres(transaction) = tx else { return Ok(()) };
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(news.text()).execute(&mut **transaction).await?;
    Ok(())
}

impl Store {
    /// Hears what other nodes tell until the future is dropped, and goes on after a lost connection. The listener is
    /// registered before it first returns control, and what was missed while the connection was away is made up for by one
    /// [`News::Waiting`]. On SQLite it waits for ever.
    pub async fn hear(&self, heard: Arc<dyn Fn(News) + Send + Sync>) {
        let Db::Postgres(pool) = &self.db else { return std::future::pending().await };
        loop {
            match listen(pool, &*heard).await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "the other nodes cannot be heard; listening again in a second"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn listen(pool: &sqlx::PgPool, heard: &(dyn Fn(News) + Send + Sync)) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.ignore_pool_close_event(false);
    listener.listen(CHANNEL).await?;
    heard(News::Waiting);
    // `None` says that the connection was lost; what came meanwhile was not heard.
    while let Some(notification) = listener.try_recv().await? {
        if let Some(news) = News::parse(notification.payload()) {
            heard(news);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use simpul_core::time::Timestamp;

    use super::*;

    #[test]
    fn what_is_told_is_understood() {
        for news in [News::Waiting, News::Changed(WebhookId::generate(Timestamp::from_millis(1)))] {
            assert_eq!(News::parse(&news.text()), Some(news));
        }
        assert_eq!(News::parse("changed:nothing"), None);
        assert_eq!(News::parse("something"), None);
    }
}
