//! The mail server over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use simpul_core::integration::Mode;
use simpul_simulator::accounts::{self, Situation};
use simpul_simulator::{Fault, Running};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::http::start;

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(running: &Running) -> Self {
        Self(BufReader::new(TcpStream::connect(running.smtp_address()).await.expect("a connection")))
    }

    /// A whole reply, its lines joined; empty when the server has gone.
    async fn reply(&mut self) -> String {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap_or(0) == 0 {
                return text;
            }
            let last = line.as_bytes().get(3) != Some(&b'-');
            text.push_str(&line);
            if last {
                return text;
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.expect("sent");
        self.reply().await
    }

    async fn plain(&mut self, user: &str, password: &str) -> String {
        self.say(&format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{user}\0{password}")))).await
    }
}

#[tokio::test]
async fn takes_the_right_password_by_either_mechanism_and_then_a_mail() {
    let running = start().await;
    for mode in [Mode::Sandbox, Mode::Production] {
        let account = accounts::right("smtp", mode).expect("an account");
        let (user, password) = (account.field("username"), account.field("password"));
        let mut client = Client::connect(&running).await;
        assert!(client.reply().await.starts_with("220 "));
        assert!(client.say("EHLO hub.example").await.contains("AUTH PLAIN LOGIN"));
        assert!(client.say("MAIL FROM:<a@example.com>").await.starts_with("530 "));
        assert!(client.say("AUTH LOGIN").await.starts_with("334 "));
        assert!(client.say(&STANDARD.encode(user)).await.starts_with("334 "));
        assert!(client.say(&STANDARD.encode(password)).await.starts_with("235 "));
        assert!(client.say("NOOP").await.starts_with("250 "));
        assert!(client.say("MAIL FROM:<a@example.com>").await.starts_with("250 "));
        assert!(client.say("RCPT TO:<b@example.com>").await.starts_with("250 "));
        assert!(client.say("DATA").await.starts_with("354 "));
        assert!(client.say("Subject: Halo\r\n\r\nHalo\r\n.").await.starts_with("250 "));
        assert!(client.say("QUIT").await.starts_with("221 "));

        let mut client = Client::connect(&running).await;
        client.reply().await;
        assert!(client.plain(user, password).await.starts_with("235 "));
    }
    running.stop().await;
}

#[tokio::test]
async fn refuses_wrong_and_troubled_accounts_with_their_codes() {
    let running = start().await;
    let mut client = Client::connect(&running).await;
    client.reply().await;
    assert!(client.plain("someone", "wrong").await.starts_with("535-5.7.8 "));
    for (situation, code) in [
        (Situation::MissingPermission, "535 5.7.139 "),
        (Situation::Suspended, "535 5.7.8 "),
        (Situation::Expired, "534 5.7.9 "),
    ] {
        let account = accounts::find("smtp", Mode::Sandbox, situation).expect("an account");
        let reply = client.plain(account.field("username"), account.field("password")).await;
        assert!(reply.starts_with(code), "{reply}");
    }
    assert!(client.say("AUTH PLAIN !!!").await.starts_with("501 "));
    assert!(client.say("AUTH CRAM-MD5").await.starts_with("504 "));
    assert!(client.say("STARTTLS").await.starts_with("502 "));
    assert!(client.plain("someone", "simulate-500").await.starts_with("454 "));
    assert_eq!(client.plain("someone", "simulate-cut").await, "");
    running.stop().await;
}

#[tokio::test]
async fn an_endless_line_ends_the_session() {
    let running = start().await;
    let mut client = Client::connect(&running).await;
    client.reply().await;
    assert_eq!(client.say(&"x".repeat(20_000)).await, "");
    running.stop().await;
}

#[tokio::test]
async fn faults_come_in_place_of_the_banner() {
    let running = start().await;
    for (fault, banner) in [
        (Fault::Unavailable { retry_after_seconds: 1 }, "421 "),
        (Fault::ServerError, "554 "),
        (Fault::Html, "HTTP/1.1 "),
        (Fault::Cut, ""),
        (Fault::Empty, ""),
        (Fault::Truncated, "220 mail.simul"),
        (Fault::Oversized, "220-"),
    ] {
        running.set_fault("smtp", Some(fault));
        let reply = Client::connect(&running).await.reply().await;
        assert!(reply.starts_with(banner), "{fault:?}: {reply}");
        assert_eq!(reply.is_empty(), banner.is_empty(), "{fault:?}");
    }
    running.stop().await;
}
