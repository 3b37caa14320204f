//! A control plane from start to drain: prepare the database, open the listeners, run the background parts, stop
//! them all in time.

use std::{borrow::Cow, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::Router;
use secrecy::ExposeSecret;
use sqlx::migrate::Migrator;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, App},
    auth::{api_key::Peppers, derived::DerivedKeys},
    config::{Config, Role},
    exporters, grpc, ingest, jobs,
    rest::{self, health},
    service::{alert_channels, bootstrap::bootstrap, servers},
    store::{Database, MIGRATIONS, organizations, secrets},
};

/// How long a start waits for Postgres before it gives up.
const DATABASE_PATIENCE: Duration = Duration::from_secs(30);

const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where a running control plane listens; none for the parts it does not run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listening {
    pub rest: Option<SocketAddr>,
    pub grpc: Option<SocketAddr>,
    pub admin: Option<SocketAddr>,
}

/// Runs until `stop`, then drains for at most `SHUTDOWN_GRACE`. `ready` learns the addresses once all is open.
///
/// # Errors
/// What keeps it from starting, with the name of the dependency or listener; or a part that ended by itself.
pub async fn run(config: Config, stop: CancellationToken, ready: impl FnOnce(Listening)) -> Result<()> {
    for notice in &config.notices {
        tracing::warn!("{notice}");
    }
    let app = tokio::select! {
        app = prepare(config) => app?,
        () = stop.cancelled() => return Ok(()),
    };
    let config = &app.config;
    let mut parts = JoinSet::new();
    let mut listening = Listening::default();

    let admin = listen("admin", config.admin_listen).await?;
    listening.admin = admin.local_addr().ok();
    // The admin listener outlives the others: a draining process can still be looked at.
    let admin_stop = CancellationToken::new();
    let admin_task = tokio::spawn(serve(admin, health::admin_router(&app), admin_stop.clone()));

    if config.has_role(Role::Api) {
        let listener = listen("REST", config.listen).await?;
        listening.rest = listener.local_addr().ok();
        part(&mut parts, "REST", serve(listener, rest::router(&app), stop.clone()));
    }
    if config.has_role(Role::Grpc) {
        let listener = listen("gRPC", config.grpc_listen).await?;
        listening.grpc = listener.local_addr().ok();
        part(&mut parts, "gRPC", grpc::serve(Arc::clone(&app), listener, stop.clone()));
    }
    if config.has_role(Role::Ingest) {
        let (app, stop) = (Arc::clone(&app), stop.clone());
        part(
            &mut parts,
            "ingest",
            again_and_again("ingest", stop.clone(), move || ingest::run(Arc::clone(&app), stop.clone())),
        );
    }
    if config.has_role(Role::Jobs) {
        let (app, stop) = (Arc::clone(&app), stop.clone());
        part(
            &mut parts,
            "jobs",
            again_and_again("jobs", stop.clone(), move || jobs::run(Arc::clone(&app), stop.clone())),
        );
    }
    if config.has_role(Role::Jobs) {
        part(&mut parts, "webhooks", jobs::webhooks::run(Arc::clone(&app), stop.clone()));
        let (app, stop) = (Arc::clone(&app), stop.clone());
        part(
            &mut parts,
            "exporters",
            again_and_again("exporters", stop.clone(), move || {
                exporters::run(Arc::clone(&app), stop.clone())
            }),
        );
    }
    tracing::info!(?listening, "the control plane is up");
    ready(listening);

    let outcome = supervise(&mut parts, &stop).await;
    stop.cancel();
    // A drain waits for answers to end, and these never do by themselves.
    app.live.close();
    drain(&mut parts, config.shutdown_grace).await;
    admin_stop.cancel();
    admin_task.abort();
    app.database.pool().close().await;
    tracing::info!("the control plane is down");
    outcome
}

