//! The first `super_admin`, made when nobody can sign in yet, and users made or repaired from the command line.

use simpul_core::access::Role;
use simpul_core::id::UserId;
use simpul_core::time::Clock;
use simpul_store::{Store, User};

use super::Opened;
use crate::cli::{AdminCommand, Failure, print};
use crate::config::{Loaded, Secret};
use crate::http::is_email;
use crate::password::{self, LEAST_CHARACTERS, MOST_CHARACTERS, Passwords};
use crate::state::chain;

/// The address of the first super_admin where none is set.
const EMAIL: &str = "admin@simpul.local";

/// A password, and whether it was made up here and must be shown.
#[derive(Debug)]
struct Password {
    secret: Secret,
    is_generated: bool,
}

impl Password {
    fn generate() -> Self {
        Self { secret: password::generate(), is_generated: true }
    }

    /// The first line of standard input, or a generated one.
    fn obtain(from_input: bool) -> Result<Self, Failure> {
        if !from_input {
            return Ok(Self::generate());
        }
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map_err(|error| Failure::Other(format!("standard input cannot be read: {error}.")))?;
        let secret = Secret::new(line.trim_end_matches(['\r', '\n']));
        if !is_long_enough(&secret) {
            return Err(Failure::Other(format!("the password {}.", accepted())));
        }
        Ok(Self { secret, is_generated: false })
    }
}

fn is_long_enough(password: &Secret) -> bool {
    (LEAST_CHARACTERS..=MOST_CHARACTERS).contains(&password.expose().chars().count())
}

fn accepted() -> String {
    format!("must have {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters")
}

/// Makes the first super_admin where there is no user at all.
pub(super) async fn ensure(store: &Store, clock: &dyn Clock, loaded: &Loaded) -> Result<(), Failure> {
    if store.count_users().await.map_err(failed)? > 0 {
        return Ok(());
    }
    let config = &loaded.config;
    let password = match &config.admin_password {
        Some(secret) => {
            if !is_long_enough(secret) {
                tracing::warn!(
                    "admin_password is shorter than {LEAST_CHARACTERS} characters: change it after signing in"
                );
            }
            Password { secret: secret.clone(), is_generated: false }
        }
        None => Password::generate(),
    };
    let email = config.admin_email.as_deref().unwrap_or(EMAIL).trim().to_lowercase();
    let user = user(clock, &email, Role::SuperAdmin, &password).await?;
    match store.insert_user(&user).await {
        Ok(()) => show("The first super_admin was made.", &email, &password),
        // Another node, started at the same moment, was first.
        Err(simpul_store::Error::Conflict(_)) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// `simpul admin …`.
///
/// # Errors
/// The e-mail or the password cannot be used, or the database refuses.
pub(super) async fn command(opened: &Opened, command: AdminCommand) -> Result<(), Failure> {
    let (store, clock) = (&opened.store, opened.clock.as_ref());
    match command {
        AdminCommand::Create { email, role, password_stdin } => {
            let email = email.trim().to_lowercase();
            if !is_email(&email) {
                return Err(Failure::Other("--email must be an e-mail address, such as name@example.com.".to_owned()));
            }
            let password = Password::obtain(password_stdin)?;
            let user = user(clock, &email, role, &password).await?;
            match store.insert_user(&user).await {
                Ok(()) => show(&format!("A user with the role {} was made.", role.as_str()), &email, &password),
                Err(simpul_store::Error::Conflict(what)) => Err(Failure::Other(format!(
                    "{what} exists already: use `simpul admin reset-password`, or another --email."
                ))),
                Err(error) => Err(failed(error)),
            }
        }
        AdminCommand::ResetPassword { email, password_stdin } => {
            let email = email.trim().to_lowercase();
            let found = store.find_user_by_email(&email).await.map_err(failed)?;
            let mut user = found
                .ok_or_else(|| Failure::Other(format!("there is no user {email}: `simpul admin create` makes one.")))?;
            let password = Password::obtain(password_stdin)?;
            user.password_hash = hash(&password).await?;
            user.updated_at = clock.now();
            store.update_user(&user, true).await.map_err(failed)?;
            show("The password was changed, and the user's sessions have ended.", &email, &password)
        }
    }
}

async fn hash(password: &Password) -> Result<String, Failure> {
    Passwords::default().hash(password.secret.clone()).await.map_err(|error| Failure::Other(format!("{error}.")))
}

async fn user(clock: &dyn Clock, email: &str, role: Role, password: &Password) -> Result<User, Failure> {
    let now = clock.now();
    let name = email.split('@').next().unwrap_or(email).to_owned();
    let password_hash = hash(password).await?;
    let (id, email) = (UserId::generate(now), email.to_owned());
    Ok(User { id, email, name, role, partner_id: None, password_hash, created_at: now, updated_at: now })
}

/// Tells who can sign in; a generated password is shown here, this once, and never logged.
fn show(what: &str, email: &str, password: &Password) -> Result<(), Failure> {
    if !password.is_generated {
        return print(&format!("{what}\n  E-mail:   {email}\n  Password: as it was given\n"));
    }
    let line = "-".repeat(66);
    print(&format!(
        "{line}\n{what} Note the password: it is not shown again.\n  E-mail:   {email}\n  Password: {}\n{line}\n",
        password.secret.expose()
    ))
}

fn failed(error: simpul_store::Error) -> Failure {
    Failure::Other(format!("the database cannot be used: {}.", chain(&error)))
}
