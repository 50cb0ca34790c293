//! The master key: given as a setting, read from a file, or made once beside the database.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use simpul_store::{Database, MasterKey};
use zeroize::Zeroizing;

use crate::cli::{Failure, print};
use crate::config::{ConfigError, Loaded};

/// The key, and where it was made if it was made just now.
#[derive(Debug)]
pub(super) struct Key {
    pub key: MasterKey,
    pub made_at: Option<PathBuf>,
}

/// Finds the key that the settings name, or makes one.
pub(super) fn load(loaded: &Loaded, database: &Database) -> Result<Key, Failure> {
    let config = &loaded.config;
    if let Some(key) = &config.master_key {
        let text = Zeroizing::new(STANDARD.encode(key.expose()));
        let key = MasterKey::from_base64(&text).map_err(|error| loaded.unusable("master_key", &error.to_string()))?;
        return Ok(Key { key, made_at: None });
    }
    if let Some(path) = &config.master_key_file {
        let key = read(path).map_err(|problem| loaded.unusable("master_key_file", &problem))?;
        return Ok(Key { key, made_at: None });
    }
    let path = beside(database);
    match read_or_make(&path) {
        Ok(key) => {
            if key.made_at.is_some() {
                print(&format!(
                    "A master key was made in {}. Back it up now, apart from the database: without it no stored \
                     credential can be read again.\n",
                    path.display()
                ))?;
            }
            Ok(key)
        }
        Err(problem) => Err(ConfigError::new(format!("The master key file {} {problem}.", path.display())).into()),
    }
}

/// The database was written with another key. A key made just now is taken back, so that it is not mistaken for it.
pub(super) fn wrong(made_at: Option<&Path>) -> Failure {
    let Some(path) = made_at else { return ConfigError::new(format!("{}.", sentence())).into() };
    let left = match std::fs::remove_file(path) {
        Ok(()) => String::new(),
        Err(error) => format!(" The key made in its place could not be removed: {error}."),
    };
    let path = path.display();
    ConfigError::new(format!("The master key file {path} is missing. {}, or put that file back.{left}", sentence()))
        .into()
}

fn sentence() -> &'static str {
    "The database was written with another master key: set SIMPUL_MASTER_KEY or SIMPUL_MASTER_KEY_FILE to the original \
     key"
}

/// `<folder of the database>/master.key`; on PostgreSQL `data/master.key`.
fn beside(database: &Database) -> PathBuf {
    match database {
        Database::Sqlite(path) => path.with_file_name("master.key"),
        Database::Postgres(_) => PathBuf::from("data/master.key"),
    }
}

fn read_or_make(path: &Path) -> Result<Key, String> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| format!("cannot be made: {error}"))?;
    }
    let created = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match created {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Ok(Key { key: read(path)?, made_at: None });
        }
        Err(error) => return Err(format!("cannot be made: {error}")),
    };
    let key = MasterKey::generate();
    let text = Zeroizing::new(format!("{}\n", key.to_base64().as_str()));
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| format!("cannot be written: {error}"))?;
    Ok(Key { key, made_at: Some(path.to_owned()) })
}

/// Reads a key file; answers a problem without its subject.
fn read(path: &Path) -> Result<MasterKey, String> {
    let unreadable = |error: std::io::Error| format!("names {}, which cannot be read: {error}", path.display());
    let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "other users of this machine may read the master key: chmod 600 it");
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    MasterKey::from_base64(&text).map_err(|error| format!("does not hold a key: it {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_read_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/master.key");
        let made = read_or_make(&path).unwrap();
        assert_eq!(made.made_at.as_deref(), Some(path.as_path()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let found = read_or_make(&path).unwrap();
        assert!(found.made_at.is_none());
        assert_eq!(found.key.to_base64().as_str(), made.key.to_base64().as_str());
    }

    #[test]
    fn a_file_without_a_key_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        std::fs::write(&path, "hunter2").unwrap();
        let problem = read_or_make(&path).unwrap_err();
        assert!(problem.contains("32 bytes in base64") && !problem.contains("hunter2"), "{problem}");
    }
}
