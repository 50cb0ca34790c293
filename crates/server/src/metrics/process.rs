//! What the operating system knows of the process, under the names that Prometheus client libraries agree on. Linux only:
//! elsewhere they are absent.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use simpul_core::time::Timestamp;

/// Ticks a second in /proc/<pid>/stat, fixed by Linux's interface (proc(5)).
const TICKS: f64 = 100.0;

#[derive(Debug)]
pub(super) struct ProcessCollector {
    pub(super) started_at: Timestamp,
}

#[expect(clippy::cast_precision_loss, reason = "whole seconds, bytes and ticks stay far below 2^52")]
impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let started = ConstGauge::new(self.started_at.millis() as f64 / 1_000.0);
        let help = "When the process started, in seconds since the Unix epoch";
        started.encode(encoder.encode_descriptor(
            "process_start_time",
            help,
            Some(&Unit::Seconds),
            started.metric_type(),
        )?)?;
        if let Some(ticks) = cpu_ticks() {
            let spent = ConstCounter::new(ticks as f64 / TICKS);
            let help = "Processor time spent, user and system";
            spent.encode(encoder.encode_descriptor(
                "process_cpu",
                help,
                Some(&Unit::Seconds),
                spent.metric_type(),
            )?)?;
        }
        if let Some(bytes) = resident_bytes() {
            let resident = ConstGauge::new(bytes);
            let help = "Resident memory";
            resident.encode(encoder.encode_descriptor(
                "process_resident_memory",
                help,
                Some(&Unit::Bytes),
                resident.metric_type(),
            )?)?;
        }
        if let Some(count) = open_descriptors() {
            let open = ConstGauge::new(count);
            open.encode(encoder.encode_descriptor(
                "process_open_fds",
                "Open file descriptors",
                None,
                open.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

/// User and system time: fields 14 and 15, counted after the program's name, which may hold anything.
fn cpu_ticks() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}

fn open_descriptors() -> Option<i64> {
    i64::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}
