//! Resource URIs of federated servers: outward they carry the server's slug, inward they lose it (R5.10).
//!
//! What an upstream sent is edited as text, and only where a URI is known to stand: every other byte is
//! relayed as it came (R0.6). Free text and `structuredContent` are not searched.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, sync::LazyLock};

use memchr::memmem::Finder;
use serde_json::Value;

use crate::mcp::json::edit::{Edits, Object, items, says, spelled};

/// Scheme of MCP Apps; hosts know an app by it, so it has to stay in front.
const UI: &str = "ui://";

/// What a client sees of a server's URI. A template is treated alike: its variables come after the prefix.
pub(crate) fn outward(slug: &str, uri: &str) -> String {
    match uri.strip_prefix(UI) {
        Some(rest) => format!("{UI}{slug}/{rest}"),
        None => format!("{slug}+{uri}"),
    }
}

/// The slug and the server's own URI. None: it names no server. Whether the slug is one of the endpoint's is
/// looked up by the caller (R5.2).
pub(crate) fn inward(uri: &str) -> Option<(&str, Cow<'_, str>)> {
    let (slug, original) = match uri.strip_prefix(UI) {
        Some(rest) => {
            let (slug, rest) = rest.split_once('/')?;
            (slug, Cow::Owned(format!("{UI}{rest}")))
        }
        None => {
            // An app's URI has its slug behind the scheme, and no second spelling.
            let (slug, original) = uri.split_once('+').filter(|(_, original)| !original.starts_with(UI))?;
            (slug, Cow::Borrowed(original))
        }
    };
    is_slug(slug).then_some((slug, original))
}

fn is_slug(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// What a text is: the result of a method, or the params of a notification.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `tools/call`.
    ToolResult,
    /// `prompts/get`.
    PromptResult,
    /// `resources/read`.
    ReadResult,
    /// `notifications/resources/updated`.
    ResourceUpdated,
}

/// The text with its URIs as the client is to see them. None: nothing to change, the bytes go on as they are.
///
/// A result that asks for input is left alone: it holds no content yet.
pub(crate) fn map_result(kind: Kind, slug: &str, result: &str) -> Option<String> {
    if !may_hold_uri(result.as_bytes()) {
        return None;
    }
    let object = Object::parse(result)?;
    if kind != Kind::ResourceUpdated && object.get("resultType").any(|value| says(value, "input_required")) {
        return None;
    }
    let mut mapping = Mapping::new(slug, result);
    match kind {
        Kind::ToolResult => mapping.tool_result(&object),
        Kind::PromptResult => mapping.prompt_result(&object),
        Kind::ReadResult => mapping.read_result(&object),
        Kind::ResourceUpdated => mapping.uris(&object, "uri"),
    }
    mapping.edits.changed()
}

/// An item of `resources/list`. None: nothing to change.
pub(crate) fn map_resource(slug: &str, item: &str) -> Option<String> {
    map_member(slug, item, "uri")
}

/// An item of `resources/templates/list`. None: nothing to change.
pub(crate) fn map_template(slug: &str, item: &str) -> Option<String> {
    map_member(slug, item, "uriTemplate")
}

fn map_member(slug: &str, item: &str, name: &str) -> Option<String> {
    let object = Object::parse(item)?;
    let mut mapping = Mapping::new(slug, item);
    mapping.uris(&object, name);
    mapping.edits.changed()
}

/// An item of `tools/list`, under the name that the endpoint shows.
pub(crate) fn map_tool(slug: &str, item: &str, exposed_name: &str) -> String {
    let mut mapping = Mapping::new(slug, item);
    if let Some(object) = Object::parse(item) {
        mapping.name(&object, exposed_name);
        mapping.app(&object);
    }
    mapping.edits.splice()
}

/// An item of `prompts/list`, under the name that the endpoint shows.
pub(crate) fn map_prompt(item: &str, exposed_name: &str) -> String {
    let mut mapping = Mapping::new("", item);
    if let Some(object) = Object::parse(item) {
        mapping.name(&object, exposed_name);
    }
    mapping.edits.splice()
}

/// Every key that holds a URI in a result ends in `ri`, unless one of the two letters is escaped.
static MARKS: LazyLock<[Finder<'_>; 3]> =
    LazyLock::new(|| [br#"ri""#.as_slice(), br"\u0072", br"\u0069"].map(Finder::new));

/// False for most results, at the price of a search.
pub(crate) fn may_hold_uri(text: &[u8]) -> bool {
    MARKS.iter().any(|mark| mark.find(text).is_some())
}

/// Gathers the edits of one text.
struct Mapping<'a> {
    slug: &'a str,
    edits: Edits<'a>,
}

impl<'a> Mapping<'a> {
    fn new(slug: &'a str, text: &'a str) -> Self {
        Self { slug, edits: Edits::of(text) }
    }

    fn tool_result(&mut self, result: &Object<'a>) {
        result.get("content").flat_map(items).for_each(|block| self.block(block));
        self.app(result);
    }

    fn prompt_result(&mut self, result: &Object<'a>) {
        for message in result.get("messages").flat_map(items).filter_map(Object::parse) {
            for content in message.get("content") {
                if content.starts_with('[') {
                    items(content).into_iter().for_each(|block| self.block(block));
                } else {
                    self.block(content);
                }
            }
        }
    }

    fn read_result(&mut self, result: &Object<'a>) {
        for contents in result.get("contents").flat_map(items).filter_map(Object::parse) {
            self.uris(&contents, "uri");
        }
    }

    /// A content block: a link to a resource, or a resource embedded.
    fn block(&mut self, block: &'a str) {
        let Some(block) = Object::parse(block) else { return };
        let is = |kind| block.get("type").any(|value| says(value, kind));
        if is("resource_link") {
            self.uris(&block, "uri");
        }
        if is("resource") {
            block.objects("resource").for_each(|resource| self.uris(&resource, "uri"));
        }
    }

    /// The view that a tool has, in either form that MCP Apps gave it.
    fn app(&mut self, object: &Object<'a>) {
        for meta in object.objects("_meta") {
            self.uris(&meta, "ui/resourceUri");
            meta.objects("ui").for_each(|ui| self.uris(&ui, "resourceUri"));
        }
    }

    fn name(&mut self, object: &Object<'a>, exposed: &str) {
        for name in object.get("name") {
            self.edits.replace(name, Value::from(exposed).to_string());
        }
    }

    fn uris(&mut self, object: &Object<'a>, name: &str) {
        object.get(name).for_each(|value| self.uri(value));
    }

    /// As [`outward`], in the text: the prefix goes in, and even the escapes after it stay as written.
    fn uri(&mut self, raw: &'a str) {
        let Some(content) = raw.strip_prefix('"') else { return };
        match spelled(content, UI) {
            Some(rest) => self.edits.insert_before(rest, format!("{}/", self.slug)),
            None => self.edits.insert_before(content, format!("{}+", self.slug)),
        }
    }
}
