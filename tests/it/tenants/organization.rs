//! An organization with an administrator of its own, who logs in and makes its key: as an operator makes one.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack, answer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Of everybody, in every organization.
pub(super) const PASSWORD: &str = "correct horse battery";

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
    /// Of a new organization with this name and slug, as the platform's administrator makes one.
    pub(super) async fn of_new(stack: &Stack, slug: &str) -> Result<Self> {
        let email = stack.setting("BOOTSTRAP_ADMIN_EMAIL");
        let own = stack.rest("/v1/organization").await?.body;
        let form = json!({ "email": email, "password": PASSWORD, "organization": own["slug"] });
        let platform = Self::logged_in(stack, form).await?;
        // The same address is somebody else in each organization.
        let form = json!({ "name": slug, "slug": slug, "admin_email": email });
        let made = platform.request(stack, Credential::Session, Method::POST, "/v1/organizations");
        let made = expect(201, answer(made.json(&form)).await?)?;
        accept(stack, &made["invite"], slug).await?;
        let form = json!({ "email": email, "password": PASSWORD, "organization": slug });
        let mut new = Self::logged_in(stack, form).await?;
        let form = json!({ "name": "administrator", "permissions": ["*"] });
        let made = new.request(stack, Credential::Session, Method::POST, "/v1/api-keys").json(&form);
        new.key = text(&expect(201, answer(made).await?)?, "key")?;
        Ok(new)
    }

    async fn logged_in(stack: &Stack, form: Value) -> Result<Self> {
        let login = answer(stack.http.post(stack.control_url("/v1/auth/login")).json(&form)).await?;
        let cookie = login.headers.get("set-cookie").with_context(|| format!("{login:?}"))?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { key: String::new(), cookie, csrf_token: text(&login.body, "csrf_token")? })
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
        ensure!(matches!(made.status, 201 | 202), "{made:?}");
        Ok(made.body)
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

/// Joins as the invited; who that is now.
pub(super) async fn accept(stack: &Stack, invite: &Value, name: &str) -> Result<Value> {
    let url = text(invite, "accept_url")?;
    let token = url.rsplit(['#', '=']).next().unwrap_or_default();
    let form = json!({ "token": token, "name": name, "password": PASSWORD });
    let accepting = stack.http.post(stack.control_url("/v1/users/invites/accept")).json(&form);
    expect(201, answer(accepting).await?)
}
