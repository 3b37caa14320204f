use serde_json::Value;

use super::*;
use crate::finding::Kind;

const KEY: &str = "ghp_Zr8Kq2Vt5Wx9Lm3Np6Bd1Fg4Hj7Sc0Ty2Ua5";

fn policy(id: u8, mode: &str) -> PolicySource {
    PolicySource {
        id: [id; 16],
        mode: mode.into(),
        sensitivity: "moderate".into(),
        detectors: Kind::ALL.map(|kind| kind.as_str().into()).to_vec(),
        directions: vec!["request".into(), "response".into()],
        mcp_servers: vec!["*".into()],
        tools: vec!["*".into()],
        min_severity: "low".into(),
        ..PolicySource::default()
    }
}

fn compile(sources: impl IntoIterator<Item = PolicySource>) -> Policies {
    let (policies, errors) = Policies::compile(sources);
    assert_eq!(errors, []);
    policies
}

fn result() -> Place<'static> {
    Place {
        direction: Direction::Response,
        surface: Surface::Result,
        server: "crm",
        tool: Some("find_people"),
    }
}

fn call() -> Place<'static> {
    Place {
        direction: Direction::Request,
        surface: Surface::Arguments,
        server: "crm",
        tool: Some("find_people"),
    }
}

#[test]
fn nothing_is_said_about_what_nobody_minds() {
    let policies = compile([policy(1, "block")]);
    assert_eq!(policies.judge_text("the weather is fine", &result()), Verdict::default());
    assert_eq!(Policies::default().judge_text(KEY, &result()), Verdict::default());
    assert!(Policies::default().is_empty() && !policies.is_empty());
}

#[test]
fn the_strictest_policy_wins_and_is_named() {
    let modes = ["log", "warn", "redact", "block"];
    for (count, mode) in modes.iter().enumerate() {
        let sources = modes[..=count].iter().enumerate().map(|(id, mode)| policy(id as u8, mode));
        let verdict = compile(sources).judge_text(&format!("use {KEY}"), &result());
        assert_eq!(verdict.action.unwrap().as_str(), *mode);
        assert_eq!(verdict.detections.len(), 1);
        assert_eq!(verdict.detections[0].policy, [count as u8; 16]);
        assert_eq!(verdict.redacted.is_some(), *mode == "redact");
    }
}

#[test]
fn a_policy_that_would_redact_yields_to_one_that_blocks() {
    let mut pii = policy(1, "block");
    pii.detectors = vec!["pii".into()];
    let mut secrets = policy(2, "redact");
    secrets.detectors = vec!["secret".into()];
    let policies = compile([pii, secrets]);
    let both = policies.judge_text(&format!("{KEY} of jane@acme.io"), &result());
    assert_eq!((both.action, both.redacted), (Some(Action::Block), None));
    let actions: Vec<_> =
        both.detections.iter().map(|detection| (detection.kind, detection.action)).collect();
    assert_eq!(actions, [(Kind::Secret, Action::Redact), (Kind::Pii, Action::Block)]);
    let one = policies.judge_text(KEY, &result());
    assert_eq!((one.action, one.redacted.as_deref()), (Some(Action::Redact), Some("[REDACTED:secret]")));
}

#[test]
fn a_policy_sees_what_its_place_covers() {
    let mut narrow = policy(1, "block");
    narrow.directions = vec!["response".into()];
    narrow.mcp_servers = vec!["crm*".into()];
    narrow.tools = vec!["find_*".into()];
    let policies = compile([narrow]);
    let sees = |place: Place<'_>| policies.judge_text(KEY, &place).action.is_some();
    assert!(sees(result()));
    assert!(!sees(call()));
    assert!(!sees(Place { server: "git", ..result() }));
    assert!(!sees(Place { tool: Some("delete_all"), ..result() }));
    assert!(!sees(Place { tool: None, ..result() }));
    // Definitions are looked at whatever the directions.
    assert!(sees(Place { direction: Direction::Definition, surface: Surface::Definition, ..result() }));
}

#[test]
fn sensitivity_and_severity_decide_what_is_minded() {
    let text = "write to support@acme.io or jane@acme.io";
    let found = |sensitivity: &str, min_severity: &str| {
        let source = PolicySource {
            sensitivity: sensitivity.into(),
            min_severity: min_severity.into(),
            ..policy(1, "log")
        };
        compile([source]).judge_text(text, &result()).detections.len()
    };
    assert_eq!((found("strict", "low"), found("moderate", "low"), found("strict", "medium")), (2, 1, 0));
}

#[test]
fn patterns_block_and_allow_what_they_match() {
    let mut source = policy(1, "block");
    source.block_patterns = vec!["(?i)project falcon".into()];
    source.allow_patterns = vec!["jane@acme\\.io".into()];
    let policies = compile([source, PolicySource { detectors: vec!["secret".into()], ..policy(2, "log") }]);
    assert_eq!(policies.judge_text("jane@acme.io", &result()).action, None);
    assert_eq!(policies.judge_text("joe@acme.io", &result()).action, Some(Action::Block));
    let verdict = policies.judge_text("Project Falcon starts", &result());
    let detection = &verdict.detections[0];
    assert_eq!(
        (detection.kind, &*detection.rule, detection.span.clone()),
        (Kind::Custom, "pattern_0", 0..14)
    );
    assert!(!detection.snippet.contains("Falcon"), "{}", detection.snippet);
}

#[test]
fn one_policys_allowance_is_not_anothers() {
    let lenient = PolicySource { allow_patterns: vec!["acme".into()], ..policy(1, "block") };
    let policies = compile([lenient, policy(2, "warn")]);
    let verdict = policies.judge_text("jane@acme.io", &result());
    assert_eq!((verdict.action, verdict.detections[0].policy), (Some(Action::Warn), [2; 16]));
}

