//! Names and URIs of federated servers: they come back as they went out, and editing a text leaves it JSON.

use uuid::Uuid;

use super::{json::is_json, tokens};
use crate::{
    federation::{
        mapping::{Context, Mapping},
        name,
        uri::{Kind, inward, map_prompt, map_resource, map_result, map_template, map_tool, outward},
    },
    mcp::{
        json::{insert_member, remove_member, replace_members},
        message::Message,
        version::Era,
    },
};

const SLUGS: [&str; 3] = ["s", "zq-9", "a-slug-of-sixty-three-characters-which-is-as-long-as-one-may-be"];
const KINDS: [Kind; 4] = [Kind::ToolResult, Kind::PromptResult, Kind::ReadResult, Kind::ResourceUpdated];

/// The input is taken for a URI, for a tool's name, and for what a server sent.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for slug in SLUGS {
        let shown = outward(slug, &text);
        assert_eq!(inward(&shown), Some((slug, text.clone())), "{shown}");
        named(slug, &text);
    }
    if let Some((slug, original)) = inward(&text) {
        assert_eq!(outward(slug, &original), text, "two URIs cannot mean the same");
    }
    let is_json = is_json(&text);
    SLUGS.iter().for_each(|slug| mapped(slug, &text, is_json));
    answered(&text, is_json);
    members(&text, is_json);
}

/// A name is short enough for every host, and one that was not cut comes back.
fn named(slug: &str, name: &str) {
    let shown = name::outward(slug, name);
    assert!(shown.len() <= 64, "{shown}");
    if shown == format!("{slug}__{name}") {
        assert_eq!(name::inward(&shown), Some((slug, name)));
    } else {
        assert!(name::may_be_cut(&shown), "{shown}");
    }
}

/// Only JSON is changed, it stays JSON, and all that changes is that the slug comes in.
fn mapped(slug: &str, text: &str, was_json: bool) {
    let results = KINDS.map(|kind| map_result(kind, slug, text)).into_iter();
    for mapped in results.chain([map_resource(slug, text), map_template(slug, text)]).flatten() {
        assert!(was_json && is_json(&mapped), "{text} became {mapped}");
        if !text.contains(slug) {
            let back = mapped.replace(&format!("{slug}+"), "").replace(&format!("{slug}/"), "");
            assert_eq!(back, text, "{mapped}");
        }
    }
    for mapped in [map_tool(slug, text, "n\"\n"), map_prompt(text, "n\"\n")] {
        assert!(mapped == text || (was_json && is_json(&mapped)), "{text} became {mapped}");
    }
}

/// As a whole message of a server is mapped.
fn answered(text: &str, was_json: bool) {
    let asked = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#;
    let asked = Message::parse(asked).expect("a message");
    let context = Context {
        keys: &tokens::OURS,
        principal: Uuid::nil(),
        now_ms: 0,
        server: Uuid::nil(),
        slug: "s",
        asked: Some(&asked),
    };
    for era in [Era::Modern, Era::Legacy] {
        for result in KINDS.map(Some).into_iter().chain([None]) {
            if let Some(mapped) = (Mapping { result, era }).apply(&context, text) {
                assert!(was_json && is_json(&mapped), "{text} became {mapped}");
            }
        }
    }
}

/// As a request is edited on its way in.
fn members(text: &str, was_json: bool) {
    let paths: [&[&str]; 5] = [&["uri"], &["id"], &["params", "uri"], &["params", "_meta", "x"], &["x"]];
    for path in paths {
        for edited in [replace_members(text, &[(path, "0")]), remove_member(text, path)].into_iter().flatten()
        {
            assert!(was_json && is_json(&edited), "{text} became {edited}");
        }
        if let Some(removed) = remove_member(text, path) {
            assert_eq!(remove_member(&removed, path), None, "{removed}");
        }
        let Some((key, parents)) = path.split_last() else { continue };
        if let Some(inserted) = insert_member(text, parents, key, "{\"new\":1.0}") {
            assert!(was_json && is_json(&inserted), "{text} became {inserted}");
            assert_eq!(remove_member(&inserted, path).as_deref(), Some(text), "{inserted}");
        }
    }
}
