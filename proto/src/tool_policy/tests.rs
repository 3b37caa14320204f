//! Every rule of contract 3.7 and 4.5 by itself; all of them together against a model in `model`.

use super::*;
use crate::control::{ArgumentRule, ToolClassification, ToolPermission, ToolPolicy};

mod model;

const USER: u128 = 1;
const TEAM: u128 = 2;
const KEY: u128 = 3;
const NOW: i64 = 1_000_000;
const TEAMS: [Uuid; 1] = [Uuid::from_u128(TEAM)];

/// The defaults of contract 3.2.
fn defaults() -> ToolPolicy {
    ToolPolicy {
        safe: "allow".into(),
        sensitive: "allow".into(),
        dangerous: "approve".into(),
        unknown_tool: "sensitive".into(),
        new_tool: "allow".into(),
        changed_tool: "quarantine".into(),
    }
}

fn bytes(id: u128) -> prost::bytes::Bytes {
    prost::bytes::Bytes::copy_from_slice(Uuid::from_u128(id).as_bytes())
}

fn classification(id: u128, server: &str, tool: &str, level: &str) -> ToolClassification {
    ToolClassification {
        id: bytes(id),
        mcp_server: server.into(),
        tool_name: tool.into(),
        classification: level.into(),
        ..Default::default()
    }
}

/// For the user, on everything.
fn permission(id: u128, effect: &str) -> ToolPermission {
    ToolPermission {
        id: bytes(id),
        subject_type: "user".into(),
        subject_id: bytes(USER),
        mcp_server: "*".into(),
        tool_name: "*".into(),
        effect: effect.into(),
        ..Default::default()
    }
}

fn rule(pointer: &str, op: &str, values: &[&str]) -> ArgumentRule {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    ArgumentRule { pointer: pointer.into(), op: op.into(), values }
}

fn ruled(id: u128, effect: &str, rules: &[ArgumentRule]) -> ToolPermission {
    ToolPermission { argument_rules: rules.to_vec(), ..permission(id, effect) }
}

fn policies(classifications: &[ToolClassification], permissions: &[ToolPermission]) -> ToolPolicies {
    ToolPolicies::new(&defaults(), classifications, permissions)
}

fn tool(name: &str) -> Tool<'_> {
    Tool { server: "github", name, state: State::Active, destructive: false }
}

fn call(name: &str) -> Call<'_> {
    let caller =
        Caller { user: Some(Uuid::from_u128(USER)), teams: &TEAMS, api_key: Some(Uuid::from_u128(KEY)) };
    Call { tool: tool(name), caller, arguments: Some("{}"), now_ms: NOW }
}

/// Approval is wanted unless a permission says otherwise.
fn dangerous<'a>(arguments: &'a str) -> Call<'a> {
    Call { arguments: Some(arguments), ..call("delete_repo") }
}

fn id(id: u128) -> Option<Uuid> {
    Some(Uuid::from_u128(id))
}

fn verdict(permissions: &[ToolPermission], call: &Call<'_>) -> Verdict {
    policies(&[], permissions).decide(call).verdict
}

#[test]
fn a_name_has_the_level_of_the_table_and_exact_names_win() {
    use Level::{Dangerous, Safe, Sensitive};
    for (name, level, source) in [
        ("read_file", Safe, Source::Name),
        ("execute_sql", Sensitive, Source::Name),
        ("execute_command", Dangerous, Source::Name),
        ("run_shell", Dangerous, Source::Name),
        ("delete_file", Dangerous, Source::Name),
        ("delete_database", Dangerous, Source::Name),
        ("drop_table", Dangerous, Source::Name),
        ("admin_action", Dangerous, Source::Name),
        ("Delete_Everything", Dangerous, Source::Name),
        ("READ_FILE", Sensitive, Source::UnknownTool),
        ("undelete_file", Sensitive, Source::UnknownTool),
        ("é", Sensitive, Source::UnknownTool),
    ] {
        let found = policies(&[], &[]).classify(&tool(name));
        assert_eq!((found.level, found.source), (level, source), "{name}");
    }
}