#[test]
fn json_is_redacted_in_place_and_stays_as_it_was_elsewhere() {
    let policies = compile([policy(1, "redact")]);
    let raw = format!(
        "{{ \"user\" : \"jane\\u0040acme.io\",\t\"n\":1e3, \"note\":\"key\\n{KEY}\\\"\", \"pass\\u0077ord\": \"Tr0ub4dor&3\" }}"
    );
    let verdict = policies.judge_json(&raw, &result());
    let redacted = verdict.redacted.unwrap();
    assert_eq!(
        redacted,
        "{ \"user\" : \"[REDACTED:pii]\",\t\"n\":1e3, \"note\":\"key\\n[REDACTED:secret]\\\"\", \"pass\\u0077ord\": \
         \"[REDACTED:secret]\" }"
    );
    assert!(serde_json::from_str::<Value>(&redacted).is_ok());
    for detection in &verdict.detections {
        assert!(!detection.snippet.contains("acme") && !detection.snippet.contains("Tr0ub"));
        assert!(raw.get(detection.span.clone()).is_some());
    }
    // What is redacted is not found again.
    assert_eq!(policies.judge_json(&redacted, &result()).action, None);
}

#[test]
fn the_name_of_a_member_tells_what_its_value_is() {
    let policies = compile([policy(1, "redact")]);
    let raw = r#"{"db":{"password":"correct-horse-7"},"phone":["020 7946 0018"],"order":"020 7946 0018"}"#;
    let redacted = policies.judge_json(raw, &result()).redacted.unwrap();
    assert_eq!(
        redacted,
        r#"{"db":{"password":"[REDACTED:secret]"},"phone":["[REDACTED:pii]"],"order":"020 7946 0018"}"#
    );
}

#[test]
fn a_secret_that_is_split_over_elements_is_found_and_taken_out() {
    let policies = compile([policy(1, "redact")]);
    let (head, tail) = KEY.split_at(17);
    for raw in [
        format!(r#"{{"content":[{{"type":"text","text":"{head}"}},{{"type":"text","text":"{tail}"}}]}}"#),
        format!(r#"["a","{head}","{tail}","b"]"#),
    ] {
        let verdict = policies.judge_json(&raw, &result());
        let redacted = verdict.redacted.unwrap_or_default();
        assert!(!redacted.contains(head) && !redacted.contains(tail), "{redacted}");
        assert_eq!(redacted.matches("[REDACTED:secret]").count(), 2);
        assert_eq!(verdict.detections.len(), 1);
        assert!(serde_json::from_str::<Value>(&redacted).is_ok());
    }
    // Neighbours that are no elements of one array are not joined.
    let raw = format!(r#"{{"a":"{head}","b":"{tail}"}}"#);
    assert_eq!(policies.judge_json(&raw, &result()).action, None);
}

#[test]
fn what_lies_beyond_the_bound_is_not_looked_at_and_said_to_be_so() {
    let policies = compile([policy(1, "block")]);
    let padding = " ".repeat(SCAN_BOUND);
    for text in [format!("{padding}{KEY}"), format!("{}é{KEY}", &padding[1..])] {
        let verdict = policies.judge_text(&text, &result());
        assert_eq!((verdict.action, verdict.is_truncated), (None, true));
    }
    let verdict = policies.judge_json(&format!("[\"{KEY}\",\"{padding}\"]"), &result());
    assert_eq!((verdict.action, verdict.is_truncated), (Some(Action::Block), true));
}

#[test]
fn too_much_to_redact_is_blocked() {
    let policies = compile([policy(1, "redact")]);
    let some = "a@b.io ".repeat(MAX_DETECTIONS + 1);
    let verdict = policies.judge_text(&some, &result());
    assert_eq!(verdict.detections.len(), MAX_DETECTIONS);
    assert!(verdict.is_truncated && !verdict.redacted.unwrap().contains('@'));
    let verdict = policies.judge_text(&"a@b.io ".repeat(MAX_FINDINGS + 1), &result());
    assert_eq!((verdict.action, verdict.redacted, verdict.is_truncated), (Some(Action::Block), None, true));
}

#[test]
fn what_others_found_is_judged_like_the_rest() {
    let policies = compile([PolicySource { detectors: vec!["tool_drift".into()], ..policy(1, "warn") }]);
    let finding = |kind| crate::finding::Finding {
        kind,
        severity: Severity::High,
        confidence: 1.0,
        rule: "definition_changed".into(),
        span: 0..4,
    };
    let place = Place { direction: Direction::Definition, surface: Surface::Definition, ..result() };
    let verdict = policies.judge_findings("tool", &place, vec![finding(Kind::ToolDrift)]);
    assert_eq!((verdict.action, verdict.detections.len()), (Some(Action::Warn), 1));
    assert_eq!(policies.judge_findings("tool", &place, vec![finding(Kind::Ssrf)]).action, None);
}

#[test]
fn a_faulty_policy_is_as_strict_as_it_may_have_been_meant() {
    let mut source = policy(7, "destroy");
    source.sensitivity = "paranoid".into();
    source.min_severity = "none".into();
    source.directions = vec!["sideways".into()];
    source.detectors.push("telepathy".into());
    source.block_patterns = vec!["ok".into(), "(".into()];
    let (policies, errors) = Policies::compile([source]);
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        ["detectors.11", "directions.0", "mode", "sensitivity", "min_severity", "patterns.block.1"]
    );
    assert!(errors.iter().all(|error| error.policy == [7; 16]));
    let verdict = policies.judge_text("ok support@acme.io", &call());
    assert_eq!((verdict.action, verdict.detections.len()), (Some(Action::Block), 2));
}
