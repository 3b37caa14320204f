//! From a path to the endpoint that is meant (contract 2.1 to 2.3).

use crate::rejection::{Code, Rejection};

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Route {
    Health,
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

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    ListServers,
    Call { server: String, method: &'static str },
}

pub(crate) fn route(path: &str) -> Result<Route, Rejection> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    match path {
        "/health" => return Ok(Route::Health),
        "/mcp" => return Ok(Route::Mcp(Endpoint::Federated)),
        "/v1/mcp/servers" => return Ok(Route::Mcp(Endpoint::Facade(Operation::ListServers))),
        _ => {}
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
        for path in [
            "/",
            "/mcp/a/b",
            "/v1/mcp/github/admin",
            "/v1/mcp/github",
            "/.well-known/oauth-protected-resource",
        ] {
            assert_eq!(route(path).unwrap_err().code, Code::NotFound, "{path}");
        }
    }
}
