//! Of several hosts in `DATABASE_URL` (`postgres://user:password@one,two:5433/name`, as libpq reads it) the one that
//! takes writes: found at the start, and again when it is lost or another one is promoted.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::{StreamExt, stream::FuturesUnordered};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{sleep, timeout};

/// How often the present one is asked whether it still is.
const ASK: Duration = Duration::from_secs(1);
/// How long a host has for its answer. One that is cut off gives none at all.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two rounds in which no host took writes: a promotion takes a moment.
const PAUSE: Duration = Duration::from_millis(200);

/// One URL for each host that is named, with everything else as it is in the one.
pub fn one_for_each_host(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

/// When the pool last turned to another host: what was opened before leads to one that is no longer trusted.
#[derive(Clone)]
struct Since(Arc<Mutex<Instant>>);

impl Since {
    fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn renew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// A pool that goes to whichever of these hosts takes writes, until it is closed.
pub(super) fn pool(hosts: Vec<PgConnectOptions>, options: PgPoolOptions) -> PgPool {
    let since = Since::now();
    let opened = since.clone();
    let pool = options
        .after_connect(|connection, _| Box::pin(require_writes(connection)))
        // The pool's own test would wait for a host that is gone as long as whoever wants the connection.
        .test_before_acquire(false)
        .before_acquire(move |connection, opening| {
            let is_trusted = opening.age < opened.elapsed();
            Box::pin(async move { Ok(is_trusted && answers(connection).await) })
        })
        .connect_lazy_with(hosts[0].clone());
    tokio::spawn(follow(pool.clone(), hosts, since));
    pool
}

async fn require_writes(connection: &mut PgConnection) -> sqlx::Result<()> {
    if takes_writes(connection).await? {
        return Ok(());
    }
    Err(sqlx::Error::Configuration("this host is a standby".into()))
}

async fn answers(connection: &mut PgConnection) -> bool {
    timeout(PATIENCE, connection.ping()).await.is_ok_and(|answer| answer.is_ok())
}

async fn takes_writes(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select current_setting('transaction_read_only') = 'off'").fetch_one(connection).await
}

/// Turns the pool to the primary whenever that is another one.
async fn follow(pool: PgPool, hosts: Vec<PgConnectOptions>, since: Since) {
    while !pool.is_closed() {
        let Some((host, connection)) = find(&hosts).await else {
            sleep(PAUSE).await;
            continue;
        };
        let before = pool.connect_options();
        if (before.get_host(), before.get_port()) != (host.get_host(), host.get_port()) {
            tracing::info!(
                host = host.get_host(),
                port = host.get_port(),
                "another host of the database takes writes"
            );
            pool.set_connect_options(host);
            since.renew();
        }
        stay(&pool, connection).await;
        tracing::warn!("database lost, looking for the host that takes writes");
    }
}

/// The first host that answers and takes writes.
async fn find(hosts: &[PgConnectOptions]) -> Option<(PgConnectOptions, PgConnection)> {
    let mut asked: FuturesUnordered<_> = hosts.iter().map(|host| timeout(PATIENCE, ask(host))).collect();
    while let Some(answer) = asked.next().await {
        if let Ok(Ok(Some(found))) = answer {
            return Some(found);
        }
    }
    None
}

async fn ask(host: &PgConnectOptions) -> sqlx::Result<Option<(PgConnectOptions, PgConnection)>> {
    let mut connection = host.connect().await?;
    Ok(takes_writes(&mut connection).await?.then(|| (host.clone(), connection)))
}

/// Until the host does not take writes any more, or does not answer.
async fn stay(pool: &PgPool, mut connection: PgConnection) {
    while !pool.is_closed() {
        match timeout(PATIENCE, takes_writes(&mut connection)).await {
            Ok(Ok(true)) => sleep(ASK).await,
            _ => return,
        }
    }
    let _ = connection.close().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_of_a_url_is_asked_with_the_same_name_and_password() {
        assert_eq!(
            one_for_each_host("postgres://ann:p%2Cw@one,two:5433,[::1]:5434/gate?sslmode=require"),
            [
                "postgres://ann:p%2Cw@one/gate?sslmode=require",
                "postgres://ann:p%2Cw@two:5433/gate?sslmode=require",
                "postgres://ann:p%2Cw@[::1]:5434/gate?sslmode=require",
            ]
        );
        assert_eq!(one_for_each_host("postgres://one/gate"), ["postgres://one/gate"]);
        assert_eq!(one_for_each_host("no url, at all"), ["no url, at all"]);
    }
}
