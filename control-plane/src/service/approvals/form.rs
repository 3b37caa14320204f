//! The bodies of approvals: what is asked for, what is decided.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    id::ApiKeyId,
    rest::form::{Faults, Form},
};

/// Redacted arguments are kept up to this size, from proxies too.
pub const MAX_ARGUMENTS_BYTES: usize = 64 << 10;

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ApprovalForm)]
#[serde(default, deny_unknown_fields)]
pub struct RequestForm {
    /// The server's name.
    #[schema(required, max_length = 63)]
    pub mcp_server: String,
    #[schema(required, max_length = 255)]
    pub tool_name: String,
    /// Exactly as the call will have them: an approval fits these and no others.
    #[schema(required, value_type = Object)]
    pub arguments: Value,
    /// The key that will call; null: the caller.
    pub api_key_id: Option<ApiKeyId>,
    #[schema(max_length = 1000)]
    pub reason: String,
}

impl Form for RequestForm {
    const REQUIRED: &'static [&'static str] = &["mcp_server", "tool_name", "arguments"];
    const VERBATIM: &'static [&'static str] = &["arguments"];

    fn check(&self, faults: &mut Faults) {
        faults.length("mcp_server", &self.mcp_server, 1..=63);
        faults.length("tool_name", &self.tool_name, 1..=255);
        faults.length("reason", &self.reason, 0..=1000);
        // Missing arguments are null here, and a fault already.
        if !self.arguments.is_object() && !self.arguments.is_null() {
            faults.add("arguments", "type", "must be an object");
        }
        if self.arguments.to_string().len() > MAX_ARGUMENTS_BYTES {
            faults.add(
                "arguments",
                "length",
                format!("must have at most {MAX_ARGUMENTS_BYTES} bytes as JSON"),
            );
        }
        for (field, text) in
            [("mcp_server", &self.mcp_server), ("tool_name", &self.tool_name), ("reason", &self.reason)]
        {
            refuse_nul(faults, field, text);
        }
    }
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ApprovalApproveForm)]
#[serde(default, deny_unknown_fields)]
pub struct ApproveForm {
    /// For whoever asked.
    #[schema(max_length = 1000)]
    pub note: String,
    /// How long it can be used; null: as the settings say.
    #[schema(minimum = 60, maximum = 604_800)]
    pub valid_seconds: Option<i64>,
    /// How many calls it lets through.
    #[schema(minimum = 1, maximum = 1000)]
    pub max_uses: i32,
}

impl Default for ApproveForm {
    fn default() -> Self {
        Self { note: String::new(), valid_seconds: None, max_uses: 1 }
    }
}

impl Form for ApproveForm {
    fn check(&self, faults: &mut Faults) {
        check_note(faults, &self.note);
        if let Some(seconds) = &self.valid_seconds {
            faults.range("valid_seconds", seconds, 60..=604_800);
        }
        faults.range("max_uses", &self.max_uses, 1..=1000);
    }
}

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ApprovalDenyForm)]
#[serde(default, deny_unknown_fields)]
pub struct DenyForm {
    /// Why, for whoever asked.
    #[schema(max_length = 1000)]
    pub note: String,
}

impl Form for DenyForm {
    fn check(&self, faults: &mut Faults) {
        check_note(faults, &self.note);
    }
}

/// Nothing is said by it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ApprovalCancelForm)]
#[serde(default, deny_unknown_fields)]
pub struct CancelForm {}

impl Form for CancelForm {
    fn check(&self, _: &mut Faults) {}
}

fn check_note(faults: &mut Faults, note: &str) {
    faults.length("note", note, 0..=1000);
    refuse_nul(faults, "note", note);
}

/// Postgres keeps no U+0000.
fn refuse_nul(faults: &mut Faults, field: &str, text: &str) {
    if text.contains('\0') {
        faults.add(field, "format", "must not hold the character U+0000");
    }
}
