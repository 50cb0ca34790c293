//! What channels send with: the guarded client, the store for integrations, and where Telegram is.

use std::collections::HashMap;
use std::sync::Arc;

use simpul_core::access::Scope;
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::time::Clock;
use simpul_providers::Connection;
use simpul_store::Store;

use super::channel::Undelivered;
use crate::egress::Egress;
use crate::engine::effective_configuration;

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Courier {
    pub(crate) store: Store,
    pub(crate) egress: Egress,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) provider_urls: Arc<HashMap<String, String>>,
    /// Without a trailing slash.
    pub(crate) telegram_url: Arc<str>,
}

/// An integration that is ready to send.
pub(super) struct Account {
    pub(super) connection: Box<dyn Connection>,
    pub(super) configuration: Configuration,
}

impl Courier {
    /// The account of one of the hub's integrations.
    pub(super) async fn account(&self, id: IntegrationId) -> Result<Account, Undelivered> {
        let unread = |error: simpul_store::Error| Undelivered::later(ErrorType::ProviderUnavailable, error.to_string());
        let found = self.store.find_integration(Scope::All, id).await.map_err(unread)?;
        let gone =
            || Undelivered::for_good(ErrorType::NotFound, "The integration that this channel sends with is gone");
        let integration = found.ok_or_else(gone)?;
        if !integration.is_active {
            let sentence = "The integration that this channel sends with is switched off";
            return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, sentence));
        }
        let configuration = effective_configuration(&self.store, &integration).await.map_err(unread)?;
        self.connect(&integration.provider, configuration, Mode::of(integration.test_mode))
    }

    pub(super) fn connect(&self, slug: &str, configuration: Configuration, mode: Mode) -> Result<Account, Undelivered> {
        let unknown =
            || Undelivered::for_good(ErrorType::InvalidConfiguration, format!("The provider {slug} is not known"));
        let provider = simpul_providers::find(slug).ok_or_else(unknown)?;
        let base_url = self.provider_urls.get(slug).map(String::as_str);
        let connection = provider
            .connect(&configuration, mode, base_url, Arc::new(self.egress.clone()))
            .map_err(|error| Undelivered::for_good(ErrorType::InvalidConfiguration, error.to_string()))?;
        Ok(Account { connection, configuration })
    }
}
