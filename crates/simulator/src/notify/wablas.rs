//! Wablas' tracking, incoming and device notifications: JSON without any proof of origin but the device's id.

use serde_json::json;

use super::{Notification, Occasion, Variant};
use crate::accounts::Account;

kinds! {
    Pending = "pending", Sent = "sent", Delivered = "delivered", Read = "read", Cancel = "cancel",
    Rejected = "rejected", Incoming = "incoming", DeviceConnected = "device_connected",
    DeviceDisconnected = "device_disconnected",
}

/// The notification of a kind. A forged one names a device that is not the account's.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let device = if occasion.variant == Variant::Forged { "NOTOURS" } else { account.field("device") };
    let sender = account.field("phone");
    let customer = format!("62812{:08}", occasion.seed % 100_000_000);
    let body = match kind {
        Kind::Incoming => json!({
            "id": occasion.hex("wablas-incoming", 32).to_uppercase(), "pushName": "Budi", "isGroup": false,
            "group": {"sender": "", "subject": "", "owner": "", "desc": "", "participants": null},
            "message": "Halo, pesanan saya sudah dikirim?", "phone": customer, "messageType": "text", "file": "",
            "url": "", "mimeType": "", "deviceId": device, "sender": sender, "isFromMe": false,
            "timestamp": occasion.at.to_string(), "profileImage": ""}),
        Kind::DeviceConnected | Kind::DeviceDisconnected => json!({
            "deviceId": device, "deviceName": "Simpul", "sender": sender,
            "status": kind.as_str().trim_start_matches("device_"), "note": "",
            // Nine fractional digits, as Wablas has been seen to write them.
            "timestamp": occasion.at.to_string().replace('Z', "114184Z")}),
        _ => json!({
            "id": occasion.uuid("wablas-message"), "phone": customer, "status": kind.as_str(),
            "note": if kind == Kind::Rejected { "number is not on WhatsApp" } else { "" }, "deviceId": device,
            "sender": sender}),
    };
    Notification::json(&body)
}
