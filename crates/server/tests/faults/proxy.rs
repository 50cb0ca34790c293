//! Stands between a node and PostgreSQL, and can break a connection off after a commit was sent and before it is confirmed:
//! the database has committed, and the node does not know.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

const COMMIT: &[u8] = b"COMMIT";
/// Within this time PostgreSQL has committed.
const COMMITTED: Duration = Duration::from_millis(300);

pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Commits that are still to be broken off.
    to_break: AtomicUsize,
    commits: AtomicUsize,
}

impl Proxy {
    /// Listens for ever.
    pub(crate) async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let all = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, shared) = (target.clone(), Arc::clone(&all));
                // How a connection ends is its ends' affair.
                tokio::spawn(async move { drop(relay(client, &target, &shared).await) });
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Breaks off every other commit, so many in all.
    pub(crate) fn break_commits(&self, count: usize) {
        self.shared.to_break.store(count, Ordering::Release);
    }

    pub(crate) fn left_to_break(&self) -> usize {
        self.shared.to_break.load(Ordering::Acquire)
    }
}

impl Shared {
    fn breaks_this(&self) -> bool {
        self.commits.fetch_add(1, Ordering::AcqRel).is_multiple_of(2)
            && self.to_break.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok()
    }
}

async fn relay(mut client: TcpStream, target: &str, shared: &Shared) -> std::io::Result<()> {
    let mut server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut told) = (vec![0; 64 * 1_024], vec![0; 64 * 1_024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                server.write_all(&asked[..read]).await?;
                if asked[..read].windows(COMMIT.len()).any(|part| part == COMMIT) && shared.breaks_this() {
                    sleep(COMMITTED).await;
                    return Ok(());
                }
            }
            read = server.read(&mut told) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                client.write_all(&told[..read]).await?;
            }
        }
    }
}
