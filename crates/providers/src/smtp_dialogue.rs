//! The line protocol of SMTP (RFC 5321): commands out, replies in, every wait and every length bounded. Written here because
//! the mail libraries hang on silent servers, read keywords by their case and take over what was injected before TLS.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

/// RFC 5321 allows 512 bytes; servers in the field write more.
const LONGEST_LINE: usize = 2_048;
const MOST_LINES: usize = 100;

/// A server's answer to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    /// The text of each line without the code; may be empty.
    pub(crate) lines: Vec<String>,
}

impl Reply {
    /// The enhanced status code (RFC 3463), such as `5.7.8`, if the reply begins with one.
    pub(crate) fn enhanced(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let word = line.split_whitespace().next()?;
            let parts: Vec<&str> = word.split('.').collect();
            let is_code = parts.len() == 3
                && matches!(parts[0], "2" | "4" | "5")
                && parts.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
            is_code.then_some(word)
        })
    }

    /// The text for people: lines joined by spaces, the enhanced code and control characters left out.
    pub(crate) fn text(&self) -> String {
        let enhanced = self.enhanced().unwrap_or_default();
        let lines = self.lines.iter().map(|line| line.strip_prefix(enhanced).unwrap_or(line).trim());
        let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
    }
}

/// A dialogue that cannot go on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// No complete answer in time.
    TimedOut,
    /// The server closed the connection.
    Closed,
    /// The server reset the connection, or the network did.
    Reset,
    /// What came is no SMTP reply; its first bytes.
    NotSmtp(Vec<u8>),
    /// A line or a reply without end.
    TooLong,
    /// Bytes came that no command asked for.
    Unasked,
}

/// One connection to a server.
pub(crate) struct Dialogue<S> {
    stream: S,
    /// Received and not yet read.
    buffer: Vec<u8>,
    /// No wait goes on past this.
    deadline: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    pub(crate) fn new(stream: S, deadline: Instant) -> Self {
        Self { stream, buffer: Vec::new(), deadline }
    }

    /// Sends one command and reads its reply; `limit` holds for both together, however slowly the bytes drip. The line must
    /// hold no line break.
    ///
    /// # Errors
    /// The dialogue cannot go on.
    pub(crate) async fn command(&mut self, line: &str, limit: Duration) -> Result<Reply, Broken> {
        if !self.buffer.is_empty() {
            return Err(Broken::Unasked);
        }
        let until = self.until(limit);
        timeout_at(until, async {
            self.stream.write_all(format!("{line}\r\n").as_bytes()).await.map_err(broken)?;
            self.stream.flush().await.map_err(broken)
        })
        .await
        .unwrap_or(Err(Broken::TimedOut))?;
        self.reply_until(until).await
    }

    /// Sends a mail's content after DATA, with dots at the beginning of lines doubled and bare line ends made whole (RFC 5321,
    /// 4.5.2 and 2.3.8), and reads the reply; `limit` holds for both together.
    ///
    /// # Errors
    /// The dialogue cannot go on.
    pub(crate) async fn content(&mut self, mail: &[u8], limit: Duration) -> Result<Reply, Broken> {
        if !self.buffer.is_empty() {
            return Err(Broken::Unasked);
        }
        let (until, bytes) = (self.until(limit), transparent(mail));
        timeout_at(until, async {
            self.stream.write_all(&bytes).await.map_err(broken)?;
            self.stream.flush().await.map_err(broken)
        })
        .await
        .unwrap_or(Err(Broken::TimedOut))?;
        self.reply_until(until).await
    }

    /// Reads one reply, of as many lines as it has.
    ///
    /// # Errors
    /// The dialogue cannot go on.
    pub(crate) async fn reply(&mut self, limit: Duration) -> Result<Reply, Broken> {
        let until = self.until(limit);
        self.reply_until(until).await
    }

    /// The connection itself, for TLS to start on.
    ///
    /// # Errors
    /// The server, or somebody in between, sent more than it was asked: taken over, it would pass for what TLS protects.
    pub(crate) fn into_stream(self) -> Result<S, Broken> {
        if self.buffer.is_empty() { Ok(self.stream) } else { Err(Broken::Unasked) }
    }

    fn until(&self, limit: Duration) -> Instant {
        self.deadline.min(Instant::now() + limit)
    }

    async fn reply_until(&mut self, until: Instant) -> Result<Reply, Broken> {
        let mut lines = Vec::new();
        let mut code = None;
        while lines.len() < MOST_LINES {
            let line = timeout_at(until, self.line()).await.unwrap_or(Err(Broken::TimedOut))?;
            let (own_code, is_last, text) = parse(&line).ok_or(Broken::NotSmtp(line))?;
            if *code.get_or_insert(own_code) != own_code {
                return Err(Broken::NotSmtp(text.into_bytes()));
            }
            lines.push(text);
            if is_last {
                return Ok(Reply { code: own_code, lines });
            }
        }
        Err(Broken::TooLong)
    }

    /// One line without its end. A bare line feed ends a line as well.
    async fn line(&mut self) -> Result<Vec<u8>, Broken> {
        loop {
            // A TLS record has no line end to wait for; its first byte tells it.
            if matches!(self.buffer.first(), Some(0x14..=0x17)) {
                return Err(Broken::NotSmtp(self.buffer.clone()));
            }
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return if line.len() > LONGEST_LINE { Err(Broken::TooLong) } else { Ok(line) };
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(Broken::TooLong);
            }
            let mut chunk = [0; 1_024];
            let count = self.stream.read(&mut chunk).await.map_err(broken)?;
            if count == 0 {
                return Err(if self.buffer.is_empty() { Broken::Closed } else { Broken::NotSmtp(self.buffer.clone()) });
            }
            self.buffer.extend_from_slice(&chunk[..count]);
        }
    }
}