/// Makes everything ready that serving needs: schema, secrets, the first organization.
///
/// # Errors
/// What is missing, with the name of the dependency.
pub async fn prepare(config: Config) -> Result<Arc<App>> {
    let database =
        Database::new(config.database_hosts(), config.database_max_connections, config.database_kept_warm);
    reach(&database).await?;
    if config.migrate_at_start {
        migrate(&database).await?;
    } else {
        database.check_migrations().await.context("database schema: run `control-plane migrate`")?;
    }
    let sealer = config.sealer();
    let mut tx = database.worker().await.context("database role gatewayops_worker")?;
    secrets::ensure(&mut tx, &sealer).await?;
    let derived = DerivedKeys::new(config.jwt_secret.expose_secret().as_bytes());
    secrets::replace(&mut tx, &sealer, secrets::MCP_TOKEN_KEY, derived.mcp_token().public()).await?;
    let secrets = secrets::live(&mut tx, &sealer).await?;
    tx.commit().await?;

    let app = App::new(config, database, Peppers::from_secrets(&secrets)?, derived)?;
    bootstrap(&app.database, &app.peppers, &app.config.bootstrap).await?;
    // Servers and channels of the environment belong to the organization of the first start (contract 7).
    let mut tx = app.database.worker().await?;
    let org = organizations::oldest(&mut tx).await?.context("there is no organization")?;
    tx.commit().await?;
    servers::apply_environment(&app, org).await.context("MCP_SERVER_* settings")?;
    alert_channels::apply_environment(&app, org).await.context("SLACK_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY")?;
    Ok(app)
}

/// Whether Redis answers.
///
/// # Errors
/// Why not.
pub async fn reach_redis(config: &Config) -> Result<()> {
    let pool = app::redis_pool(config.redis_url.expose_secret())?;
    ping_redis(&pool).await
}

/// # Errors
/// Why it does not answer.
pub async fn ping_redis(pool: &deadpool_redis::Pool) -> Result<()> {
    let mut connection = pool.get().await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let _: String = redis::cmd("PING").query_async(&mut connection).await?;
    Ok(())
}

/// Brings the schema up to date; replicas take turns behind sqlx's advisory lock.
///
/// # Errors
/// A migration failed, or one that was applied has changed since.
pub async fn migrate(database: &Database) -> Result<()> {
    // A newer release has migrated before, and we are one that runs beside it or came back: what it added, we let be.
    let ours = Migrator {
        migrations: Cow::Borrowed(&MIGRATIONS.migrations),
        ignore_missing: true,
        ..Migrator::DEFAULT
    };
    ours.run(database.pool()).await.context("database migration")
}

/// Waits for Postgres, which may be starting beside us.
///
/// # Errors
/// It does not answer in time; the last reason it gave.
pub async fn reach(database: &Database) -> Result<()> {
    let deadline = tokio::time::Instant::now() + DATABASE_PATIENCE;
    loop {
        let error = match database.ping().await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        // A wrong password or database name does not mend itself.
        let is_final = matches!(&error, sqlx::Error::Database(refusal) if !matches!(refusal.code().as_deref(), Some("57P03" | "53300")));
        // Of several hosts another one may be right.
        if (is_final && !database.has_several_hosts()) || tokio::time::Instant::now() >= deadline {
            return Err(error).with_context(|| format!("database at {} cannot be used", database.address()));
        }
        tracing::warn!(%error, database = database.address(), "the database does not answer yet");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn listen(name: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{name} listener on {address}"))
}

async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await }).await?;
    Ok(())
}

