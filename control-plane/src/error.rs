//! The one error of the control plane and its one table: code → HTTP status, gRPC status (contract 1.4).
//!
//! Services and stores return [`Error`]; the two edges (REST, gRPC) turn it into an answer and log what is ours.
//! The message is for people outside; the source stays inside.

use std::{borrow::Cow, fmt};

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

mod database;

pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident $name:literal $http:ident $grpc:ident),* $(,)?) => {
        /// Every code the control plane answers with.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Code { $($variant),* }

        impl Code {
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            #[must_use]
            pub fn http(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$http),* }
            }

            #[must_use]
            pub fn grpc(self) -> tonic::Code {
                match self { $(Self::$variant => tonic::Code::$grpc),* }
            }
        }
    };
}

codes! {
    InvalidJson "invalid_json" BAD_REQUEST InvalidArgument,
    InvalidRequest "invalid_request" BAD_REQUEST InvalidArgument,
    ValidationError "validation_error" BAD_REQUEST InvalidArgument,
    InvalidCursor "invalid_cursor" BAD_REQUEST InvalidArgument,
    ExportTooLarge "export_too_large" BAD_REQUEST OutOfRange,
    MissingCredentials "missing_credentials" UNAUTHORIZED Unauthenticated,
    InvalidCredentials "invalid_credentials" UNAUTHORIZED Unauthenticated,
    ExpiredCredentials "expired_credentials" UNAUTHORIZED Unauthenticated,
    RevokedCredentials "revoked_credentials" UNAUTHORIZED Unauthenticated,
    PermissionDenied "permission_denied" FORBIDDEN PermissionDenied,
    CsrfFailed "csrf_failed" FORBIDDEN PermissionDenied,
    OriginNotAllowed "origin_not_allowed" FORBIDDEN PermissionDenied,
    IpNotAllowed "ip_not_allowed" FORBIDDEN PermissionDenied,
    UserSuspended "user_suspended" FORBIDDEN PermissionDenied,
    SsoRequired "sso_required" FORBIDDEN PermissionDenied,
    SelfReview "self_review" FORBIDDEN PermissionDenied,
    NotFound "not_found" NOT_FOUND NotFound,
    ServerNotFound "server_not_found" NOT_FOUND NotFound,
    ToolNotFound "tool_not_found" NOT_FOUND NotFound,
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED Unimplemented,
    NotAcceptable "not_acceptable" NOT_ACCEPTABLE InvalidArgument,
    PayloadTooLarge "payload_too_large" PAYLOAD_TOO_LARGE ResourceExhausted,
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE InvalidArgument,
    Conflict "conflict" CONFLICT AlreadyExists,
    InvalidState "invalid_state" CONFLICT FailedPrecondition,
    Immutable "immutable" CONFLICT FailedPrecondition,
    InUse "in_use" CONFLICT FailedPrecondition,
    IdempotencyInProgress "idempotency_in_progress" CONFLICT Aborted,
    Expired "expired" GONE FailedPrecondition,
    PreconditionFailed "precondition_failed" PRECONDITION_FAILED Aborted,
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY InvalidArgument,
    RateLimited "rate_limited" TOO_MANY_REQUESTS ResourceExhausted,
    TooManyConnections "too_many_connections" TOO_MANY_REQUESTS ResourceExhausted,
    Internal "internal_error" INTERNAL_SERVER_ERROR Internal,
    UpstreamError "upstream_error" BAD_GATEWAY Unavailable,
    Unavailable "unavailable" SERVICE_UNAVAILABLE Unavailable,
    UpstreamTimeout "upstream_timeout" GATEWAY_TIMEOUT DeadlineExceeded,
    QueryTimeout "query_timeout" GATEWAY_TIMEOUT DeadlineExceeded,
}

/// Why one field of a body is refused; `code` is one of
/// `required type format range length enum unknown unique read_only`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Fault {
    /// Dotted path.
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

#[derive(Debug)]
pub struct Error {
    pub code: Code,
    pub message: Cow<'static, str>,
    pub details: Map<String, Value>,
    pub source: Option<anyhow::Error>,
}

impl Error {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Map::new(), source: None }
    }

    /// Adds one detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.details.insert(name.to_owned(), json!(value));
        self
    }

    /// The same answer once more, without the cause, which is logged once.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { code: self.code, message: self.message.clone(), details: self.details.clone(), source: None }
    }

    /// Keeps the cause for the log; it is never shown.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::new(Code::Internal, "something went wrong on our side; the request id finds it in the log")
            .because(source)
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is no such resource")
    }

    /// A parameter or header that cannot be used.
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidRequest, message)
    }

    /// All that is wrong with a body; the message tells the first.
    #[must_use]
    pub fn validation(faults: Vec<Fault>) -> Self {
        let message = match faults.first() {
            Some(first) if first.field.is_empty() => format!("the body {}", first.message),
            Some(first) => format!("{} {}", first.field, first.message),
            None => "the body is not valid".to_owned(),
        };
        Self::new(Code::ValidationError, message).with("fields", faults)
    }

    /// One field of a body is refused.
    pub fn invalid_field(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::validation(vec![Fault { field: field.to_owned(), code, message: message.into() }])
    }

    #[must_use]
    pub fn permission_denied(permission: &str) -> Self {
        Self::new(Code::PermissionDenied, format!("this needs the permission {permission}"))
            .with("permission", permission)
    }

    #[must_use]
    pub fn conflict(field: &str) -> Self {
        Self::new(Code::Conflict, format!("another resource has this {field}")).with("field", field)
    }

    #[must_use]
    pub fn invalid_state(status: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidState, message).with("status", status)
    }

    /// Something we depend on is away (`database`, `redis`, ...).
    #[must_use]
    pub fn unavailable(dependency: &str) -> Self {
        Self::new(Code::Unavailable, format!("the {dependency} does not answer; try again"))
            .with("dependency", dependency)
    }

    /// `If-Match` names another version than the current one (contract 1.3).
    #[must_use]
    pub fn stale(current_version: i32) -> Self {
        Self::new(Code::PreconditionFailed, "it was changed meanwhile; read it again")
            .with("current_version", current_version)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)?;
        self.source.as_ref().map_or(Ok(()), |source| write!(f, ": {source:#}"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref())
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::internal)
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        if error.code == Code::Internal {
            tracing::error!(%error, "a gRPC call failed");
        }
        Self::new(error.code.grpc(), format!("{}: {}", error.code.name(), error.message))
    }
}
