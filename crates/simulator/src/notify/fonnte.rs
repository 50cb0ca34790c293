//! Fonnte's status, incoming and connection notifications: JSON without any proof of origin but the device's number.

use serde_json::json;

use super::{Notification, Occasion, Variant};
use crate::accounts::Account;

kinds! {
    Processing = "processing", Sent = "sent", Delivered = "delivered", Read = "read", Failed = "failed",
    Invalid = "invalid", Expired = "expired", Incoming = "incoming", Connect = "connect", Disconnect = "disconnect",
}

/// The notification of a kind. A forged one names a device that is not the account's. `delivered` and `read` come as
/// `state` under the WhatsApp id alone.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let device = if occasion.variant == Variant::Forged { "6280000000000" } else { account.field("device") };
    let message = (80_000_000 + occasion.seed).to_string();
    let state_id = occasion.hex("fonnte-state", 20).to_uppercase();
    let at = occasion.at.seconds();
    let body = match kind {
        Kind::Incoming => json!({
            "device": device, "sender": format!("62813{:08}", occasion.seed % 100_000_000),
            "message": "Halo, pesanan saya sudah dikirim?", "text": "", "member": "", "name": "Budi", "location": "",
            "pollname": "", "choices": [], "timestamp": at, "inboxid": 5_000 + occasion.seed}),
        Kind::Connect => json!({"device": device, "status": "connect", "timestamp": at}),
        Kind::Disconnect => {
            json!({"device": device, "status": "disconnect", "timestamp": at, "reason": "logged out from phone"})
        }
        Kind::Delivered | Kind::Read => {
            json!({"device": device, "stateid": state_id, "state": kind.as_str(), "timestamp": at})
        }
        _ => json!({"device": device, "id": message, "stateid": state_id, "status": kind.as_str(), "state": "",
            "timestamp": at}),
    };
    Notification::json(&body)
}
