//! Row 11: the overview of all integrations, whatever the endpoint does to make it.

use std::time::{Duration, Instant};

use hyper::Method;

use super::{Run, warned};
use crate::connection::Connection;
use crate::failure::{Failure, Result};
use crate::latency::Latency;
use crate::measure::{Floor, Measure, Unit};

const INTEGRATIONS: u64 = 10_000;
const REQUESTS: u32 = 100;
/// The overview may be made in the background.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let integrations = run.sizes.pick(INTEGRATIONS, 200);
    let (fresh, hub) = run.start().await?;
    let started = Instant::now();
    hub.make_integrations(integrations - 1).await?;
    let making = started.elapsed();
    let path = "/api/admin/health?limit=50";
    let ready = Instant::now();
    while hub.get(path).await?["pagination"]["total"].as_u64() != Some(integrations) {
        if ready.elapsed() > PATIENCE {
            return Err(Failure::told("the overview did not show every integration within two minutes"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let waited = ready.elapsed();
    let target = hub.target()?;
    let mut connection = Connection::open(target.address).await?;
    let mut latency = Latency::new()?;
    for _ in 0..REQUESTS {
        let request = target.request(Method::GET, path, String::new())?;
        let at = Instant::now();
        let answer = connection.send(request).await?;
        latency.record(at.elapsed());
        if answer.status != 200 {
            return Err(Failure::told(format!("the overview was answered {}", answer.shown())));
        }
    }
    let note = format!(
        "made through the API in {:.0} s, all of them shown {:.1} s later{}",
        making.as_secs_f64(),
        waited.as_secs_f64(),
        warned(&hub)
    );
    hub.simpul.stop().await?;
    fresh.remove().await?;
    let limit = &run.limits.loopback;
    let what = |share: &str| format!("overview of {integrations} integrations, first page: {share}");
    Ok(vec![
        Measure::new(11, what("p50"), latency.at(0.5), Unit::Milliseconds)
            .limit(limit.get_p50, "a bare GET")
            .note(note),
        Measure::new(11, what("p99"), latency.at(0.99), Unit::Milliseconds)
            .limit(limit.get_p99, "a bare GET")
            .floor(Floor::Under(100.0)),
    ])
}
