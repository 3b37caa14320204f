//! Every way the gateway says no, in one table: code → HTTP status, JSON-RPC code, form (contract 1.4).

use serde_json::{Map, Value, json};

/// Why an exchange goes no further. `message` is for people, `details` for programs.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) details: Map<String, Value>,
    pub(crate) retry_after_seconds: Option<u64>,
}

/// Who is answered, and therefore how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// Decided about the HTTP request: its own status and a JSON-RPC error.
    Http,
    /// As [`Form::Http`], with MCP's own error code.
    Protocol(i64),
    /// Decided about one exchange: 200, as a tool's error for `tools/call`, else as a JSON-RPC error.
    Exchange,
    /// Like something that does not exist: 200 and the protocol's code for that.
    Hidden(i64),
}

macro_rules! codes {
    ($($variant:ident $name:literal $status:literal $form:expr;)*) => {
        /// The codes of contract 1.4 that the proxy can answer with.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Code { $($variant),* }

        impl Code {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant),*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The HTTP status, which a form may hide behind a 200.
            pub(crate) fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Whether it is about how the client speaks, and not about what it may do.
            pub(crate) fn is_protocol_fault(self) -> bool {
                matches!(self.status(), 400 | 404..=415) && !matches!(self, Self::UnknownTool | Self::UnknownItem)
            }

            fn form(self) -> Form {
                match self { $(Self::$variant => $form),* }
            }
        }
    };
}

codes! {
    ParseError            "invalid_json"           400 Form::Protocol(-32700);
    InvalidMessage        "invalid_request"        400 Form::Protocol(-32600);
    InvalidParams         "validation_error"       400 Form::Protocol(-32602);
    HeaderMismatch        "invalid_request"        400 Form::Protocol(-32020);
    UnsupportedVersion    "invalid_request"        400 Form::Protocol(-32022);
    InvalidRequest        "invalid_request"        400 Form::Http;
    MissingCredentials    "missing_credentials"    401 Form::Http;
    InvalidCredentials    "invalid_credentials"    401 Form::Http;
    ExpiredCredentials    "expired_credentials"    401 Form::Http;
    RevokedCredentials    "revoked_credentials"    401 Form::Http;
    UserSuspended         "user_suspended"         403 Form::Http;
    InsufficientScope     "permission_denied"      403 Form::Http;
    IpNotAllowed          "ip_not_allowed"         403 Form::Http;
    OriginNotAllowed      "origin_not_allowed"     403 Form::Http;
    NotFound              "not_found"              404 Form::Http;
    ServerNotFound        "server_not_found"       404 Form::Http;
    SessionNotFound       "session_not_found"      404 Form::Http;
    MethodNotAllowed      "method_not_allowed"     405 Form::Http;
    NotAcceptable         "not_acceptable"         406 Form::Http;
    PayloadTooLarge       "payload_too_large"      413 Form::Http;
    UnsupportedMediaType  "unsupported_media_type" 415 Form::Http;
    TooManySessions       "too_many_connections"   429 Form::Http;
    TooManyConnections    "too_many_connections"   429 Form::Exchange;
    RateLimited           "rate_limited"           429 Form::Exchange;
    QuotaExceeded         "quota_exceeded"         429 Form::Exchange;
    Flooded               "rate_limited"           429 Form::Http;
    DiscoveryLimited      "rate_limited"           503 Form::Http;
    BudgetExceeded        "budget_exceeded"        402 Form::Exchange;
    PermissionDenied      "permission_denied"      403 Form::Exchange;
    UnknownTool           "tool_not_found"         404 Form::Hidden(-32602);
    UnknownItem           "not_found"              404 Form::Hidden(-32602);
    UnknownMethod         "not_found"              404 Form::Protocol(-32601);
    UnknownLegacyMethod   "not_found"              404 Form::Hidden(-32601);
    CircuitOpen           "circuit_open"           503 Form::Exchange;
    UpstreamError         "upstream_error"         502 Form::Exchange;
    UpstreamTimeout       "upstream_timeout"       504 Form::Exchange;
    ConfigStale           "config_stale"           503 Form::Http;
    Unavailable           "unavailable"            503 Form::Http;
}

