//! Whether a client can send its user to a page: only then may we ask by one (`elicitation.url`, R10.6, R10.7).

use serde::{Deserialize, de::IgnoredAny};

#[derive(Default, Deserialize)]
struct Capabilities {
    elicitation: Option<Elicitation>,
}

#[derive(Deserialize)]
struct Elicitation {
    url: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Initialize {
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Capabilities,
}

impl Capabilities {
    fn take_urls(&self) -> bool {
        self.elicitation.as_ref().is_some_and(|elicitation| elicitation.url.is_some())
    }
}

/// What a modern request says of its client; `meta` is its `_meta`.
pub(crate) fn meta_takes_urls(meta: &str) -> bool {
    serde_json::from_str::<Meta>(meta).is_ok_and(|meta| meta.capabilities.take_urls())
}

/// What a client said when it opened its session; `params` are those of `initialize`.
pub(crate) fn initialize_takes_urls(params: &str) -> bool {
    serde_json::from_str::<Initialize>(params).is_ok_and(|said| said.capabilities.take_urls())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_says_so_is_sent_to_a_page() {
        for (capabilities, expected) in [
            (r#"{"elicitation":{"url":{}}}"#, true),
            (r#"{"elicitation":{"form":{},"url":{}}}"#, true),
            (r#"{"elicitation":{}}"#, false),
            (r#"{"elicitation":{"form":{}}}"#, false),
            ("{}", false),
        ] {
            let params = format!(r#"{{"protocolVersion":"2025-11-25","capabilities":{capabilities}}}"#);
            assert_eq!(initialize_takes_urls(&params), expected, "{capabilities}");
            let meta = format!(r#"{{"io.modelcontextprotocol/clientCapabilities":{capabilities}}}"#);
            assert_eq!(meta_takes_urls(&meta), expected, "{capabilities}");
        }
        assert!(!meta_takes_urls("{}") && !meta_takes_urls("[]") && !initialize_takes_urls("nonsense"));
    }
}
