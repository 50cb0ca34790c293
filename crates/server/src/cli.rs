//! The command line: what `simpul` understands, and the way from flags to a configuration.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::config::{self, ConfigError, Loaded, Sources};
use crate::http::router;
use crate::start;

/// The integration hub for payment, WhatsApp and e-mail providers.
#[derive(Debug, Parser)]
#[command(name = "simpul", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub settings: SettingFlags,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes; they stand above `simpul.toml` and the environment.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingFlags {
    /// The configuration file [default: ./simpul.toml where there is one; variable: SIMPUL_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// How the outside reaches Simpul
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where the data is kept: sqlite:<path> or postgres://…
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Any other setting that is not a secret; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server
    Serve,
    /// Print the settings in force and where each comes from; secrets are masked
    Config {
        /// Print a commented simpul.toml with all defaults instead
        #[arg(long)]
        example: bool,
    },
    /// Bring the database to this version's tables, and stop
    Migrate,
    /// Fill the database with sample partners and integrations
    Seed,
    /// Make or repair administrators
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Start the server on throw-away data beside simulated providers
    Demo,
    /// Evaluate filters and transformations for a server that starts this process for it
    #[command(hide = true)]
    ShapeWorker,
}

/// What can be done about users without signing in.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make a user and print a generated password once
    Create {
        #[arg(long)]
        email: String,
        /// viewer, operator, admin or super_admin
        #[arg(long, default_value = "super_admin", value_parser = role)]
        role: simpul_core::access::Role,
        /// Read the password from standard input in place of generating one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user a new password, print it once, and end the user's sessions
    ResetPassword {
        #[arg(long)]
        email: String,
        /// Read the password from standard input in place of generating one
        #[arg(long)]
        password_stdin: bool,
    },
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
        .ok_or_else(|| "must be key=value, such as session_hours=24".to_owned())
}

fn role(text: &str) -> Result<simpul_core::access::Role, String> {
    simpul_core::access::Role::parse(text).ok_or_else(|| "must be viewer, operator, admin or super_admin".to_owned())
}

impl SettingFlags {
    /// Reads all settings of this process.
    ///
    /// # Errors
    /// The configuration cannot be used.
    pub fn load(self) -> Result<Loaded, ConfigError> {
        let named = [("listen", self.listen), ("public_url", self.public_url), ("database_url", self.database_url)];
        let named = named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        config::load(Sources {
            environment: std::env::vars_os().collect(),
            file: self.config,
            flags: self.set.into_iter().chain(named).collect(),
            directory: PathBuf::from("."),
        })
    }
}

/// Why a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// 2 for a configuration that cannot be used, 1 otherwise.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Config(_) => 2,
            Self::Other(_) => 1,
        })
    }
}

/// Reads the command line, does what it says, and answers the exit status.
#[must_use]
pub fn run() -> ExitCode {
    match execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to tell when standard error itself is closed.
            writeln!(std::io::stderr(), "simpul: {failure}").unwrap_or_default();
            failure.exit_code()
        }
    }
}

fn execute(cli: Cli) -> Result<(), Failure> {
    let Some(command) = cli.command else { return print(&Cli::command().render_help().to_string()) };
    match command {
        Command::Config { example: true } => print(&config::example()),
        Command::Config { example: false } => print(&config::render(&cli.settings.load()?.describe())),
        Command::Serve => run_async(start::serve(cli.settings.load()?)),
        Command::Migrate => run_async(start::migrate(cli.settings.load()?)),
        Command::Admin(command) => run_async(start::administer(cli.settings.load()?, command)),
        Command::Openapi => print_openapi(),
        Command::Seed => run_async(start::seed(cli.settings.load()?)),
        Command::Demo => run_async(start::demo(cli.settings.load()?)),
        Command::ShapeWorker => simpul_engine::run_shape_worker()
            .map_err(|error| Failure::Other(format!("the shape worker cannot go on: {error}."))),
    }
}

fn run_async(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("threads cannot be started: {error}.")))?
        .block_on(work)
}

fn print_openapi() -> Result<(), Failure> {
    let text = router::document()
        .and_then(|document| document.to_pretty_json())
        .map_err(|error| Failure::Other(format!("the OpenAPI document cannot be written: {error}.")))?;
    print(&format!("{text}\n"))
}

/// Writes to standard output; a reader that has gone away (`simpul config | head`) is not an error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Other(format!("standard output cannot be written: {error}.")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_or_after_the_command() {
        let cli =
            Cli::try_parse_from(["simpul", "serve", "--listen", "127.0.0.1:0", "--set", "session_hours=1"]).unwrap();
        assert_eq!(cli.settings.listen.as_deref(), Some("127.0.0.1:0"));
        assert_eq!(cli.settings.set, [("session_hours".to_owned(), "1".to_owned())]);
        assert!(Cli::try_parse_from(["simpul", "--listen", "x", "config"]).is_ok());
        assert!(Cli::try_parse_from(["simpul", "--set", "novalue", "config"]).is_err());
    }

    #[test]
    fn no_command_takes_a_password_as_an_argument() {
        assert!(Cli::try_parse_from(["simpul", "admin", "create", "--email", "a@b.id", "--password", "x"]).is_err());
        assert!(Cli::try_parse_from(["simpul", "admin", "reset-password", "--email", "a@b.id"]).is_ok());
        assert!(Cli::try_parse_from(["simpul", "admin", "create", "--email", "a@b.id", "--role", "boss"]).is_err());
    }
}
