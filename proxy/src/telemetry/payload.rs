//! What a call was given and what it gave back, for organizations that want that kept (`payload_capture`, contract 3.2).
//!
//! The call path copies at most [`KEPT`] bytes each way and only where capture is on. What is to be redacted is redacted
//! by the publisher, off the call path; what has no room is left out and counted, and the call goes on.

use std::{borrow::Cow, sync::LazyLock};

use gatewayops_proto::event;
use gatewayops_safety::{
    finding::Surface,
    policy::{Action, Direction, Place, Policies, PolicySource},
};

use super::{
    room::{Place as Kept, Room},
    span::{Entry, entry_of},
};
use crate::exchange::Exchange;

/// Bytes that are kept of each direction (contract 6.2).
const SHOWN: usize = 64 << 10;
/// Something that is to be redacted may reach over the end of what is kept: so much more is looked at.
const KEPT: usize = SHOWN + (4 << 10);
/// Bytes that may wait in memory for the publisher, of all calls together.
pub(super) const ROOM: usize = 64 << 20;

/// What an organization or a server wants kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Capture {
    #[default]
    None,
    Redacted,
    Full,
}

impl Capture {
    /// None: nothing is said. What is not understood may be a stricter word of a newer control plane.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "" => None,
            "redacted" => Some(Self::Redacted),
            "full" => Some(Self::Full),
            _ => Some(Self::None),
        }
    }
}

pub(crate) struct Payload {
    is_redacted: bool,
    request: Option<Text>,
    response: Option<Text>,
    is_truncated: bool,
    /// There was no room for some of it.
    is_lost: bool,
    room: Room,
}

struct Text {
    text: Box<str>,
    _kept: Kept,
}

impl Payload {
    /// None: nothing is to be kept.
    pub(crate) fn wanted(capture: Capture, room: &Room) -> Option<Box<Self>> {
        (capture != Capture::None).then(|| {
            Box::new(Self {
                is_redacted: capture == Capture::Redacted,
                request: None,
                response: None,
                is_truncated: false,
                is_lost: false,
                room: room.clone(),
            })
        })
    }

    pub(crate) fn asked(&mut self, text: &str) {
        self.request = self.text(text);
    }

    /// The last answer counts.
    pub(crate) fn answered(&mut self, text: &str) {
        self.response = None;
        self.response = self.text(text);
    }

    /// More came than could be looked at.
    pub(crate) fn goes_on(&mut self) {
        self.is_truncated = true;
    }

    fn text(&mut self, text: &str) -> Option<Text> {
        let kept = &text[..text.floor_char_boundary(KEPT)];
        self.is_truncated |= text.len() > SHOWN;
        let place = self.room.take(kept.len());
        self.is_lost |= place.is_none();
        Some(Text { _kept: place?, text: kept.into() })
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost
    }

    fn shown<'a>(&self, text: &'a Text, direction: Direction) -> Cow<'a, str> {
        let shown =
            if self.is_redacted { redacted(&text.text, direction) } else { Cow::Borrowed(&*text.text) };
        match shown {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..text.floor_char_boundary(SHOWN)]),
            Cow::Owned(mut text) => {
                text.truncate(text.floor_char_boundary(SHOWN));
                Cow::Owned(text)
            }
        }
    }
}

/// The entry that follows the span. None: nothing was kept.
pub(crate) fn entry(exchange: &Exchange) -> Option<Entry> {
    let (principal, payload) = (exchange.principal.as_ref()?, exchange.payload.as_ref()?);
    if payload.request.is_none() && payload.response.is_none() {
        return None;
    }
    let message = event::Payload {
        id: exchange.id,
        org_id: principal.org,
        started_at: exchange.started_at,
        request: payload.request.as_ref().map(|text| payload.shown(text, Direction::Request)),
        response: payload.response.as_ref().map(|text| payload.shown(text, Direction::Response)),
        redacted: payload.is_redacted,
        truncated: payload.is_truncated || payload.is_lost,
    };
    entry_of(event::kind::PAYLOAD, principal.org, &message)
}

/// Without what is nobody's business: secrets and personal data, however little sure.
fn redacted(text: &str, direction: Direction) -> Cow<'_, str> {
    static PRIVATE: LazyLock<Policies> = LazyLock::new(|| {
        let source = PolicySource {
            mode: "redact".into(),
            sensitivity: "strict".into(),
            detectors: vec!["secret".into(), "pii".into()],
            directions: vec!["request".into(), "response".into()],
            mcp_servers: vec!["*".into()],
            tools: vec!["*".into()],
            min_severity: "low".into(),
            ..PolicySource::default()
        };
        Policies::compile([source]).0
    });
    let surface = if direction == Direction::Request { Surface::Arguments } else { Surface::Result };
    let verdict = PRIVATE.judge_json(text, &Place { direction, surface, server: "", tool: Some("") });
    // With more of it than can be redacted nothing is kept at all.
    if verdict.action == Some(Action::Block) || verdict.is_truncated {
        return Cow::Borrowed("");
    }
    verdict.redacted.map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ghp_1B2m3K4n5P6q7R8s9T0uVwXyZaBcDe0bNzBY";

    fn kept(capture: Capture, text: &str) -> (String, bool) {
        let mut payload = Payload::wanted(capture, &Room::of(ROOM)).unwrap();
        payload.asked(text);
        let shown = payload.shown(payload.request.as_ref().unwrap(), Direction::Request).into_owned();
        (shown, payload.is_truncated)
    }

    #[test]
    fn what_is_private_is_kept_only_where_all_is_wanted() {
        assert!(Payload::wanted(Capture::None, &Room::of(ROOM)).is_none());
        let text = format!(r#"{{"text":"the token is {SECRET} of ann@mail.example"}}"#);
        assert_eq!(kept(Capture::Full, &text), (text.clone(), false));
        let (redacted, _) = kept(Capture::Redacted, &text);
        assert!(redacted.contains("the token is [REDACTED") && !redacted.contains(SECRET), "{redacted}");
        assert!(!redacted.contains("ann@"), "{redacted}");
    }

    #[test]
    fn what_is_long_is_cut_and_nothing_private_stands_at_the_cut() {
        let text = format!(r#"{{"text":"{}{SECRET}{}"}}"#, "a ".repeat((SHOWN - 24) / 2), " b".repeat(SHOWN));
        let (redacted, is_truncated) = kept(Capture::Redacted, &text);
        assert!(is_truncated && redacted.len() <= SHOWN && !redacted.contains("ghp_"));
        let (full, is_truncated) = kept(Capture::Full, &"é".repeat(SHOWN));
        assert!(is_truncated && full.len() == SHOWN);
    }

    #[test]
    fn without_room_nothing_is_kept_and_room_comes_back() {
        let room = Room::of(10);
        let mut first = Payload::wanted(Capture::Full, &room).unwrap();
        first.asked("12345678");
        first.answered("123456");
        assert!(first.request.is_some() && first.response.is_none() && first.is_lost());
        drop(first);
        let mut second = Payload::wanted(Capture::Full, &room).unwrap();
        second.answered("1234567890");
        second.answered("0987654321");
        assert!(
            second.response.is_some() && !second.is_lost(),
            "the last answer takes the place of the first"
        );
        drop(second);
        assert_eq!(room.left(), 10);
    }
}
