//! Changing one's own password (contract 3.1).

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    login::by_session,
};
use crate::{
    app::App,
    auth::{Principal, password, throttle::Attempt},
    error::{Code, Error, Result},
    rest::form::{Faults, Form},
    store::{sessions, users},
};

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordForm {
    #[schema(required)]
    pub current_password: String,
    #[schema(required, min_length = 12, max_length = 128)]
    pub new_password: String,
}

impl Form for PasswordForm {
    const REQUIRED: &'static [&'static str] = &["current_password", "new_password"];

    fn check(&self, faults: &mut Faults) {
        faults.length("new_password", &self.new_password, 12..=128);
    }
}

/// Changes the caller's password and ends their other sessions.
///
/// # Errors
/// `invalid_credentials` when the current one is wrong; `invalid_state` of an account without a password.
pub async fn change_password(app: &App, principal: &Principal, form: PasswordForm) -> Result<()> {
    let (id, session) = by_session(principal)?;
    let mut tx = principal.begin(&app.database).await?;
    let user = users::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    if user.password_hash.is_none() {
        return Err(Error::invalid_state(
            "sso",
            "this account logs in by single sign-on and has no password",
        ));
    }
    let attempt = Attempt::begin(app, &user.email, principal.origin.ip).await?;
    if !password::verify(form.current_password, user.password_hash).await? {
        attempt.fail(app).await;
        return Err(Error::new(Code::InvalidCredentials, "the current password is wrong"));
    }
    attempt.succeed(app).await;
    let hash = password::hash(form.new_password).await?;

    let mut tx = principal.begin(&app.database).await?;
    users::update_password(&mut tx, principal.org, id, &hash).await?;
    let ended =
        sessions::revoke_all(&mut tx, principal.org, sessions::Which::OfUser(id), Some(session)).await?;
    let details = json!({"password": "changed", "sessions_ended": ended});
    let entry = Entry::success("user.update").on(id, user.email).details(details);
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(())
}
