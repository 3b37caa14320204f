//! Looks at every enabled server: at once when it is new or was changed, then by its `discovery_interval_seconds`.
//! One that is unwell is looked at sooner, so that its recovery is noticed.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    id::ServerId,
    service,
    store::{self, servers::Watched},
};

/// How soon a new or changed server is noticed.
const TICK: Duration = Duration::from_secs(2);
/// Visits under way at the same time.
const MAX_VISITS: usize = 16;
/// An unwell server is looked at again after this, if not sooner.
const UNWELL: Duration = Duration::from_secs(30);

/// When to look at a server again, unless it has another version by then, or a proxy asks for it.
struct Planned {
    version: i32,
    wanted_at: Option<DateTime<Utc>>,
    at: Instant,
}

impl Planned {
    fn is_due(&self, server: &Watched, now: Instant) -> bool {
        self.version != server.version || self.wanted_at != server.visit_wanted_at || self.at <= now
    }
}

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut plan = HashMap::new();
    let mut visits = JoinSet::new();
    loop {
        match watched(&app).await {
            Ok(servers) => {
                plan.retain(|id, _| servers.iter().any(|server| server.id == *id));
                start_due(&app, &servers, &mut plan, &mut visits);
            }
            Err(error) => tracing::warn!(%error, "discovery waits for Postgres"),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = sleep(TICK) => {}
        }
        while let Some(finished) = visits.try_join_next() {
            note(finished, &mut plan);
        }
    }
}

async fn watched(app: &App) -> sqlx::Result<Vec<Watched>> {
    let mut tx = app.database.worker().await?;
    store::servers::list_watched(&mut tx).await
}

type Finished = Result<(Watched, bool), tokio::task::JoinError>;

fn start_due(
    app: &Arc<App>,
    servers: &[Watched],
    plan: &mut HashMap<ServerId, Planned>,
    visits: &mut JoinSet<(Watched, bool)>,
) {
    let now = Instant::now();
    for &server in servers {
        if visits.len() >= MAX_VISITS {
            return;
        }
        if plan.get(&server.id).is_some_and(|planned| !planned.is_due(&server, now)) {
            continue;
        }
        // Not again while this visit is under way.
        let at = now + Duration::from_secs(3600);
        let planned = Planned { version: server.version, wanted_at: server.visit_wanted_at, at };
        plan.insert(server.id, planned);
        let app = Arc::clone(app);
        visits.spawn(async move {
            let well =
                service::servers::discover(&app, server.org_id, server.id).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, server.id = %server.id, "a server could not be looked at");
                    false
                });
            (server, well)
        });
    }
}

fn note(finished: Finished, plan: &mut HashMap<ServerId, Planned>) {
    let Ok((server, well)) = finished else { return };
    if let Some(planned) = plan.get_mut(&server.id)
        && planned.version == server.version
    {
        planned.at = Instant::now() + pause(&server, well);
    }
}

/// The interval give or take a tenth, so that servers added together are not called together for ever.
fn pause(server: &Watched, well: bool) -> Duration {
    let interval = Duration::from_secs(u64::from(server.discovery_interval_seconds.unsigned_abs()));
    let interval = if well { interval } else { interval.min(UNWELL) };
    let percent = 90 + RandomState::new().hash_one(server.id) % 21;
    interval * u32::try_from(percent).unwrap_or(100) / 100
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        id::OrgId,
        mcp::fixture::{Fixture, Kind},
        testing::TestApp,
    };

    #[tokio::test]
    async fn a_new_server_is_read_and_an_unwell_one_is_told_apart() {
        let app = TestApp::start().await;
        let well = Fixture::start(Kind::Stateful).await;
        for (name, url) in [("well", well.url.as_str()), ("unwell", "http://127.0.0.1:1/mcp")] {
            app.post("/v1/mcp-servers", json!({"name": name, "url": url})).await.expect(201);
        }
        let stop = CancellationToken::new();
        let running = tokio::spawn(run(Arc::clone(&app.app), stop.clone()));
        for (name, status, tools) in [("well", "healthy", 3), ("unwell", "unhealthy", 0)] {
            let path = format!("/v1/mcp-servers/{name}");
            let server = loop {
                let server = app.get(&path).await.expect(200);
                if server["health"]["status"] != "unknown" {
                    break server;
                }
                sleep(Duration::from_millis(20)).await;
            };
            assert_eq!(
                (&server["health"]["status"], &server["tool_count"]),
                (&json!(status), &json!(tools)),
                "{name}"
            );
        }
        stop.cancel();
        running.await.unwrap().unwrap();
    }

    #[test]
    fn a_server_that_a_proxy_asks_about_is_looked_at_once_more() {
        let server = Watched {
            org_id: OrgId::new(),
            id: ServerId::new(),
            version: 1,
            discovery_interval_seconds: 300,
            visit_wanted_at: None,
        };
        let now = Instant::now();
        let planned = Planned { version: 1, wanted_at: None, at: now + Duration::from_secs(300) };
        assert!(!planned.is_due(&server, now));
        let asked = Watched { visit_wanted_at: Some(Utc::now()), ..server };
        assert!(planned.is_due(&asked, now));
        let planned = Planned { wanted_at: asked.visit_wanted_at, ..planned };
        assert!(!planned.is_due(&asked, now), "that wish was heard");
    }

    #[test]
    fn an_unwell_server_is_looked_at_sooner() {
        let server = Watched {
            org_id: OrgId::new(),
            id: ServerId::new(),
            version: 1,
            discovery_interval_seconds: 300,
            visit_wanted_at: None,
        };
        for _ in 0..100 {
            assert!((270..=330).contains(&pause(&server, true).as_secs()));
            assert!((27..=33).contains(&pause(&server, false).as_secs()));
        }
    }
}
