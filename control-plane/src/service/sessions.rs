//! Dashboard sessions: seen and ended by their owner, or by whoever administers users (contract 3.1).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{SessionId, UserId},
    rest::form::{Faults, Form},
    store::{
        page::{Found, Page},
        sessions::{self, SessionRow},
        users,
    },
};

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RevokeSessionsForm)]
#[serde(default, deny_unknown_fields)]
pub struct RevokeForm {
    #[schema(required, value_type = UserId)]
    pub user_id: Option<UserId>,
}

impl Form for RevokeForm {
    const REQUIRED: &'static [&'static str] = &["user_id"];

    fn check(&self, _: &mut Faults) {}
}

/// The sessions of `user`, or of the caller.
///
/// # Errors
/// `permission_denied` for another's without `users:admin`.
pub async fn list(
    app: &App,
    principal: &Principal,
    user: Option<UserId>,
    page: &Page,
) -> Result<Found<SessionRow>> {
    let user = user
        .or(principal.user())
        .ok_or_else(|| Error::invalid_request("a service key must name a user_id"))?;
    may_touch(principal, user)?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(sessions::list(&mut tx, principal.org, user, page).await?)
}

/// # Errors
/// `not_found` also for another's without `users:admin`.
pub async fn revoke(app: &App, principal: &Principal, id: SessionId) -> Result<()> {
    let mut tx = principal.begin(&app.database).await?;
    let session = sessions::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    may_touch(principal, session.user_id).map_err(|_| Error::not_found())?;
    if sessions::revoke(&mut tx, principal.org, id).await? {
        let entry = Entry::success("session.revoke").on(id, session.user_id.to_string());
        audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of a user; tells how many.
///
/// # Errors
/// `permission_denied` for another's without `users:admin`; `not_found`.
pub async fn revoke_all(app: &App, principal: &Principal, form: &RevokeForm) -> Result<u64> {
    let user = form.user_id.ok_or_else(|| Error::invalid_field("user_id", "required", "is missing"))?;
    may_touch(principal, user)?;
    let mut tx = principal.begin(&app.database).await?;
    users::get(&mut tx, principal.org, user).await?.ok_or_else(Error::not_found)?;
    let count = sessions::revoke_all(&mut tx, principal.org, sessions::Which::OfUser(user), None).await?;
    let entry = Entry::success("session.revoke")
        .on(user, user.to_string())
        .details(serde_json::json!({"count": count}));
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(count)
}

fn may_touch(principal: &Principal, user: UserId) -> Result<()> {
    if principal.user() == Some(user) { Ok(()) } else { principal.require_everywhere("users:admin") }
}
