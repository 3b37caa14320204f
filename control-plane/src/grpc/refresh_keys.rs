//! A proxy has met a token whose key it does not know (contract 1.6): the issuer is asked for its keys again, at most
//! once in 25 seconds over all proxies and replicas. What came reaches every proxy by Watch.

use std::sync::Arc;

use gatewayops_proto::control::{RefreshKeysReply, RefreshKeysRequest, refresh_keys_reply::State};
use tonic::Status;
use uuid::Uuid;

use crate::{
    app::App,
    service::sso_keys::{self, Found},
};

/// Longer ids are nobody's; they come from tokens that were not checked yet.
const LONGEST_KEY_ID: usize = 1_024;

pub(super) async fn refresh(app: &Arc<App>, request: RefreshKeysRequest) -> Result<RefreshKeysReply, Status> {
    let issuer = Uuid::from_slice(&request.token_issuer_id)
        .map_err(|_| Status::invalid_argument("token_issuer_id must be the 16 bytes of a UUID"))?;
    if request.key_id.len() > LONGEST_KEY_ID {
        return Ok(RefreshKeysReply { state: State::Absent.into() });
    }
    let state = match sso_keys::refresh_for(app, issuer, &request.key_id).await? {
        Found::Here => State::Here,
        Found::Absent => State::Absent,
        Found::UnderWay => State::UnderWay,
    };
    Ok(RefreshKeysReply { state: state.into() })
}
