//! Every reason why a token is not taken, and what its bearer is told. None of them says anything of other tokens.

/// Why a token is not good here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    TooLong,
    Malformed,
    /// One that is never accepted, or not with that key.
    Algorithm,
    /// An ID token, a logout token, or anything else that is signed and opens nothing.
    NoAccessToken,
    /// Bound to a key of the client (RFC 7800): here nothing would check that the client has it.
    SenderConstrained,
    UntrustedIssuer,
    NamesNoKey,
    UnknownKey,
    Signature,
    /// Without the name of a key, the only one there is did not make it: there may be another by now.
    OtherKey,
    NoExpiry,
    Expired,
    NotYetValid,
    LivesTooLong,
    NoSubject,
    Audience,
    /// Its organization is not its subject's.
    Organization,
    UnknownSubject,
    /// Of a key, it does not say by which of its secrets.
    NoSecret,
    SeveralOrganizations,
}

impl Refusal {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::TooLong => "this token is longer than 8 KiB",
            Self::Malformed => "this is no JWT in compact form",
            Self::Algorithm => {
                "this token is signed by an algorithm that is not accepted, or not with its key"
            }
            Self::NoAccessToken => "this is no access token; send the access token, not the ID token",
            Self::SenderConstrained => "this token is bound to a key; ask for a plain bearer token",
            Self::UntrustedIssuer => "this token's issuer is not trusted here",
            Self::NamesNoKey => "this token does not name its key, and its issuer has several",
            Self::UnknownKey => "this token is signed by a key that its issuer does not publish",
            Self::Signature | Self::OtherKey => "this token's signature is wrong",
            Self::NoExpiry => "this token does not say when it expires",
            Self::Expired => "this token has expired; get a new one",
            Self::NotYetValid => "this token is not valid yet; check the clocks",
            Self::LivesTooLong => "this token lives for longer than an hour",
            Self::NoSubject => "this token does not say whose it is",
            Self::Audience => {
                "this token is for another resource; ask for one whose audience is this endpoint"
            }
            Self::Organization => "this token's organization is not that of its subject",
            Self::UnknownSubject => "nobody here is the subject of this token; sign in to the dashboard once",
            Self::NoSecret => {
                "this token of an API key does not say by which secret it was asked for; get a new one"
            }
            Self::SeveralOrganizations => {
                "the subject of this token is several active users here; use an API key of the one you mean"
            }
        }
    }
}
