//! Postgres: the pool, the roles a transaction runs under, and one file per noun with its row and its SQL.
//!
//! Nothing reaches a tenant table without one of the three ways below; row level security is the second lock
//! behind the `org_id` filter of every statement (contract 5.5).

use std::time::Duration;

use sqlx::{
    PgConnection, PgPool, Postgres,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::id::OrgId;

pub mod alert_channels;
pub mod alert_measures;
pub mod alert_notifications;
pub mod alert_rules;
pub mod alert_silences;
pub mod alerts;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod backup;
pub mod budgets;
pub mod changes;
pub mod costs;
pub mod detections;
pub mod dimensions;
pub mod idempotency;
pub mod ingest;
pub mod invites;
pub mod jobs;
pub mod kept_plans;
pub mod leader;
pub mod metrics;
pub mod organizations;
pub mod outbox;
pub mod page;
pub mod partitions;
pub mod prices;
pub mod primary;
pub mod rate_limits;
pub mod retention;
pub mod role_assignments;
pub mod roles;
pub mod rollups;
pub mod safety_policies;
pub mod sealed;
pub mod secrets;
pub mod servers;
pub mod sessions;
pub mod settings;
pub mod snapshot;
pub mod sso_grants;
pub mod sso_keys;
pub mod sso_providers;
pub mod sso_spent_tokens;
pub mod team_members;
pub mod teams;
pub mod telemetry_exporters;
pub mod timeout;
pub mod tool_classifications;
pub mod tool_permissions;
pub mod tools;
pub mod trace_payloads;
pub mod traces;
pub mod users;
pub mod webhook_deliveries;
pub mod webhooks;

pub type Transaction = sqlx::Transaction<'static, Postgres>;

/// The migrations, compiled in.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// How long a request waits for a connection; tests wait longer, because they share their machine with builds.
const ACQUIRE: Duration = Duration::from_secs(if cfg!(test) { 60 } else { 5 });

#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    has_several_hosts: bool,
}

impl Database {
    /// Connects when first used: Postgres may come and go during our life. Of several hosts it keeps to the one that
    /// takes writes.
    ///
    /// # Panics
    /// There is no host.
    pub fn new(mut hosts: Vec<PgConnectOptions>, max_connections: u32, kept_warm: u32) -> Self {
        let options = PgPoolOptions::new()
            .max_connections(max_connections)
            .min_connections(kept_warm.min(max_connections))
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_secs(600));
        let has_several_hosts = hosts.len() > 1;
        let pool = if has_several_hosts {
            primary::pool(hosts, options)
        } else {
            options.connect_lazy_with(hosts.remove(0))
        };
        Self { pool, has_several_hosts }
    }

    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    #[must_use]
    pub fn has_several_hosts(&self) -> bool {
        self.has_several_hosts
    }

    /// `host:port/name`, for messages.
    #[must_use]
    pub fn address(&self) -> String {
        let options = self.pool.connect_options();
        format!(
            "{}:{}/{}",
            options.get_host(),
            options.get_port(),
            options.get_database().unwrap_or_default()
        )
    }

    /// Whether Postgres answers.
    ///
    /// # Errors
    /// Why not.
    pub async fn ping(&self) -> sqlx::Result<()> {
        sqlx::query("select 1").execute(&self.pool).await.map(|_| ())
    }

    /// Whether every migration of ours, as we have it, was applied.
    ///
    /// # Errors
    /// Which was not, or Postgres does not answer.
    pub async fn check_migrations(&self) -> anyhow::Result<()> {
        let applied: Vec<(i64, bool, Vec<u8>)> =
            sqlx::query_as("select version, success, checksum from _sqlx_migrations")
                .fetch_all(&self.pool)
                .await?;
        for migration in MIGRATIONS.iter() {
            let found = applied.iter().find(|(version, ..)| *version == migration.version);
            let (_, success, checksum) =
                found.ok_or_else(|| anyhow::anyhow!("migration {} was not applied", migration.version))?;
            anyhow::ensure!(success, "migration {} failed half-way", migration.version);
            anyhow::ensure!(
                *checksum == *migration.checksum,
                "migration {} is not the one applied",
                migration.version
            );
        }
        Ok(())
    }

    /// For one organization: the role `gatewayops_app` sees no other.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn tenant(&self, org: OrgId) -> sqlx::Result<Transaction> {
        let mut transaction = self.outside().await?;
        enter(&mut transaction, org).await?;
        Ok(transaction)
    }

    /// As [`Self::tenant`], for reading only: every statement sees what was there at the first one.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn frozen(&self, org: OrgId) -> sqlx::Result<Transaction> {
        let mut transaction = self.outside().await?;
        sqlx::query("set transaction isolation level repeatable read, read only")
            .execute(&mut *transaction)
            .await?;
        enter(&mut transaction, org).await?;
        Ok(transaction)
    }

    /// As [`Self::tenant`], and the change log learns who acts (`user:<id>`, `api_key:<id>`).
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn acting(&self, org: OrgId, actor: &str) -> sqlx::Result<Transaction> {
        let mut transaction = self.tenant(org).await?;
        mark(&mut transaction, actor).await?;
        Ok(transaction)
    }

    /// For work that acts for nobody (ingest, snapshot, jobs): all organizations.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn worker(&self) -> sqlx::Result<Transaction> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("set local role gatewayops_worker").execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// For the look-ups made before the organization is known: they go through `security definer` functions, and
    /// nothing else is to be seen until [`enter`].
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn outside(&self) -> sqlx::Result<Transaction> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("set local role gatewayops_app").execute(&mut *transaction).await?;
        Ok(transaction)
    }
}

/// Lets a transaction that began [`Database::outside`] see one organization from here on.
///
/// # Errors
/// The database's.
pub async fn enter(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<()> {
    sqlx::query("select set_config('app.org_id', $1, true)").bind(org.to_string()).execute(conn).await?;
    Ok(())
}

/// Tells the change log who acts from here on.
///
/// # Errors
/// The database's.
pub async fn mark(conn: &mut PgConnection, actor: &str) -> sqlx::Result<()> {
    sqlx::query("select set_config('app.actor', $1, true)").bind(actor).execute(conn).await?;
    Ok(())
}
