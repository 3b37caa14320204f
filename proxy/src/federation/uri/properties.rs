//! Generated results, written in every way that JSON allows, against a plain account of what is to change.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde::de::IgnoredAny;

use super::*;
use crate::mcp::json::{insert_member, remove_member, replace_members};

/// A result by its parts. Keys may repeat.
#[derive(Clone, Debug)]
enum Node {
    /// A number, say, as written.
    Raw(String),
    Text(String),
    /// A string that is to be mapped.
    Uri(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

fn raw(text: &str) -> Node {
    Node::Raw(text.to_owned())
}

/// Writes nodes; `choices` decide on whitespace and escapes, alike with a slug and without.
struct Writer<'a> {
    slug: Option<&'a str>,
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
    text: String,
}

fn written(node: &Node, choices: &[u8], slug: Option<&str>) -> String {
    let mut writer = Writer { slug, choices: choices.iter().cycle(), text: String::new() };
    writer.node(node);
    writer.text
}

impl Writer<'_> {
    fn choose(&mut self) -> u8 {
        self.choices.next().copied().unwrap_or_default()
    }

    fn space(&mut self) {
        let space = ["", "", "", " ", "\n\t", "\r "][usize::from(self.choose() % 6)];
        self.text.push_str(space);
    }

    fn node(&mut self, node: &Node) {
        self.space();
        match node {
            Node::Raw(raw) => self.text.push_str(raw),
            Node::Text(text) => self.string(text, None),
            Node::Uri(uri) => self.string(uri, self.slug.map(prefix_of(uri))),
            Node::Array(items) => self.list('[', items, ']', |writer, item| writer.node(item)),
            Node::Object(members) => self.list('{', members, '}', |writer, (key, value)| {
                writer.space();
                writer.string(key, None);
                writer.space();
                writer.text.push(':');
                writer.node(value);
            }),
        }
        self.space();
    }

    fn list<T>(&mut self, open: char, items: &[T], close: char, mut write: impl FnMut(&mut Self, &T)) {
        self.text.push(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write(self, item);
        }
        self.space();
        self.text.push(close);
    }

    /// Writes a string, and `inserted` before one of its characters.
    fn string(&mut self, text: &str, inserted: Option<(usize, String)>) {
        self.text.push('"');
        let mut inserted = inserted.into_iter().peekable();
        for (index, character) in text.chars().enumerate() {
            if let Some((_, inserted)) = inserted.next_if(|(at, _)| *at == index) {
                self.text.push_str(&inserted);
            }
            self.character(character);
        }
        self.text.extend(inserted.map(|(_, inserted)| inserted));
        self.text.push('"');
    }

    fn character(&mut self, character: char) {
        match (character, self.choose() % 8) {
            ('/', 1) => self.text.push_str("\\/"),
            ('"' | '\\' | '\0'..='\x1f', _) | (_, 0) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    self.text.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => self.text.push(character),
        }
    }
}

fn prefix_of(uri: &str) -> impl Fn(&str) -> (usize, String) {
    let is_app = uri.starts_with("ui://");
    move |slug| if is_app { (5, format!("{slug}/")) } else { (0, format!("{slug}+")) }
}

fn slug() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,62}"
}

fn uri() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,5}://[ -~]{0,12}", "ui://[ -~]{0,12}", "ui:?/{0,3}", "[a-z+]{0,4}", any::<String>()]
}

/// Anything at all, for where nobody looks.
fn noise() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        select(&["1.10", "12345678901234567890123", "-0.0", "1e400", "null", "true"][..]).prop_map(raw),
        any::<String>().prop_map(Node::Text),
        uri().prop_map(Node::Text),
    ];
    let key = select(&["uri", "resource", "resourceUri", "ui", "x", "\u{e9}\"", "😀"][..]);
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Node::Array),
            vec((key.clone().prop_map(str::to_owned), inner), 0..4).prop_map(Node::Object),
        ]
    })
}

