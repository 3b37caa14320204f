//! One JSON-RPC message, parsed once. `arguments` and everything else stays raw (R0.6).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{json, method::Method};

/// A message as a client posts it, borrowing from the body. A member that we decide on may stand only once.
#[derive(Debug, Default)]
pub(crate) struct Message<'a> {
    /// As written: a string or an integer. None: a notification.
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) method: Option<Cow<'a, str>>,
    pub(crate) params: Option<Params<'a>>,
    /// A posted answer to a request of the server's (legacy only).
    pub(crate) is_response: bool,
}

/// The members of `params` that routing, policy and records look at.
#[derive(Debug, Default)]
pub(crate) struct Params<'a> {
    pub(crate) raw: &'a str,
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) uri: Option<Cow<'a, str>>,
    pub(crate) arguments: Option<&'a RawValue>,
    /// What a server gave its caller to bring back (modern).
    pub(crate) request_state: Option<&'a RawValue>,
    pub(crate) protocol_version: Option<Cow<'a, str>>,
    pub(crate) meta: Option<Meta<'a>>,
}

#[derive(Debug, Default)]
pub(crate) struct Meta<'a> {
    pub(crate) raw: &'a str,
    pub(crate) protocol_version: Option<Cow<'a, str>>,
    pub(crate) client: Option<ClientInfo<'a>>,
    pub(crate) traceparent: Option<Cow<'a, str>>,
    pub(crate) tracestate: Option<Cow<'a, str>>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ClientInfo<'a> {
    #[serde(borrow, default)]
    pub(crate) name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) version: Option<Cow<'a, str>>,
}

/// Why a body is no message; each has its own JSON-RPC code (R1.6, R1.7).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Invalid {
    Json,
    TooDeep,
    Batch,
    NotAMessage(&'static str),
}

impl<'a> Message<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Invalid> {
        if !json::is_shallow(body) {
            return Err(Invalid::TooDeep);
        }
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        let text = std::str::from_utf8(body).map_err(|_| Invalid::Json)?;
        match first {
            Some(b'{') => {}
            Some(b'[') if is_json(text) => return Err(Invalid::Batch),
            _ if is_json(text) => return Err(Invalid::NotAMessage("a message is a JSON object")),
            _ => return Err(Invalid::Json),
        }
        let envelope: Envelope<'a> = serde_json::from_str(text).map_err(|error| {
            if error.is_data() && is_json(text) {
                Invalid::NotAMessage("a member stands twice or has the wrong type")
            } else {
                Invalid::Json
            }
        })?;
        envelope.into_message()
    }

    pub(crate) fn method_name(&self) -> &str {
        self.method.as_deref().unwrap_or("response")
    }

    pub(crate) fn method(&self) -> Method {
        Method::of(self.method_name())
    }

    pub(crate) fn is_request(&self) -> bool {
        self.id.is_some() && self.method.is_some()
    }

    /// The version that the request itself names: the mark of a modern one (R1.2).
    pub(crate) fn modern_version(&self) -> Option<&str> {
        self.params.as_ref()?.meta.as_ref()?.protocol_version.as_deref()
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// Tells `null` from absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Envelope<'a> {
    fn into_message(self) -> Result<Message<'a>, Invalid> {
        if self.jsonrpc.as_deref() != Some("2.0") {
            return Err(Invalid::NotAMessage("jsonrpc must be \"2.0\""));
        }
        if self.id.is_some_and(|id| !is_id(id.get())) {
            return Err(Invalid::NotAMessage("id must be a string or an integer"));
        }
        let is_response = self.result.is_some() || self.error.is_some();
        match (&self.method, is_response, self.id) {
            (Some(_), false, _) | (None, true, Some(_)) => {}
            _ => return Err(Invalid::NotAMessage("a message is a request, a notification or a response")),
        }
        let params = self.params.map(|params| Params::parse(params.get())).transpose()?;
        Ok(Message { id: self.id, method: self.method, params, is_response })
    }
}

fn is_id(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    raw.starts_with('"') || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl<'a> Params<'a> {
    fn parse(raw: &'a str) -> Result<Self, Invalid> {
        if raw == "null" {
            return Err(Invalid::NotAMessage("params must be an object"));
        }
        let members: Members<'a> = serde_json::from_str(raw)
            .map_err(|_| Invalid::NotAMessage("params: a member stands twice or has the wrong type"))?;
        let mut params = members.0;
        params.raw = raw;
        Ok(params)
    }
}

struct Members<'a>(Params<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Params<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut params = Params::default();
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    match &*key.0 {
                        "name" => once(&mut params.name, text(&mut map)?, "name")?,
                        "uri" => once(&mut params.uri, text(&mut map)?, "uri")?,
                        "arguments" => once(&mut params.arguments, map.next_value()?, "arguments")?,
                        "requestState" => once(&mut params.request_state, map.next_value()?, "requestState")?,
                        "protocolVersion" => {
                            once(&mut params.protocol_version, text(&mut map)?, "protocolVersion")?;
                        }
                        "_meta" => once(&mut params.meta, meta(map.next_value::<&RawValue>()?)?, "_meta")?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(params)
            }
        }
        deserializer.deserialize_map(Walk).map(Self)
    }
}

