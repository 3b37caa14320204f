//! What a client without a token may read: where to get one (RFC 9728 §2), and for clients of 2025-03-26, who look for
//! an authorization server here, where it is (R7.13).

use serde_json::json;

use super::{
    challenge::SCOPES,
    issuer::Trust,
    resource::{Address, Resource},
};

pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// None while nobody issues tokens for us. An endpoint belongs to no organization before it is known who calls, so all
/// issuers are named; who trusts which is decided by the token.
pub(crate) fn of(address: &Address, trust: &Trust, resource: Resource<'_>) -> Option<String> {
    let issuers = trust.issuers.names();
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
pub(crate) fn authorization_server(trust: &Trust) -> Option<String> {
    match trust.issuers.names()[..] {
        [issuer] => Some(format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::oauth::issuer::Issuer;

    fn trust(names: &[&str]) -> Trust {
        let mut trust = Trust::default();
        for (number, name) in (1..).zip(names) {
            let issuer = Issuer::new(Uuid::from_u128(number), Uuid::from_u128(2), name, "{}".into());
            Arc::make_mut(&mut trust.issuers).put(issuer);
        }
        trust
    }

    #[test]
    fn metadata_names_every_issuer_once_and_nothing_of_servers() {
        let address = Address::new("https://gw.example.com");
        let trusting = trust(&["https://b.example.com", "https://a.example.com", "https://b.example.com"]);
        let document = of(&address, &trusting, Resource::Server("nobody-has-it")).unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(
            document,
            json!({
                "resource": "https://gw.example.com/mcp/nobody-has-it",
                "authorization_servers": ["https://a.example.com", "https://b.example.com"],
                "scopes_supported": ["mcp:read", "mcp:call"],
                "bearer_methods_supported": ["header"],
                "resource_name": "GatewayOps: nobody-has-it",
            })
        );
        assert_eq!(of(&address, &trust(&[]), Resource::All), None);
    }

    #[test]
    fn an_old_client_is_sent_to_the_issuer_only_if_it_is_clear_which() {
        let one = "https://idp.example.com/realm";
        let expected = "https://idp.example.com/realm/.well-known/openid-configuration";
        assert_eq!(authorization_server(&trust(&[one])).as_deref(), Some(expected));
        assert_eq!(
            authorization_server(&trust(&[one, one])).as_deref(),
            Some(expected),
            "two organizations'"
        );
        assert_eq!(authorization_server(&trust(&[one, "https://other.example.com"])), None);
        assert_eq!(authorization_server(&trust(&[])), None);
    }
}
