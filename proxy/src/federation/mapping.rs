//! What a server says on an endpoint of many: its URIs, its questions and its state become the endpoint's.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

use super::{name, uri};
use crate::mcp::{json, message::Message, request_state, token::Keys, version::Era};

/// How the answers to one request are mapped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mapping {
    /// What the result holds, if that may be URIs.
    pub(crate) result: Option<uri::Kind>,
    pub(crate) era: Era,
}

/// Whose answers.
pub(crate) struct Context<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) principal: Uuid,
    pub(crate) now_ms: u64,
    pub(crate) server: Uuid,
    pub(crate) slug: &'a str,
    /// What the server was sent.
    pub(crate) asked: Option<&'a Message<'a>>,
}

impl Context<'_> {
    /// A server's state as JSON for the client.
    pub(crate) fn sealed(&self, raw: &RawValue) -> Option<String> {
        let asked = self.asked?;
        let sealed =
            request_state::seal(self.keys, self.principal, self.now_ms, self.server, asked, raw.get())?;
        Some(Value::from(sealed).to_string())
    }
}

static QUESTION: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("elicitation/create"));

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Asking<'a> {
    #[serde(borrow, rename = "inputRequests")]
    input_requests: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow, rename = "requestState")]
    request_state: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Option<Said<'a>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

impl Mapping {
    /// The message as the client is to get it. None: as it is, which is most.
    pub(crate) fn apply(&self, context: &Context<'_>, text: &str) -> Option<String> {
        let asks = request_state::may_be_in(text.as_bytes()) || QUESTION.find(text.as_bytes()).is_some();
        if !asks && !uri::may_hold_uri(text.as_bytes()) {
            return None;
        }
        let answer: Answer<'_> = serde_json::from_str(text).ok()?;
        match (answer.method.as_deref(), answer.params, answer.result) {
            (None, _, Some(result)) => {
                let mapped = self.result(context, asks, result.get())?;
                json::replace_members(text, &[(&["result"], &mapped)])
            }
            (Some("notifications/resources/updated"), Some(params), _) => {
                let mapped = uri::map_result(uri::Kind::ResourceUpdated, context.slug, params.get())?;
                json::replace_members(text, &[(&["params"], &mapped)])
            }
            (Some("elicitation/create"), Some(params), _) => {
                let said: Said<'_> = serde_json::from_str(params.get()).ok()?;
                let message = spoken(context.slug, &said.message?);
                json::replace_members(text, &[(&["params", "message"], &message)])
            }
            _ => None,
        }
    }

    fn result(&self, context: &Context<'_>, asks: bool, result: &str) -> Option<String> {
        let mapped = self.result.and_then(|kind| uri::map_result(kind, context.slug, result));
        if !asks || self.era == Era::Legacy {
            return mapped;
        }
        let result = mapped.as_deref().unwrap_or(result);
        questions(context, result).or(mapped.clone())
    }
}

/// A result that asks for input: its state is sealed for this call (R5.13), its questions say who asks (R5.14).
fn questions(context: &Context<'_>, result: &str) -> Option<String> {
    let asking: Asking<'_> = serde_json::from_str(result).ok()?;
    let mut edited = None;
    for (key, question) in asking.input_requests.iter().flatten() {
        let Ok(question) = serde_json::from_str::<Question<'_>>(question.get()) else { continue };
        let Some(message) = question.params.and_then(|said| said.message) else { continue };
        if question.method == "elicitation/create" {
            let path = ["inputRequests", key, "params", "message"];
            let text = edited.as_deref().unwrap_or(result);
            edited = json::replace_members(text, &[(&path, &spoken(context.slug, &message))]).or(edited);
        }
    }
    if let Some(sealed) = asking.request_state.and_then(|raw| context.sealed(raw)) {
        let text = edited.as_deref().unwrap_or(result);
        edited = json::replace_members(text, &[(&["requestState"], &sealed)]);
    }
    edited
}

fn spoken(slug: &str, message: &str) -> String {
    Value::from(name::spoken_by(slug, message)).to_string()
}

#[cfg(test)]
mod tests {
    use super::{super::super::mcp::token::tests::keys, *};

    fn apply(text: &str) -> Option<String> {
        let keys = keys(&[1]);
        let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#;
        let asked = Message::parse(body).unwrap();
        let context = Context {
            keys: &keys,
            principal: Uuid::from_u128(1),
            now_ms: 0,
            server: Uuid::from_u128(2),
            slug: "fs",
            asked: Some(&asked),
        };
        Mapping { result: Some(uri::Kind::ToolResult), era: Era::Modern }.apply(&context, text)
    }

    #[test]
    fn links_and_questions_say_whose_they_are_and_the_rest_passes() {
        let plain = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a"}]}}"#;
        assert_eq!(apply(plain), None);
        let link = r#"{"id":1,"result":{"content":[{"type":"resource_link","uri":"file:///a"}],"n":1.10}}"#;
        let mapped = apply(link).unwrap();
        assert!(mapped.contains(r#""uri":"fs+file:///a"}],"n":1.10"#), "{mapped}");
        let updated = r#"{"method":"notifications/resources/updated","params":{"uri":"file:///a"}}"#;
        assert!(apply(updated).unwrap().contains(r#""uri":"fs+file:///a""#));
        let asks = r#"{"id":0,"method":"elicitation/create","params":{"message":"Who?"}}"#;
        assert!(apply(asks).unwrap().contains(r#""message":"fs: Who?""#));
    }

    #[test]
    fn a_state_is_sealed_and_a_question_says_who_asks() {
        let asks = r#"{"id":1,"result":{"resultType":"input_required","inputRequests":{"a.b":{"method":"elicitation/create","params":{"message":"Who?"}}},"requestState":"mine"}}"#;
        let mapped: Value = serde_json::from_str(&apply(asks).unwrap()).unwrap();
        assert_eq!(mapped["result"]["inputRequests"]["a.b"]["params"]["message"], "fs: Who?");
        let state = mapped["result"]["requestState"].as_str().unwrap();
        assert!(state.len() > 40 && !state.contains("mine"), "{state}");
    }
}