type Ended = (&'static str, Result<()>);

fn part(
    parts: &mut JoinSet<Ended>,
    name: &'static str,
    work: impl Future<Output = Result<()>> + Send + 'static,
) {
    parts.spawn(async move { (name, work.await) });
}

/// Background work that fails is begun anew: a dependency that went away comes back.
async fn again_and_again<F>(name: &'static str, stop: CancellationToken, run: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let mut pause = Duration::from_secs(1);
    loop {
        let begun = tokio::time::Instant::now();
        match run().await {
            _ if stop.is_cancelled() => return Ok(()),
            Ok(()) => anyhow::bail!("it ended by itself"),
            Err(error) => {
                tracing::error!(part = name, error = format!("{error:#}"), "failed; beginning anew")
            }
        }
        // What ran for a while has earned a quick start.
        pause = if begun.elapsed() > LONGEST_PAUSE {
            Duration::from_secs(1)
        } else {
            (pause * 2).min(LONGEST_PAUSE)
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return Ok(()),
        }
    }
}

/// Waits for the signal to stop; a part that ends before it is a failure of the whole.
async fn supervise(parts: &mut JoinSet<Ended>, stop: &CancellationToken) -> Result<()> {
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = parts.join_next() => match ended {
            Some(Ok((name, Err(error)))) => Err(error.context(format!("{name} ended"))),
            Some(Ok((name, Ok(())))) if !stop.is_cancelled() => Err(anyhow::anyhow!("{name} ended by itself")),
            Some(Err(error)) => Err(anyhow::Error::new(error).context("a part panicked")),
            _ => Ok(()),
        },
    }
}

async fn drain(parts: &mut JoinSet<Ended>, grace: Duration) {
    let all = async {
        while let Some(ended) = parts.join_next().await {
            match ended {
                Ok((name, Err(error))) => {
                    tracing::warn!(part = name, error = format!("{error:#}"), "ended badly")
                }
                Ok((name, Ok(()))) => tracing::debug!(part = name, "drained"),
                Err(error) => tracing::warn!(%error, "a part panicked"),
            }
        }
    };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!("SHUTDOWN_GRACE is over; what still runs is cut off");
        parts.abort_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn what_a_newer_release_has_migrated_is_no_reason_not_to_start() {
        let database = Database::new(vec![testing::fresh_database().await], 1, 0);
        sqlx::query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             select max(version) + 1, 'of a later release', true, '', 0 from _sqlx_migrations",
        )
        .execute(database.pool())
        .await
        .unwrap();
        migrate(&database).await.unwrap();
        database.check_migrations().await.unwrap();
    }

    #[tokio::test]
    async fn it_serves_until_told_to_stop() {
        let mut config = testing::config();
        config.database = testing::fresh_database().await;
        for listener in [&mut config.listen, &mut config.admin_listen, &mut config.grpc_listen] {
            *listener = SocketAddr::from(([127, 0, 0, 1], 0));
        }
        let stop = CancellationToken::new();
        let (ready, listening) = tokio::sync::oneshot::channel();
        let running = tokio::spawn(run(config, stop.clone(), |listening| ready.send(listening).unwrap()));
        let listening = listening.await.unwrap();

        let admin = format!("http://{}", listening.admin.unwrap());
        let ready = reqwest::get(format!("{admin}/ready")).await.unwrap();
        assert_eq!(ready.status(), 200, "a missing Redis fails nothing");
        let checks: serde_json::Value = ready.json().await.unwrap();
        assert_eq!(
            (&checks["checks"]["database"], &checks["checks"]["migrations"]),
            (&"ok".into(), &"ok".into())
        );
        let rest = format!("http://{}", listening.rest.unwrap());
        assert_eq!(reqwest::get(format!("{rest}/health")).await.unwrap().status(), 200);
        let metrics = reqwest::get(format!("{admin}/metrics")).await.unwrap().text().await.unwrap();
        assert!(
            metrics.contains("gatewayops_http_requests_total")
                && metrics.contains("gatewayops_db_pool_connections")
        );

        stop.cancel();
        running.await.unwrap().unwrap();
        assert!(reqwest::get(format!("{rest}/health")).await.is_err());
    }

    #[tokio::test]
    async fn a_missing_database_is_named() {
        let database = Database::new(vec!["postgres://nobody@127.0.0.1:1/none".parse().unwrap()], 1, 0);
        assert_eq!(database.address(), "127.0.0.1:1/none");
        assert!(database.ping().await.is_err());
    }
}
