//! What the first start makes: the organization, its administrator, a first key (contract 7). Later starts change
//! nothing, whatever the variables say by then.

use anyhow::{Context, Result};
use gatewayops_proto::api_key;
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::PgConnection;

use super::{
    audit::{self, Author, Entry},
    slug,
};
use crate::{
    auth::{api_key::Peppers, password},
    config::Bootstrap,
    id::{ApiKeyId, OrgId, UserId},
    store::{
        Database, api_keys,
        api_keys::{Content, NewApiKey},
        organizations, roles, users,
        users::NewUser,
    },
};

/// Makes the first organization if there is none.
///
/// # Errors
/// The database's.
pub async fn bootstrap(database: &Database, peppers: &Peppers, wanted: &Bootstrap) -> Result<()> {
    let mut tx = database.worker().await?;
    // Replicas may start together; one of them does it.
    organizations::lock_first(&mut tx).await?;
    if !organizations::is_first(&mut tx).await? {
        return Ok(());
    }
    let org = OrgId::new();
    let author = Author::system();
    let slug = slug::of(&wanted.org, "default");
    organizations::insert(&mut tx, org, None, &wanted.org, &slug).await.context("bootstrap organization")?;
    audit::record(&mut tx, org, &author, Entry::success("organization.create").on(org, &wanted.org)).await?;
    if let (Some(email), Some(secret)) = (&wanted.admin_email, &wanted.admin_password) {
        insert_admin(&mut tx, org, email, secret.expose_secret()).await.context("bootstrap administrator")?;
    }
    if let Some(key) = &wanted.api_key {
        insert_key(&mut tx, org, peppers, key.expose_secret()).await.context("bootstrap API key")?;
    }
    tx.commit().await?;
    tracing::info!(org.id = %org, org.name = wanted.org, "the first organization was made");
    Ok(())
}

async fn insert_admin(conn: &mut PgConnection, org: OrgId, email: &str, secret: &str) -> Result<()> {
    let id = UserId::new();
    let password_hash = password::hash(secret.to_owned()).await?;
    let name = email.split('@').next().unwrap_or(email);
    let user = NewUser { id, email, name, password_hash: &password_hash, is_platform_admin: true };
    users::insert(conn, org, &user).await?;
    roles::assign_globally(conn, org, id, "admin").await?;
    let entry =
        Entry::success("user.create").on(id, email).details(json!({"role": "admin", "bootstrap": true}));
    audit::record(conn, org, &Author::system(), entry).await?;
    Ok(())
}

async fn insert_key(conn: &mut PgConnection, org: OrgId, peppers: &Peppers, key: &str) -> Result<()> {
    let id = ApiKeyId::new();
    let (pepper_id, digest) = peppers.digest(key);
    let everything = ["*".to_owned()];
    let new = NewApiKey {
        id,
        user: None,
        environment: &key[4..7],
        key_prefix: api_key::prefix(key),
        key_hash: &digest,
        pepper_id,
        created_by: None,
        managed_by: "api",
        content: Content {
            name: "bootstrap",
            description: "made at the first start from BOOTSTRAP_API_KEY",
            team: None,
            permissions: &everything,
            servers: &everything,
            tools: &everything,
            rate_limit_rpm: None,
            ip_allowlist: &[],
            metadata: &json!({}),
            expires_at: None,
        },
    };
    let row = api_keys::insert(conn, org, &new).await?;
    let entry = Entry::success("api_key.create").on(id, row.name).details(json!({"bootstrap": true}));
    audit::record(conn, org, &Author::system(), entry).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, TestApp};

    #[tokio::test]
    async fn a_second_start_changes_nothing() {
        let test = TestApp::start().await;
        let mut wanted = testing::config().bootstrap;
        wanted.org = "Another".into();
        wanted.admin_email = Some("second@example.com".into());
        bootstrap(&test.app.database, &test.app.peppers, &wanted).await.unwrap();

        let mut tx = test.app.database.worker().await.unwrap();
        let count: (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from organizations), (select count(*) from users), (select count(*) from api_keys)",
        )
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        assert_eq!(count, (1, 1, 1));
    }
}
