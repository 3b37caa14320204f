//! Methods, as far as the gateway treats one differently from another.

use std::borrow::Cow;

use gatewayops_proto::access::Permission;

/// What a method needs from policy, and whether a call of it costs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    ToolsCall,
    ToolsList,
    ResourcesRead,
    PromptsGet,
    /// Any other request or notification: passes with `mcp:read`.
    Other,
}

impl Method {
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "tools/call" => Self::ToolsCall,
            "tools/list" => Self::ToolsList,
            "resources/read" => Self::ResourcesRead,
            "prompts/get" => Self::PromptsGet,
            _ => Self::Other,
        }
    }

    /// `mcp:call` covers `tools/call`, `mcp:read` all else (contract 2.2).
    pub(crate) fn permission(self) -> Permission {
        match self {
            Self::ToolsCall => Permission::MCP_CALL,
            _ => Permission::MCP_READ,
        }
    }

    /// Answered calls of these have a cost row (contract 5.1).
    pub(crate) fn is_charged(self) -> bool {
        matches!(self, Self::ToolsCall | Self::ResourcesRead | Self::PromptsGet)
    }

    /// The parameter that `Mcp-Name` repeats (R2.1).
    pub(crate) fn named_by(self) -> Option<NamedBy> {
        match self {
            Self::ToolsCall | Self::PromptsGet => Some(NamedBy::Name),
            Self::ResourcesRead => Some(NamedBy::Uri),
            Self::ToolsList | Self::Other => None,
        }
    }

    /// Whether repeating it cannot do anything twice. `tools/call` depends on the tool instead.
    pub(crate) fn is_read(self, name: &str) -> bool {
        match self {
            Self::ToolsCall => false,
            Self::ToolsList | Self::ResourcesRead | Self::PromptsGet => true,
            Self::Other => {
                name.ends_with("/list") || matches!(name, "ping" | "server/discover" | "completion/complete")
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NamedBy {
    Name,
    Uri,
}

/// Names of methods that metrics and spans may carry: known ones as static text, others as they came.
pub(crate) fn label(name: &str) -> Cow<'static, str> {
    const KNOWN: [&str; 28] = [
        "tools/call",
        "tools/list",
        "resources/read",
        "resources/list",
        "resources/templates/list",
        "resources/subscribe",
        "resources/unsubscribe",
        "prompts/get",
        "prompts/list",
        "completion/complete",
        "initialize",
        "server/discover",
        "subscriptions/listen",
        "ping",
        "logging/setLevel",
        "tasks/get",
        "tasks/list",
        "tasks/result",
        "tasks/update",
        "tasks/cancel",
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/roots/list_changed",
        "session/stream",
        "session/delete",
        "response",
        "unknown",
    ];
    match KNOWN.iter().find(|known| **known == name) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(name.chars().take(100).collect()),
    }
}
