use super::*;
use crate::mcp::json::{insert_member, remove_member, replace_members};

#[test]
fn a_uri_gets_the_slug_in_front_and_an_app_keeps_its_scheme() {
    for (uri, expected) in [
        ("file:///a", "git+file:///a"),
        ("a+b://c+d", "git+a+b://c+d"),
        ("", "git+"),
        ("ui://host/path", "ui://git/host/path"),
        ("ui://host", "ui://git/host"),
        ("ui://", "ui://git/"),
        ("ui:///path", "ui://git//path"),
        ("ui:/x", "git+ui:/x"),
        ("UI://host", "git+UI://host"),
        ("db://{table}{?id,q*}", "git+db://{table}{?id,q*}"),
        ("{+uri}", "git+{+uri}"),
    ] {
        assert_eq!(outward("git", uri), expected);
        assert_eq!(inward(expected), Some(("git", uri.into())));
    }
}

#[test]
fn what_names_no_server_is_refused() {
    for uri in [
        "",
        "file:///a",
        "https://a+b",
        "ui://git",
        "ui:///git/a",
        "+a",
        "Git+a",
        "1a+b",
        "ui://A/b",
        "git+ui://host/path",
    ] {
        assert_eq!(inward(uri), None, "{uri}");
    }
    assert!(inward(&format!("{}+a", "s".repeat(63))).is_some());
    assert!(inward(&format!("{}+a", "s".repeat(64))).is_none());
}

/// Rows of what a server sent and what the client gets; the same means that nothing changes.
fn check(kind: Kind, rows: &[(&str, &str)]) {
    for (sent, expected) in rows {
        let changed = (sent != expected).then(|| (*expected).to_owned());
        assert_eq!(map_result(kind, "s", sent), changed, "{sent}");
    }
}

fn unchanged<'a>(texts: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    texts.iter().map(|text| (*text, *text)).collect()
}

#[test]
fn tool_results_are_mapped_in_links_embedded_resources_and_the_view() {
    check(
        Kind::ToolResult,
        &[
            (
                r#"{"content":[{"type":"resource_link","uri":"file:///a","name":"uri"}]}"#,
                r#"{"content":[{"type":"resource_link","uri":"s+file:///a","name":"uri"}]}"#,
            ),
            (
                "{ \"n\":1.10, \"content\" : [ {\"uri\" : \"a:b\" ,\t\"type\":\"resource_link\"} , 3 ] }\n",
                "{ \"n\":1.10, \"content\" : [ {\"uri\" : \"s+a:b\" ,\t\"type\":\"resource_link\"} , 3 ] }\n",
            ),
            (
                r#"{"content":[{"type":"resource","uri":"no","resource":{"text":"\u00e9","uri":"ui://h/p"}}]}"#,
                r#"{"content":[{"type":"resource","uri":"no","resource":{"text":"\u00e9","uri":"ui://s/h/p"}}]}"#,
            ),
            (
                r#"{"_meta":{"ui":{"resourceUri":"ui://h"},"big":12345678901234567890123},"content":[]}"#,
                r#"{"_meta":{"ui":{"resourceUri":"ui://s/h"},"big":12345678901234567890123},"content":[]}"#,
            ),
            (
                r#"{"_meta":{"ui/resourceUri":"ui://h","ui\/resourceUri":"ui://h"}}"#,
                r#"{"_meta":{"ui/resourceUri":"ui://s/h","ui\/resourceUri":"ui://s/h"}}"#,
            ),
        ],
    );
}

