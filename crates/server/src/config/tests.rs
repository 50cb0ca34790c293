use std::ops::Add as _;

use super::*;

/// Reads a configuration from the given file text, variables and flags, in an empty directory.
fn read(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded, String> {
    let directory = tempfile::tempdir().unwrap();
    if !file.is_empty() {
        std::fs::write(directory.path().join("simpul.toml"), file).unwrap();
    }
    load(Sources {
        environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        file: None,
        flags: flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        directory: directory.path().to_owned(),
    })
    .map_err(|error| error.to_string().replace(&format!("{}/", directory.path().display()), ""))
}

#[track_caller]
fn refused(environment: (&str, &str)) -> String {
    read("", &[environment], &[]).unwrap_err()
}

#[test]
fn without_any_source_the_documented_defaults_hold() {
    let config = read("", &[], &[]).unwrap().config;
    assert_eq!(config.listen, "127.0.0.1:3001".parse().unwrap());
    assert_eq!(config.public_url.origin(), "http://localhost:3001");
    assert_eq!(config.database_url.expose(), "sqlite:data/simpul.db");
    assert!(config.master_key.is_none() && config.metrics_listen.is_none() && config.egress_allow.is_empty());
    assert_eq!((config.webhook_disable_after, config.log_retention_days, config.session_hours), (10, 90, 168));
    assert_eq!((config.delivery_concurrency, config.webhook_concurrency), (512, 16));
    assert_eq!((config.log_format, config.log_level.as_str()), (LogFormat::Text, "info"));
}

#[test]
fn flags_stand_above_variables_and_variables_above_the_file() {
    let file = "listen = '127.0.0.1:1'\nsession_hours = 1\nlog_retention_days = 1\n";
    let variables = [("SIMPUL_SESSION_HOURS", "2"), ("SIMPUL_LISTEN", "127.0.0.1:2")];
    let loaded = read(file, &variables, &[("listen", "127.0.0.1:3"), ("listen", "127.0.0.1:4")]).unwrap();
    assert_eq!(loaded.config.listen.port(), 4);
    assert_eq!(loaded.config.session_hours, 2);
    assert_eq!(loaded.config.log_retention_days, 1);
    let source = |key| loaded.describe().into_iter().find(|row| row.key == key).unwrap().source;
    assert_eq!(source("listen"), Source::CommandLine);
    assert_eq!(source("session_hours"), Source::Environment);
    assert!(matches!(source("log_retention_days"), Source::File(_)));
    assert_eq!(source("log_level"), Source::Default);
}

#[test]
fn an_unknown_key_is_refused_by_name_and_source_with_the_nearest_one() {
    assert_eq!(
        read("listne = 'x'", &[], &[]).unwrap_err(),
        "listne (from simpul.toml) is not a setting: did you mean listen?"
    );
    assert_eq!(
        refused(("SIMPUL_PUBLIC_ULR", "x")),
        "SIMPUL_PUBLIC_ULR (from the environment) is not a setting: did you mean SIMPUL_PUBLIC_URL?"
    );
    assert_eq!(
        read("", &[], &[("frobnicate", "1")]).unwrap_err(),
        "frobnicate (from the command line) is not a setting: `simpul config --example` lists all settings."
    );
    assert!(refused(("SIMPUL_PROVIDER_SMTP_URL", "http://127.0.0.1:1")).contains("is not a setting"));
    assert!(read("[listen]\nport = 1", &[], &[]).unwrap_err().starts_with("listen (from simpul.toml) must be an IP"));
}

#[test]
fn variables_of_tests_and_of_kubernetes_are_no_settings() {
    let variables = [
        ("SIMPUL_TEST_POSTGRES", "x"),
        ("SIMPUL_DASHBOARD", "none"),
        ("SIMPUL_CONFIG", ""),
        ("SIMPUL_SERVICE_HOST", "10.0.0.1"),
        ("SIMPUL_PORT", "tcp://10.0.0.1:3001"),
        ("SIMPUL_PORT_3001_TCP_ADDR", "10.0.0.1"),
        ("HOME", "/root"),
    ];
    assert!(read("", &variables, &[]).is_ok());
    assert!(refused(("SIMPUL_PORT", "8080")).contains("SIMPUL_PORT (from the environment) is not a setting"));
}

#[test]
fn a_file_named_by_flag_or_variable_must_exist() {
    let missing = PathBuf::from("/nonexistent/simpul.toml");
    let by_flag = load(Sources { file: Some(missing), ..Sources::default() }).unwrap_err().to_string();
    assert!(by_flag.starts_with("The configuration file /nonexistent/simpul.toml cannot be read"), "{by_flag}");
    assert!(refused(("SIMPUL_CONFIG", "/nonexistent/other.toml")).contains("/nonexistent/other.toml cannot be read"));
}

#[test]
fn a_broken_file_is_refused_by_line_without_quoting_it() {
    let error = read("listen = '127.0.0.1:1'\nadmin_password = 'hunter2hunter2\n", &[], &[]).unwrap_err();
    assert!(error.starts_with("simpul.toml is not TOML: line 2"), "{error}");
    assert!(!error.contains("hunter2"));
}

#[test]
fn each_bad_value_is_refused_with_what_is_accepted_and_never_shown() {
    let bad = [
        ("SIMPUL_LISTEN", "localhost"),
        ("SIMPUL_PUBLIC_URL", "https://hub.example.com/"),
        ("SIMPUL_PUBLIC_URL", "https://hub.example.com/path"),
        ("SIMPUL_PUBLIC_URL", "https://hub.example.com?x=1"),
        ("SIMPUL_PUBLIC_URL", "https://user:pw@hub.example.com"),
        ("SIMPUL_PUBLIC_URL", "ftp://hub.example.com"),
        ("SIMPUL_PUBLIC_URL", ""),
        ("SIMPUL_DATABASE_URL", "mysql://host/db"),
        ("SIMPUL_DATABASE_URL", "sqlite:"),
        ("SIMPUL_MASTER_KEY", "dG9vIHNob3J0"),
        ("SIMPUL_ADMIN_EMAIL", "nobody"),
        ("SIMPUL_EGRESS_ALLOW", "127.0.0.0/8,nonsense"),
        ("SIMPUL_PROVIDER_STRIPE_URL", "127.0.0.1:8420"),
        ("SIMPUL_PROVIDER_STRIPE_URL", "ftp://127.0.0.1"),
        ("SIMPUL_PROVIDER_STRIPE_URL", "http://127.0.0.1:8420/"),
        ("SIMPUL_WEBHOOK_DISABLE_AFTER", "0"),
        ("SIMPUL_LOG_RETENTION_DAYS", "ninety"),
        ("SIMPUL_METRICS_LISTEN", "on"),
        ("SIMPUL_METRICS_TOKEN", "two words"),
        ("SIMPUL_LOG_FORMAT", "xml"),
        ("SIMPUL_LOG_LEVEL", "loud"),
        ("SIMPUL_SESSION_HOURS", "-1"),
        ("SIMPUL_DELIVERY_CONCURRENCY", "0"),
        ("SIMPUL_WEBHOOK_CONCURRENCY", "5000"),
    ];
    for (name, value) in bad {
        let error = refused((name, value));
        assert!(error.starts_with(&format!("{name} (from the environment) must be ")), "{name}={value}: {error}");
        let key = name["SIMPUL_".len()..].to_ascii_lowercase();
        assert!(error.contains(Setting::find(&key).unwrap().accepts), "{error}");
        if Setting::find(&key).unwrap().secret {
            assert!(!error.contains(value), "{error}");
        }
    }
}

#[test]
fn good_values_are_typed() {
    let file = "egress_allow = ['127.0.0.0/8', '10.0.0.7']\nprovider_stripe_url = 'http://127.0.0.1:8420/base'\n\
                metrics_listen = '127.0.0.1:9464'\npublic_url = 'https://hub.example.com'";
    let config = read(file, &[("SIMPUL_MASTER_KEY", &"A".repeat(43).add("="))], &[]).unwrap().config;
    assert_eq!(config.egress_allow, ["127.0.0.0/8".parse::<IpNet>().unwrap(), "10.0.0.7/32".parse().unwrap()]);
    assert_eq!(config.provider_urls["stripe"].as_str(), "http://127.0.0.1:8420/base");
    assert_eq!(config.metrics_listen, Some("127.0.0.1:9464".parse().unwrap()));
    assert_eq!(config.master_key.unwrap().expose(), &[0; 32]);
    assert!(config.public_url.is_https());
    assert_eq!(config.public_url.join("/api"), "https://hub.example.com/api");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let key = "A".repeat(43).add("=");
    let both = read("", &[("SIMPUL_MASTER_KEY", &key), ("SIMPUL_MASTER_KEY_FILE", "/run/key")], &[]).unwrap_err();
    assert!(both.contains("master_key and master_key_file"), "{both}");
    let same = read("", &[("SIMPUL_METRICS_LISTEN", "127.0.0.1:3001")], &[]).unwrap_err();
    assert!(same.contains("metrics_listen and listen"), "{same}");
}

#[test]
fn secrets_are_not_taken_from_the_command_line() {
    let error = read("", &[], &[("admin_password", "hunter2hunter2")]).unwrap_err();
    assert!(error.contains("SIMPUL_ADMIN_PASSWORD") && !error.contains("hunter2"), "{error}");
}

#[test]
fn secrets_are_masked_in_debug_and_in_the_description() {
    let key = "QUJD".repeat(10).add("QUI=");
    let variables = [
        ("SIMPUL_MASTER_KEY", key.as_str()),
        ("SIMPUL_ADMIN_PASSWORD", "hunter2hunter2"),
        ("SIMPUL_METRICS_TOKEN", "hunter2hunter2"),
        ("SIMPUL_DATABASE_URL", "postgres://simpul:hunter2@db/simpul?sslmode=require&sslpassword=hunter2"),
    ];
    let error = read("", &[("SIMPUL_MASTER_KEY", &key[..20])], &[]).unwrap_err();
    assert!(!error.contains("QUJD"), "{error}");
    let key = "QUJD".repeat(10).add("QUI=");
    let loaded = read("", &variables, &[]).unwrap();
    let seen = format!("{:?} {}", loaded.config, render(&loaded.describe()));
    assert!(!seen.contains("hunter2") && !seen.contains(&key), "{seen}");
    assert!(
        seen.contains(
            "database_url = \"postgres://simpul:••••@db/simpul?sslmode=require&sslpassword=••••\" # from environment"
        ),
        "{seen}"
    );
    assert!(seen.contains("admin_password = \"••••\" # from environment"));
    assert!(seen.contains("listen = \"127.0.0.1:3001\" # default"));
    assert!(seen.contains("session_hours = 168 # default"));
}

#[test]
fn a_value_found_unusable_later_is_reported_with_its_source() {
    let loaded = read("extra_ca_file = 'missing.pem'", &[], &[]).unwrap();
    let error = loaded.unusable("extra_ca_file", "names a file that cannot be read").to_string();
    assert!(
        error.starts_with("extra_ca_file (from ") && error.ends_with("names a file that cannot be read."),
        "{error}"
    );
}

#[test]
fn the_example_file_names_every_key_with_its_default_and_sets_nothing() {
    let example = include_str!("../../../../simpul.toml.example");
    assert_eq!(example, super::example(), "run `simpul config --example > simpul.toml.example`");
    assert!(example.lines().all(|line| line.is_empty() || line.starts_with("# ")));
    let assigned: String =
        example.lines().filter(|line| line.contains(" = ")).map(|line| format!("{}\n", &line[2..])).collect();
    let table: toml::Table = toml::from_str(&assigned).unwrap();
    assert_eq!(table.keys().count(), SETTINGS.len());
    for setting in SETTINGS {
        assert_eq!(table[setting.key].to_string().trim_matches('"'), setting.default, "{}", setting.key);
    }
}
