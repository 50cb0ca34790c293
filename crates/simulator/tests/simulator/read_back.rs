//! Reading back what a notification said: the ledger holds the truth, so an altered notification is found out.

use serde_json::Value;
use simpul_core::integration::Mode;
use simpul_core::time::Timestamp;
use simpul_simulator::accounts;
use simpul_simulator::notify::{self, Occasion, Variant};

use crate::http::{NOW, basic, get, start};

fn occasion(seed: u64) -> Occasion {
    Occasion::new(seed, Timestamp::from_millis(NOW), "https://hub.example/api/inbound/t")
}

#[tokio::test]
async fn midtrans_confirms_a_recorded_settlement_by_either_id_and_shows_expiry_as_407() {
    let running = start().await;
    let account = accounts::right("midtrans", Mode::Sandbox).expect("an account");
    let key = [basic(account.field("serverKey"), "")];
    let sent = notify::build(account, "settlement", &occasion(1)).expect("a notification");
    running.record(&sent);
    let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
    for id in ["order_id", "transaction_id"] {
        let url = format!("{}/v2/{}/status", running.base_url("midtrans"), body[id].as_str().expect("an id"));
        let read = get(&url, &key).await.json();
        assert_eq!((&read["transaction_status"], &read["status_code"]), (&"settlement".into(), &"200".into()));
        assert_eq!(read["signature_key"], body["signature_key"]);
    }
    running.record(&notify::build(account, "expire", &occasion(2)).expect("a notification"));
    let url = format!("{}/v2/{}/status", running.base_url("midtrans"), occasion(2).order_id());
    assert_eq!(get(&url, &key).await.json()["status_code"], "407");
    running.stop().await;
}

#[tokio::test]
async fn an_altered_status_differs_from_what_midtrans_tells() {
    let running = start().await;
    let account = accounts::right("midtrans", Mode::Sandbox).expect("an account");
    let lie = occasion(3).variant(Variant::AlteredUnsigned);
    let sent = notify::build(account, "refund", &lie).expect("a notification");
    running.record(&sent);
    let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!(body["transaction_status"], "settlement");
    let url = format!("{}/v2/{}/status", running.base_url("midtrans"), occasion(3).order_id());
    let read = get(&url, &[basic(account.field("serverKey"), "")]).await.json();
    assert_eq!(read["transaction_status"], "refund");
    running.stop().await;
}

#[tokio::test]
async fn xendit_confirms_recorded_invoices_and_payments_and_knows_no_others() {
    let running = start().await;
    let account = accounts::right("xendit", Mode::Production).expect("an account");
    let key = [basic(account.field("apiKey"), "")];
    let base = running.base_url("xendit");
    for (kind, path, id, status) in [
        ("invoice_paid", "/v2/invoices/", "/id", "PAID"),
        ("payment.capture", "/v3/payments/", "/data/payment_id", "SUCCEEDED"),
    ] {
        let sent = notify::build(account, kind, &occasion(4)).expect("a notification");
        let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
        let url = format!("{base}{path}{}", body.pointer(id).and_then(Value::as_str).expect("an id"));
        assert_eq!(get(&url, &key).await.status, 404, "{kind}");
        running.record(&sent);
        assert_eq!(get(&url, &key).await.json()["status"], status, "{kind}");
    }
    running.xendit_invoice("by-hand", serde_json::json!({"id": "by-hand", "status": "EXPIRED"}));
    assert_eq!(get(&format!("{base}/v2/invoices/by-hand"), &key).await.json()["status"], "EXPIRED");
    running.stop().await;
}
