//! Reads an event stream while it passes: where events end, and what the message in each is.
//!
//! Lines may end in LF, CRLF or CR, and bytes may be cut anywhere (WHATWG HTML, server-sent events).

use std::borrow::Cow;

use super::answer::{Answer, Scanner};

const DATA: &[u8] = b"data:";
const ID: &[u8] = b"id:";

#[derive(Debug, Default)]
pub(crate) struct Reader {
    line: Line,
    /// A CR ended the last line; an LF right after it belongs to it.
    after_cr: bool,
    scanner: Option<Scanner>,
    event_bytes: u64,
    has_ids: bool,
}

#[derive(Debug, Default)]
enum Line {
    #[default]
    Start,
    /// So many bytes of `data:` have matched.
    Data(usize),
    /// So many bytes of `id:` have matched.
    Id(usize),
    /// The first byte of the value may be a space that does not count.
    ValueStart,
    Value,
    /// Another field, or a comment.
    Other,
}

impl Reader {
    /// Calls `event` for every event that is complete, with what its data was if that was a JSON object.
    /// Returns how many of the bytes belong to events that are complete.
    pub(crate) fn feed(&mut self, bytes: &[u8], mut event: impl FnMut(Option<Answer>)) -> usize {
        let (mut position, mut complete) = (0, 0);
        for run in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            position += run.len();
            self.event_bytes += run.len() as u64;
            let (text, end) = match run.split_last() {
                Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
                _ => (run, None),
            };
            let continues_crlf = std::mem::take(&mut self.after_cr) && text.is_empty() && end == Some(b'\n');
            if continues_crlf {
                // The line has ended already; if that ended an event, this byte is the last of it.
                if self.event_bytes == 1 {
                    self.event_bytes = 0;
                    complete = position;
                }
                continue;
            }
            self.text(text);
            let Some(end) = end else { continue };
            self.after_cr = end == b'\r';
            if self.line_ended(&mut event) {
                complete = position;
            }
        }
        complete
    }

    /// Bytes of the event that is being received.
    pub(crate) fn event_bytes(&self) -> u64 {
        self.event_bytes
    }

    /// Whether the upstream gave event ids: then a broken stream can be resumed (R3.10).
    pub(crate) fn has_ids(&self) -> bool {
        self.has_ids
    }

    fn text(&mut self, mut text: &[u8]) {
        while let Some(&byte) = text.first() {
            match self.line {
                Line::Start => self.line = if byte == ID[0] { Line::Id(0) } else { Line::Data(0) },
                Line::Data(matched) if DATA[matched] == byte => {
                    self.line =
                        if matched + 1 == DATA.len() { Line::ValueStart } else { Line::Data(matched + 1) };
                    text = &text[1..];
                }
                Line::Id(matched) if ID[matched] == byte => {
                    let is_whole = matched + 1 == ID.len();
                    self.has_ids |= is_whole;
                    self.line = if is_whole { Line::Other } else { Line::Id(matched + 1) };
                    text = &text[1..];
                }
                Line::Data(_) | Line::Id(_) => self.line = Line::Other,
                Line::ValueStart => {
                    self.line = Line::Value;
                    text = text.strip_prefix(b" ").unwrap_or(text);
                }
                Line::Value => {
                    self.scanner.get_or_insert_default().feed(text);
                    return;
                }
                Line::Other => return,
            }
        }
    }

    /// Whether the line was the empty one that ends an event.
    fn line_ended(&mut self, event: &mut impl FnMut(Option<Answer>)) -> bool {
        match std::mem::take(&mut self.line) {
            Line::Start => {
                let scanner = self.scanner.take();
                if let Some(scanner) = scanner {
                    event(scanner.finish());
                }
                self.event_bytes = 0;
                return true;
            }
            Line::Value | Line::ValueStart => self.scanner.get_or_insert_default().feed(b"\n"),
            Line::Data(_) | Line::Id(_) | Line::Other => {}
        }
        false
    }
}