#[test]
fn a_hint_raises_a_level_and_never_lowers_it() {
    for name in ["read_file", "write_file", "whatever"] {
        let found = policies(&[], &[]).classify(&Tool { destructive: true, ..tool(name) });
        assert_eq!((found.level, found.source), (Level::Dangerous, Source::Annotation), "{name}");
    }
    let found = policies(&[], &[]).classify(&Tool { destructive: true, ..tool("delete_file") });
    assert_eq!((found.level, found.source), (Level::Dangerous, Source::Name));
}

#[test]
fn the_most_specific_classification_wins_over_others_and_over_names() {
    let rows = [
        classification(1, "*", "*", "dangerous"),
        classification(2, "git*", "*", "sensitive"),
        classification(3, "github", "delete_*", "safe"),
        classification(4, "*", "delete_repo", "dangerous"),
        classification(5, "github", "delete_repo", "sensitive"),
    ];
    for (name, server, row) in [
        ("delete_repo", "github", 5),
        ("delete_issue", "github", 3),
        ("get", "github", 2),
        ("delete_repo", "gitlab", 4),
        ("get", "files", 1),
    ] {
        let found = policies(&rows, &[]).classify(&Tool { server, ..tool(name) });
        assert_eq!(found.source, Source::Classification(Uuid::from_u128(row)), "{server} {name}");
    }
    let tie = [classification(1, "a*", "*b", "safe"), classification(2, "*a", "b*", "dangerous")];
    let found = policies(&tie, &[]).classify(&Tool { server: "a", ..tool("b") });
    assert_eq!(found.level, Level::Dangerous, "the stricter of two that are as specific");
}

#[test]
fn a_row_says_whether_it_wants_approval_else_the_policy_does() {
    for (level, requires_approval, expected) in [
        ("dangerous", None, Verdict::ApprovalRequired),
        ("dangerous", Some(false), Verdict::Allow),
        ("safe", Some(true), Verdict::ApprovalRequired),
        ("safe", None, Verdict::Allow),
        ("harmless", Some(false), Verdict::Deny(Denial::Classification)),
    ] {
        let row = ToolClassification { requires_approval, ..classification(7, "*", "*", level) };
        let decision = policies(&[row], &[]).decide(&call("get"));
        assert_eq!((decision.verdict, decision.rule), (expected, id(7)), "{level} {requires_approval:?}");
    }
}

#[test]
fn a_deny_wins_over_every_allow() {
    let team =
        ToolPermission { subject_type: "team".into(), subject_id: bytes(TEAM), ..permission(9, "deny") };
    let decision = policies(&[], &[permission(1, "allow"), team]).decide(&call("read_file"));
    assert_eq!((decision.verdict, decision.rule), (Verdict::Deny(Denial::Permission), id(9)));
}

#[test]
fn an_allow_lifts_approval_and_a_denial_by_level() {
    assert_eq!(verdict(&[], &dangerous("{}")), Verdict::ApprovalRequired);
    let decision = policies(&[], &[permission(1, "allow")]).decide(&dangerous("{}"));
    assert_eq!((decision.verdict, decision.rule), (Verdict::Allow, id(1)));
    let strict = ToolPolicy { dangerous: "deny".into(), ..defaults() };
    let of = |permissions: &[ToolPermission]| {
        ToolPolicies::new(&strict, &[], permissions).decide(&dangerous("{}")).verdict
    };
    assert_eq!(of(&[]), Verdict::Deny(Denial::Classification));
    assert_eq!(of(&[permission(1, "allow")]), Verdict::Allow);
}

#[test]
fn an_allow_lifts_neither_block_nor_quarantine() {
    let policies = policies(&[], &[permission(1, "allow")]);
    for (state, denial, code) in [
        (State::Blocked, Denial::Blocked, "tool_denied"),
        (State::Changed, Denial::Quarantined, "tool_quarantined"),
    ] {
        let call = Call { tool: Tool { state, ..tool("read_file") }, ..call("") };
        let decision = policies.decide(&call);
        assert_eq!(decision.verdict, Verdict::Deny(denial));
        assert_eq!(denial.code(), code);
        assert!(!policies.visible(&call.tool, call.caller, NOW));
        assert_eq!(policies.action(&call.tool), Action::Deny);
    }
}

