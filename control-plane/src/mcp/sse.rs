//! Reads server-sent events out of bytes as they come (WHATWG HTML §9.2): any line ending, split anywhere.

/// One event; `name` is `message` unless the server said otherwise.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) data: String,
}

#[derive(Default)]
pub(super) struct Decoder {
    line: Vec<u8>,
    after_carriage_return: bool,
    name: String,
    data: Option<String>,
}

impl Decoder {
    /// Takes the next bytes and gives the events they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let second_half_of_crlf = byte == b'\n' && std::mem::take(&mut self.after_carriage_return);
            match byte {
                b'\n' if second_half_of_crlf => {}
                b'\n' | b'\r' => {
                    self.after_carriage_return = byte == b'\r';
                    events.extend(self.end_line());
                }
                _ => {
                    self.after_carriage_return = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            let data = self.data.take()?;
            return Some(Event { name: if name.is_empty() { "message".to_owned() } else { name }, data });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, &mut self.data) {
            ("event", _) => value.clone_into(&mut self.name),
            ("data", Some(data)) => {
                data.push('\n');
                data.push_str(value);
            }
            ("data", none) => *none = Some(value.to_owned()),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_whole_wherever_the_bytes_are_cut() {
        let text = ": hello\r\nevent: endpoint\r\ndata: /m\r\n\r\nid: 1\ndata:\n\ndata: {\"ä\":\rdata: 1}\r\rdata: cut off";
        let expected = [event("endpoint", "/m"), event("message", ""), event("message", "{\"ä\":\n1}")];
        for size in 1..text.len() {
            let mut decoder = Decoder::default();
            let events: Vec<_> = text.as_bytes().chunks(size).flat_map(|chunk| decoder.push(chunk)).collect();
            assert_eq!(events, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn an_event_without_data_is_none() {
        assert_eq!(Decoder::default().push(b"event: ping\n\nretry: 5\n\n"), []);
    }
}
