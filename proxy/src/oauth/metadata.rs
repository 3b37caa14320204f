//! What a client without a token may read: where to get one (RFC 9728 §2), and for clients of 2025-03-26, who look for
//! an authorization server here, where it is (R7.13).

use serde_json::json;

use super::{
    challenge::SCOPES,
    resource::{Address, Resource},
};

pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// `issuers`: whom clients are sent to. Many take the first and no other. None while there are none.
pub(crate) fn of(address: &Address, issuers: &[&str], resource: Resource<'_>) -> Option<String> {
    let name = match resource {
        Resource::All => "GatewayOps".to_owned(),
        Resource::Server(name) => format!("GatewayOps: {name}"),
    };
    let document = json!({
        "resource": address.uri(resource),
        "authorization_servers": issuers,
        "scopes_supported": SCOPES.split(' ').collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
        "resource_name": name,
    });
    (!issuers.is_empty()).then(|| document.to_string())
}

/// Where the metadata of the authorization server is, if there is only one that could be meant. Every issuer is an
/// OpenID provider, so its discovery document is there, and has the same members as that of RFC 8414.
pub(crate) fn authorization_server(issuers: &[&str]) -> Option<String> {
    match issuers {
        [issuer] => Some(format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn metadata_names_the_issuers_in_their_order_and_nothing_of_servers() {
        let address = Address::new("https://gw.example.com");
        let issuers = ["https://b.example.com", "https://a.example.com"];
        let document = of(&address, &issuers, Resource::Server("nobody-has-it")).unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(
            document,
            json!({
                "resource": "https://gw.example.com/mcp/nobody-has-it",
                "authorization_servers": issuers,
                "scopes_supported": ["mcp:read", "mcp:call"],
                "bearer_methods_supported": ["header"],
                "resource_name": "GatewayOps: nobody-has-it",
            })
        );
        assert_eq!(of(&address, &[], Resource::All), None);
    }

    #[test]
    fn an_old_client_is_sent_to_the_issuer_only_if_it_is_clear_which() {
        let one = "https://idp.example.com/realm";
        let expected = "https://idp.example.com/realm/.well-known/openid-configuration";
        assert_eq!(authorization_server(&[one]).as_deref(), Some(expected));
        assert_eq!(authorization_server(&[one, "https://other.example.com"]), None);
        assert_eq!(authorization_server(&[]), None);
    }
}
