//! The decision against a model that is too simple to be wrong: every row is looked at, arguments are built.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::Value;

use super::*;
use crate::glob;

const SERVERS: [&str; 2] = ["a", "ab"];
const TOOLS: [&str; 4] = ["read_file", "delete_it", "x", "xy"];

fn policy() -> impl Strategy<Value = ToolPolicy> {
    let action = || select(vec!["allow", "approve", "deny", "?"]).prop_map(str::to_owned);
    let change = || select(vec!["allow", "warn", "quarantine", "?"]).prop_map(str::to_owned);
    let level = select(vec!["safe", "sensitive", "dangerous", "?"]).prop_map(str::to_owned);
    (action(), action(), action(), level, change(), change()).prop_map(
        |(safe, sensitive, dangerous, unknown_tool, new_tool, changed_tool)| ToolPolicy {
            safe,
            sensitive,
            dangerous,
            unknown_tool,
            new_tool,
            changed_tool,
        },
    )
}

fn patterns() -> impl Strategy<Value = (String, String)> {
    let server = select(vec!["*", "a", "a*", "*b", "ab", "b"]).prop_map(str::to_owned);
    let tool = select(vec!["*", "x", "x*", "read_*", "delete_it", "*y", "*_*"]).prop_map(str::to_owned);
    (server, tool)
}

fn a_classification() -> impl Strategy<Value = ToolClassification> {
    let level = select(vec!["safe", "sensitive", "dangerous", "?"]);
    (1..99_u128, patterns(), level, option::of(any::<bool>())).prop_map(
        |(id, (server, tool), level, requires_approval)| ToolClassification {
            requires_approval,
            ..classification(id, &server, &tool, level)
        },
    )
}