#[test]
fn a_new_or_changed_definition_is_used_as_the_policy_says() {
    for (said, expected, warn) in [
        ("allow", Verdict::Allow, false),
        ("warn", Verdict::Allow, true),
        ("quarantine", Verdict::Deny(Denial::Quarantined), false),
        ("perhaps", Verdict::Deny(Denial::Quarantined), false),
    ] {
        let policy = ToolPolicy { new_tool: said.into(), changed_tool: said.into(), ..defaults() };
        let policies = ToolPolicies::new(&policy, &[], &[]);
        for state in [State::New, State::Unknown, State::Changed] {
            let decision = policies.decide(&Call { tool: Tool { state, ..tool("get") }, ..call("") });
            assert_eq!((decision.verdict, decision.warn), (expected, warn), "{said} {state:?}");
        }
        assert!(!policies.decide(&call("get")).warn, "an approved definition is no matter for warnings");
    }
}

#[test]
fn a_permission_is_about_its_subject_server_tool_and_time_only() {
    let deny = permission(1, "deny");
    let none = Verdict::Allow;
    for (what, row) in [
        ("somebody else", ToolPermission { subject_id: bytes(99), ..deny.clone() }),
        ("a team of the user's id", ToolPermission { subject_type: "team".into(), ..deny.clone() }),
        ("another server", ToolPermission { mcp_server: "gitlab".into(), ..deny.clone() }),
        ("another tool", ToolPermission { tool_name: "put_*".into(), ..deny.clone() }),
        ("yesterday", ToolPermission { expires_at_ms: NOW, ..deny.clone() }),
    ] {
        assert_eq!(verdict(&[row], &call("get")), none, "{what}");
    }
    for (what, row) in [
        ("the user", deny.clone()),
        (
            "the key",
            ToolPermission { subject_type: "api_key".into(), subject_id: bytes(KEY), ..deny.clone() },
        ),
        ("until later", ToolPermission { expires_at_ms: NOW + 1, ..deny.clone() }),
        ("a pattern", ToolPermission { mcp_server: "git*".into(), tool_name: "g*".into(), ..deny }),
    ] {
        assert_eq!(verdict(&[row], &call("get")), Verdict::Deny(Denial::Permission), "{what}");
    }
}

