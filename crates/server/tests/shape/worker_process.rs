//! The worker process itself: what it is given, what it may use, and when it ends.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::workers::{ALONE, Bench, states};

fn frame(head: &str, body: &str) -> Vec<u8> {
    let length = |text: &str| u32::try_from(text.len()).expect("short").to_be_bytes();
    [&length(head)[..], &length(body)[..], head.as_bytes(), body.as_bytes()].concat()
}

fn start() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    command.env("MIMALLOC_ARENA_RESERVE", "16M");
    command.arg("shape-worker").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts")
}

/// Reads one frame's head.
fn head(child: &mut Child) -> String {
    let output = child.stdout.as_mut().expect("piped");
    let mut lengths = [0; 8];
    output.read_exact(&mut lengths).expect("a frame");
    let length = u32::from_be_bytes(lengths[..4].try_into().expect("four"));
    let mut head = vec![0; length as usize];
    output.read_exact(&mut head).expect("a head");
    String::from_utf8(head).expect("text")
}

fn ends_within(child: &mut Child, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if child.try_wait().expect("waits").is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    false
}

#[tokio::test]
async fn it_is_given_nothing_and_limits_itself() {
    let bench = Bench::start().await;
    bench.is_well("the start").await;
    let (pid, _) = states()[0];
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).expect("readable");
    assert_eq!(read("environ"), "MIMALLOC_ARENA_RESERVE=16M\0", "nothing of the hub's environment");
    assert!(read("cmdline").ends_with("\0shape-worker\0"));
    let limits = read("limits");
    let limit = |name: &str| limits.lines().find(|line| line.starts_with(name)).expect("listed").to_owned();
    assert!(limit("Max address space").contains(" 536870912 "), "{limits}");
    assert!(limit("Max core file size").contains(" 0 "), "{limits}");
    assert!(limit("Max cpu time").contains(" 120 "), "{limits}");
    // Whoever started the tests may have left pipes open for every program; a socket or a file would be the hub's.
    for open in std::fs::read_dir(format!("/proc/{pid}/fd")).expect("readable").flatten() {
        let target = std::fs::read_link(open.path()).expect("a link");
        let target = target.to_string_lossy();
        assert!(target.starts_with("pipe:") || target == "/dev/null", "{target}");
    }
}

#[test]
fn it_ends_with_the_hub_even_in_the_middle_of_an_endless_program() {
    let _alone = ALONE.blocking_lock();
    let mut child = start();
    assert!(head(&mut child).contains("Ready"));
    let endless = r#"{"Shape":{"filter":null,"transformation":"def f: f; f"}}"#;
    child.stdin.as_mut().expect("piped").write_all(&frame(endless, "{}")).expect("written");
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().expect("waits").is_none(), "it is at work");
    drop(child.stdin.take());
    assert!(ends_within(&mut child, Duration::from_secs(5)));
}

#[test]
fn what_is_no_request_ends_it() {
    let _alone = ALONE.blocking_lock();
    for junk in [&b"GET / HTTP/1.1\r\n\r\n"[..], &frame("{}", ""), &[0xff; 16], &frame("{\"Shape\":7}", "")] {
        let mut child = start();
        assert!(head(&mut child).contains("Ready"));
        child.stdin.as_mut().expect("piped").write_all(junk).expect("written");
        assert!(ends_within(&mut child, Duration::from_secs(5)), "{junk:?}");
    }
}

#[test]
fn it_is_not_in_the_help() {
    let _alone = ALONE.blocking_lock();
    let output = Command::new(env!("CARGO_BIN_EXE_simpul")).arg("--help").output().expect("runs");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("shape"));
}