fn a_rule() -> impl Strategy<Value = ArgumentRule> {
    let value = || select(vec!["1", "2.0", r#""x""#, r#""xy""#, "true", "null", "[]"]);
    let pointer = select(vec!["/p", "/q/0", "/q/r", "", "/"]);
    let op = select(vec!["eq", "in", "not_in", "prefix", "glob", "?"]);
    (pointer, op, vec(value(), 0..3)).prop_map(|(pointer, op, values)| rule(pointer, op, &values))
}

fn a_permission() -> impl Strategy<Value = ToolPermission> {
    let subject = (select(vec!["user", "team", "api_key", "?"]), 1..4_u128);
    let effect = select(vec!["allow", "allow", "deny", "?"]);
    let rules = prop_oneof![Just(Vec::new()), vec(a_rule(), 1..3)];
    let expires = select(vec![0, NOW - 1, NOW, NOW + 1]);
    (1..99_u128, subject, patterns(), effect, rules, 0..3_u32, expires).prop_map(
        |(
            id,
            (kind, of),
            (mcp_server, tool_name),
            effect,
            argument_rules,
            max_uses_per_day,
            expires_at_ms,
        )| {
            ToolPermission {
                subject_type: kind.into(),
                subject_id: bytes(of),
                mcp_server,
                tool_name,
                argument_rules,
                max_uses_per_day,
                expires_at_ms,
                ..permission(id, effect)
            }
        },
    )
}

fn arguments() -> impl Strategy<Value = Option<String>> {
    let value = || select(vec!["1", "1.0", "2", r#""x""#, r#""xyz""#, r#""\u0078""#, "true", "null", "{}"]);
    let object = (value(), value(), any::<bool>()).prop_map(|(p, q, nested)| {
        if nested {
            format!(r#"{{"p": {p}, "q": {{"r": {q}}}}}"#)
        } else {
            format!(r#"{{"q": [{q}], "p": {p}}}"#)
        }
    });
    option::of(prop_oneof![4 => object, 1 => Just("{}".to_owned()), 1 => Just("5".to_owned())])
}

fn state() -> impl Strategy<Value = State> {
    select(vec![State::Active, State::Active, State::New, State::Changed, State::Blocked, State::Unknown])
}

/// Yes, no, or none of both.
fn holds(rule: &ArgumentRule, arguments: Option<&str>) -> Option<bool> {
    let values: Vec<Value> = rule.values.iter().map(|value| serde_json::from_str(value).unwrap()).collect();
    let single = |value: &Value| !value.is_array() && !value.is_object();
    if values.is_empty() || !values.iter().all(single) || !rule.pointer.starts_with('/') {
        return None;
    }
    let arguments: Value = serde_json::from_str(arguments?).unwrap();
    if !arguments.is_object() {
        return None;
    }
    let found = arguments.pointer(&rule.pointer);
    let same = |one: &Value, other: &Value| one == other || one.is_number() && one.as_f64() == other.as_f64();
    let is_one = |found: &Value| values.iter().any(|value| same(value, found));
    let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    match (rule.op.as_str(), found) {
        ("eq", _) if values.len() != 1 => None,
        ("eq" | "in", None) => Some(false),
        ("not_in", None) => None,
        (_, Some(found)) if !single(found) => None,
        ("eq" | "in", Some(found)) => Some(is_one(found)),
        ("not_in", Some(found)) => Some(!is_one(found)),
        ("prefix" | "glob", None) => texts.map(|_| false),
        ("prefix", Some(found)) => {
            let (texts, found) = (texts?, found.as_str()?);
            Some(texts.iter().any(|text| found.starts_with(text)))
        }
        ("glob", Some(found)) => {
            let (texts, found) = (texts?, found.as_str()?);
            Some(texts.iter().any(|text| glob::matches(text, found)))
        }
        _ => None,
    }
}

fn fits(row: &ToolPermission, arguments: Option<&str>) -> Option<bool> {
    let truths: Vec<_> = row.argument_rules.iter().map(|rule| holds(rule, arguments)).collect();
    if truths.contains(&Some(false)) {
        return Some(false);
    }
    (!truths.contains(&None)).then_some(true)
}

/// Contract 4.5 and the first row of 3.7: what the level does.
fn by_level(policy: &ToolPolicy, rows: &[ToolClassification], tool: &Tool<'_>) -> String {
    let of = |level: &str| match level {
        "safe" => policy.safe.clone(),
        "sensitive" => policy.sensitive.clone(),
        _ => policy.dangerous.clone(),
    };
    let about = |row: &&ToolClassification| {
        glob::matches(&row.mcp_server, tool.server) && glob::matches(&row.tool_name, tool.name)
    };
    let exact = |text: &str| usize::from(!text.contains('*'));
    let literal = |text: &str| text.replace('*', "").len();
    let strictness = |row: &ToolClassification| {
        let level =
            ["safe", "sensitive", "dangerous", "?"].iter().position(|level| *level == row.classification);
        (level, row.requires_approval)
    };
    let best = rows.iter().filter(about).max_by_key(|row| {
        let both = |measure: &dyn Fn(&str) -> usize| measure(&row.mcp_server) + measure(&row.tool_name);
        (both(&exact), both(&literal), strictness(row))
    });
    match best {
        Some(row) if row.classification == "?" => "deny".into(),
        Some(ToolClassification { requires_approval: Some(true), .. }) => "approve".into(),
        Some(ToolClassification { requires_approval: Some(false), .. }) => "allow".into(),
        Some(row) => of(&row.classification),
        None if tool.destructive || tool.name == "delete_it" => of("dangerous"),
        None if tool.name == "read_file" => of("safe"),
        None => of(&policy.unknown_tool),
    }
}

/// The verdict of contract 2.2 and 3.7, word for word.
fn model(
    policy: &ToolPolicy,
    classifications: &[ToolClassification],
    permissions: &[ToolPermission],
    call: &Call<'_>,
) -> &'static str {
    let change = match call.tool.state {
        State::Active => "allow",
        State::New | State::Unknown => &policy.new_tool,
        State::Changed => &policy.changed_tool,
        State::Blocked => "quarantine",
    };
    if !matches!(change, "allow" | "warn") {
        return "deny";
    }
    let is_caller = |row: &ToolPermission| match row.subject_type.as_str() {
        "user" => row.subject_id == bytes(USER),
        "team" => row.subject_id == bytes(TEAM),
        "api_key" => row.subject_id == bytes(KEY),
        _ => true,
    };
    let about: Vec<_> = permissions
        .iter()
        .filter(|row| is_caller(row) && (row.expires_at_ms == 0 || row.expires_at_ms > NOW))
        .filter(|row| glob::matches(&row.mcp_server, call.tool.server))
        .filter(|row| glob::matches(&row.tool_name, call.tool.name))
        .collect();
    let allows = |row: &ToolPermission| row.effect == "allow" && row.subject_type != "?";
    if about.iter().any(|row| !allows(row) && fits(row, call.arguments) != Some(false)) {
        return "deny";
    }
    if about.iter().any(|row| allows(row) && fits(row, call.arguments) == Some(true)) {
        return "allow";
    }
    match by_level(policy, classifications, &call.tool).as_str() {
        "allow" => "allow",
        "approve" => "approve",
        _ => "deny",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn decisions_are_the_models_and_lists_agree_with_calls(
        policy in policy(),
        classifications in vec(a_classification(), 0..5),
        permissions in vec(a_permission(), 0..6),
        server in select(SERVERS.to_vec()),
        name in select(TOOLS.to_vec()),
        state in state(),
        destructive in any::<bool>(),
        many in vec(arguments(), 1..6),
    ) {
        let policies = ToolPolicies::new(&policy, &classifications, &permissions);
        let tool = Tool { server, name, state, destructive };
        let caller = call("").caller;
        let visible = policies.visible(&tool, caller, NOW);
        let mut may_be_called = false;
        for arguments in &many {
            let call = Call { tool, caller, arguments: arguments.as_deref(), now_ms: NOW };
            let decision = policies.decide(&call);
            let verdict = match decision.verdict {
                Verdict::Allow => "allow",
                Verdict::ApprovalRequired => "approve",
                Verdict::Deny(_) => "deny",
            };
            prop_assert_eq!(verdict, model(&policy, &classifications, &permissions, &call), "{:?}", call);
            prop_assert!(visible || verdict == "deny", "not listed, and yet to be called: {:?}", call);
            may_be_called |= verdict != "deny";
        }
        let has_rules = permissions.iter().any(|row| !row.argument_rules.is_empty());
        prop_assert!(has_rules || visible == may_be_called, "listed exactly when it may be called");
    }

    #[test]
    fn no_arguments_are_too_odd_to_decide(arguments in "\\PC{0,60}", pointer in "(/[a-z0-9~/]{0,4}){1,3}") {
        let deny = ruled(1, "deny", &[rule(&pointer, "eq", &["1"])]);
        let decision = policies(&[], &[deny]).decide(&Call { arguments: Some(&arguments), ..call("get") });
        let is_object = serde_json::from_str::<Value>(&arguments).is_ok_and(|value| value.is_object());
        prop_assert!(is_object || decision.is_denied());
    }
}
