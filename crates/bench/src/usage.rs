//! Processor time and memory of processes, from `/proc` where there is one and from `ps` elsewhere.
//!
//! A PostgreSQL cluster is its postmaster and the processes under it; what backends that have ended used is found in the
//! postmaster's account of its children (Linux only). Its memory is the sum of the proportional sizes (PSS), where shared
//! buffers count once; where that cannot be read, of the resident sizes, where they count once a process.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::progress::say;

/// Reading the shares of a whole cluster takes milliseconds, so that is done less often.
const SAMPLE: Duration = Duration::from_millis(200);
const FAMILY_SAMPLE: Duration = Duration::from_secs(1);

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// One process.
    Process(u32),
    /// A process and its children, also those that have ended.
    Family(u32),
}

impl Subject {
    /// Processor time so far, in seconds.
    pub(crate) fn cpu_seconds(self) -> Result<f64> {
        Ok(match self {
            Self::Process(pid) => one(pid)?.own,
            Self::Family(parent) => {
                let family = family(parent, false)?;
                family.iter().map(|member| member.own).sum::<f64>()
                    + family.iter().find(|member| member.pid == parent).map_or(0.0, |member| member.ended_children)
            }
        })
    }

    /// Bytes of memory held now.
    pub(crate) fn memory(self) -> Result<u64> {
        Ok(match self {
            Self::Process(pid) => one(pid)?.resident,
            Self::Family(parent) => family(parent, true)?.iter().map(|member| member.share).sum(),
        })
    }
}

/// The most memory that a process has held, in bytes; `None` where the system does not say.
pub(crate) fn peak(pid: u32) -> Option<u64> {
    status_bytes(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?, "VmHWM:")
}

/// Begins the account of the most memory anew, where the system lets us: see proc_pid_clear_refs(5).
pub(crate) fn reset_peak(pid: u32) {
    if let Err(error) = std::fs::write(format!("/proc/{pid}/clear_refs"), "5") {
        say(&format!("  the most memory is told since the start of the process: {error}"));
    }
}

/// The process that started another.
pub(crate) fn parent_of(pid: u32) -> Result<u32> {
    Ok(one(pid)?.parent)
}

#[derive(Debug, Clone, PartialEq)]
struct Reading {
    pid: u32,
    parent: u32,
    /// Seconds.
    own: f64,
    /// Seconds that children used who have ended.
    ended_children: f64,
    /// Bytes.
    resident: u64,
    /// Bytes, where what is shared counts in part; the resident size where that is not known.
    share: u64,
}

fn has_proc() -> bool {
    Path::new("/proc/self/stat").exists()
}

fn one(pid: u32) -> Result<Reading> {
    let gone = || Failure::told(format!("process {pid} is gone"));
    if has_proc() { from_proc(pid, false).ok_or_else(gone) } else { from_ps()?.remove(&pid).ok_or_else(gone) }
}

fn family(parent: u32, with_shares: bool) -> Result<Vec<Reading>> {
    let belongs = |reading: &Reading| reading.pid == parent || reading.parent == parent;
    if !has_proc() {
        return Ok(from_ps()?.into_values().filter(belongs).collect());
    }
    let mut members = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that has ended in the meantime is in its parent's account.
        members.extend(from_proc(pid, false).filter(belongs));
    }
    if with_shares {
        members = members.iter().filter_map(|member| from_proc(member.pid, true)).collect();
    }
    Ok(members)
}

fn from_proc(pid: u32, with_share: bool) -> Option<Reading> {
    let folder = Path::new("/proc").join(pid.to_string());
    let mut reading = stat(pid, &std::fs::read_to_string(folder.join("stat")).ok()?, ticks_per_second())?;
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    reading.resident = status_bytes(&status, "VmRSS:").unwrap_or(0);
    let shares = with_share.then(|| std::fs::read_to_string(folder.join("smaps_rollup")).ok()).flatten();
    reading.share = shares.and_then(|text| status_bytes(&text, "Pss:")).unwrap_or(reading.resident);
    Some(reading)
}

/// Reads `/proc/<pid>/stat`, as in proc_pid_stat(5). The name in parentheses may itself hold spaces and parentheses.
fn stat(pid: u32, text: &str, ticks: f64) -> Option<Reading> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |index: usize| Some(fields.get(index)?.parse::<u64>().ok()? as f64 / ticks);
    Some(Reading {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        own: seconds(11)? + seconds(12)?,
        ended_children: seconds(13)? + seconds(14)?,
        resident: 0,
        share: 0,
    })
}

/// The value of a line such as `VmRSS:     1234 kB`, in bytes.
fn status_bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

/// The unit of `/proc/<pid>/stat`; 100 on every common Linux.
fn ticks_per_second() -> f64 {
    static TICKS: std::sync::OnceLock<f64> = std::sync::OnceLock::new();
    *TICKS.get_or_init(|| {
        let asked = Command::new("getconf").arg("CLK_TCK").output().ok();
        asked.and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok()).unwrap_or(100.0)
    })
}

fn from_ps() -> Result<HashMap<u32, Reading>> {
    let output = Command::new("ps").args(["-axo", "pid=,ppid=,rss=,time="]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(ps_line).map(|reading| (reading.pid, reading)).collect())
}

/// Reads a line of `ps -o pid=,ppid=,rss=,time=`: kibibytes, and `[days-][hours:]minutes:seconds`.
fn ps_line(line: &str) -> Option<Reading> {
    let mut words = line.split_whitespace();
    let (pid, parent) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let resident = words.next()?.parse::<u64>().ok()? * 1_024;
    let (days, clock) = words.next().map(|time| time.split_once('-').unwrap_or(("0", time)))?;
    let parts: Vec<f64> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => (0.0, minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let own = ((days.parse::<f64>().ok()? * 24.0 + hours) * 60.0 + minutes) * 60.0 + seconds;
    Some(Reading { pid, parent, own, ended_children: 0.0, resident, share: resident })
}

/// Notes the most memory that a subject holds, again and again, until asked.
pub(crate) struct MemoryWatch {
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl MemoryWatch {
    pub(crate) fn start(subject: Subject) -> Result<Self> {
        let (most, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let pause = if matches!(subject, Subject::Process(_)) { SAMPLE } else { FAMILY_SAMPLE };
        let thread = std::thread::Builder::new().name("memory".to_owned()).spawn({
            let (most, stop) = (Arc::clone(&most), Arc::clone(&stop));
            move || {
                while !stop.load(Ordering::Acquire) {
                    most.fetch_max(subject.memory().unwrap_or(0), Ordering::AcqRel);
                    std::thread::sleep(pause);
                }
            }
        })?;
        Ok(Self { most, stop, thread: Some(thread) })
    }

    /// The most that was seen, in bytes.
    pub(crate) fn most(mut self) -> u64 {
        self.end();
        self.most.load(Ordering::Acquire)
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests;