fn meta<'de, E: serde::de::Error>(raw: &'de RawValue) -> Result<Meta<'de>, E> {
    struct Walk;
    impl<'de> Visitor<'de> for Walk {
        type Value = Meta<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut meta = Meta::default();
            while let Some(key) = map.next_key::<Key<'de>>()? {
                match &*key.0 {
                    "io.modelcontextprotocol/protocolVersion" => {
                        once(&mut meta.protocol_version, text(&mut map)?, "protocolVersion")?;
                    }
                    "io.modelcontextprotocol/clientInfo" => {
                        // Informative only: a client may describe itself as badly as it likes (R1.10).
                        let raw = map.next_value::<&RawValue>()?;
                        once(
                            &mut meta.client,
                            serde_json::from_str(raw.get()).unwrap_or_default(),
                            "clientInfo",
                        )?;
                    }
                    "traceparent" => once(&mut meta.traceparent, text(&mut map)?, "traceparent")?,
                    "tracestate" => once(&mut meta.tracestate, text(&mut map)?, "tracestate")?,
                    _ => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(meta)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    let mut meta = deserializer.deserialize_map(Walk).map_err(E::custom)?;
    meta.raw = raw.get();
    Ok(meta)
}

fn once<T, E: serde::de::Error>(slot: &mut Option<T>, value: T, name: &'static str) -> Result<(), E> {
    if slot.replace(value).is_some() { Err(E::duplicate_field(name)) } else { Ok(()) }
}

fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Cow<'de, str>, A::Error> {
    map.next_value::<Key<'de>>().map(|text| text.0)
}

/// A string that is borrowed unless it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modern_call_is_read_and_its_arguments_stay_as_written() {
        let body = br#" {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay","arguments":{"amount":1.10, "n":12345678901234567890123},
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"traceparent":"00-a"}}}"#;
        let message = Message::parse(body).unwrap();
        let params = message.params.as_ref().unwrap();
        assert_eq!(message.modern_version(), Some("2026-07-28"));
        assert_eq!(params.name.as_deref(), Some("pay"));
        assert_eq!(params.arguments.unwrap().get(), r#"{"amount":1.10, "n":12345678901234567890123}"#);
        assert_eq!(params.meta.as_ref().unwrap().client.as_ref().unwrap().name.as_deref(), Some("c"));
        assert!(message.is_request() && message.method() == Method::ToolsCall);
    }

    #[test]
    fn a_member_that_decides_may_stand_only_once() {
        for body in [
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","\u006eame":"b"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"traceparent":"a","traceparent":"b"}}}"#,
        ] {
            assert!(matches!(Message::parse(body.as_bytes()), Err(Invalid::NotAMessage(_))), "{body}");
        }
    }

    #[test]
    fn what_is_no_message_says_why() {
        let cases: [(&str, Invalid); 5] = [
            ("{", Invalid::Json),
            ("hello", Invalid::Json),
            ("[1,", Invalid::Json),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, Invalid::Batch),
            ("[]", Invalid::Batch),
        ];
        for (body, expected) in cases {
            assert_eq!(Message::parse(body.as_bytes()).unwrap_err(), expected, "{body}");
        }
        for body in [
            "3",
            "{}",
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#,
        ] {
            assert!(matches!(Message::parse(body.as_bytes()), Err(Invalid::NotAMessage(_))), "{body}");
        }
        assert_eq!(Message::parse("[".repeat(100).as_bytes()).unwrap_err(), Invalid::TooDeep);
        assert_eq!(Message::parse(b"{\"a\":\"\xff\"}").unwrap_err(), Invalid::Json);
    }

    #[test]
    fn notifications_and_responses_are_told_apart() {
        let notification =
            Message::parse(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).unwrap();
        assert!(!notification.is_request() && !notification.is_response);
        let response = Message::parse(br#"{"jsonrpc":"2.0","id":"s1","result":null}"#).unwrap();
        assert!(response.is_response && response.method_name() == "response");
    }
}
