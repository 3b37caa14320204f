//! Users and teams of one test, and what the audit log says about them.

use serde_json::json;
use uuid::Uuid;

use super::TestApp;
use crate::{
    id::UserId,
    store::{
        audit::{self, AuditRow},
        roles,
    },
};

impl TestApp {
    /// An active user who cannot log in, perhaps with a role everywhere.
    async fn insert_user(&self, email: &str, role: Option<&str>) -> UserId {
        let mut tx = self.app.database.tenant(self.org).await.unwrap();
        let name = email.split('@').next().unwrap();
        let id = UserId::new();
        sqlx::query("insert into users (id, org_id, email, name) values ($1, $2, $3::text::citext, $4)")
            .bind(id)
            .bind(self.org)
            .bind(email)
            .bind(name)
            .execute(&mut *tx)
            .await
            .unwrap();
        if let Some(role) = role {
            roles::assign_globally(&mut tx, self.org, id, role).await.unwrap();
        }
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn add_user(&self, email: &str, role: &str) -> Uuid {
        self.insert_user(email, Some(role)).await.0
    }

    /// `<name>@example.com`.
    pub(crate) async fn user(&self, name: &str, role: Option<&str>) -> UserId {
        self.insert_user(&format!("{name}@example.com"), role).await
    }

    pub(crate) async fn add_team(&self, name: &str, members: &[Uuid]) -> Uuid {
        let mut tx = self.app.database.tenant(self.org).await.unwrap();
        let team: Uuid =
            sqlx::query_scalar("insert into teams (org_id, name, slug) values ($1, $2, $2) returning id")
                .bind(self.org)
                .bind(name)
                .fetch_one(&mut *tx)
                .await
                .unwrap();
        sqlx::query(
            "insert into team_memberships (org_id, team_id, user_id) select $1, $2, unnest($3::uuid[])",
        )
        .bind(self.org)
        .bind(team)
        .bind(members)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        team
    }

    /// Assigns a role in one team only.
    pub(crate) async fn assign_in_team(&self, user: Uuid, role: &str, team: Uuid) {
        let mut tx = self.app.database.tenant(self.org).await.unwrap();
        sqlx::query(
            "insert into user_roles (org_id, user_id, role_id, scope_type, scope_id)
             select $1, $2, id, 'team', $4 from roles where org_id = $1 and name = $3",
        )
        .bind(self.org)
        .bind(user)
        .bind(role)
        .bind(team)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// A personal key that may do all its owner may; its id and its secret.
    pub(crate) async fn personal_key(&self, user: Uuid) -> (Uuid, String) {
        let body = json!({"name": "personal", "user_id": user, "permissions": ["*"]});
        let key = self.post("/v1/api-keys", body).await.expect(201);
        let text = |field: &str| key[field].as_str().unwrap().to_owned();
        (text("id").parse().unwrap(), text("key"))
    }

    /// The secret of one.
    pub(crate) async fn key_of(&self, user: UserId) -> String {
        self.personal_key(user.0).await.1
    }

    /// The id of a role by its name.
    pub(crate) async fn role(&self, name: &str) -> String {
        let list = self.get(&format!("/v1/roles?name={name}")).await.expect(200);
        list["roles"][0]["id"].as_str().unwrap_or_else(|| panic!("no role {name}")).to_owned()
    }

    /// The actions of the audit log, oldest first.
    pub(crate) async fn audit_log(&self) -> Vec<String> {
        self.audit_rows().await.into_iter().map(|row| row.action).collect()
    }

    /// What no route does: says to Postgres itself, as the worker.
    pub(crate) async fn sql(&self, statement: &'static str) {
        let mut tx = self.app.database.worker().await.unwrap();
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Those on one resource.
    pub(crate) async fn audited(&self, resource_id: &str) -> Vec<String> {
        let rows = self.audit_rows().await.into_iter();
        rows.filter(|row| row.resource_id.as_deref() == Some(resource_id)).map(|row| row.action).collect()
    }

    pub(crate) async fn audit_rows(&self) -> Vec<AuditRow> {
        let mut tx = self.app.database.tenant(self.org).await.unwrap();
        audit::list_from(&mut tx, self.org, 1, 1000).await.unwrap()
    }
}
