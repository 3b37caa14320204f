use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn read(raw: &str) -> Vec<(Option<String>, bool, String)> {
    strings(raw)
        .map(|piece| (piece.key.map(Cow::into_owned), piece.is_key, piece.text.into_owned()))
        .collect()
}

#[test]
fn values_know_the_name_that_holds_them() {
    let raw = r#"{"a": "x", "b" : ["y", {"c": "z"}, "w"], "d": {"e": 1}, "f": ["v"]}"#;
    let values: Vec<_> =
        read(raw).into_iter().filter(|string| !string.1).map(|(key, _, text)| (key, text)).collect();
    let expected = [(Some("a"), "x"), (Some("b"), "y"), (Some("c"), "z"), (Some("b"), "w"), (Some("f"), "v")];
    assert_eq!(
        values,
        expected.map(|(key, text): (Option<&str>, _)| (key.map(str::to_owned), text.to_owned()))
    );
}

#[test]
fn a_string_is_found_where_it_stands() {
    let raw = r#"["plain","a\n\u00e9\ud83d\ude00b\"c"]"#;
    let pieces: Vec<_> = strings(raw).collect();
    assert_eq!(&raw[pieces[0].raw.clone()], "plain");
    assert_eq!(pieces[1].text, "a\né😀b\"c");
    for (part, expected) in
        [("é", "\\u00e9"), ("😀b", "\\ud83d\\ude00b"), ("\"c", "\\\"c"), ("a\n", "a\\n"), ("c", "c")]
    {
        let start = pieces[1].text.find(part).unwrap();
        assert_eq!(&raw[pieces[1].locate(&(start..start + part.len()))], expected);
    }
}

#[test]
fn elements_of_an_array_are_a_series_and_their_neighbours_are_none() {
    let raw = r#"{"content":[{"type":"text","text":"one"},{"type":"text","text":"two"}],"text":"three"}"#;
    let of = |wanted: &str| strings(raw).find(|piece| piece.text == wanted).unwrap().series;
    assert_eq!(of("one"), of("two"));
    assert_ne!(of("one"), 0);
    let kinds: Vec<_> =
        strings(raw).filter(|piece| piece.key.as_deref() == Some("type")).map(|p| p.series).collect();
    assert!(kinds.iter().all(|&series| series != 0 && series != of("one")));
    assert_eq!(of("three"), 0);
}

#[test]
fn broken_texts_are_read_as_far_as_they_go() {
    for raw in
        ["\"", "\"\\", "\"\\u", "\"\\u12", "\"\\ud800\\u0041", "{\"a", "]]}}\"a\"", "\"\\é\"", "\"\\u+123\""]
    {
        for piece in strings(raw) {
            let length = piece.text.len();
            assert!(raw.get(piece.locate(&(0..length))).is_some(), "{raw}");
        }
    }
}

#[test]
fn depth_costs_no_stack_and_loses_no_string() {
    let raw = format!("{}\"deep\"{}\"after\"", "[".repeat(100_000), "]".repeat(100_000));
    let texts: Vec<_> = strings(&raw).map(|piece| piece.text.into_owned()).collect();
    assert_eq!(texts, ["deep", "after"]);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                found.push(name.clone());
                collect(member, found);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn every_string_is_read_and_reads_back_from_its_place(value in value()) {
        let raw = value.to_string();
        let mut expected = Vec::new();
        collect(&value, &mut expected);
        let pieces: Vec<_> = strings(&raw).collect();
        let texts: Vec<_> = pieces.iter().map(|piece| piece.text.to_string()).collect();
        prop_assert_eq!(texts, expected);
        for piece in &pieces {
            for (at, character) in piece.text.char_indices() {
                let part = &raw[piece.locate(&(at..at + character.len_utf8()))];
                let back: String = serde_json::from_str(&format!("\"{part}\"")).unwrap();
                prop_assert_eq!(back, character.to_string());
            }
        }
    }

    #[test]
    fn no_text_is_too_odd(raw in any::<String>(), junk in "[\\[\\]{}\":,\\\\ua0-9d8]{0,60}") {
        for raw in [&raw, &junk] {
            for piece in strings(raw) {
                prop_assert!(raw.get(piece.raw.clone()).is_some());
                prop_assert!(raw.get(piece.locate(&(0..piece.text.len()))).is_some());
            }
        }
    }
}
