//! Sample data: three partners with outlets, an integration of every provider, and a webhook for each.

use serde_json::Value;
use simpul_core::access::Scope;
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::id::{IntegrationId, OutletId, PartnerId};
use simpul_core::integration::{Configuration, Integration, Settings, credential_max_age_days};
use simpul_core::partner::{Outlet, Partner, slug_of};
use simpul_core::signature::secret_from;
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use simpul_providers::{Kind, Manifest};
use simpul_store::{Page, Store};

use crate::token;

/// Partners, the outlets of each, and the providers that it brings.
const PARTNERS: &[(&str, &[&str], &[&str])] = &[
    ("Kopi Senja", &["Kemang", "Dago"], &["midtrans", "wablas", "smtp"]),
    ("Batik Nusantara", &["Solo", "Yogyakarta"], &["xendit", "fonnte", "mailgun"]),
    ("Toko Elektronik Jaya", &["Glodok"], &["stripe", "twilio", "sendgrid"]),
];

/// Who made the samples, in `createdBy`.
const MADE_BY: &str = "seed";

/// What differs between samples to look at and samples that work against the simulator.
pub(crate) struct Samples<'a> {
    pub(crate) configuration: &'a (dyn Fn(&Manifest) -> Configuration + Sync),
    /// A receiver's URL, by the partner's slug.
    pub(crate) webhook_url: &'a (dyn Fn(&str) -> String + Sync),
}

/// An integration that was made.
pub(crate) struct Made {
    pub(crate) integration: Integration,
    pub(crate) webhook: Webhook,
    pub(crate) partner_slug: String,
}

/// A configuration of invented credentials in the right form: the connection tests fail, everything else can be tried.
pub(crate) fn invented(manifest: &Manifest) -> Configuration {
    let value = |kind: Kind, example: &str| match kind {
        Kind::Number(..) => example.parse::<i64>().map_or(Value::Null, Value::from),
        _ => Value::from(example),
    };
    let members = manifest.fields.iter().map(|field| (field.name.to_owned(), value(field.kind, field.example)));
    Configuration(members.collect())
}

/// Writes the samples; partners that exist already are left alone.
///
/// # Errors
/// The store cannot be reached.
pub(crate) async fn write(store: &Store, now: Timestamp, samples: &Samples<'_>) -> simpul_store::Result<Vec<Made>> {
    let mut made = Vec::new();
    let (existing, _) = store.list_partners(Scope::All, None, Page { offset: 0, limit: 500 }).await?;
    for (name, outlets, providers) in PARTNERS {
        let slug = slug_of(name);
        if existing.iter().any(|partner| partner.slug == slug) {
            continue;
        }
        let partner_id = PartnerId::generate(now);
        let partner = Partner {
            id: partner_id,
            name: (*name).to_owned(),
            slug: slug.clone(),
            is_active: true,
            created_at: now,
            updated_at: now,
        };
        store.insert_partner(&partner).await?;
        for outlet in *outlets {
            let code = outlet.chars().take(3).collect::<String>().to_uppercase();
            let id = OutletId::generate(now);
            let outlet = Outlet {
                id,
                partner_id,
                name: (*outlet).to_owned(),
                code,
                is_active: true,
                created_at: now,
                updated_at: now,
            };
            store.insert_outlet(&outlet).await?;
        }
        for provider in providers.iter().filter_map(|slug| simpul_providers::find(slug)) {
            let manifest = provider.manifest();
            let integration = integration(partner_id, manifest, (samples.configuration)(manifest), now);
            let secrets: Vec<&str> = manifest.secret_names().collect();
            store.insert_integration(&integration, &secrets, log(integration.id, "Integration created", now)).await?;
            let webhook = webhook(integration.id, (samples.webhook_url)(&slug), now);
            store.insert_webhook(&webhook, log(integration.id, "Webhook created", now)).await?;
            made.push(Made { integration, webhook, partner_slug: slug.clone() });
        }
    }
    Ok(made)
}

fn log(id: IntegrationId, message: &str, now: Timestamp) -> Activity {
    Activity::new(id, Action::ConfigChange, Status::Success, message, now)
}

fn integration(
    partner_id: PartnerId,
    manifest: &Manifest,
    configuration: Configuration,
    now: Timestamp,
) -> Integration {
    Integration {
        id: IntegrationId::generate(now),
        partner_id,
        outlet_id: None,
        integration_type: manifest.integration_type,
        provider: manifest.slug.to_owned(),
        display_name: manifest.label.to_owned(),
        is_active: true,
        test_mode: true,
        use_partner_config: false,
        configuration,
        settings: Settings {
            confirm_notifications: manifest.confirms_notifications,
            test_interval_minutes: 5,
            latency_target_ms: manifest.integration_type.default_latency_target_ms(),
            credential_max_age_days: credential_max_age_days(),
        },
        inbound_token: token::generate().expose().to_owned(),
        last_tested_at: None,
        last_test_status: None,
        last_test_message: None,
        created_by: MADE_BY.to_owned(),
        updated_by: MADE_BY.to_owned(),
        created_at: now,
        updated_at: now,
    }
}

fn webhook(integration_id: IntegrationId, webhook_url: String, now: Timestamp) -> Webhook {
    Webhook {
        retry_delay: 5,
        description: Some("Sample receiver".to_owned()),
        ..Webhook::new(integration_id, webhook_url, secret_from(&rand::random()), MADE_BY, now)
    }
}