#[test]
fn all_else_in_a_tool_result_is_left_alone() {
    check(
        Kind::ToolResult,
        &unchanged(&[
            r#"{"content":[{"type":"text","text":"\"uri\"","uri":"a:b","resource":{"uri":"a:b"}}]}"#,
            r#"{"content":[{"uri":"a:b"}],"structuredContent":{"type":"resource_link","uri":"a:b"}}"#,
            r#"{"content":[{"type":"resource_link","uri":3},{"type":"resource","resource":"uri"}]}"#,
            r#"{"content":{"type":"resource_link","uri":"a:b"},"uri":"a:b","contents":[{"uri":"a:b"}]}"#,
            r#"{"_meta":{"ui":{"resourceUri":null}},"ui":{"resourceUri":"a:b"},"resourceUri":"a:b"}"#,
            r#"{"resultType":"input_required","content":[{"type":"resource_link","uri":"a:b"}]}"#,
            r#"{"content":[{"type":"resource_link","uri":"a:b"}]"#,
            r#"[{"type":"resource_link","uri":"a:b"}]"#,
            r#""uri""#,
            "",
        ]),
    );
}

#[test]
fn prompts_are_mapped_in_one_block_or_several() {
    check(
        Kind::PromptResult,
        &[
            (
                r#"{"messages":[{"role":"user","content":{"type":"resource_link","uri":"a:b"}}]}"#,
                r#"{"messages":[{"role":"user","content":{"type":"resource_link","uri":"s+a:b"}}]}"#,
            ),
            (
                r#"{"messages":[1,{"content":[{"type":"resource","resource":{"uri":"a"}},{"type":"text"}]}]}"#,
                r#"{"messages":[1,{"content":[{"type":"resource","resource":{"uri":"s+a"}},{"type":"text"}]}]}"#,
            ),
        ],
    );
    check(
        Kind::PromptResult,
        &unchanged(&[
            r#"{"messages":[{"content":"uri"}],"content":[{"type":"resource_link","uri":"a:b"}]}"#,
            r#"{"messages":{"content":{"type":"resource_link","uri":"a:b"}}}"#,
            r#"{"messages":[{"content":{"type":"text","uri":"a:b"}}]}"#,
        ]),
    );
}