/// One event, as far as its fields matter here. Comments are not kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Event<'a> {
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) name: Option<&'a str>,
    pub(crate) retry: Option<&'a str>,
    pub(crate) data: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    fn read(block: &'a str) -> Self {
        let mut event = Self::default();
        for line in block.split('\n') {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => event.id = Some(value.into()),
                "event" => event.name = Some(value),
                "retry" => event.retry = Some(value),
                "data" => match &mut event.data {
                    None => event.data = Some(value.into()),
                    Some(data) => {
                        let data = data.to_mut();
                        data.push('\n');
                        data.push_str(value);
                    }
                },
                _ => {}
            }
        }
        event
    }

    pub(crate) fn write(&self, to: &mut String) {
        let mut put = |field: &str, value: &str| {
            for part in [field, ": ", value, "\n"] {
                to.push_str(part);
            }
        };
        if let Some(name) = self.name {
            put("event", name);
        }
        if let Some(id) = &self.id {
            put("id", id);
        }
        if let Some(retry) = self.retry {
            put("retry", retry);
        }
        for line in self.data.iter().flat_map(|data| data.split('\n')) {
            put("data", line);
        }
        to.push('\n');
    }
}

/// Line ends as [`events`] wants them.
pub(crate) fn unified(stream: &str) -> Cow<'_, str> {
    if stream.contains('\r') {
        Cow::Owned(stream.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(stream)
    }
}

/// The events of a text that is cut at events' ends, its lines [`unified`].
pub(crate) fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    text.split("\n\n").filter(|block| !block.trim_matches('\n').is_empty()).map(Event::read)
}

/// The data of every event in a whole stream.
pub(crate) fn data_of_events(stream: &str) -> Vec<String> {
    events(&unified(stream)).filter_map(|event| event.data.map(Cow::into_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\n\nid: 1\ndata: \n\nevent: message\r\nid: 2\r\ndata: {\"method\":\"notifications/progress\"}\r\n\r\ndata: {\"id\":1,\rdata:\"result\":{}}\r\r";

    fn events(cuts: &[usize]) -> (Vec<Option<Answer>>, Reader) {
        let (mut events, mut reader, mut from) = (Vec::new(), Reader::default(), 0);
        for &cut in cuts.iter().chain([&STREAM.len()]) {
            reader.feed(&STREAM.as_bytes()[from..cut], |answer| events.push(answer));
            from = cut;
        }
        (events, reader)
    }

    #[test]
    fn events_are_found_wherever_the_bytes_are_cut() {
        let (whole, reader) = events(&[]);
        assert_eq!(whole.len(), 3, "{whole:?}");
        assert_eq!(whole[0], None, "a priming event carries no message");
        assert!(whole[1].unwrap().has_method);
        assert!(whole[2].unwrap().is_response());
        assert!(reader.event_bytes() == 0 && reader.has_ids());
        for cut in 0..STREAM.len() {
            let (events, reader) = events(&[cut]);
            assert_eq!((events, reader.has_ids()), (whole.clone(), true), "cut at {cut}");
        }
        let (events, reader) = events(&(0..STREAM.len()).collect::<Vec<_>>());
        assert_eq!((events, reader.has_ids()), (whole, true));
    }

    #[test]
    fn only_whole_events_are_complete() {
        let mut reader = Reader::default();
        assert_eq!(reader.feed(b"data: {\"id\":1", |_| unreachable!()), 0);
        assert_eq!(reader.event_bytes(), 13);
        assert_eq!(reader.feed(b"}\n\ndata: x", |_| {}), 3);
        assert_eq!(reader.feed(b"\r\n\r", |_| {}), 3);
        assert_eq!(reader.feed(b"\n", |_| {}), 1, "the LF of a CRLF goes with its event");
        assert_eq!(reader.event_bytes(), 0);
    }

    #[test]
    fn an_event_is_written_as_it_was_read() {
        let text = "event: message\nid: 7\nretry: 500\ndata: {\ndata: }\n\nid: 8\ndata: \n\n";
        let mut written = String::new();
        super::events(text).for_each(|event| event.write(&mut written));
        assert_eq!(written, text);
    }

    #[test]
    fn the_data_of_whole_streams_can_be_taken_out() {
        let data = data_of_events(STREAM);
        assert_eq!(data, ["", "{\"method\":\"notifications/progress\"}", "{\"id\":1,\n\"result\":{}}"]);
    }
}
