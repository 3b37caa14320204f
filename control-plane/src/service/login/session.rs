//! The session that a log-in begins, however somebody has shown who they are.

use chrono::Utc;
use serde_json::{Value, json};

use crate::{
    app::App,
    auth::{Actor, Credential, Origin, Principal, grants_of_user, session, session_duration, token},
    error::Result,
    id::{OrgId, SessionId},
    seal::Place,
    service::audit::{self, Author, Entry},
    settings::Settings,
    store::{
        Transaction,
        organizations::OrganizationRow,
        sessions::{self, NewSession, SsoPart},
        sso_providers::ProviderRow,
        users::{self, UserRow},
    },
};

/// A session that has just begun; the token is for the cookie only.
pub struct LoggedIn {
    pub principal: Principal,
    pub token: String,
    pub lifetime: chrono::Duration,
}

/// How somebody has shown who they are.
pub(in crate::service) enum Proof<'a> {
    Password,
    Sso { provider: &'a ProviderRow, subject: &'a str, sid: Option<&'a str>, id_token: &'a str },
}

/// A token of more than this is not kept: it would be too long to hand back in a URL anyway.
const LONGEST_ID_TOKEN: usize = 6_000;

impl Proof<'_> {
    fn method(&self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Sso { .. } => "sso",
        }
    }

    fn details(&self) -> Value {
        match self {
            Self::Password => json!({"auth_method": self.method()}),
            Self::Sso { provider, .. } => json!({
                "auth_method": self.method(), "sso_provider_id": provider.id, "sso_provider": provider.settings.name,
            }),
        }
    }

    fn sealed_id_token(&self, app: &App, session: SessionId) -> Option<Vec<u8>> {
        match self {
            Self::Sso { provider, id_token, .. } if id_token.len() <= LONGEST_ID_TOKEN => {
                Some(app.sealer.seal(&id_token_place(provider.org_id, session), id_token.as_bytes()))
            }
            _ => None,
        }
    }
}

/// Where the ID token of a session lives.
pub(in crate::service) fn id_token_place(org: OrgId, session: SessionId) -> Place {
    Place { table: "user_sessions", column: "id_token_encrypted", row: session.0, org: Some(org) }
}

/// Opens a session, in the caller's transaction, for a user who is known to be who they say.
///
/// # Errors
/// `ip_not_allowed`; the database's.
pub(in crate::service) async fn open(
    app: &App,
    tx: &mut Transaction,
    origin: Origin,
    organization: &OrganizationRow,
    user: UserRow,
    proof: &Proof<'_>,
) -> Result<LoggedIn> {
    let (org, now) = (organization.id, Utc::now());
    let settings = Settings::read(&organization.settings)?;
    settings.security.check_address(origin.ip)?;
    let token = token::generate(session::PREFIX)?;
    let lifetime = session_duration(app, &settings);
    let id = SessionId::new();
    let hash = token::hash(&token);
    let id_token = proof.sealed_id_token(app, id);
    let sso = match proof {
        Proof::Password => None,
        Proof::Sso { provider, subject, sid, .. } => Some(SsoPart {
            provider: provider.id,
            subject,
            sid: *sid,
            id_token_encrypted: id_token.as_deref(),
        }),
    };
    let new = NewSession {
        id,
        user: user.id,
        token_hash: &hash,
        auth_method: proof.method(),
        ip_address: origin.ip.map(|ip| ip.to_string()),
        user_agent: origin.user_agent.as_deref(),
        expires_at: now + lifetime,
        sso,
    };
    sessions::insert(tx, org, &new).await?;
    users::mark_login(tx, org, user.id, now).await?;
    let grants = grants_of_user(tx, org, &user).await?;
    let actor = Actor::User { id: user.id, session: id };
    let credential = Credential { ends_at: Some(new.expires_at), secret: None };
    let principal = Principal { org, actor, name: user.email, grants, origin, credential };
    let entry = Entry::success("session.login").on(id, &principal.name).details(proof.details());
    audit::record(tx, org, &Author::from(&principal), entry).await?;
    Ok(LoggedIn { principal, token, lifetime })
}