#[test]
fn contents_read_and_updates_are_mapped() {
    check(
        Kind::ReadResult,
        &[
            (
                r#"{"contents":[{"uri":"a:b","text":"uri"},{"blob":"","uri":"ui://a"}],"uri":"x"}"#,
                r#"{"contents":[{"uri":"s+a:b","text":"uri"},{"blob":"","uri":"ui://s/a"}],"uri":"x"}"#,
            ),
            (r#"{"contents":{"uri":"a:b"}}"#, r#"{"contents":{"uri":"a:b"}}"#),
        ],
    );
    check(
        Kind::ResourceUpdated,
        &[
            (r#"{"uri":"a:b","_meta":{"uri":"x"}}"#, r#"{"uri":"s+a:b","_meta":{"uri":"x"}}"#),
            (r#"{"contents":[{"uri":"a:b"}]}"#, r#"{"contents":[{"uri":"a:b"}]}"#),
            (
                r#"{"resultType":"input_required","uri":"a:b"}"#,
                r#"{"resultType":"input_required","uri":"s+a:b"}"#,
            ),
        ],
    );
}

#[test]
fn escapes_hide_no_place_and_stay_as_written() {
    for key in [r"\u0075ri", r"u\u0072i", r"ur\u0069", r"\u0075\u0072\u0069"] {
        check(
            Kind::ResourceUpdated,
            &[(&format!(r#"{{"{key}":"a:b"}}"#), &format!(r#"{{"{key}":"s+a:b"}}"#))],
        );
    }
    check(
        Kind::ToolResult,
        &[(
            r#"{"c\u006fntent":[{"\u0074ype":"resource\u005Flink","uri":"\u0075i:\/\u002Fh\/p"}]}"#,
            r#"{"c\u006fntent":[{"\u0074ype":"resource\u005Flink","uri":"\u0075i:\/\u002Fs/h\/p"}]}"#,
        )],
    );
    check(
        Kind::ResourceUpdated,
        &[
            (r#"{"uri":"ui:\\//h"}"#, r#"{"uri":"s+ui:\\//h"}"#),
            (r#"{"uri":"\u00e9\ud800"}"#, r#"{"uri":"s+\u00e9\ud800"}"#),
            (r#"{"\ud800":1,"uri":"\ud83d\ude00"}"#, r#"{"\ud800":1,"uri":"s+\ud83d\ude00"}"#),
            (r#"{"uri":"\"}"#, r#"{"uri":"\"}"#),
        ],
    );
}

#[test]
fn a_key_that_is_repeated_is_mapped_each_time() {
    check(
        Kind::ToolResult,
        &[
            (
                r#"{"content":[],"content":[{"type":"text","type":"resource_link","uri":"a","uri":1,"uri":"b"}]}"#,
                r#"{"content":[],"content":[{"type":"text","type":"resource_link","uri":"s+a","uri":1,"uri":"s+b"}]}"#,
            ),
            (
                r#"{"content":[{"type":"resource","resource":{"uri":"a"},"resource":{"uri":"b"}}]}"#,
                r#"{"content":[{"type":"resource","resource":{"uri":"s+a"},"resource":{"uri":"s+b"}}]}"#,
            ),
            (
                r#"{"_meta":{"ui":1,"ui":{"resourceUri":"a"}},"_meta":{"ui":{"resourceUri":"b"}}}"#,
                r#"{"_meta":{"ui":1,"ui":{"resourceUri":"s+a"}},"_meta":{"ui":{"resourceUri":"s+b"}}}"#,
            ),
        ],
    );
}

#[test]
fn the_quick_look_lets_no_place_pass_and_most_results_through() {
    for held in [r#"{"uri":"#, r#"{"resourceUri" :"#, r"ur\u0069", r"u\u0072i", r"\u003c\u0069"] {
        assert!(may_hold_uri(held.as_bytes()), "{held}");
    }
    for free in
        [r#"{"content":[{"type":"text","text":"uri: \u003cb\u003e \"uri\" "}]}"#, r"\u00", r"\u006", ""]
    {
        assert!(!may_hold_uri(free.as_bytes()), "{free}");
    }
}

#[test]
fn items_of_lists_are_mapped_one_by_one() {
    assert_eq!(
        map_resource("s", r#"{"uri":"a:b","name":"uri","size":1e400}"#).as_deref(),
        Some(r#"{"uri":"s+a:b","name":"uri","size":1e400}"#)
    );
    assert_eq!(
        map_template("s", r#"{"uriTemplate":"db:\/\/{t}{?q*}","uri":"a"}"#).as_deref(),
        Some(r#"{"uriTemplate":"s+db:\/\/{t}{?q*}","uri":"a"}"#)
    );
    for other in [r#"{"name":"a"}"#, r#"{"uri":1,"uriTemplate":null}"#, "[]", "", r#"{"uri":"a""#] {
        assert_eq!(map_resource("s", other), None);
        assert_eq!(map_template("s", other), None);
    }
    assert_eq!(
        map_tool(
            "s",
            r#"{"_meta":{"ui":{"resourceUri":"ui://a","csp":{}},"ui/resourceUri":"ui://a"}, "name":"n","title":"n"}"#,
            "s__n"
        ),
        r#"{"_meta":{"ui":{"resourceUri":"ui://s/a","csp":{}},"ui/resourceUri":"ui://s/a"}, "name":"s__n","title":"n"}"#
    );
    assert_eq!(
        map_prompt(r#"{"n\u0061me":"n","_meta":{"ui":{"resourceUri":"a"}}}"#, "s__n"),
        r#"{"n\u0061me":"s__n","_meta":{"ui":{"resourceUri":"a"}}}"#
    );
    for other in ["{}", "3", "", r#"{"name":"a""#] {
        assert_eq!(map_tool("s", other, "x"), other);
        assert_eq!(map_prompt(other, "x"), other);
    }
    assert_eq!(map_prompt(r#"{"name":"n"}"#, "\"\n"), r#"{"name":"\"\n"}"#);
}

#[test]
fn members_are_replaced_where_the_path_leads() {
    let request = r#" {"id":1.0, "params" : {"name":"s__n", "arguments":{"name":"s__n","x":1.10}} } "#;
    assert_eq!(
        replace_members(request, &[(&["params", "name"], r#""n""#), (&["id"], "7")]).as_deref(),
        Some(r#" {"id":7, "params" : {"name":"n", "arguments":{"name":"s__n","x":1.10}} } "#)
    );
    assert_eq!(
        replace_members(request, &[(&["params", "name"], "1"), (&["params"], "{}"), (&["params"], "[]")])
            .as_deref(),
        Some(r#" {"id":1.0, "params" : {} } "#),
        "what is replaced as a whole, and first, wins"
    );
    assert_eq!(
        replace_members(r#"{"a":{"b":1},"\u0061":{"b":2,"b":3}}"#, &[(&["a", "b"], "0")]).as_deref(),
        Some(r#"{"a":{"b":0},"\u0061":{"b":0,"b":0}}"#)
    );
    assert_eq!(replace_members("{}", &[]).as_deref(), Some("{}"));
    let absent: [&[&str]; 4] = [&["name"], &["params", "uri"], &["id", "x"], &[]];
    for path in absent {
        assert_eq!(replace_members(request, &[(&["id"], "1"), (path, "1")]), None, "{path:?}");
        assert_eq!(remove_member(request, path), None, "{path:?}");
    }
    for text in ["", "3", "[{\"id\":1}]", "{\"id\":1", "{\"id\":1}}"] {
        assert_eq!(replace_members(text, &[(&["id"], "1")]), None);
        assert_eq!(remove_member(text, &["id"]), None);
        assert_eq!(insert_member(text, &[], "x", "1"), None);
    }
}

#[test]
fn a_member_goes_with_its_comma() {
    for (object, expected) in [
        (r#"{"x":1}"#, "{}"),
        (r#"{ "x" : 1 }"#, "{  }"),
        (r#"{"x":1,"x":2}"#, "{}"),
        (r#"{ "x" : 1 , "b" : 2 }"#, r#"{ "b" : 2 }"#),
        (r#"{ "a" : 1 , "x" : 2 }"#, r#"{ "a" : 1 }"#),
        (r#"{"a":1, "x":2, "b":3}"#, r#"{"a":1, "b":3}"#),
        (r#"{"x":0,"x":1,"a":1,"x":2,"\u0078":3,"b":[],"x":4}"#, r#"{"a":1,"b":[]}"#),
    ] {
        assert_eq!(remove_member(object, &["x"]).as_deref(), Some(expected));
        let nested = format!(r#"{{"p":{object},"p":3,"p":{object}}}"#);
        let expected = format!(r#"{{"p":{expected},"p":3,"p":{expected}}}"#);
        assert_eq!(remove_member(&nested, &["p", "x"]), Some(expected));
    }
}

#[test]
fn a_member_is_inserted_once() {
    for (object, expected) in [
        ("{}", r#"{"x\"":{}}"#),
        (" { } ", r#" {"x\"":{} } "#),
        (r#"{ "a" : 1 }"#, r#"{ "a" : 1,"x\"":{} }"#),
        (r#"{"a":"{","b":[1,2]}"#, r#"{"a":"{","b":[1,2],"x\"":{}}"#),
    ] {
        assert_eq!(insert_member(object, &[], "x\"", "{}").as_deref(), Some(expected));
        let nested = format!(r#"{{"p":{object}}}"#);
        assert_eq!(insert_member(&nested, &["p"], "x\"", "{}"), Some(format!(r#"{{"p":{expected}}}"#)));
    }
    assert_eq!(insert_member(r#"{"\u0078":1}"#, &[], "x", "2"), None);
    assert_eq!(insert_member(r#"{"p":1}"#, &["p"], "x", "2"), None);
    assert_eq!(insert_member(r#"{"p":{}}"#, &["q"], "x", "2"), None);
}

#[test]
fn nesting_of_any_depth_is_walked() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let sent = format!(r#"{{"structuredContent":{deep},"_meta":{{"ui":{{"resourceUri":"a:b"}}}}}}"#);
    assert_eq!(map_result(Kind::ToolResult, "s", &sent), Some(sent.replace("a:b", "s+a:b")));
}
