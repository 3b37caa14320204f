//! Permissions as they are written, and sets of them as bits.
//!
//! A grant is exact, a prefix ending `:*`, or `*`; `x:admin` implies every `x:` permission; `p` implies `p:own`.

use std::ops::BitOrAssign;

/// Every permission of contract 4.1; the ones with an `:own` form are marked. The text is for people. The category is
/// the part before the colon.
pub const VOCABULARY: &[(&str, bool, &str)] = &[
    ("mcp:read", false, "list servers' tools, resources and prompts through the gateway"),
    ("mcp:call", false, "call tools through the gateway"),
    ("servers:read", false, "see MCP servers and their catalogues"),
    ("servers:admin", false, "add, change and remove MCP servers"),
    ("traces:read", true, "see traces of calls"),
    ("traces:payloads", false, "see the recorded arguments and results of calls"),
    ("traces:export", false, "export traces"),
    ("costs:read", true, "see what calls cost"),
    ("costs:export", false, "export costs"),
    ("budgets:read", false, "see budgets and how much is used"),
    ("budgets:admin", false, "set and override budgets"),
    ("policies:read", false, "see tool rules, safety policies and rate limits"),
    ("policies:admin", false, "change tool rules, safety policies and rate limits"),
    ("approvals:read", true, "see requests for approval"),
    ("approvals:request", false, "ask for the approval of a call"),
    ("approvals:review", false, "approve and deny calls"),
    ("alerts:read", false, "see alerts and their rules"),
    ("alerts:ack", false, "acknowledge and resolve alerts"),
    ("alerts:admin", false, "change alert rules, channels and silences"),
    ("keys:read", true, "see API keys"),
    ("keys:create", true, "make and change API keys"),
    ("keys:rotate", true, "give API keys new secrets"),
    ("keys:revoke", true, "end API keys"),
    ("users:read", false, "see users and invites"),
    ("users:admin", false, "invite, change, suspend and remove users"),
    ("teams:read", false, "see teams and their members"),
    ("teams:admin", false, "change teams and their members"),
    ("rbac:read", false, "see roles and who holds them"),
    ("rbac:admin", false, "change roles and assign them"),
    ("audit:read", false, "see the audit log"),
    ("audit:export", false, "export the audit log"),
    ("settings:read", false, "see the organization's settings"),
    ("settings:admin", false, "change the organization's settings"),
    ("sso:read", false, "see identity providers"),
    ("sso:admin", false, "change identity providers"),
    ("platform:admin", false, "make and see other organizations"),
];

/// One of the [`VOCABULARY`], in its full form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Permission(u8);

impl Permission {
    pub const MCP_READ: Self = Self(0);
    pub const MCP_CALL: Self = Self(1);

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let at = VOCABULARY.iter().position(|(known, ..)| *known == name)?;
        u8::try_from(at).ok().map(Self)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        VOCABULARY[usize::from(self.0)].0
    }

    pub fn all() -> impl Iterator<Item = Self> {
        (0..VOCABULARY.len()).filter_map(|at| u8::try_from(at).ok().map(Self))
    }

    fn bit(self) -> u128 {
        1 << self.0
    }

    /// `:own` forms have the upper half.
    fn own_bit(self) -> u128 {
        self.bit() << OWN
    }
}

const OWN: u32 = 64;
const _: () = assert!(VOCABULARY.len() <= OWN as usize, "a half of the bits holds the vocabulary");

/// A set of permissions and of their `:own` forms.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Permissions(u128);

impl Permissions {
    /// All that a grant implies. One that is not known implies nothing.
    #[must_use]
    pub fn of(grant: &str) -> Self {
        let mut set = Self::default();
        for permission in Permission::all() {
            let name = permission.name();
            if implies(grant, name) {
                set.0 |= permission.bit();
            }
            if implies(grant, &format!("{name}:own")) {
                set.0 |= permission.own_bit();
            }
        }
        set
    }

    #[must_use]
    pub fn of_all<'a>(grants: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for grant in grants {
            set |= Self::of(grant);
        }
        set
    }

    #[must_use]
    pub fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    #[must_use]
    pub fn has_own(self, permission: Permission) -> bool {
        self.0 & permission.own_bit() != 0
    }
}

