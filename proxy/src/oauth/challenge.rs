//! `WWW-Authenticate`: what a client has to do about a 401 or a 403 (contract 2.2, R7.3, R7.5, RFC 6750 §3).

/// All that there are.
pub(crate) const SCOPES: &str = "mcp:read mcp:call";

/// What was wrong with the credential.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Challenge<'a> {
    /// There was none.
    Missing,
    Invalid,
    /// A token with these scopes would do.
    InsufficientScope(&'a str),
}

impl Challenge<'_> {
    /// `metadata`: where the endpoint's metadata is, if anybody issues tokens for us.
    pub(crate) fn header(self, metadata: Option<&str>) -> String {
        let scope = match self {
            Self::Missing | Self::Invalid => SCOPES,
            Self::InsufficientScope(scope) => scope,
        };
        let metadata = metadata.map(|uri| format!("resource_metadata=\"{uri}\", ")).unwrap_or_default();
        let error = match self {
            Self::Missing => "",
            Self::Invalid => ", error=\"invalid_token\"",
            Self::InsufficientScope(_) => ", error=\"insufficient_scope\"",
        };
        format!("Bearer {metadata}scope=\"{scope}\"{error}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_says_where_to_go_and_what_was_wrong_only_if_there_is_something_to_say() {
        let metadata = "https://gw.example.com/.well-known/oauth-protected-resource/mcp/github";
        for (challenge, metadata, header) in [
            (Challenge::Missing, None, r#"Bearer scope="mcp:read mcp:call""#.to_owned()),
            (
                Challenge::Missing,
                Some(metadata),
                format!(r#"Bearer resource_metadata="{metadata}", scope="mcp:read mcp:call""#),
            ),
            (
                Challenge::Invalid,
                Some(metadata),
                format!(
                    r#"Bearer resource_metadata="{metadata}", scope="mcp:read mcp:call", error="invalid_token""#
                ),
            ),
            (
                Challenge::InsufficientScope("mcp:read"),
                Some(metadata),
                format!(
                    r#"Bearer resource_metadata="{metadata}", scope="mcp:read", error="insufficient_scope""#
                ),
            ),
        ] {
            assert_eq!(challenge.header(metadata), header);
        }
    }
}
