//! `ReportDefinitions`: a proxy has met definitions that the catalogue does not know (contract 2.4). The message is checked
//! and read here; what is new is decided in `service`, which hashes them itself.

use gatewayops_proto::control::{DefinitionsAck, DefinitionsReport};
use serde_json::Value;
use tonic::Status;
use uuid::Uuid;

use crate::{
    app::App,
    error::Code,
    id::{OrgId, ServerId},
    mcp::replace_nul,
    service::servers,
};

/// The message as a whole is bounded by the listener.
const MOST: usize = 512;
const LONGEST_BYTES: usize = 256 << 10;

pub(super) async fn take(app: &App, message: DefinitionsReport) -> Result<DefinitionsAck, Status> {
    let org = OrgId(id("org_id", &message.org_id)?);
    let server = ServerId(id("server_id", &message.server_id)?);
    if message.definitions.len() > MOST {
        return Err(Status::invalid_argument(format!(
            "definitions must be at most {MOST}; send the rest later"
        )));
    }
    let definitions: Vec<Value> =
        message.definitions.iter().map(|text| read(text)).collect::<Result<_, _>>()?;
    match servers::report(app, org, server, &definitions, message.is_incomplete).await {
        Ok(()) => Ok(DefinitionsAck {}),
        Err(error) if error.code == Code::NotFound => {
            Err(Status::not_found("the organization has no server of this id"))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(text: &str) -> Result<Value, Status> {
    if text.len() > LONGEST_BYTES {
        return Err(Status::invalid_argument(format!(
            "a definition must have at most {LONGEST_BYTES} bytes"
        )));
    }
    let mut definition: Value =
        serde_json::from_str(text).map_err(|_| Status::invalid_argument("a definition is no JSON"))?;
    if !definition.is_object() {
        return Err(Status::invalid_argument("a definition must be a JSON object"));
    }
    replace_nul(&mut definition);
    Ok(definition)
}

fn id(field: &str, bytes: &[u8]) -> Result<Uuid, Status> {
    Uuid::from_slice(bytes).map_err(|_| Status::invalid_argument(format!("{field} must have 16 bytes")))
}
