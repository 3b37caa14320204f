//! A person as tokens name one (contract 1.6).

use std::sync::Arc;

use gatewayops_proto::access::Access;
use uuid::Uuid;

use crate::sessions::Usage;

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) org: Uuid,
    /// None: never signed in through a provider.
    pub(crate) identity: Option<Identity>,
    pub(crate) access: Arc<Access>,
    pub(crate) teams: Arc<[Uuid]>,
    pub(crate) is_active: bool,
    pub(crate) usage: Arc<Usage>,
}

/// Who somebody is elsewhere.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The SSO provider.
    pub(crate) provider: Uuid,
    /// `sub` there.
    pub(crate) subject: Box<str>,
}
