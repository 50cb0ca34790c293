//! Builds the dashboard from `web/` with npm, so that it can be embedded. `SIMPUL_DASHBOARD=none` leaves it out.
//!
//! Cargo runs this again only when something in `web/` has changed. `npm ci` runs when its lock has, or when it never ran.

#![forbid(unsafe_code)]

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fmt, fs, io};

/// What the dashboard is made of, in `web/`.
const SOURCES: &[&str] =
    &["src", "public", "scripts", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];
/// The oldest Node that Vite runs on.
const NODE: (u32, u32) = (20, 19);
/// Beside what npm installed: the lock that it was installed from.
const INSTALLED: &str = "node_modules/.simpul-lock";

/// Stops the build with a sentence for people.
struct Stop(String);

impl fmt::Debug for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self(format!("the dashboard's files cannot be read or written: {error}"))
    }
}

fn main() -> Result<(), Stop> {
    let web = folder("CARGO_MANIFEST_DIR")?.join("../../web").canonicalize()?;
    let built = folder("OUT_DIR")?.join("dashboard");
    tell("rerun-if-env-changed=SIMPUL_DASHBOARD")?;
    tell(&format!("rustc-env=SIMPUL_DASHBOARD_FOLDER={}", built.display()))?;
    for source in SOURCES {
        tell(&format!("rerun-if-changed={}", web.join(source).display()))?;
    }
    if variable("SIMPUL_DASHBOARD").is_some_and(|word| word == "none") {
        if built.exists() {
            fs::remove_dir_all(&built)?;
        }
        return Ok(fs::create_dir_all(&built)?);
    }
    check_node()?;
    install(&web)?;
    let target = built.to_str().ok_or_else(|| Stop("the target folder's name is no UTF-8".to_owned()))?;
    npm(&web, &["run", "--silent", "build", "--", "--outDir", target, "--emptyOutDir", "--logLevel", "warn"])
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is no part of the program: Cargo speaks to it through the environment"
)]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn folder(name: &str) -> Result<PathBuf, Stop> {
    variable(name).map(PathBuf::from).ok_or_else(|| Stop(format!("Cargo has not set {name}")))
}

fn tell(directive: &str) -> io::Result<()> {
    writeln!(io::stdout(), "cargo::{directive}")
}

/// Node is there and new enough.
fn check_node() -> Result<(), Stop> {
    let remedy =
        "Install Node 20.19 or newer, which brings npm, or set SIMPUL_DASHBOARD=none to build without the dashboard";
    let answer = match Command::new("node").arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Stop(format!("the dashboard is built with Node, which was not found. {remedy}.")));
        }
        Err(error) => return Err(Stop(format!("node could not be started: {error}. {remedy}."))),
    };
    let mut parts = answer.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if version < NODE {
        return Err(Stop(format!("the dashboard needs Node 20.19 or newer; this is {answer}. {remedy}.")));
    }
    Ok(())
}

/// Installs what the lock names, unless that is what is there.
fn install(web: &Path) -> Result<(), Stop> {
    let lock = fs::read(web.join("package-lock.json"))?;
    if fs::read(web.join(INSTALLED)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    npm(web, &["ci", "--no-audit", "--no-fund", "--loglevel", "error"])?;
    Ok(fs::write(web.join(INSTALLED), lock)?)
}

/// Runs npm in `web/`. Its standard output must not be taken for Cargo's directives.
fn npm(web: &Path, arguments: &[&str]) -> Result<(), Stop> {
    let output =
        Command::new("npm").args(arguments).current_dir(web).stdin(Stdio::null()).output().map_err(|error| {
            Stop(format!(
                "npm could not be started: {error}. It comes with Node 20.19 or newer; or set SIMPUL_DASHBOARD=none"
            ))
        })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Stop(format!("npm {} failed in web/:\n{}", arguments.join(" "), String::from_utf8_lossy(&said))))
}