/// An answer, ready to be written.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Rejection {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), retry_after_seconds: None }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self.with("retry_after_seconds", seconds)
    }

    /// The answer on an MCP endpoint. `id` is the request's, as written; `is_tool_call` picks the form.
    pub(crate) fn to_mcp(&self, id: Option<&str>, is_tool_call: bool, request_id: &str) -> Answer {
        let error = |code: i64| self.json_rpc_error(id, code, request_id);
        match self.code.form() {
            Form::Http => Answer { status: self.code.status(), body: error(self.own_code()) },
            Form::Protocol(code) => Answer { status: self.code.status(), body: error(code) },
            Form::Hidden(code) => Answer { status: 200, body: error(code) },
            Form::Exchange if is_tool_call && id.is_some() => {
                Answer { status: 200, body: self.tool_error(id, request_id) }
            }
            Form::Exchange => Answer { status: 200, body: error(self.own_code()) },
        }
    }

    /// The answer on the REST facade (contract 1.4).
    pub(crate) fn to_rest(&self, request_id: &str) -> Answer {
        let mut error = self.description(request_id);
        error.insert("message".into(), self.message.clone().into());
        Answer { status: self.code.status(), body: json!({ "error": error }).to_string() }
    }

    /// Outside the range that JSON-RPC reserves (R2.13).
    fn own_code(&self) -> i64 {
        -31_000 - i64::from(self.code.status())
    }

    fn json_rpc_error(&self, id: Option<&str>, code: i64, request_id: &str) -> String {
        let mut data = self.description(request_id);
        // What MCP itself puts beside the code (R1.5): the versions stand at the top of `data`.
        if let Form::Protocol(_) = self.code.form() {
            data.extend(self.details.clone());
        }
        data.extend(self.retry_after_ms());
        let error = json!({ "code": code, "message": self.message, "data": data });
        envelope(id, "error", &error)
    }

    fn tool_error(&self, id: Option<&str>, request_id: &str) -> String {
        let mut described = self.description(request_id);
        described.insert("message".into(), self.message.clone().into());
        let mut meta = Map::from_iter(self.retry_after_ms());
        meta.insert("io.gatewayops/error".into(), described.into());
        let result = json!({
            "resultType": "complete",
            "isError": true,
            "content": [{ "type": "text", "text": self.message }],
            "_meta": meta,
        });
        envelope(id, "result", &result)
    }

    /// Where clients of MCP look for it (R10.4, R10.9).
    fn retry_after_ms(&self) -> Option<(String, Value)> {
        self.retry_after_seconds
            .map(|seconds| ("retryAfterMs".to_owned(), seconds.saturating_mul(1000).into()))
    }

    fn description(&self, request_id: &str) -> Map<String, Value> {
        let mut description = Map::new();
        description.insert("code".into(), self.code.name().into());
        description.insert("details".into(), self.details.clone().into());
        description.insert("request_id".into(), request_id.into());
        description
    }
}

/// A JSON-RPC response; an id that is not known is left out (R1.7).
fn envelope(id: Option<&str>, member: &str, value: &Value) -> String {
    match id {
        Some(id) => format!(r#"{{"jsonrpc":"2.0","id":{id},"{member}":{value}}}"#),
        None => format!(r#"{{"jsonrpc":"2.0","{member}":{value}}}"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_our_own_keep_out_of_the_reserved_range() {
        for &code in Code::ALL {
            let own = Rejection::new(code, "").own_code();
            assert!(!(-32_768..=-32_000).contains(&own), "{own}");
        }
    }

    #[test]
    fn what_is_decided_about_a_call_is_never_an_http_error() {
        let rejection = Rejection::new(Code::PermissionDenied, "no").with("permission", "mcp:call");
        let answer = rejection.to_mcp(Some("7"), true, "r");
        assert_eq!(answer.status, 200);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["id"], 7);
        assert_eq!(body["result"]["isError"], true);
        assert_eq!(body["result"]["_meta"]["io.gatewayops/error"]["details"]["permission"], "mcp:call");

        let other: Value = serde_json::from_str(&rejection.to_mcp(Some("\"a\""), false, "r").body).unwrap();
        assert_eq!((&other["error"]["code"], &other["id"]), (&json!(-31403), &json!("a")));
    }

    #[test]
    fn a_client_finds_when_to_come_again() {
        let rejection = Rejection::new(Code::RateLimited, "limit reached").retry_after(12);
        let body = |is_tool_call| -> Value {
            serde_json::from_str(&rejection.to_mcp(Some("7"), is_tool_call, "r").body).unwrap()
        };
        let call = body(true);
        assert_eq!(call["result"]["_meta"]["retryAfterMs"], 12_000);
        assert_eq!(call["result"]["_meta"]["io.gatewayops/error"]["code"], "rate_limited");
        let other = body(false);
        assert_eq!(
            (&other["error"]["code"], &other["error"]["data"]["retryAfterMs"]),
            (&json!(-31429), &json!(12_000))
        );
        // A client takes a 4xx on its first question for an old server (R10.4a).
        let discovery = Rejection::new(Code::DiscoveryLimited, "limit reached").retry_after(12);
        assert_eq!(discovery.to_mcp(Some("7"), false, "r").status, 503);
    }

    #[test]
    fn what_is_decided_about_the_request_keeps_its_status() {
        let answer = Rejection::new(Code::MissingCredentials, "send a key").to_mcp(None, false, "r");
        assert_eq!(answer.status, 401);
        assert!(!answer.body.contains("\"id\""));
        let version = Rejection::new(Code::UnsupportedVersion, "x").with("requested", "1").to_mcp(
            Some("1"),
            false,
            "r",
        );
        let body: Value = serde_json::from_str(&version.body).unwrap();
        assert_eq!((version.status, &body["error"]["data"]["requested"]), (400, &json!("1")));
    }

    #[test]
    fn a_hidden_tool_looks_like_an_unknown_one() {
        let answer = Rejection::new(Code::UnknownTool, "Unknown tool: x").to_mcp(Some("1"), true, "r");
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &body["error"]["code"]), (200, &json!(-32602)));
    }
}
