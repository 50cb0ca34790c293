//! Receivers that hang, drip, flood, reset, redirect and show a bad certificate, all at once, beside one that works.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use simpul_store::testing::TestDatabase;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::ledger::{Shared, percentile};
use crate::load::{Load, Sender};
use crate::world::World;

const EVERY: Duration = Duration::from_millis(20);
const TIME: Duration = Duration::from_secs(20);
/// For a debug build on two busy cores; well below the seconds that the others take.
const PROMPT: Duration = Duration::from_secs(2);
const FLOOD: usize = 10 << 20;
/// Memory of a debug build under this load, in MiB: ten megabytes for each answer that floods would be far beyond.
const MEMORY: u64 = 600;

#[derive(Clone)]
enum Misdeed {
    /// Takes the request and says nothing.
    Hang,
    /// One byte a second.
    Drip,
    /// 200 and ten megabytes.
    Flood,
    /// Breaks the connection off with a reset.
    Reset,
    /// Sends elsewhere.
    Redirect(String),
    /// A certificate that nobody vouches for.
    Unknown(Arc<rustls::ServerConfig>),
}

impl Misdeed {
    /// Listens for ever; answers the URL.
    async fn listen(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let address = listener.local_addr().expect("an address");
        let scheme = if matches!(self, Self::Unknown(_)) { "https" } else { "http" };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let misdeed = self.clone();
                // How it ends is the caller's affair.
                tokio::spawn(async move { drop(misdeed.commit(stream).await) });
            }
        });
        format!("{scheme}://{address}/")
    }

    async fn commit(self, mut stream: TcpStream) -> std::io::Result<()> {
        if let Self::Unknown(config) = self {
            let mut stream = TlsAcceptor::from(config).accept(stream).await?;
            return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        }
        let mut request = vec![0; 64 * 1_024];
        let read = stream.read(&mut request).await?;
        if read == 0 {
            return Ok(());
        }
        match self {
            Self::Hang => loop {
                if stream.read(&mut request).await? == 0 {
                    return Ok(());
                }
            },
            Self::Drip => {
                for byte in
                    b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".iter().chain(std::iter::repeat_n(&b'.', 1_000))
                {
                    stream.write_all(&[*byte]).await?;
                    sleep(Duration::from_secs(1)).await;
                }
                Ok(())
            }
            Self::Flood => {
                stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {FLOOD}\r\n\r\n").as_bytes()).await?;
                for _ in 0..FLOOD / request.len() {
                    stream.write_all(&request).await?;
                }
                Ok(())
            }
            Self::Reset =>
            {
                #[expect(deprecated, reason = "a time of zero does not block: it is what makes the close a reset")]
                stream.set_linger(Some(Duration::ZERO))
            }
            Self::Redirect(to) => {
                stream
                    .write_all(
                        format!(
                            "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                        )
                        .as_bytes(),
                    )
                    .await
            }
            Self::Unknown(_) => Ok(()),
        }
    }
}

fn unknown_certificate() -> Arc<rustls::ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).expect("a pair"))
}

async fn the_healthy_one_is_not_slowed(database: TestDatabase) {
    let world = World::on(&database, 1).await;
    let integration = world.make_integration("Tetangga Berisik").await;
    world.make_webhook(&integration, "healthy", json!({})).await;
    let policy = json!({"timeout": 5, "retryDelay": 10, "backoff": "fixed"});
    let elsewhere = world.sink.url("elsewhere");
    let misdeeds = [
        Misdeed::Hang,
        Misdeed::Drip,
        Misdeed::Flood,
        Misdeed::Reset,
        Misdeed::Redirect(elsewhere),
        Misdeed::Unknown(unknown_certificate()),
    ];
    for misdeed in misdeeds {
        world.make_webhook_to(&integration, &misdeed.listen().await, policy.clone()).await;
    }
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let begun = Instant::now();
    let load = Load::steady(&sender, EVERY);
    sleep(TIME).await;
    load.stop().await;
    let done = Instant::now();
    let memory = world.nodes[0].peak_memory();
    ledger.drained(&world.sink, &["healthy"], Duration::from_secs(20)).await.check("beside six that misbehave");
    let latencies = ledger.latencies(&world.sink, "healthy", begun, done);
    let (median, high) = (percentile(&latencies, 50), percentile(&latencies, 99));
    println!(
        "the healthy receiver: {} events, p50 {median:.1?}, p99 {high:.1?}; memory at most {memory:?} MiB",
        latencies.len()
    );
    assert!(high < PROMPT, "the healthy receiver waited: {high:?}");
    assert_eq!(world.sink.requests("elsewhere"), 0, "a redirect was followed");
    assert!(memory.is_none_or(|memory| memory < MEMORY), "{memory:?} MiB");
    world.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    the_healthy_one_is_not_slowed(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    the_healthy_one_is_not_slowed(TestDatabase::postgres().await).await;
}
