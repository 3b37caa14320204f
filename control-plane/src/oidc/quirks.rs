//! Where providers differ from each other and from the book, one decision a file, all of them pure.

pub mod domain;
pub mod email;
pub mod groups;
pub mod issuer;
pub mod scopes;
