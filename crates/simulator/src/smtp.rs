//! A mail server without encryption that knows the simulated accounts: enough of RFC 5321 and RFC 4954 to be logged in to
//! and to take a mail, which it throws away.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::accounts::{self, Situation};
use crate::scenario::Fault;
use crate::server::World;

/// Connections at once; more wait to be accepted.
const MAXIMUM_CONNECTIONS: usize = 64;
/// A line's length with its end: RFC 5321 allows 512, RFC 4954 12,288 for AUTH.
const MAXIMUM_LINE: u64 = 12_288;
/// Lines taken in one session, mail included.
const MAXIMUM_LINES: usize = 50_000;
const SESSION: Duration = Duration::from_secs(120);

/// Serves until the world is stopped; sessions at work are cut off then.
pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    let slots = Arc::new(Semaphore::new(MAXIMUM_CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = world.stopped() => return,
        };
        let Ok((stream, _)) = stream else {
            world.pause(Some(Duration::from_millis(100))).await;
            continue;
        };
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            world.count_call("smtp");
            tokio::select! {
                // A client that goes away in the middle is its own business, and a session that lasts too long just ends.
                _ended = tokio::time::timeout(SESSION, Session::new(stream, &world).run()) => {}
                () = world.stopped() => {}
            }
            drop(slot);
        });
    }
}

struct Session<'a> {
    stream: BufReader<TcpStream>,
    world: &'a World,
    authenticated: bool,
}

impl<'a> Session<'a> {
    fn new(stream: TcpStream, world: &'a World) -> Self {
        Self { stream: BufReader::new(stream), world, authenticated: false }
    }

    async fn reply(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// One line without its end; `None` when the client has gone, or sends more than a line may hold.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        (&mut self.stream).take(MAXIMUM_LINE).read_until(b'\n', &mut bytes).await?;
        if bytes.last() != Some(&b'\n') {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned()))
    }

    async fn run(mut self) -> io::Result<()> {
        if !self.greet().await? {
            return Ok(());
        }
        for _ in 0..MAXIMUM_LINES {
            let Some(line) = self.line().await? else { return Ok(()) };
            let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    self.reply("250-mail.simulator.invalid\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN").await?;
                }
                "HELO" => self.reply("250 mail.simulator.invalid").await?,
                "AUTH" if self.authenticated => self.reply("503 5.5.1 Already authenticated").await?,
                "AUTH" => {
                    if !self.authenticate(argument).await? {
                        return Ok(());
                    }
                }
                "NOOP" | "RSET" => self.reply("250 2.0.0 OK").await?,
                "MAIL" | "RCPT" | "DATA" if !self.authenticated => {
                    self.reply("530 5.7.0 Authentication required").await?;
                }
                "MAIL" | "RCPT" => self.reply("250 2.1.0 OK").await?,
                "DATA" => self.take_mail().await?,
                "QUIT" => return self.reply("221 2.0.0 Bye").await,
                "STARTTLS" => self.reply("502 5.5.1 STARTTLS is not offered here").await?,
                _ => self.reply("500 5.5.2 Unrecognised command").await?,
            }
        }
        self.reply("421 4.7.0 Too many lines").await
    }

    /// The banner, or a fault in its place; whether the session goes on.
    async fn greet(&mut self) -> io::Result<bool> {
        match self.world.fault("smtp") {
            Some(Fault::Cut) => {
                self.stream.get_ref().set_zero_linger()?;
                return Ok(false);
            }
            Some(Fault::Slow(time)) => self.world.pause(time).await,
            Some(Fault::Html) => {
                self.reply("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n").await?;
                return Ok(false);
            }
            Some(Fault::Truncated) => {
                self.stream.write_all(b"220 mail.simul").await?;
                self.stream.flush().await?;
                return Ok(false);
            }
            Some(Fault::Empty) => return Ok(false),
            Some(Fault::Oversized) => {
                for _ in 0..8_192 {
                    self.stream.write_all(format!("220-{}\r\n", ".".repeat(1_000)).as_bytes()).await?;
                }
            }
            Some(Fault::RateLimited { .. } | Fault::Unavailable { .. }) => {
                self.reply("421 4.7.0 Too many connections, try again later").await?;
                return Ok(false);
            }
            Some(Fault::ServerError) => {
                self.reply("554 5.3.0 No service for you").await?;
                return Ok(false);
            }
            _ => {}
        }
        self.reply("220 mail.simulator.invalid ESMTP Simpul simulator").await?;
        Ok(true)
    }

    /// AUTH PLAIN and LOGIN, with and without an initial response; whether the session goes on.
    async fn authenticate(&mut self, argument: &str) -> io::Result<bool> {
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let credentials = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let text = if initial.is_empty() { self.challenge("").await? } else { decoded(initial) };
                text.and_then(|text| {
                    let mut parts = text.splitn(3, '\0').skip(1).map(str::to_owned);
                    Some((parts.next()?, parts.next()?))
                })
            }
            "LOGIN" => {
                let user = if initial.is_empty() { self.challenge("VXNlcm5hbWU6").await? } else { decoded(initial) };
                let password = self.challenge("UGFzc3dvcmQ6").await?;
                user.zip(password)
            }
            _ => {
                self.reply("504 5.5.4 Unrecognised authentication type").await?;
                return Ok(true);
            }
        };
        match credentials {
            Some((user, password)) => self.judge(&user, &password).await,
            None => {
                self.reply("501 5.5.2 Cannot decode the response").await?;
                Ok(true)
            }
        }
    }

    async fn challenge(&mut self, encoded: &str) -> io::Result<Option<String>> {
        self.reply(&format!("334 {encoded}")).await?;
        Ok(self.line().await?.as_deref().and_then(decoded))
    }

    async fn judge(&mut self, user: &str, password: &str) -> io::Result<bool> {
        let account = accounts::of("smtp")
            .find(|account| account.field("username") == user && account.field("password") == password);
        let situation = match (self.world.fault("smtp"), account) {
            (Some(Fault::Account(situation)), _) => situation,
            (_, Some(account)) => account.situation,
            (_, None) => match Fault::in_credential(password) {
                Some(Fault::Cut | Fault::Truncated | Fault::Empty) => {
                    self.stream.get_ref().set_zero_linger()?;
                    return Ok(false);
                }
                Some(Fault::Slow(time)) => {
                    self.world.pause(time).await;
                    Situation::Right
                }
                Some(_) => {
                    self.reply("454 4.7.0 Temporary authentication failure").await?;
                    return Ok(true);
                }
                None => Situation::WrongKey,
            },
        };
        let reply = match situation {
            Situation::Right => {
                self.authenticated = true;
                "235 2.7.0 Authentication successful"
            }
            Situation::MissingPermission => {
                "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
            }
            Situation::Expired => "534 5.7.9 Application-specific password required.",
            Situation::Suspended => "535 5.7.8 Account suspended",
            _ => {
                "535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.simulator.invalid/mail"
            }
        };
        self.reply(reply).await?;
        Ok(true)
    }

    async fn take_mail(&mut self) -> io::Result<()> {
        self.reply("354 End data with <CR><LF>.<CR><LF>").await?;
        for _ in 0..MAXIMUM_LINES {
            match self.line().await?.as_deref() {
                Some(".") => return self.reply("250 2.0.0 OK: queued as SIMULATED1").await,
                Some(_) => {}
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        self.reply("552 5.3.4 Message too big").await
    }
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()
}
