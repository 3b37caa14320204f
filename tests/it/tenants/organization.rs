//! An organization with an administrator of its own, who logs in and makes its key: as an operator makes one.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack, answer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

/// The same in every organization.
const PASSWORD: &str = "correct horse battery";

/// Somebody who may do everything in one organization, and nothing outside.
#[derive(Clone)]
pub(super) struct Administrator {
    pub(super) key: String,
    cookie: String,
    csrf_token: String,
}

/// With which of the two credentials a request is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Credential {
    Key,
    Session,
}

impl Administrator {
    /// Of a new organization with this slug.
    pub(super) async fn of_new(stack: &Stack, slug: &str) -> Result<Self> {
        insert(stack.setting("DATABASE_URL"), slug).await?;
        let form = json!({ "email": stack.setting("BOOTSTRAP_ADMIN_EMAIL"), "password": PASSWORD,
            "organization": slug });
        let login = answer(stack.http.post(stack.control_url("/v1/auth/login")).json(&form)).await?;
        let cookie = login.headers.get("set-cookie").with_context(|| format!("{login:?}"))?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let csrf_token = text(&login.body, "csrf_token")?;
        let mut new = Self { key: String::new(), cookie, csrf_token };
        let form = json!({ "name": "administrator", "permissions": ["*"] });
        let made =
            answer(new.request(stack, Credential::Session, Method::POST, "/v1/api-keys").json(&form)).await?;
        ensure!(made.status == 201, "{made:?}");
        new.key = text(&made.body, "key")?;
        Ok(new)
    }

    pub(super) fn request(
        &self,
        stack: &Stack,
        credential: Credential,
        method: Method,
        path: &str,
    ) -> RequestBuilder {
        let request = stack.http.request(method, stack.control_url(path));
        match credential {
            Credential::Key => request.bearer_auth(&self.key),
            Credential::Session => request
                .header("cookie", &self.cookie)
                .header("x-csrf-token", &self.csrf_token)
                .header("origin", stack.control_url("")),
        }
    }

    pub(super) async fn get(&self, stack: &Stack, path: &str) -> Result<Value> {
        self.try_get(stack, path).await?.with_context(|| format!("{path} is refused"))
    }

    /// Nothing when it is refused.
    pub(super) async fn try_get(&self, stack: &Stack, path: &str) -> Result<Option<Value>> {
        let found = answer(self.request(stack, Credential::Session, Method::GET, path)).await?;
        if (400..500).contains(&found.status) {
            return Ok(None);
        }
        expect(200, found).map(Some)
    }

    pub(super) async fn post(&self, stack: &Stack, path: &str, body: Value) -> Result<Value> {
        let made = answer(self.request(stack, Credential::Key, Method::POST, path).json(&body)).await?;
        expect(201, made)
    }
}

fn expect(status: u16, answer: Answer) -> Result<Value> {
    ensure!(answer.status == status, "{answer:?}");
    Ok(answer.body)
}

/// A text member of an answer.
pub(super) fn text(body: &Value, name: &str) -> Result<String> {
    Ok(body[name].as_str().with_context(|| format!("no {name} in {body}"))?.to_owned())
}

/// Made of the bootstrapped one: its built-in roles and its administrator, who is no platform administrator here.
async fn insert(database_url: &str, slug: &str) -> Result<()> {
    let mut connection = PgConnection::connect(database_url).await?;
    let mut tx = connection.begin().await?;
    sqlx::raw_sql("set local role gatewayops_worker").execute(&mut *tx).await?;
    let made = sqlx::query(
        "with new as (insert into organizations (name, slug) values ($1, $1) returning id),
         old as (select id from organizations order by created_at, id limit 1),
         admin as (
            insert into users (org_id, email, name, password_hash)
            select new.id, u.email, u.name, u.password_hash from new, old join users u on u.org_id = old.id
            where u.password_hash is not null returning id),
         made as (
            insert into roles (org_id, name, description, permissions, is_builtin, managed_by)
            select new.id, r.name, r.description, r.permissions, r.is_builtin, r.managed_by
            from new, old join roles r on r.org_id = old.id and r.is_builtin returning id, name)
         insert into user_roles (org_id, user_id, role_id)
         select new.id, admin.id, made.id from new, admin, made where made.name = 'admin'",
    )
    .bind(slug)
    .execute(&mut *tx)
    .await?;
    ensure!(made.rows_affected() == 1, "{slug} has {} administrators", made.rows_affected());
    tx.commit().await?;
    Ok(())
}
