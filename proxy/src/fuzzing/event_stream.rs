//! Event streams: where they are cut does not matter, and what is written says what was read.

use std::borrow::Cow;

use super::input::cuttings;
use crate::mcp::{
    answer::{Answer, scan},
    sse::{self, Event, Reader},
};

pub fn check(input: &[u8]) {
    let whole = Read::of([input]);
    for pieces in cuttings(input) {
        assert_eq!(Read::of(pieces.iter().copied()), whole, "cut: {pieces:?}");
    }
    if let Ok(stream) = std::str::from_utf8(input) {
        written(stream);
        agreed(&stream[..whole.complete], &whole);
    }
}

/// All that a reader tells.
#[derive(Debug, PartialEq)]
struct Read {
    answers: Vec<Option<Answer>>,
    complete: usize,
    pending: u64,
    has_ids: bool,
}

impl Read {
    fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let (mut reader, mut answers) = (Reader::default(), Vec::new());
        let (mut position, mut complete) = (0, 0);
        for piece in pieces {
            match reader.feed(piece, |answer| answers.push(answer)) {
                0 => {}
                whole => complete = position + whole,
            }
            position += piece.len();
            assert_eq!(reader.event_bytes(), (position - complete) as u64, "what is not whole is pending");
        }
        Self { answers, complete, pending: reader.event_bytes(), has_ids: reader.has_ids() }
    }
}

fn written(stream: &str) {
    let unified = sse::unified(stream);
    let events = spoken(&unified);
    let mut written = String::new();
    events.iter().for_each(|event| event.write(&mut written));
    assert_eq!(spoken(&written), events, "{written:?}");
}

/// Comments are not kept, so nothing is left of an event that has nothing else.
fn spoken(text: &str) -> Vec<Event<'_>> {
    sse::events(text).filter(|event| *event != Event::default()).collect()
}

/// What passes event by event and what is read as a whole are the same messages.
fn agreed(complete: &str, read: &Read) {
    let unified = sse::unified(complete);
    let data: Vec<_> = sse::events(&unified).filter_map(|event| event.data.map(Cow::into_owned)).collect();
    assert_eq!(data, sse::data_of_events(complete));
    // The reader does not take a bare `data` for a field: nobody has anything to say in it.
    if !unified.split('\n').any(|line| line == "data") {
        let answers: Vec<_> = data.iter().map(|data| scan(data.as_bytes())).collect();
        assert_eq!(answers, read.answers);
    }
    if sse::events(&unified).any(|event| event.id.is_some_and(|id| !id.is_empty())) {
        assert!(read.has_ids, "an id was missed");
    }
}
