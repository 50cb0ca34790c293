//! The tests' own HTTP client, and signing in.

use serde_json::{Value, json};

pub(crate) const EMAIL: &str = "ops@example.id";
pub(crate) const PASSWORD: &str = "sandi-rahasia-2026";

pub(crate) fn new() -> reqwest::Client {
    // Already installed by another test of this process, or now.
    drop(rustls::crypto::ring::default_provider().install_default());
    #[expect(clippy::disallowed_methods, reason = "the tests' own client")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    client.expect("a client")
}

/// Makes a super_admin's API key as the first administrator.
pub(crate) async fn make_key(client: &reqwest::Client, base: &str) -> String {
    let login = client.post(format!("{base}/api/auth/login")).json(&json!({"email": EMAIL, "password": PASSWORD}));
    let login = login.send().await.expect("answers");
    assert_eq!(login.status(), 200);
    let cookie = login.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let made = client
        .post(format!("{base}/api/admin/api-keys"))
        .header("cookie", cookie)
        .header("origin", base)
        .json(&json!({"name": "faults", "role": "super_admin"}));
    let made: Value = made.send().await.expect("answers").json().await.expect("JSON");
    made["data"]["key"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}