#[test]
fn an_argument_rule_holds_for_what_it_names() {
    for (op, values, value, fits) in [
        ("eq", &[r#""x""#][..], r#""x""#, true),
        ("eq", &[r#""x""#], r#""\u0078""#, true),
        ("eq", &[r#""x""#], r#""X""#, false),
        ("eq", &["1"], "1.0", true),
        ("eq", &["1"], "10e-1", true),
        ("eq", &["1"], r#""1""#, false),
        ("eq", &["9007199254740993"], "9007199254740992", false),
        ("eq", &["true"], "true", true),
        ("eq", &["null"], "null", true),
        ("eq", &["null"], "false", false),
        ("in", &["1", r#""b""#], r#""b""#, true),
        ("in", &["1", r#""b""#], "2", false),
        ("not_in", &["1", "2"], "3", true),
        ("not_in", &["1", "2"], "2.0", false),
        ("prefix", &[r#""/tmp/""#, r#""/work/""#], r#""/work/a""#, true),
        ("prefix", &[r#""/work/""#], r#""/etc""#, false),
        ("prefix", &[r#""/work/""#], r#""/work/../etc""#, false),
        ("prefix", &[r#""/work/""#], r#""/work/a..b""#, true),
        ("glob", &[r#""*.md""#], r#""a.md""#, true),
        ("glob", &[r#""*.md""#], r#""a.exe""#, false),
    ] {
        let arguments = format!(r#"{{"other": [1, {{"x": 2}}], "a": {{"b": [0, {value}]}}}}"#);
        let row = ruled(1, "allow", &[rule("/a/b/1", op, values)]);
        let expected = if fits { Verdict::Allow } else { Verdict::ApprovalRequired };
        assert_eq!(verdict(&[row], &dangerous(&arguments)), expected, "{op} {values:?} {value}");
    }
}

#[test]
fn all_rules_of_a_permission_have_to_fit() {
    let row = ruled(1, "allow", &[rule("/a", "eq", &["1"]), rule("/b", "eq", &["2"])]);
    assert_eq!(verdict(std::slice::from_ref(&row), &dangerous(r#"{"a":1,"b":2}"#)), Verdict::Allow);
    assert_eq!(verdict(&[row], &dangerous(r#"{"a":1,"b":3}"#)), Verdict::ApprovalRequired);
}

#[test]
fn a_deny_with_rules_is_about_those_arguments_only() {
    let row = ruled(1, "deny", &[rule("/force", "eq", &["true"])]);
    let policies = policies(&[], &[row]);
    let of = |arguments| policies.decide(&Call { arguments: Some(arguments), ..call("push") });
    let denied = of(r#"{"force": true}"#);
    assert_eq!((denied.verdict, denied.rule), (Verdict::Deny(Denial::Arguments), id(1)));
    assert_eq!(of(r#"{"force": false}"#).verdict, Verdict::Allow);
    assert_eq!(of("{}").verdict, Verdict::Allow);
    assert!(policies.visible(&tool("push"), call("").caller, NOW), "with other arguments it can be called");
}

#[test]
fn what_is_not_clear_lifts_nothing_and_gets_around_nothing() {
    let many: String = (0..40).map(|n| format!(r#""k{n}": {n}, "#)).collect();
    let many_twice = format!(r#"{{{many}"a": 1, "a": 1}}"#);
    let unclear: &[(&str, Option<&str>, ArgumentRule)] = &[
        ("not known", None, rule("/a", "eq", &["1"])),
        ("no object", Some("[1]"), rule("/0", "eq", &["1"])),
        ("no JSON", Some(r#"{"a": 1"#), rule("/a", "eq", &["1"])),
        ("more than JSON", Some(r#"{"a": 1} 2"#), rule("/a", "eq", &["1"])),
        ("twice", Some(r#"{"a": 1, "a": 1}"#), rule("/a", "eq", &["1"])),
        ("twice by escape", Some(r#"{"a": 2, "\u0061": 1}"#), rule("/a", "eq", &["1"])),
        ("twice on the way", Some(r#"{"a": {"b": 1}, "a": {"b": 2}}"#), rule("/a/b", "eq", &["1"])),
        ("twice further in", Some(r#"{"a": {"b": 1, "b": 2}}"#), rule("/a/b", "eq", &["1"])),
        ("twice among many", Some(&many_twice), rule("/a", "eq", &["1"])),
        ("a list", Some(r#"{"a": ["1"]}"#), rule("/a", "eq", &["1"])),
        ("nothing, for not_in", Some("{}"), rule("/a", "not_in", &["1"])),
        ("no string, for prefix", Some(r#"{"a": 1}"#), rule("/a", "prefix", &[r#""1""#])),
        ("a step up", Some(r#"{"a": "/w/../x"}"#), rule("/a", "prefix", &[r#""/w/""#])),
        ("a float's neighbour", Some(r#"{"a": 100.00000000000000001}"#), rule("/a", "eq", &["100"])),
        ("half a character", Some(r#"{"a": "\ud800"}"#), rule("/a", "glob", &[r#""*""#])),
        ("no pointer", Some(r#"{"a": 1}"#), rule("a", "eq", &["1"])),
        ("no operator", Some(r#"{"a": 1}"#), rule("/a", "equals", &["1"])),
        ("no value", Some(r#"{"a": 1}"#), rule("/a", "eq", &["{}"])),
        ("no values", Some(r#"{"a": 1}"#), rule("/a", "in", &[])),
    ];
    for (what, arguments, rule) in unclear {
        let call = Call { arguments: *arguments, ..call("delete_repo") };
        let allow = ruled(1, "allow", std::slice::from_ref(rule));
        assert_eq!(verdict(&[allow], &call), Verdict::ApprovalRequired, "{what}: lifts nothing");
        let deny = ruled(1, "deny", std::slice::from_ref(rule));
        assert_eq!(verdict(&[deny], &call), Verdict::Deny(Denial::Arguments), "{what}: denies");
    }
}

#[test]
fn a_name_that_stands_twice_elsewhere_is_no_matter() {
    let row = ruled(1, "allow", &[rule("/a", "eq", &["1"])]);
    assert_eq!(
        verdict(&[row], &dangerous(r#"{"b": 1, "b": 2, "a": 1, "c": {"d": 1, "d": 2}}"#)),
        Verdict::Allow
    );
}

#[test]
fn arguments_with_many_members_are_looked_into_as_well() {
    let many: String = (0..100).map(|n| format!(r#""k{n}": {{"v": {n}}}, "#)).collect();
    let arguments = format!(r#"{{{many}"last": "x"}}"#);
    let row = ruled(1, "allow", &[rule("/k77/v", "eq", &["77"]), rule("/last", "eq", &[r#""x""#])]);
    assert_eq!(verdict(&[row], &dangerous(&arguments)), Verdict::Allow);
}

#[test]
fn a_denial_that_other_arguments_would_lift_says_so() {
    let strict = ToolPolicy { dangerous: "deny".into(), ..defaults() };
    let row = ruled(5, "allow", &[rule("/a", "eq", &["1"])]);
    let policies = ToolPolicies::new(&strict, &[], &[row]);
    let decision = policies.decide(&dangerous(r#"{"a": 2}"#));
    assert_eq!((decision.verdict, decision.rule), (Verdict::Deny(Denial::Arguments), id(5)));
    assert!(policies.visible(&tool("delete_repo"), call("").caller, NOW));
    assert!(!policies.visible(&tool("delete_repo"), Caller::default(), NOW));
}

#[test]
fn a_limited_allow_says_how_often_and_the_most_generous_counts() {
    let limited = |id, max_uses_per_day| ToolPermission { max_uses_per_day, ..permission(id, "allow") };
    let decision = policies(&[], &[limited(1, 5), limited(2, 7), limited(3, 6)]).decide(&dangerous("{}"));
    let expected = LimitedUse { permission: Uuid::from_u128(2), max_uses_per_day: 7 };
    assert_eq!((decision.verdict, decision.limited_use), (Verdict::Allow, Some(expected)));
    let spent = decision.used_up();
    assert_eq!((spent.verdict, spent.rule), (Verdict::Deny(Denial::Uses), id(2)));
    let decision = policies(&[], &[limited(1, 5), limited(2, 0)]).decide(&dangerous("{}"));
    assert_eq!((decision.rule, decision.limited_use), (id(2), None));
}

#[test]
fn rows_that_cannot_be_read_deny() {
    for (what, row) in [
        ("effect", permission(1, "permit")),
        ("subject", ToolPermission { subject_type: "role".into(), ..permission(1, "allow") }),
        ("subject's id", ToolPermission { subject_id: vec![1, 2].into(), ..permission(1, "allow") }),
    ] {
        assert_eq!(verdict(&[row], &call("read_file")), Verdict::Deny(Denial::Permission), "{what}");
    }
    let nothing = ToolPolicies::new(&ToolPolicy::default(), &[], &[]);
    assert_eq!(nothing.decide(&call("read_file")).verdict, Verdict::Deny(Denial::Classification));
    assert_eq!(State::of_status("frozen"), State::Blocked);
}

#[test]
fn an_explanation_lists_what_was_looked_at() {
    let rows = [
        ruled(1, "allow", &[rule("/a", "eq", &["1"])]),
        ruled(2, "deny", &[rule("/a", "not_in", &["1"])]),
        ToolPermission { tool_name: "other".into(), ..permission(3, "deny") },
    ];
    let policies = policies(&[], &rows);
    let call = dangerous(r#"{"a": 2}"#);
    let mut matched: Vec<_> =
        policies.matching(&call).map(|one| (one.permission, one.denies, one.applies)).collect();
    matched.sort_unstable();
    assert_eq!(matched, [(Uuid::from_u128(1), false, false), (Uuid::from_u128(2), true, true)]);
}
