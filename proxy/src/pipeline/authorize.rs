//! Whether this principal may do this. "Yes" is a [`Permit`]; `call` takes nothing less.

use std::sync::Arc;

use gatewayops_proto::{access::Permission, event::Status};

use super::decode::Request;
use crate::{
    exchange::Exchange,
    mcp::{list, method::Method, version::Era},
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

    /// A list of this server's tools without those that the caller may not use (R5.4), and for a modern client without
    /// those whose headers nobody could send (R2.7). None: all of them stay.
    pub(crate) fn listed(&self, era: Era, answer: &str) -> Option<String> {
        let mirrors = era == Era::Modern && list::may_mirror(answer);
        let Self { principal, server } = self;
        if !mirrors && principal.may_call_all(server) {
            return None;
        }
        list::keep_tools(answer, |tool| {
            principal.may_call(server, &tool.name) && (!mirrors || tool.can_be_mirrored(&server.name))
        })
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
    if principal.may_anywhere(permission) { Ok(()) } else { Err(denied(permission)) }
}

fn denied(permission: Permission) -> Rejection {
    let permission = permission.name();
    let message = format!("this API key lacks the permission {permission}; do not retry, ask its owner");
    Rejection::new(Code::PermissionDenied, message).with("permission", permission)
}

/// Whether what the principal was granted, and what its key is for, covers the message.
pub(crate) fn message(
    principal: &Arc<Principal>,
    server: &Arc<Server>,
    request: &Request<'_>,
) -> Result<Permit, Rejection> {
    let method = request.method();
    if !principal.may(method.permission(), server) {
        return Err(denied(method.permission()));
    }
    if method == Method::ToolsCall
        && let Some(tool) = request.tool()
        && !principal.may_call(server, tool)
    {
        return Err(
            Rejection::new(Code::UnknownTool, format!("Unknown tool: {tool}")).with("tool_name", tool)
        );
    }
    Ok(Permit { server: server.clone(), principal: principal.clone() })
}
