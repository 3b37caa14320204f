//! Every way a visit to a server can fail, in words an administrator can act on. Never holds a secret, a URL or a body.

use reqwest::StatusCode;

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("cannot connect: {0}")]
    Connect(String),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("no answer in time")]
    Timeout,
    #[error("the server refuses the credential (HTTP {0}); check the server's auth settings")]
    Credential(StatusCode),
    #[error("no access token: {0}")]
    Token(String),
    #[error("the server limits requests (HTTP 429); it is asked again later")]
    RateLimited,
    #[error("the server failed with HTTP {0}")]
    Status(StatusCode),
    #[error("the server redirects (HTTP {0}); set url to the address it points to")]
    Redirect(StatusCode),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    #[error("this is no MCP answer: {0}")]
    NotMcp(String),
    #[error("the server answers {method} with error {code}: {message}")]
    Refused { method: &'static str, code: i64, message: String },
    #[error("no protocol version in common: the server speaks {0}")]
    Version(String),
    #[error("the server speaks the older HTTP+SSE transport; set transport to sse")]
    Transport,
    #[error("the list {0} does not end: {1}")]
    Endless(&'static str, String),
    #[error("{0}")]
    Setting(String),
}

impl Fault {
    /// The stable word for it (`details.reason` of `upstream_error`, contract 1.4).
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Connect(_) | Self::Broken(_) => "connect",
            Self::Timeout => "timeout",
            Self::Credential(_) | Self::Token(_) => "credential",
            Self::RateLimited => "rate_limited",
            Self::Status(_) | Self::Redirect(_) => "status",
            Self::TooLarge(_) => "too_large",
            Self::NotMcp(_) | Self::Endless(..) => "invalid_answer",
            Self::Refused { .. } => "jsonrpc",
            Self::Version(_) | Self::Transport => "protocol",
            Self::Setting(_) => "setting",
        }
    }

    /// The JSON-RPC code the server refused with.
    #[must_use]
    pub fn jsonrpc_code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Statuses that say nothing about the era the server is of (R4.1), and everything else that is no answer.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(Self::Credential(status)),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::RateLimited),
            _ if status.is_redirection() => Some(Self::Redirect(status)),
            _ if status.is_server_error() => Some(Self::Status(status)),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let connecting = error.is_connect();
        let mut cause: &dyn std::error::Error = &error.without_url();
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let cause = clipped(&cause.to_string());
        if connecting { Self::Connect(cause) } else { Self::Broken(cause) }
    }
}

/// Foreign text, short enough for a message and free of what could forge one.
pub(super) fn clipped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