/// The content as it goes over the wire, its final dot included.
fn transparent(mail: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(mail.len() + mail.len() / 16 + 5);
    let mut lines: Vec<&[u8]> = mail.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first() == Some(&b'.') {
            bytes.push(b'.');
        }
        // A carriage return within a line would end it for some servers.
        bytes.extend(line.iter().filter(|byte| **byte != b'\r'));
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b".\r\n");
    bytes
}

fn broken(error: std::io::Error) -> Broken {
    match error.kind() {
        // Servers often close TLS without its farewell.
        std::io::ErrorKind::UnexpectedEof => Broken::Closed,
        std::io::ErrorKind::TimedOut => Broken::TimedOut,
        _ => Broken::Reset,
    }
}

/// Code, whether it is the reply's last line, and text. A code without text is legal.
fn parse(line: &[u8]) -> Option<(u16, bool, String)> {
    let digits = line.get(..3)?;
    if !matches!(digits[0], b'2'..=b'5') || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    let is_last = match line.get(3) {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return None,
    };
    let text = String::from_utf8_lossy(line.get(4..).unwrap_or_default()).trim_end().to_owned();
    Some((code, is_last, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(30);

    /// What a server that says just this, and then nothing more, leads to.
    async fn reading(bytes: &[u8]) -> Result<Reply, Broken> {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        far.write_all(bytes).await.unwrap();
        Dialogue::new(near, Instant::now() + Duration::from_secs(5)).reply(SHORT).await
    }

    #[tokio::test]
    async fn replies_of_every_legal_form_are_read() {
        let reply = reading(b"235\r\n").await.unwrap();
        assert_eq!((reply.code, reply.text()), (235, String::new()));
        let reply =
            reading(b"535-5.7.8 Username and Password not accepted.\r\n535 5.7.8  Learn more\r\n").await.unwrap();
        assert_eq!(reply.enhanced(), Some("5.7.8"));
        assert_eq!(reply.text(), "Username and Password not accepted. Learn more");
        assert_eq!(reading(b"220 bare line feed\n").await.unwrap().text(), "bare line feed");
        assert_eq!(reading(b"250-\r\n250 5.7.8888 x\r\n").await.unwrap().enhanced(), None);
        assert_eq!(reading(b"220 \xff\x00\r\n").await.unwrap().text(), "\u{fffd} ");
    }

    #[tokio::test]
    async fn what_is_no_reply_is_told_apart() {
        assert_eq!(reading(b"").await, Err(Broken::TimedOut));
        assert_eq!(reading(b"220 no end").await, Err(Broken::TimedOut));
        assert_eq!(reading(b"250-first\r\n").await, Err(Broken::TimedOut));
        assert!(
            matches!(reading(b"\x15\x03\x01\x00\x02\x02\x0a").await, Err(Broken::NotSmtp(bytes)) if bytes[0] == 0x15)
        );
        for garbage in
            ["SSH-2.0-OpenSSH\r\n", "\r\n", "22\r\n", "220x\r\n", "999 x\r\n", "120 x\r\n", "250-a\r\n251 b\r\n"]
        {
            assert!(matches!(reading(garbage.as_bytes()).await, Err(Broken::NotSmtp(_))), "{garbage}");
        }
    }

    #[test]
    fn a_mail_cannot_end_before_its_end() {
        let wire = |mail: &str| String::from_utf8(transparent(mail.as_bytes())).unwrap();
        assert_eq!(wire("a\r\n.\r\nb\r\n"), "a\r\n..\r\nb\r\n.\r\n");
        assert_eq!(wire("a\n.b"), "a\r\n..b\r\n.\r\n", "bare ends are made whole");
        assert_eq!(wire("a\r.\r\n"), "a.\r\n.\r\n");
        assert_eq!(wire(""), ".\r\n");
    }

    #[tokio::test]
    async fn endless_answers_are_cut() {
        assert_eq!(reading(&[b'2'; 5_000]).await, Err(Broken::TooLong));
        assert_eq!(reading("250-more\r\n".repeat(200).as_bytes()).await, Err(Broken::TooLong));
        assert_eq!(reading(format!("220 {}\r\n", "x".repeat(2_100)).as_bytes()).await, Err(Broken::TooLong));
    }

    #[tokio::test]
    async fn a_closed_connection_is_not_a_timeout() {
        let (near, far) = tokio::io::duplex(64);
        drop(far);
        let mut dialogue = Dialogue::new(near, Instant::now() + Duration::from_secs(5));
        assert_eq!(dialogue.reply(SHORT).await, Err(Broken::Closed));
    }

    #[tokio::test]
    async fn the_deadline_ends_a_wait_that_its_own_limit_would_allow() {
        let (near, _far) = tokio::io::duplex(64);
        let mut dialogue = Dialogue::new(near, Instant::now() + SHORT);
        assert_eq!(dialogue.command("EHLO x", Duration::from_secs(3_600)).await, Err(Broken::TimedOut));
    }

    #[tokio::test]
    async fn what_came_unasked_neither_answers_a_command_nor_passes_into_tls() {
        let (near, mut far) = tokio::io::duplex(1_024);
        far.write_all(b"220 go ahead\r\n250-injected\r\n250 AUTH PLAIN\r\n").await.unwrap();
        let mut dialogue = Dialogue::new(near, Instant::now() + Duration::from_secs(5));
        assert_eq!(dialogue.reply(SHORT).await.unwrap().code, 220);
        assert_eq!(dialogue.command("EHLO x", SHORT).await, Err(Broken::Unasked));
        assert!(matches!(dialogue.into_stream(), Err(Broken::Unasked)));
    }
}
