//! The decision against a model that is too simple to be wrong: every grant is looked at, as text.

use proptest::{prelude::*, sample::select};

use super::*;

const PLACES: u128 = 4;

/// A grant as somebody wrote it, and where.
type Granted = (String, Scope);

fn place() -> impl Strategy<Value = Uuid> {
    (0..PLACES).prop_map(Uuid::from_u128)
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![Just(Scope::Everywhere), place().prop_map(Scope::Team), place().prop_map(Scope::Server)]
}

/// What people can be granted, and what they cannot.
fn pattern() -> impl Strategy<Value = String> {
    let name = select(VOCABULARY).prop_map(|(name, ..)| name.to_owned());
    let own = name.clone().prop_map(|name| format!("{name}:own"));
    let prefix = name.clone().prop_map(|name| format!("{}:*", name.split(':').next().unwrap_or_default()));
    let odd = select(vec!["*", "mcp", "m*", "", "platform:*", "*:own"]).prop_map(str::to_owned);
    prop_oneof![4 => name, 2 => own, 2 => prefix, 1 => odd]
}

fn subject() -> impl Strategy<Value = Subject> {
    let some = || proptest::option::of(place());
    (some(), some(), some(), some()).prop_map(|(user, api_key, team, server)| Subject {
        user,
        api_key,
        team,
        server,
    })
}

fn holder() -> impl Strategy<Value = Holder> {
    (proptest::option::of(place()), proptest::option::of(place()))
        .prop_map(|(user, api_key)| Holder { user, api_key })
}

fn implied(grants: &[String], permission: &str) -> bool {
    grants.iter().any(|grant| implies(grant, permission))
}

/// Contract 1.6, word for word.
fn model(
    holder: Holder,
    granted: &[Granted],
    within: Option<&[String]>,
    permission: &str,
    subject: &Subject,
) -> bool {
    let of_key = |permission: &str| within.is_none_or(|within| implied(within, permission));
    let counts = |scope: &Scope| match scope {
        Scope::Everywhere => true,
        Scope::Team(team) => subject.team == Some(*team),
        Scope::Server(server) => subject.server == Some(*server),
    };
    let held = granted.iter().any(|(grant, scope)| counts(scope) && implies(grant, permission));
    let own = format!("{permission}:own");
    let may_own = granted.iter().any(|(grant, scope)| *scope == Scope::Everywhere && implies(grant, &own));
    let is_own = holder.user.is_some_and(|user| subject.user == Some(user))
        || holder.api_key.is_some_and(|key| subject.api_key == Some(key));
    (held && of_key(permission)) || (may_own && is_own && of_key(&own))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn a_decision_is_what_the_contract_says_and_lists_reach_what_it_allows(
        holder in holder(),
        granted in prop::collection::vec((pattern(), scope()), 0..6),
        within in proptest::option::of(prop::collection::vec(pattern(), 0..3)),
        (name, ..) in select(VOCABULARY),
        subject in subject(),
    ) {
        let mut access = Access::new(holder, granted.iter().map(|(grant, scope)| (grant.as_str(), *scope)));
        if let Some(within) = &within {
            access = access.within(Permissions::of_all(within.iter().map(String::as_str)));
        }
        let permission = Permission::named(name).unwrap();
        let decision = access.decide(permission, &subject);
        let expected = model(holder, &granted, within.as_deref(), name, &subject);
        prop_assert_eq!(decision.is_allowed(), expected, "{:?}", decision);

        let reach = access.reach(permission);
        let reached = reach.everything
            || (reach.own && holder.owns(&subject))
            || subject.team.is_some_and(|team| reach.teams.contains(&team))
            || subject.server.is_some_and(|server| reach.servers.contains(&server));
        prop_assert_eq!(reached, expected, "{:?}", reach);
        prop_assert_eq!(reach.everything, access.everywhere(permission));
    }
}

#[test]
fn a_decision_says_why() {
    let (team, server, user) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let holder = Holder { user: Some(user), api_key: None };
    let access = Access::new(
        holder,
        [
            ("servers:read", Scope::Everywhere),
            ("keys:read:own", Scope::Everywhere),
            ("mcp:*", Scope::Server(server)),
            ("traces:*", Scope::Team(team)),
        ],
    );
    let ask = |access: &Access, name: &str, subject: Subject| {
        access.decide(Permission::named(name).unwrap(), &subject)
    };
    let nothing = Subject::default();
    let of_team = Subject { team: Some(team), ..nothing };
    let at_server = Subject { server: Some(server), ..nothing };
    let mine = Subject { user: Some(user), ..nothing };
    assert_eq!(ask(&access, "servers:read", nothing), Decision::Granted(Scope::Everywhere));
    assert_eq!(ask(&access, "traces:read", of_team), Decision::Granted(Scope::Team(team)));
    assert_eq!(ask(&access, "mcp:call", at_server), Decision::Granted(Scope::Server(server)));
    assert_eq!(ask(&access, "mcp:call", of_team), Decision::NotGranted);
    assert_eq!(ask(&access, "keys:read", mine), Decision::Own);
    let key = access.within(Permissions::of("mcp:read"));
    assert_eq!(ask(&key, "mcp:call", at_server), Decision::NotOfKey);
    assert_eq!(ask(&key, "mcp:read", at_server), Decision::Granted(Scope::Server(server)));
}

#[test]
fn a_key_is_for_the_servers_and_tools_that_it_names() {
    let coverage = |servers: &[&str], tools: &[&str]| Coverage {
        servers: servers.iter().map(|glob| (*glob).to_owned()).collect(),
        tools: tools.iter().map(|glob| (*glob).to_owned()).collect(),
    };
    let some = coverage(&["git*"], &["github__*", "!github__delete*"]);
    assert!(some.server("github") && !some.server("jira"));
    assert!(
        some.tool("github", "read") && !some.tool("github", "delete_repo") && !some.tool("gitlab", "read")
    );
    assert!(!some.every_tool() && coverage(&["*"], &["*"]).every_tool());
    assert!(!coverage(&["*"], &[]).every_tool() && !coverage(&["*"], &[]).tool("a", "b"));
}
