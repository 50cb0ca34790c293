//! A plain HTTP client over one TCP connection a request, so that broken answers are seen as they are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use serde_json::Value;
use simpul_core::time::{Clock, ManualClock, Timestamp};
use simpul_simulator::{Running, Settings, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The time that stands still in these tests.
pub(crate) const NOW: i64 = 1_770_088_622_000;

pub(crate) async fn start() -> Running {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::from_millis(NOW)));
    let settings = Settings { clock, slow: Duration::from_millis(50), ..Settings::default() };
    Simulator::start_with(SocketAddr::from(([127, 0, 0, 1], 0)), settings).await.expect("a free port")
}

/// What came back, however incomplete.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// As many bytes of body as the head announced.
    pub(crate) whole: bool,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.head))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

pub(crate) fn basic(user: &str, password: &str) -> (String, String) {
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    ("Authorization".into(), format!("Basic {text}"))
}

pub(crate) fn header(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

/// Sends one request; an error is a connection that ended without a head.
pub(crate) async fn request(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let rest = url.strip_prefix("http://").expect("an http URL");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await?;
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let body = bytes[end + 4..].to_vec();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let mut reply = Reply { status, head, body, whole: false };
    reply.whole = reply.header("content-length").and_then(|text| text.parse().ok()) == Some(reply.body.len());
    Ok(reply)
}

pub(crate) async fn get(url: &str, headers: &[(String, String)]) -> Reply {
    request("GET", url, headers, b"").await.expect("an answer")
}
