//! The simulated accounts at the payment gateways.

use simpul_core::integration::Mode;

use super::{Account, Situation, account};

pub(super) const ACCOUNTS: &[Account] = &[
    account(
        "midtrans",
        Mode::Sandbox,
        Situation::Right,
        &[
            ("serverKey", "SB-Mid-server-SimpulSandbox000000a1b2"),
            ("clientKey", "SB-Mid-client-SimpulSandbox01"),
            ("merchantId", "G000000001"),
        ],
    ),
    account(
        "midtrans",
        Mode::Production,
        Situation::Right,
        &[
            ("serverKey", "Mid-server-SimpulProduction0000c3d4"),
            ("clientKey", "Mid-client-SimpulProduction01"),
            ("merchantId", "G000000002"),
        ],
    ),
    account(
        "midtrans",
        Mode::Sandbox,
        Situation::OtherEnvironment,
        &[("serverKey", "Mid-server-SimpulOtherEnvironment01"), ("merchantId", "G000000003")],
    ),
    account(
        "midtrans",
        Mode::Production,
        Situation::OtherEnvironment,
        &[("serverKey", "Mid-server-SimpulOtherEnvironment02"), ("merchantId", "G000000003")],
    ),
    account(
        "xendit",
        Mode::Sandbox,
        Situation::Right,
        &[
            ("apiKey", "xnd_development_SimpulSandbox0123456789abcdefABCDEFghij+/01=="),
            ("webhookToken", "simpulCallbackToken010123456789abcdefghijklmnopq"),
        ],
    ),
    account(
        "xendit",
        Mode::Production,
        Situation::Right,
        &[
            ("apiKey", "xnd_production_SimpulProduction0123456789abcdefABCDEFghij+/02=="),
            ("webhookToken", "simpulCallbackToken020123456789abcdefghijklmnopq"),
        ],
    ),
    account(
        "xendit",
        Mode::Sandbox,
        Situation::MissingPermission,
        &[
            ("apiKey", "xnd_development_SimpulMoneyInOnly0123456789abcdefABCDEFghij+/03=="),
            ("webhookToken", "simpulCallbackToken030123456789abcdefghijklmnopq"),
        ],
    ),
    account(
        "xendit",
        Mode::Production,
        Situation::MissingPermission,
        &[
            ("apiKey", "xnd_production_SimpulMoneyInOnly0123456789abcdefABCDEFghij+/04=="),
            ("webhookToken", "simpulCallbackToken040123456789abcdefghijklmnopq"),
        ],
    ),
    account(
        "xendit",
        Mode::Sandbox,
        Situation::Suspended,
        &[
            ("apiKey", "xnd_development_SimpulSuspended0123456789abcdefABCDEFghij+/05=="),
            ("webhookToken", "simpulCallbackToken050123456789abcdefghijklmnopq"),
        ],
    ),
    account(
        "xendit",
        Mode::Production,
        Situation::Suspended,
        &[
            ("apiKey", "xnd_production_SimpulSuspended0123456789abcdefABCDEFghij+/06=="),
            ("webhookToken", "simpulCallbackToken060123456789abcdefghijklmnopq"),
        ],
    ),
    account(
        "stripe",
        Mode::Sandbox,
        Situation::Right,
        &[
            ("secretKey", "sk_test_51SimpulSandbox000000000000000001"),
            ("publishableKey", "pk_test_51SimpulSandbox00000001"),
            ("webhookSecret", "whsec_SimpulSandbox0123456789abcdef01"),
            ("accountId", "acct_1Simpul0000000001"),
        ],
    ),
    account(
        "stripe",
        Mode::Production,
        Situation::Right,
        &[
            ("secretKey", "sk_live_51SimpulProduction000000000000000002"),
            ("publishableKey", "pk_live_51SimpulProduction00000002"),
            ("webhookSecret", "whsec_SimpulProduction0123456789abcdef02"),
            ("accountId", "acct_1Simpul0000000002"),
        ],
    ),
    account(
        "stripe",
        Mode::Sandbox,
        Situation::MissingPermission,
        &[
            ("secretKey", "rk_test_51SimpulRestricted000000000000000003"),
            ("publishableKey", "pk_test_51SimpulRestricted00000003"),
            ("webhookSecret", "whsec_SimpulRestricted0123456789abcdef03"),
            ("accountId", "acct_1Simpul0000000003"),
        ],
    ),
    account(
        "stripe",
        Mode::Production,
        Situation::MissingPermission,
        &[
            ("secretKey", "rk_live_51SimpulRestricted000000000000000004"),
            ("publishableKey", "pk_live_51SimpulRestricted00000004"),
            ("webhookSecret", "whsec_SimpulRestricted0123456789abcdef04"),
            ("accountId", "acct_1Simpul0000000004"),
        ],
    ),
    account(
        "stripe",
        Mode::Sandbox,
        Situation::Expired,
        &[
            ("secretKey", "sk_test_51SimpulExpired000000000000000005"),
            ("publishableKey", "pk_test_51SimpulExpired00000005"),
            ("webhookSecret", "whsec_SimpulExpired0123456789abcdef05"),
            ("accountId", "acct_1Simpul0000000005"),
        ],
    ),
    account(
        "stripe",
        Mode::Production,
        Situation::Expired,
        &[
            ("secretKey", "sk_live_51SimpulExpired000000000000000006"),
            ("publishableKey", "pk_live_51SimpulExpired00000006"),
            ("webhookSecret", "whsec_SimpulExpired0123456789abcdef06"),
            ("accountId", "acct_1Simpul0000000006"),
        ],
    ),
    account(
        "stripe",
        Mode::Sandbox,
        Situation::OtherEnvironment,
        &[
            ("secretKey", "sk_test_51SimpulOther000000000000000007"),
            ("publishableKey", "pk_test_51SimpulOther00000007"),
            ("webhookSecret", "whsec_SimpulOther0123456789abcdef07"),
            ("accountId", "acct_1Simpul0000000007"),
        ],
    ),
    account(
        "stripe",
        Mode::Production,
        Situation::OtherEnvironment,
        &[
            ("secretKey", "sk_live_51SimpulOther000000000000000008"),
            ("publishableKey", "pk_live_51SimpulOther00000008"),
            ("webhookSecret", "whsec_SimpulOther0123456789abcdef08"),
            ("accountId", "acct_1Simpul0000000008"),
        ],
    ),
];
