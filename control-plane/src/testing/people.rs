//! Users and teams of one test, and what the audit log says about them.

use serde_json::json;
use uuid::Uuid;

use super::TestApp;
use crate::{id::UserId, store::roles};

impl TestApp {
    /// A user who cannot log in, with a global role.
    pub(crate) async fn add_user(&self, email: &str, role: &str) -> Uuid {
        let mut tx = self.app.database.tenant(self.org).await.unwrap();
        let name = email.split('@').next().unwrap();
        let id: Uuid = sqlx::query_scalar(
            "insert into users (org_id, email, name) values ($1, $2::text::citext, $3) returning id",
        )
        .bind(self.org)
        .bind(email)
        .bind(name)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        roles::assign_globally(&mut tx, self.org, UserId(id), role).await.unwrap();
        tx.commit().await.unwrap();
        id
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

    /// The actions of the audit log, in order.
    pub(crate) async fn audit_log(&self) -> Vec<String> {
        let mut tx = self.app.database.tenant(self.org).await.unwrap();
        let rows = crate::store::audit::list_from(&mut tx, self.org, 1, 1000).await.unwrap();
        rows.into_iter().map(|row| row.action).collect()
    }
}
