//! Whether this principal may do this. "Yes" is a [`Permit`]; `call` takes nothing less.

use std::sync::Arc;

use gatewayops_proto::{access::Permission, event::Status};

use super::decode::Request;
use crate::{
    exchange::{Exchange, stages::Stage},
    mcp::method::Method,
    oauth::challenge,
    principal::Principal,
    rejection::{Code, Rejection},
    snapshot::Snapshot,
    upstream::Server,
};

#[cfg(test)]
mod tests;

/// The right to send one message to one server. Made here and nowhere else.
pub(crate) struct Permit {
    server: Arc<Server>,
    principal: Arc<Principal>,
}

impl Permit {
    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    pub(crate) fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }
}

/// The server of that name, if it is there for this principal. If not, it cannot be told why not (R10.2).
pub(crate) fn server(
    snapshot: &Snapshot,
    principal: &Principal,
    name: &str,
    exchange: &mut Exchange,
) -> Result<Arc<Server>, Rejection> {
    exchange.server_name = name.chars().take(100).collect::<String>().into();
    exchange.timed(Stage::Authorize, |exchange| reachable(snapshot, principal, name, exchange))
}

fn reachable(
    snapshot: &Snapshot,
    principal: &Principal,
    name: &str,
    exchange: &mut Exchange,
) -> Result<Arc<Server>, Rejection> {
    let found = snapshot.server(principal.org, name);
    let unknown = || {
        Rejection::new(Code::ServerNotFound, format!("there is no MCP server named {name:?}"))
            .with("mcp_server", name)
    };
    let server = found.ok_or_else(unknown)?;
    if !server.enabled || !principal.reaches(server) {
        exchange.outcome.status = Status::Blocked;
        return Err(unknown());
    }
    exchange.server = Some(server.clone());
    Ok(server.clone())
}

/// Whether the principal may ask any server for what is no call of a tool.
pub(crate) fn read(principal: &Principal) -> Result<(), Rejection> {
    let permission = Permission::MCP_READ;
    if !principal.may_anywhere(permission) {
        return Err(denied(principal, permission));
    }
    scope(principal, permission)
}

/// Whether a token carries anything at all of what a list of servers shows.
pub(crate) fn look(principal: &Principal) -> Result<(), Rejection> {
    if principal.has_scope(Permission::MCP_CALL) { Ok(()) } else { scope(principal, Permission::MCP_READ) }
}

fn denied(principal: &Principal, permission: Permission) -> Rejection {
    let permission = permission.name();
    let noun = principal.noun();
    let whom = if principal.api_key().is_some() { "its owner" } else { "an administrator" };
    let message = format!("this {noun} lacks the permission {permission}; do not retry, ask {whom}");
    Rejection::new(Code::PermissionDenied, message).with("permission", permission)
}

/// Whether a token carries what its holder was granted. If not, another token could: that is the one refusal that asks
/// the client to act (R7.5, R10.10), so it comes last. All scopes are named that the client needs to go on: what it has,
/// so that it does not lose that, and for a call what a client does before it.
fn scope(principal: &Principal, permission: Permission) -> Result<(), Rejection> {
    if principal.has_scope(permission) {
        return Ok(());
    }
    let needs_call = permission == Permission::MCP_CALL || principal.has_scope(Permission::MCP_CALL);
    let scope = if needs_call { challenge::SCOPES } else { Permission::MCP_READ.name() };
    let permission = permission.name();
    let message = format!("this token lacks the scope {permission}; get one with the scopes {scope}");
    Err(Rejection::new(Code::InsufficientScope, message).with("permission", permission).with("scope", scope))
}

/// Whether what the principal was granted, and what its key or token is for, covers the message.
pub(crate) fn message(
    principal: &Arc<Principal>,
    server: &Arc<Server>,
    request: &Request<'_>,
) -> Result<Permit, Rejection> {
    let method = request.method();
    if !principal.may(method.permission(), server) {
        return Err(denied(principal, method.permission()));
    }
    if method == Method::ToolsCall
        && let Some(tool) = request.tool()
        && !principal.may_call(server, tool)
    {
        return Err(
            Rejection::new(Code::UnknownTool, format!("Unknown tool: {tool}")).with("tool_name", tool)
        );
    }
    scope(principal, method.permission())?;
    Ok(Permit { server: server.clone(), principal: principal.clone() })
}
