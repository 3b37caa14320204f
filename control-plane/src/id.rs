//! Typed identifiers: an `OrgId` cannot be passed where a `ServerId` is wanted. All are UUIDs, version 7 for new rows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident),* $(,)?) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh, time-ordered id.
            #[expect(clippy::new_without_default, reason = "every call gives another id")]
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
                let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
                ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
            }
        }

        // No name of its own in the document: it is inlined as a plain uuid.
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed("Uuid")
            }
        }
    )*};
}

ids! {
    /// An organization (tenant).
    OrgId,
    UserId,
    TeamId,
    ApiKeyId,
    /// A dashboard session (log-in), not an MCP session.
    SessionId,
    RoleId,
    RoleAssignmentId,
    InviteId,
    /// A configured MCP server.
    ServerId,
    ToolId,
    ToolClassificationId,
    ToolPermissionId,
    PriceId,
    /// A span's row, not its W3C id.
    SpanRowId,
    ApprovalId,
    AuditId,
    /// An identity provider.
    ProviderId,
    RateLimitId,
    BudgetId,
    SafetyPolicyId,
    /// Something that a safety policy minded.
    DetectionId,
    WebhookId,
    /// Of one event to one webhook.
    DeliveryId,
    JobId,
    AlertRuleId,
    AlertChannelId,
    AlertSilenceId,
    AlertId,
    AlertNotificationId,
    /// Where an organization has its spans sent.
    ExporterId,
}
