//! The machine and the versions that the figures belong to: no host names, no paths.

use std::path::Path;
use std::process::Command;

/// What is written above the table.
pub(crate) struct Machine {
    /// Of the repository, short; says so where there were changes that are not committed.
    pub(crate) commit: String,
    pub(crate) short_commit: String,
    pub(crate) rustc: String,
    pub(crate) kernel: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory: String,
    pub(crate) file_system: String,
    /// Runnable processes in the last minute, before the run: whether the machine was quiet.
    pub(crate) load: String,
}

impl Machine {
    pub(crate) fn describe(data: &Path) -> Self {
        let short_commit = said("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
        let changed = said("git", &["status", "--porcelain", "--untracked-files=no"]).is_some();
        let commit = if changed { format!("{short_commit} with changes") } else { short_commit.clone() };
        Self {
            commit,
            short_commit,
            rustc: said("rustc", &["--version"]).unwrap_or_else(unknown),
            kernel: said("uname", &["-srm"]).unwrap_or_else(unknown),
            processor: processor().unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory: memory().map_or_else(unknown, |bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))),
            file_system: file_system(data).unwrap_or_else(unknown),
            load: load().unwrap_or_else(unknown),
        }
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// The first words of a program; `None` where it has none or fails.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn processor() -> Option<String> {
    let Ok(text) = std::fs::read_to_string("/proc/cpuinfo") else {
        return said("sysctl", &["-n", "machdep.cpu.brand_string"]);
    };
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory() -> Option<u64> {
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else {
        return said("sysctl", &["-n", "hw.memsize"])?.parse().ok();
    };
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

fn load() -> Option<String> {
    match std::fs::read_to_string("/proc/loadavg") {
        Ok(text) => text.split_whitespace().next().map(str::to_owned),
        Err(_) => said("sysctl", &["-n", "vm.loadavg"])?.split_whitespace().nth(1).map(str::to_owned),
    }
}

fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    file_system_in(&said("mount", &[])?, &folder)
}

/// Finds the file system of a folder in what `mount` prints: `… on <point> type ext4 (…)` on Linux, `… on <point> (apfs, …)`
/// on macOS. The longest mount point that holds the folder is its own; of two at one point, the later hides the earlier.
fn file_system_in(mounts: &str, folder: &Path) -> Option<String> {
    let entries = mounts.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" on ")?;
        let (rest, options) = rest.rsplit_once(" (")?;
        Some(match rest.split_once(" type ") {
            Some((point, kind)) => (point, kind),
            None => (rest, options.split([',', ')']).next()?),
        })
    });
    let holding = entries.filter(|(point, _)| folder.starts_with(point));
    holding.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount_point() {
        let linux = "/dev/vda1 on / type ext4 (rw,relatime)\ntmpfs on /tmp type tmpfs (rw,nosuid)\n\
            /dev/vdb on /var/lib type xfs (rw)\ntmpfs on /tmp/over type btrfs (rw)";
        let of = |folder: &str| file_system_in(linux, Path::new(folder));
        assert_eq!(of("/var/tmp").as_deref(), Some("ext4"));
        assert_eq!(of("/tmp/x").as_deref(), Some("tmpfs"));
        assert_eq!(of("/var/lib/x").as_deref(), Some("xfs"));
        assert_eq!(of("/tmp/over/x").as_deref(), Some("btrfs"));
    }

    #[test]
    fn mount_on_macos_is_read_too() {
        let text = "/dev/disk3s1 on / (apfs, sealed, local)\n/dev/disk3s5 on /System/Volumes/Data (apfs, local)\n\
            map auto_home on /home (autofs, automounted)";
        assert_eq!(file_system_in(text, Path::new("/private/var/tmp")).as_deref(), Some("apfs"));
        assert_eq!(file_system_in(text, Path::new("/home/a")).as_deref(), Some("autofs"));
    }
}
