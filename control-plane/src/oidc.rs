//! OpenID Connect as we speak it to identity providers: what they say about themselves, their keys, the code flow, the
//! tokens. Knows neither the database nor REST; who somebody is to us is decided in `service/sso_login.rs`.
//!
//! Where the six types of contract 4.7 differ, the difference is a pure function in `quirks`.

pub mod cache;
pub mod claims;
pub mod code;
pub mod id_token;
pub mod keys;
pub mod kind;
pub mod logout_token;
pub mod metadata;
pub mod pending;
pub mod quirks;
pub mod redirect;
pub mod refusal;
pub mod user_info;

mod jws;

pub use cache::Cache;
pub use kind::Kind;
pub use metadata::Metadata;
pub use refusal::{Reason, Refusal};
