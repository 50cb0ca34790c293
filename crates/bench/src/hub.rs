//! A Simpul that is set up for a measurement: an administrator's key, a partner, an integration and its webhooks.

use std::time::{Duration, Instant};

use hyper::header::{COOKIE, HeaderValue, ORIGIN, SET_COOKIE};
use hyper::{Method, Request};
use serde_json::{Value, json};

use crate::connection::{Answer, Connection, Target};
use crate::event::Door;
use crate::failure::{Failure, Result};
use crate::simpul::{EMAIL, PASSWORD, Settings, Simpul};

/// Invented; nothing is sent to the provider.
const API_KEY: &str = "xnd_development_SimpulSandbox0123456789abcdefABCDEFghij+/01==";
const WEBHOOK_TOKEN: &str = "simpulCallbackToken010123456789abcdefghijklmnopq";
/// What is under way is settled soon, or something is wrong.
const SETTLED: Duration = Duration::from_secs(120);

/// A running Simpul with an integration.
pub(crate) struct Hub {
    pub(crate) simpul: Simpul,
    pub(crate) integration: String,
    key: String,
}

/// What is needed to go on with the same data.
pub(crate) struct Stopped {
    integration: String,
    key: String,
}

impl Hub {
    /// Starts Simpul on an empty database and makes what a measurement needs.
    pub(crate) async fn start(settings: &Settings) -> Result<Self> {
        let simpul = Simpul::start(settings).await?;
        let mut hub = Self { simpul, integration: String::new(), key: String::new() };
        hub.key = hub.make_key().await?;
        let partner = hub.post("/api/admin/partners", &json!({"name": "Pengukuran"})).await?;
        let path = format!("/api/admin/partners/{}/integrations", text(&partner, "id")?);
        let configuration = json!({"apiKey": API_KEY, "webhookToken": WEBHOOK_TOKEN});
        let body = json!({"integrationType": "payment_gateway", "provider": "xendit", "testMode": true,
            "configuration": configuration});
        hub.integration = text(&hub.post(&path, &body).await?, "id")?;
        Ok(hub)
    }

    /// Stops Simpul; with what is returned it is started again on the same data.
    pub(crate) async fn stop(self) -> Result<Stopped> {
        let Self { simpul, integration, key } = self;
        simpul.stop().await?;
        Ok(Stopped { integration, key })
    }

    pub(crate) async fn start_again(settings: &Settings, stopped: Stopped) -> Result<Self> {
        let Stopped { integration, key } = stopped;
        Ok(Self { simpul: Simpul::start(settings).await?, integration, key })
    }

    /// More integrations, each of a partner of its own. They are tested once a day at most: nothing of a provider is there.
    pub(crate) async fn make_integrations(&self, count: u64) -> Result<()> {
        let target = self.target()?;
        let mut connection = Connection::open(self.simpul.address).await?;
        let configuration = json!({"apiKey": API_KEY, "webhookToken": WEBHOOK_TOKEN});
        let body = json!({"integrationType": "payment_gateway", "provider": "xendit", "testMode": true,
            "configuration": configuration, "settings": {"testIntervalMinutes": 1440}});
        for number in 0..count {
            let partner = json!({"name": format!("Pengukuran {number}")}).to_string();
            let made = connection.send(target.request(Method::POST, "/api/admin/partners", partner)?).await?;
            let path = format!("/api/admin/partners/{}/integrations", text(&data(&made)?, "id")?);
            data(&connection.send(target.request(Method::POST, &path, body.to_string())?).await?)?;
        }
        Ok(())
    }

    async fn make_key(&self) -> Result<String> {
        let target = Target::new(self.simpul.address);
        let login = json!({"email": EMAIL, "password": PASSWORD}).to_string();
        let answer = self.ask(target.request(Method::POST, "/api/auth/login", login)?).await?;
        let cookie = answer.headers.get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookie.ok_or_else(|| Failure::told(format!("signing in was answered {}", answer.shown())))?;
        let header = |text: &str| HeaderValue::from_str(text).map_err(|_| Failure::told("the cookie is no header"));
        let body = json!({"name": "bench", "role": "super_admin"}).to_string();
        let mut request = target.request(Method::POST, "/api/admin/api-keys", body)?;
        request.headers_mut().insert(COOKIE, header(cookie)?);
        request.headers_mut().insert(ORIGIN, header(&format!("http://{}", self.simpul.address))?);
        text(&data(&self.ask(request).await?)?, "key")
    }

    /// Each of these requests has a connection of its own: between two of them a server may well close an idle one.
    async fn ask(&self, request: Request<String>) -> Result<Answer> {
        Connection::open(self.simpul.address).await?.send(request).await
    }

    pub(crate) fn target(&self) -> Result<Target> {
        Target::with_key(self.simpul.address, &self.key)
    }

    /// Where the integration takes events.
    pub(crate) fn door(&self) -> Result<Door> {
        Ok(Door::of_integration(self.target()?, &self.integration))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        let answer = self.ask(self.target()?.request(Method::GET, path, String::new())?).await?;
        if answer.status != 200 {
            return Err(Failure::told(format!("{path} was answered {}", answer.shown())));
        }
        Ok(serde_json::from_slice(&answer.body)?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.target()?.request(Method::POST, path, body.to_string())?;
        data(&self.ask(request).await?)
    }

    /// A webhook that gives up after the first attempt, so that a slow or failing receiver is tried once; answers its id.
    pub(crate) async fn make_webhook(&self, url: &str) -> Result<String> {
        self.make_webhook_with_retries(url, 0).await
    }

    pub(crate) async fn make_webhook_with_retries(&self, url: &str, retries: u32) -> Result<String> {
        let path = format!("/api/admin/integrations/{}/webhooks", self.integration);
        let body = json!({"webhookUrl": url, "retryAttempts": retries, "retryDelay": 1});
        text(&self.post(&path, &body).await?, "id")
    }

    /// Deliveries of a webhook that are not finished; counted to 10,000 at most.
    pub(crate) async fn pending(&self, webhook: &str) -> Result<u64> {
        let answer = self.get(&format!("/api/admin/webhooks/{webhook}/deliveries?status=pending&limit=1")).await?;
        answer["pagination"]["total"].as_u64().ok_or_else(|| Failure::told("a list without pagination.total"))
    }

    /// Waits until every delivery's outcome is written down.
    pub(crate) async fn settled(&self, webhooks: &[String]) -> Result<()> {
        let end = Instant::now() + SETTLED;
        for webhook in webhooks {
            loop {
                let pending = self.pending(webhook).await?;
                if pending == 0 {
                    break;
                }
                if Instant::now() > end {
                    return Err(Failure::told(format!("{pending} deliveries stayed pending for two minutes")));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }
}

fn data(answer: &Answer) -> Result<Value> {
    if !(200..300).contains(&answer.status) {
        return Err(Failure::told(format!("a request was answered {}", answer.shown())));
    }
    let mut body: Value = serde_json::from_slice(&answer.body)?;
    Ok(body["data"].take())
}

fn text(value: &Value, name: &str) -> Result<String> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| Failure::told(format!("an answer without {name}")))
}
