//! Which eras a server speaks, as it said itself (R4.1, R4.2). Asked when somebody needs to know, then remembered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use pingora::time::timeout;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use super::own::{Answered, Fault, Leg, Own};
use crate::mcp::version::{self, Era, Version};

/// A server is asked again after this time at the latest, and at once when it contradicts what it said.
const KNOWN_FOR: Duration = Duration::from_secs(60 * 60);
/// What says nothing of the era (R4.1: 401, 403, 429, 5xx, time-outs) is asked again soon.
const UNKNOWN_FOR: Duration = Duration::from_secs(2);
/// A slow server holds nobody up for longer (R5.7).
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
const CLIENT: &str = concat!(
    r#""capabilities":{},"clientInfo":{"name":"gatewayops","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);

/// What is known of each era.
#[derive(Default)]
pub(crate) struct Eras {
    modern: Known,
    legacy: Known,
}

#[derive(Default)]
struct Known {
    found: ArcSwapOption<(Finding, Instant)>,
    asking: Mutex<()>,
}

/// Whether a server speaks an era.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    /// It does, and this is what it says of itself: its `DiscoverResult` or `InitializeResult`.
    Speaks(Arc<str>),
    SpeaksNot,
    /// It could not be asked.
    Unknown,
}

impl Eras {
    fn known(&self, era: Era) -> &Known {
        match era {
            Era::Modern => &self.modern,
            Era::Legacy => &self.legacy,
        }
    }

    /// What the server says is not what it said: it is asked again.
    pub(crate) fn forget(&self) {
        self.modern.found.store(None);
        self.legacy.found.store(None);
    }

    /// What is known, asking if that is nothing. Many who want to know at once ask once.
    pub(crate) async fn find(&self, own: Own<'_>, era: Era) -> Finding {
        let known = self.known(era);
        if let Some(finding) = known.current() {
            return finding;
        }
        let _asking = known.asking.lock().await;
        if let Some(finding) = known.current() {
            return finding;
        }
        let finding = timeout(DEADLINE, ask(own, era)).await.unwrap_or(Finding::Unknown);
        let lasts = if matches!(finding, Finding::Unknown) { UNKNOWN_FOR } else { KNOWN_FOR };
        known.found.store(Some(Arc::new((finding.clone(), Instant::now() + lasts))));
        finding
    }
}

impl Known {
    fn current(&self) -> Option<Finding> {
        let found = self.found.load();
        let (finding, until) = &**found.as_ref()?;
        (Instant::now() < *until).then(|| finding.clone())
    }
}

async fn ask(own: Own<'_>, era: Era) -> Finding {
    let server = &own.server.name;
    let (finding, fault) = match era {
        Era::Modern => match own.ask(Leg::Modern, "server/discover", None, &discover()).await {
            Ok(answered) => (discovered(&answered), None),
            Err(fault) => (Finding::Unknown, Some(fault)),
        },
        Era::Legacy => match own.initialize(Version::NEWEST_LEGACY, CLIENT).await {
            Ok(opened) => {
                if let Some(session) = &opened.session {
                    own.end_session(opened.version, session).await;
                }
                (Finding::Speaks(opened.result.into()), None)
            }
            // It answered, and not as a server of this era answers.
            Err(Fault::Status(400..=499)) => (Finding::SpeaksNot, None),
            Err(fault) => (Finding::Unknown, Some(fault)),
        },
    };
    tracing::debug!(server.name = &**server, ?era, ?finding, ?fault, "asked a server what it speaks");
    finding
}

fn discover() -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":"gwo-discover","method":"server/discover","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"{}","io.modelcontextprotocol/clientInfo":{{"name":"gatewayops","version":"{}"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#,
        version::MODERN[0],
        env!("CARGO_PKG_VERSION")
    )
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Error>,
}

#[derive(Deserialize)]
struct Error {
    code: i64,
}

#[derive(Deserialize)]
struct Discovered {
    #[serde(rename = "supportedVersions")]
    supported_versions: Vec<String>,
}

/// The table of R4.1.
fn discovered(answered: &Answered) -> Finding {
    if matches!(answered.status, 429 | 500..) {
        return Finding::Unknown;
    }
    let Ok(message) = serde_json::from_str::<Message<'_>>(&answered.text) else { return Finding::SpeaksNot };
    if let Some(result) = message.result {
        let said = serde_json::from_str::<Discovered>(result.get());
        let is_mutual =
            |said: &Discovered| said.supported_versions.iter().any(|version| version::is_modern(version));
        return match said {
            Ok(said) if is_mutual(&said) => Finding::Speaks(result.get().into()),
            _ => Finding::SpeaksNot,
        };
    }
    match message.error.map(|error| error.code) {
        // It is modern, and what we sent is at fault: that is no reason to speak to it otherwise.
        Some(-32020 | -32021) => Finding::Unknown,
        _ => Finding::SpeaksNot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_is_evidence_of_an_era() {
        let modern =
            r#"{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}}"#;
        let error =
            |code: i64| format!(r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":{code},"message":"m"}}}}"#);
        for (status, text, expected) in [
            (200, modern.to_owned(), "speaks"),
            (200, modern.replace("2026-07-28", "2025-11-25"), "not"),
            (400, error(-32000), "not"),
            (400, error(-32600), "not"),
            (200, error(-32601), "not"),
            (400, error(-32022), "not"),
            (400, error(-32020), "unknown"),
            (400, error(-32021), "unknown"),
            (404, "not found".into(), "not"),
            (429, error(-32000), "unknown"),
            (503, modern.to_owned(), "unknown"),
        ] {
            let found = match discovered(&Answered { status, session: None, text: text.clone() }) {
                Finding::Speaks(_) => "speaks",
                Finding::SpeaksNot => "not",
                Finding::Unknown => "unknown",
            };
            assert_eq!(found, expected, "{status} {text}");
        }
    }
}