type Member = (&'static str, Node);

/// An object of these members, some of them missing or there twice, and of others, in any order.
fn object(members: Vec<(&'static str, BoxedStrategy<Node>)>) -> BoxedStrategy<Node> {
    let others = vec((select(&["x", "name", "title", "\u{e9}"][..]), noise()), 0..3);
    let members: Vec<_> = members.into_iter().map(|(key, value)| vec((Just(key), value), 0..3)).collect();
    (members, others)
        .prop_map(|(members, others)| members.into_iter().flatten().chain(others).collect::<Vec<Member>>())
        .prop_shuffle()
        .prop_map(|members| {
            Node::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        })
        .boxed()
}

fn with_type(block: BoxedStrategy<Node>, name: &'static str) -> BoxedStrategy<Node> {
    (block, any::<bool>())
        .prop_map(move |(block, first)| match block {
            Node::Object(mut members) => {
                let position = if first { 0 } else { members.len() };
                members.insert(position, ("type".to_owned(), Node::Text(name.to_owned())));
                Node::Object(members)
            }
            other => other,
        })
        .boxed()
}

fn mapped() -> BoxedStrategy<Node> {
    prop_oneof![4 => uri().prop_map(Node::Uri), 1 => Just(raw("7"))].boxed()
}

fn block() -> BoxedStrategy<Node> {
    let other = || noise().boxed();
    let resource = || object(vec![("uri", mapped())]);
    prop_oneof![
        with_type(object(vec![("uri", mapped()), ("resource", other())]), "resource_link"),
        with_type(object(vec![("resource", resource()), ("uri", other())]), "resource"),
        with_type(object(vec![("uri", other()), ("resource", other())]), "text"),
        noise(),
    ]
    .boxed()
}

fn array(items: BoxedStrategy<Node>) -> BoxedStrategy<Node> {
    let stray = vec(noise(), 0..2).prop_map(Node::Array);
    vec(prop_oneof![3 => items, 1 => stray], 0..3).prop_map(Node::Array).boxed()
}

fn app() -> BoxedStrategy<Node> {
    object(vec![("ui", object(vec![("resourceUri", mapped())])), ("ui/resourceUri", mapped())])
}

fn result() -> impl Strategy<Value = (Kind, Node)> {
    let other = || noise().boxed();
    let tool = object(vec![("content", array(block())), ("_meta", app()), ("structuredContent", other())]);
    let content = prop_oneof![block(), array(block())].boxed();
    let prompt = object(vec![("messages", array(object(vec![("content", content)]))), ("uri", other())]);
    let read = object(vec![("contents", array(contents())), ("_meta", other()), ("uri", other())]);
    prop_oneof![
        tool.prop_map(|node| (Kind::ToolResult, node)),
        prompt.prop_map(|node| (Kind::PromptResult, node)),
        read.prop_map(|node| (Kind::ReadResult, node)),
        contents().prop_map(|node| (Kind::ResourceUpdated, node)),
    ]
}

fn contents() -> BoxedStrategy<Node> {
    object(vec![("uri", mapped()), ("resource", noise().boxed())])
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..64)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Runs everything; whatever comes out is JSON, and nothing is made of what was none.
fn check_any(text: &str) {
    let results = [Kind::ToolResult, Kind::PromptResult, Kind::ReadResult, Kind::ResourceUpdated];
    let outcomes = results.map(|kind| map_result(kind, "s", text)).into_iter().chain([
        map_resource("s", text),
        map_template("s", text),
        replace_members(text, &[(&["uri"], "0"), (&["x"], "0")]),
        replace_members(text, &[(&["_meta", "ui"], "0")]),
        remove_member(text, &["x"]),
        remove_member(text, &["_meta", "x"]),
        insert_member(text, &[], "new", "0"),
    ]);
    for outcome in outcomes.flatten() {
        assert!(is_json(text) && is_json(&outcome), "{text} became {outcome}");
    }
    for outcome in [map_tool("s", text, "n"), map_prompt(text, "n")] {
        assert!(outcome == text || (is_json(text) && is_json(&outcome)), "{text} became {outcome}");
    }
}

/// Keys and values as written.
fn members(text: &str) -> Vec<(&str, &str)> {
    let object = Object::parse(text).unwrap();
    object.members.iter().map(|member| (member.key, member.value)).collect()
}

proptest! {
    #[test]
    fn what_went_out_comes_back(slug in slug(), uri in uri(), plain in any::<String>()) {
        for uri in [uri.clone(), format!("ui://{plain}"), format!("{plain}+{uri}"), plain] {
            let shown = outward(&slug, &uri);
            prop_assert_eq!(inward(&shown), Some((&*slug, uri.as_str().into())));
        }
    }

    #[test]
    fn inward_has_one_answer(uri in prop_oneof![any::<String>(), "(ui://)?[a-z]{0,2}[+/]?(ui://)?[a-z+/]{0,4}"]) {
        if let Some((slug, original)) = inward(&uri) {
            prop_assert_eq!(outward(slug, &original), uri);
        }
    }

    #[test]
    fn only_the_uris_change((kind, node) in result(), choices in choices(), slug in slug()) {
        let sent = written(&node, &choices, None);
        let expected = written(&node, &choices, Some(&slug));
        prop_assert!(is_json(&sent), "{}", sent);
        prop_assert_eq!(map_result(kind, &slug, &sent), (sent != expected).then_some(expected));
    }

    #[test]
    fn a_mapped_string_says_what_outward_says(uri in uri(), choices in choices(), slug in slug()) {
        let item = written(&Node::Object(vec![("uri".into(), Node::Uri(uri.clone()))]), &choices, None);
        let mapped: Value = serde_json::from_str(&map_resource(&slug, &item).unwrap()).unwrap();
        prop_assert_eq!(mapped["uri"].as_str(), Some(&*outward(&slug, &uri)));
    }

    #[test]
    fn a_tool_gets_its_name_and_its_view(
        app in app(), schema in noise(), choices in choices(), slug in slug(), name in any::<String>()
    ) {
        let item = |name: &str, slug| {
            let members = [("_meta", app.clone()), ("name", raw(name)), ("inputSchema", schema.clone())];
            written(&Node::Object(members.map(|(key, node)| (key.to_owned(), node)).into()), &choices, slug)
        };
        let expected = item(&Value::from(name.as_str()).to_string(), Some(&*slug));
        prop_assert_eq!(map_tool(&slug, &item("\"n\"", None), &name), expected);
    }

    #[test]
    fn members_come_and_go(
        (_, node) in result(), choices in choices(), key in select(&["x", "name", "uri", "new"][..])
    ) {
        let object = written(&node, &choices, None);
        let stay = |text: &str| -> Vec<(String, String)> {
            let members = members(text).into_iter().filter(|(written, _)| !says(written, key));
            members.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        match remove_member(&object, &[key]) {
            Some(removed) => {
                prop_assert!(is_json(&removed));
                prop_assert_eq!(stay(&removed), stay(&object));
                prop_assert_eq!(members(&removed).len(), stay(&object).len());
                prop_assert_eq!(insert_member(&object, &[], key, "1"), None);
            }
            None => {
                let inserted = insert_member(&object, &[], key, "1.10").unwrap();
                let key_written = format!("\"{key}\"");
                prop_assert_eq!(members(&inserted).last().copied(), Some((&*key_written, "1.10")));
                prop_assert_eq!(remove_member(&inserted, &[key]), Some(object));
            }
        }
    }

    #[test]
    fn replacing_touches_nothing_else(
        (_, node) in result(), choices in choices(), at in any::<Index>()
    ) {
        let object = written(&node, &choices, None);
        let all = members(&object);
        prop_assume!(!all.is_empty());
        let key: String = serde_json::from_str(at.get(&all).0).unwrap();
        let replaced = replace_members(&object, &[(&[&key], "[\"new\"]")]).unwrap();
        let expected: Vec<_> = all
            .iter()
            .map(|(written, value)| (*written, if says(written, &key) { "[\"new\"]" } else { *value }))
            .collect();
        prop_assert_eq!(members(&replaced), expected);
        let same = replace_members(&object, &[(&[&key], "[\"new\"]"), (&[&key], "0")]);
        prop_assert_eq!(same, Some(replaced));
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>(), json_like in r#"[{}\[\]",:\\u0069ri xX1]{0,40}"#) {
        check_any(&text);
        check_any(&json_like);
    }

    #[test]
    fn damage_does_no_harm(
        (_, node) in result(), choices in choices(),
        at in any::<Index>(), with in "[{}\\[\\]\",:\\\\]{0,2}", cut in 0usize..3
    ) {
        let mut characters: Vec<char> = written(&node, &choices, None).chars().collect();
        let start = at.index(characters.len());
        let end = characters.len().min(start + cut);
        characters.splice(start..end, with.chars());
        check_any(&characters.into_iter().collect::<String>());
    }
}
