//! The simulated accounts at the messaging providers.

use simpul_core::integration::Mode;

use super::{Account, Situation, account};

pub(super) const ACCOUNTS: &[Account] = &[
    account(
        "twilio",
        Mode::Sandbox,
        Situation::Right,
        &[
            ("accountSid", "AC00000000000000000000000000000001"),
            ("authToken", "051a0000000000000000000000000001"),
            ("phoneNumber", "+14155238886"),
        ],
    ),
    account(
        "twilio",
        Mode::Production,
        Situation::Right,
        &[
            ("accountSid", "AC00000000000000000000000000000002"),
            ("authToken", "051a0000000000000000000000000002"),
            ("phoneNumber", "+14155238886"),
        ],
    ),
    account(
        "twilio",
        Mode::Sandbox,
        Situation::MissingPermission,
        &[
            ("accountSid", "AC00000000000000000000000000000003"),
            ("authToken", "051a0000000000000000000000000003"),
            ("phoneNumber", "+14155238886"),
            ("apiKeySid", "SK00000000000000000000000000000003"),
            ("apiKeySecret", "SimpulApiKeySecret01234567890003"),
        ],
    ),
    account(
        "twilio",
        Mode::Production,
        Situation::MissingPermission,
        &[
            ("accountSid", "AC00000000000000000000000000000004"),
            ("authToken", "051a0000000000000000000000000004"),
            ("phoneNumber", "+14155238886"),
            ("apiKeySid", "SK00000000000000000000000000000004"),
            ("apiKeySecret", "SimpulApiKeySecret01234567890004"),
        ],
    ),
    account(
        "twilio",
        Mode::Sandbox,
        Situation::Suspended,
        &[
            ("accountSid", "AC00000000000000000000000000000005"),
            ("authToken", "051a0000000000000000000000000005"),
            ("phoneNumber", "+14155238886"),
        ],
    ),
    account(
        "twilio",
        Mode::Production,
        Situation::Suspended,
        &[
            ("accountSid", "AC00000000000000000000000000000006"),
            ("authToken", "051a0000000000000000000000000006"),
            ("phoneNumber", "+14155238886"),
        ],
    ),
    account(
        "twilio",
        Mode::Sandbox,
        Situation::Expired,
        &[
            ("accountSid", "AC00000000000000000000000000000007"),
            ("authToken", "051a0000000000000000000000000007"),
            ("phoneNumber", "+14155238886"),
        ],
    ),
    account(
        "twilio",
        Mode::Production,
        Situation::Expired,
        &[
            ("accountSid", "AC00000000000000000000000000000008"),
            ("authToken", "051a0000000000000000000000000008"),
            ("phoneNumber", "+14155238886"),
        ],
    ),
    account(
        "wablas",
        Mode::Sandbox,
        Situation::Right,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulWorkingabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN01"),
            ("secretKey", "SimpSc01"),
            ("device", "SIM001"),
            ("phone", "6281200000001"),
        ],
    ),
    account(
        "wablas",
        Mode::Production,
        Situation::Right,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulWorkingabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN02"),
            ("secretKey", "SimpSc02"),
            ("device", "SIM002"),
            ("phone", "6281200000002"),
        ],
    ),
    account(
        "wablas",
        Mode::Sandbox,
        Situation::DeviceDisconnected,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulDisconnectedabcdefghijklmnopqrstuvwxyzABCDEFGHI03"),
            ("secretKey", "SimpSc03"),
            ("device", "SIM003"),
            ("phone", "6281200000003"),
        ],
    ),
    account(
        "wablas",
        Mode::Production,
        Situation::DeviceDisconnected,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulDisconnectedabcdefghijklmnopqrstuvwxyzABCDEFGHI04"),
            ("secretKey", "SimpSc04"),
            ("device", "SIM004"),
            ("phone", "6281200000004"),
        ],
    ),
    account(
        "wablas",
        Mode::Sandbox,
        Situation::Expired,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulExpiredabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN05"),
            ("secretKey", "SimpSc05"),
            ("device", "SIM005"),
            ("phone", "6281200000005"),
        ],
    ),
    account(
        "wablas",
        Mode::Production,
        Situation::Expired,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulExpiredabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN06"),
            ("secretKey", "SimpSc06"),
            ("device", "SIM006"),
            ("phone", "6281200000006"),
        ],
    ),
    account(
        "wablas",
        Mode::Sandbox,
        Situation::Suspended,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulInactiveabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM07"),
            ("secretKey", "SimpSc07"),
            ("device", "SIM007"),
            ("phone", "6281200000007"),
        ],
    ),
    account(
        "wablas",
        Mode::Production,
        Situation::Suspended,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulInactiveabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM08"),
            ("secretKey", "SimpSc08"),
            ("device", "SIM008"),
            ("phone", "6281200000008"),
        ],
    ),
    account(
        "wablas",
        Mode::Sandbox,
        Situation::QuotaExhausted,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulNoQuotaabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN09"),
            ("secretKey", "SimpSc09"),
            ("device", "SIM009"),
            ("phone", "6281200000009"),
        ],
    ),
    account(
        "wablas",
        Mode::Production,
        Situation::QuotaExhausted,
        &[
            ("domain", "https://simulator.wablas.com"),
            ("token", "SimpulNoQuotaabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN10"),
            ("secretKey", "SimpSc10"),
            ("device", "SIM010"),
            ("phone", "6281200000010"),
        ],
    ),
    account(
        "fonnte",
        Mode::Sandbox,
        Situation::Right,
        &[("token", "Simpul+Work@0#1!2-01"), ("device", "6281300000001")],
    ),
    account(
        "fonnte",
        Mode::Production,
        Situation::Right,
        &[("token", "Simpul+Work@0#1!2-02"), ("device", "6281300000002")],
    ),
    account(
        "fonnte",
        Mode::Sandbox,
        Situation::DeviceDisconnected,
        &[("token", "Simpul+Gone@0#1!2-03"), ("device", "6281300000003")],
    ),
    account(
        "fonnte",
        Mode::Production,
        Situation::DeviceDisconnected,
        &[("token", "Simpul+Gone@0#1!2-04"), ("device", "6281300000004")],
    ),
    account(
        "fonnte",
        Mode::Sandbox,
        Situation::Expired,
        &[("token", "Simpul+Late@0#1!2-05"), ("device", "6281300000005")],
    ),
    account(
        "fonnte",
        Mode::Production,
        Situation::Expired,
        &[("token", "Simpul+Late@0#1!2-06"), ("device", "6281300000006")],
    ),
    account(
        "fonnte",
        Mode::Sandbox,
        Situation::QuotaExhausted,
        &[("token", "Simpul+None@0#1!2-07"), ("device", "6281300000007")],
    ),
    account(
        "fonnte",
        Mode::Production,
        Situation::QuotaExhausted,
        &[("token", "Simpul+None@0#1!2-08"), ("device", "6281300000008")],
    ),
];
