//! What scripts rely on when they call the program: exit status, standard output, standard error.
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not their helpers in this folder")]

use std::process::{Command, Output};

fn simpul(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_simpul"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(directory.path())
        .output()
        .unwrap()
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_configuration_that_cannot_be_used_ends_with_status_2_and_one_sentence() {
    let (status, output, errors) = told(&simpul(&["config"], &[("SIMPUL_LISTEN", "nowhere")]));
    assert_eq!((status, output.as_str()), (Some(2), ""));
    assert_eq!(
        errors,
        "simpul: SIMPUL_LISTEN (from the environment) must be an IP address and port, such as 127.0.0.1:3001 or [::]:3001.\n"
    );
    assert_eq!(told(&simpul(&["--config", "missing.toml", "config"], &[])).0, Some(2));
    assert_eq!(told(&simpul(&["--set", "frobnicate=1", "config"], &[])).0, Some(2));
}

#[test]
fn without_a_command_it_prints_its_help() {
    let (status, output, errors) = told(&simpul(&[], &[]));
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(output.contains("Usage: simpul") && output.contains("serve"), "{output}");
}

#[test]
fn config_shows_what_is_in_force_and_no_secret() {
    let environment = [("SIMPUL_ADMIN_PASSWORD", "hunter2hunter2"), ("SIMPUL_LISTEN", "127.0.0.1:1")];
    let (status, output, errors) = told(&simpul(&["config", "--listen", "127.0.0.1:2"], &environment));
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(output.contains("listen = \"127.0.0.1:2\" # from command line\n"), "{output}");
    assert!(output.contains("admin_password = \"••••\" # from environment\n"), "{output}");
}

#[test]
fn the_printed_example_is_a_file_that_can_be_used() {
    let example = told(&simpul(&["config", "--example"], &[])).1;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("simpul.toml");
    // Every line with a value taken into use: the defaults must all be acceptable when written out.
    let in_use: String =
        example.lines().filter(|line| line.contains(" = ")).map(|line| format!("{}\n", &line[2..])).collect();
    std::fs::write(&path, in_use).unwrap();
    let (status, _, errors) = told(&simpul(&["--config", path.to_str().unwrap(), "config"], &[]));
    assert_eq!((status, errors.as_str()), (Some(0), ""));
}
