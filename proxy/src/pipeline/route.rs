//! From a path to the endpoint that is meant (contract 2.1 to 2.3).

use crate::{
    oauth::{
        metadata,
        resource::{self, Resource},
    },
    rejection::{Code, Rejection},
};

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Route {
    Health,
    WellKnown(WellKnown),
    Mcp(Endpoint),
}

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Endpoint {
    /// `/mcp`: all servers as one.
    Federated,
    /// `/mcp/{server}`: one server, names untouched.
    Server(String),
    /// `/v1/mcp/…`: JSON for scripts.
    Facade(Operation),
}

/// What everybody may read (RFC 8615).
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum WellKnown {
    /// RFC 9728; with what stands behind the name.
    ProtectedResource(String),
    /// For clients of 2025-03-26 (R7.13).
    AuthorizationServer,
}

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    ListServers,
    Call { server: String, method: &'static str },
}

impl Endpoint {
    /// What a token for it is for. The facade stands for the endpoint beside it.
    pub(crate) fn resource(&self) -> Resource<'_> {
        match self {
            Self::Federated | Self::Facade(Operation::ListServers) => Resource::All,
            Self::Server(server) | Self::Facade(Operation::Call { server, .. }) => Resource::Server(server),
        }
    }
}

pub(crate) fn route(path: &str) -> Result<Route, Rejection> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    match path {
        "/health" => return Ok(Route::Health),
        "/mcp" => return Ok(Route::Mcp(Endpoint::Federated)),
        "/v1/mcp/servers" => return Ok(Route::Mcp(Endpoint::Facade(Operation::ListServers))),
        _ => {}
    }
    if let Some(rest) = path.strip_prefix(resource::METADATA)
        && (rest.is_empty() || rest.starts_with('/'))
    {
        return Ok(Route::WellKnown(WellKnown::ProtectedResource(rest.to_owned())));
    }
    if path == metadata::AUTHORIZATION_SERVER {
        return Ok(Route::WellKnown(WellKnown::AuthorizationServer));
    }
    if let Some(server) = path.strip_prefix("/mcp/").filter(|server| !server.contains('/')) {
        return Ok(Route::Mcp(Endpoint::Server(server.to_owned())));
    }
    if let Some((server, operation)) = path.strip_prefix("/v1/mcp/").and_then(|rest| rest.split_once('/'))
        && let Some(method) = facade_method(operation)
    {
        return Ok(Route::Mcp(Endpoint::Facade(Operation::Call { server: server.to_owned(), method })));
    }
    Err(Rejection::new(Code::NotFound, "nothing is served here; MCP is at /mcp/<server>"))
}

fn facade_method(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "tools/list" => "tools/list",
        "tools/call" => "tools/call",
        "resources/list" => "resources/list",
        "resources/templates/list" => "resources/templates/list",
        "resources/read" => "resources/read",
        "prompts/list" => "prompts/list",
        "prompts/get" => "prompts/get",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_path() {
        let server = || "github".to_owned();
        for (path, endpoint) in [
            ("/mcp", Endpoint::Federated),
            ("/mcp/", Endpoint::Federated),
            ("/mcp/github", Endpoint::Server(server())),
            ("/v1/mcp/servers", Endpoint::Facade(Operation::ListServers)),
            (
                "/v1/mcp/github/tools/call",
                Endpoint::Facade(Operation::Call { server: server(), method: "tools/call" }),
            ),
        ] {
            assert_eq!(route(path).unwrap(), Route::Mcp(endpoint), "{path}");
        }
        assert_eq!(route("/health").unwrap(), Route::Health);
        for rest in ["", "/mcp", "/mcp/github"] {
            let path = format!("/.well-known/oauth-protected-resource{rest}");
            let expected = Route::WellKnown(WellKnown::ProtectedResource(rest.into()));
            assert_eq!(route(&path).unwrap(), expected, "{path}");
        }
        assert_eq!(
            route("/.well-known/oauth-authorization-server").unwrap(),
            Route::WellKnown(WellKnown::AuthorizationServer)
        );
        for path in [
            "/",
            "/mcp/a/b",
            "/v1/mcp/github/admin",
            "/v1/mcp/github",
            "/.well-known/oauth-protected-resources",
            "/.well-known/openid-configuration",
        ] {
            assert_eq!(route(path).unwrap_err().code, Code::NotFound, "{path}");
        }
    }

    #[test]
    fn a_token_for_an_endpoint_is_one_for_its_facade() {
        for (path, resource) in [
            ("/mcp", Resource::All),
            ("/v1/mcp/servers", Resource::All),
            ("/mcp/github", Resource::Server("github")),
            ("/v1/mcp/github/tools/call", Resource::Server("github")),
        ] {
            let Route::Mcp(endpoint) = route(path).unwrap() else { panic!("{path}") };
            assert_eq!(endpoint.resource(), resource, "{path}");
        }
    }
}
