//! API keys: hashed under the peppers, found by hash, judged by their state (contract 1.6, 6.1).

use chrono::{DateTime, Utc};
use gatewayops_proto::api_key::{self, Digest, Pepper};
use sqlx::PgConnection;

use super::{
    Actor, Credential, Noted, Origin, Principal, active_user, check_address, grants_of_user, now,
    permission::{Grant, Grants},
};
use crate::{
    app::App,
    error::{Code, Error, Result},
    networks,
    store::{
        self,
        api_keys::{self, ApiKeyRow},
        secrets::{self, Secret},
    },
};

/// The peppers that live: the current one hashes new keys, the others still find old ones.
#[derive(Clone, Debug)]
pub struct Peppers {
    current: i16,
    all: Vec<(i16, Pepper)>,
}

impl Peppers {
    /// # Panics
    /// When the current one is not among them.
    #[must_use]
    pub fn new(current: i16, all: Vec<(i16, Pepper)>) -> Self {
        assert!(all.iter().any(|(id, _)| *id == current), "the current pepper is among the peppers");
        Self { current, all }
    }

    /// From the product's own secrets.
    ///
    /// # Errors
    /// There is none, which means that the database was not prepared.
    pub fn from_secrets(secrets: &[Secret]) -> anyhow::Result<Self> {
        let peppers = || secrets.iter().filter(|secret| secret.name == secrets::API_KEY_PEPPER);
        let current = peppers().find(|secret| secret.current);
        let current = current.ok_or_else(|| anyhow::anyhow!("the database holds no API-key pepper"))?;
        Ok(Self::new(
            current.key_id,
            peppers().map(|secret| (secret.key_id, Pepper::new(&secret.value))).collect(),
        ))
    }

    /// For a new key: the pepper's id and the digest under it.
    #[must_use]
    pub fn digest(&self, key: &str) -> (i16, Digest) {
        let current = self.all.iter().find(|(id, _)| *id == self.current);
        let (id, pepper) = current.expect("the current pepper is among the peppers");
        (*id, pepper.digest(key))
    }

    /// For a key that was shown: its digests under every pepper, the current one first.
    #[must_use]
    pub fn candidates(&self, key: &str) -> Vec<Digest> {
        let mut peppers: Vec<_> = self.all.iter().collect();
        peppers.sort_by_key(|(id, _)| *id != self.current);
        peppers.into_iter().map(|(_, pepper)| pepper.digest(key)).collect()
    }
}

/// # Errors
/// Why the key is not good: mistyped, unknown, expired, revoked, its owner suspended, from a wrong address.
pub async fn authenticate(app: &App, key: &str, origin: Origin, noted: Noted) -> Result<Principal> {
    let invalid = || Error::new(Code::InvalidCredentials, "this is no API key of ours");
    if !api_key::is_well_formed(key) {
        return Err(invalid());
    }
    let now = now();
    let mut tx = app.database.outside().await?;
    let (row, digest) = find(&mut tx, &app.peppers, key).await?.ok_or_else(invalid)?;
    check_life(&row, &digest, now)?;
    if !networks::admit(&row.ip_allowlist, origin.ip) {
        return Err(Error::new(Code::IpNotAllowed, "this API key may not be used from this address"));
    }

    let org = row.org_id;
    store::enter(&mut tx, org).await?;
    check_address(&mut tx, org, &origin).await?;
    let grants = match row.user_id {
        Some(owner) => {
            let owner = active_user(&mut tx, org, owner).await?;
            grants_of_user(&mut tx, org, &owner).await?.within(row.permissions.clone())
        }
        None => Grants::new(row.permissions.iter().map(Grant::global).collect()),
    };
    if noted == Noted::Yes {
        api_keys::touch(&mut tx, org, &row, now).await?;
    }
    tx.commit().await?;
    let actor = Actor::ApiKey { id: row.id, owner: row.user_id };
    let credential = credential(&row, &digest);
    Ok(Principal { org, actor, name: row.name, grants, origin, credential })
}

fn credential(row: &ApiKeyRow, digest: &Digest) -> Credential {
    let previous_ends_at = row.previous_key_expires_at.filter(|_| row.key_hash != digest);
    Credential {
        ends_at: row.expires_at.into_iter().chain(previous_ends_at).min(),
        secret: digest.first_chunk().copied(),
    }
}

async fn find(conn: &mut PgConnection, peppers: &Peppers, key: &str) -> Result<Option<(ApiKeyRow, Digest)>> {
    for digest in peppers.candidates(key) {
        if let Some(row) = api_keys::find_by_hash(conn, &digest).await? {
            return Ok(Some((row, digest)));
        }
    }
    Ok(None)
}

fn check_life(row: &ApiKeyRow, digest: &Digest, now: DateTime<Utc>) -> Result<()> {
    if row.revoked_at.is_some() {
        return Err(Error::new(Code::RevokedCredentials, "this API key was revoked"));
    }
    let is_previous = row.key_hash != digest;
    let previous_is_over = is_previous && row.previous_key_expires_at.is_none_or(|end| end <= now);
    if previous_is_over || row.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::new(Code::ExpiredCredentials, "this API key is over; use the new one"));
    }
    Ok(())
}