impl BitOrAssign for Permissions {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Whether holding `grant` means holding `permission` (without `:own`, unless `permission` ends so).
#[must_use]
pub fn implies(grant: &str, permission: &str) -> bool {
    // Other organizations are no part of "everything" (contract 4.1).
    if permission.strip_suffix(":own").unwrap_or(permission) == "platform:admin" {
        return grant == "platform:admin";
    }
    if grant == "*" || grant == permission || permission.strip_suffix(":own") == Some(grant) {
        return true;
    }
    if let Some(prefix) = grant.strip_suffix('*')
        && prefix.ends_with(':')
    {
        return permission.starts_with(prefix);
    }
    grant.strip_suffix("admin").is_some_and(|prefix| prefix.ends_with(':') && permission.starts_with(prefix))
}

/// Whether a holder of `grant` may hand on `pattern`, which may itself be a prefix or `*`.
#[must_use]
pub fn covers(grant: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => grant == "*",
        Some(prefix) => {
            grant == "*"
                || grant.strip_suffix('*').is_some_and(|held| held.ends_with(':') && prefix.starts_with(held))
                || grant.strip_suffix("admin") == Some(prefix)
        }
        None => implies(grant, pattern),
    }
}

/// Whether `pattern` can be a grant at all.
#[must_use]
pub fn is_known(pattern: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (name, own) = pattern.strip_suffix(":own").map_or((pattern, false), |name| (name, true));
    match name.strip_suffix('*') {
        Some(prefix) => {
            !own && prefix.ends_with(':') && VOCABULARY.iter().any(|(known, ..)| known.starts_with(prefix))
        }
        None => VOCABULARY.iter().any(|&(known, has_own, _)| known == name && (!own || has_own)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_imply_as_the_contract_says() {
        for (grant, permission, expected) in [
            ("*", "traces:read", true),
            ("*", "platform:admin", false),
            ("platform:admin", "platform:admin", true),
            ("platform:*", "platform:admin", false),
            ("traces:read", "traces:read", true),
            ("traces:read", "traces:read:own", true),
            ("traces:read:own", "traces:read", false),
            ("traces:read:own", "traces:read:own", true),
            ("traces:*", "traces:payloads", true),
            ("traces:*", "traces:read:own", true),
            ("traces:*", "tracesx:read", false),
            ("trace*", "traces:read", false),
            ("servers:admin", "servers:read", true),
            ("servers:admin", "server:read", false),
            ("admin", "admins:read", false),
            ("keys:rotate:own", "keys:rotate", false),
            ("keys:read", "keys:rotate", false),
        ] {
            assert_eq!(implies(grant, permission), expected, "{grant} → {permission}");
        }
    }

    #[test]
    fn nobody_hands_on_more_than_they_hold() {
        for (grant, pattern, expected) in [
            ("*", "*", true),
            ("traces:*", "*", false),
            ("*", "mcp:*", true),
            ("mcp:*", "mcp:*", true),
            ("mcp:call", "mcp:*", false),
            ("servers:admin", "servers:*", true),
            ("keys:*", "keys:read:own", true),
            ("*", "platform:admin", false),
        ] {
            assert_eq!(covers(grant, pattern), expected, "{grant} covers {pattern}");
        }
    }

    #[test]
    fn only_what_the_contract_lists_can_be_granted() {
        for good in ["*", "mcp:*", "keys:read:own", "traces:read", "platform:admin"] {
            assert!(is_known(good), "{good}");
        }
        for bad in ["", "**", "mcp", "mcp:", "mcp:delete", "servers:read:own", "m*", "nope:*", "keys:*:own"] {
            assert!(!is_known(bad), "{bad}");
        }
    }

    #[test]
    fn names_and_bits_belong_together() {
        assert_eq!(Permission::MCP_READ.name(), "mcp:read");
        assert_eq!(Permission::MCP_CALL.name(), "mcp:call");
        for permission in Permission::all() {
            let name = permission.name();
            assert_eq!(Permission::named(name), Some(permission));
            let set = Permissions::of(name);
            assert!(set.has(permission) && (set.has_own(permission)), "{name} implies its own form");
            assert!(!Permissions::of(&format!("{name}:own")).has(permission), "{name}");
        }
        assert_eq!(Permissions::of("nope:*"), Permissions::default());
    }
}
