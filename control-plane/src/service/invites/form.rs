//! What is said about an invite, by who sends it and by who has it (contract 3.3).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    id::TeamId,
    mail::is_address,
    rest::form::{Faults, Form},
};

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = InviteStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Accepted,
    Expired,
    Revoked,
}

impl Status {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InviteForm {
    #[schema(required, max_length = 254)]
    pub email: String,
    /// Name or id.
    pub role: String,
    pub team_ids: Vec<TeamId>,
}

impl Default for InviteForm {
    fn default() -> Self {
        Self { email: String::new(), role: "developer".to_owned(), team_ids: Vec::new() }
    }
}

impl Form for InviteForm {
    const REQUIRED: &'static [&'static str] = &["email"];

    fn check(&self, faults: &mut Faults) {
        if !is_address(self.email.trim()) {
            faults.add("email", "format", "must be an e-mail address");
        }
        faults.length("role", &self.role, 1..=50);
        if self.team_ids.len() > 100 {
            faults.add("team_ids", "length", "must have at most 100 entries");
        }
    }
}

impl InviteForm {
    pub(super) fn distinct_teams(&self) -> Vec<Uuid> {
        let mut teams: Vec<Uuid> = self.team_ids.iter().map(|team| team.0).collect();
        teams.sort_unstable();
        teams.dedup();
        teams
    }
}

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = LookUpInviteForm)]
#[serde(default, deny_unknown_fields)]
pub struct LookupForm {
    /// What follows `#token=` in the link.
    #[schema(required)]
    pub token: String,
}

impl Form for LookupForm {
    const REQUIRED: &'static [&'static str] = &["token"];

    fn check(&self, faults: &mut Faults) {
        faults.length("token", &self.token, 1..=1000);
    }
}

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AcceptInviteForm)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptForm {
    #[schema(required)]
    pub token: String,
    #[schema(required, min_length = 1, max_length = 200)]
    pub name: String,
    /// Needed where people log in by password.
    #[schema(min_length = 12, max_length = 128)]
    pub password: Option<String>,
}

impl Form for AcceptForm {
    const REQUIRED: &'static [&'static str] = &["token", "name"];

    fn check(&self, faults: &mut Faults) {
        faults.length("token", &self.token, 1..=1000);
        faults.length("name", &self.name, 1..=200);
        if let Some(password) = &self.password {
            faults.length("password", password, 12..=128);
        }
    }
}
