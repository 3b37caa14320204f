//! A stream entry as Redis delivered it, kept whole so that a dead letter can carry everything that came.

use redis::Value;

/// One entry: its id, its fields in order, and how often it was delivered.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) deliveries: u64,
}

impl Entry {
    pub(super) fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_slice())
    }

    /// The entry's kind as a metric label: what we do not know is `unknown`, whatever the sender called it.
    pub(super) fn kind_label(&self) -> &'static str {
        use gatewayops_proto::event::kind;
        let named = self.field("kind").unwrap_or_default();
        [kind::SPAN, kind::DETECTION, kind::PAYLOAD, kind::AUDIT, kind::KEY_USED]
            .into_iter()
            .find(|known| known.as_bytes() == named)
            .unwrap_or("unknown")
    }
}

/// The entries of one stream in the answer of XREADGROUP: `[[stream, entries]]`, or nil after waiting in vain.
pub(super) fn of_read(answer: Value) -> Vec<Entry> {
    array(answer)
        .into_iter()
        .flat_map(|stream| of_entries(array(stream).into_iter().nth(1).unwrap_or(Value::Nil)))
        .collect()
}

/// The cursor to go on from and the entries in the answer of XAUTOCLAIM: `[cursor, entries, deleted]`.
pub(super) fn of_claim(answer: Value) -> (String, Vec<Entry>) {
    let mut parts = array(answer).into_iter();
    let cursor = parts.next().map(bytes).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    (cursor, of_entries(parts.next().unwrap_or(Value::Nil)))
}

/// `[[id, [name, value, …]], …]`. An entry trimmed away while it was pending comes as nil, or without fields.
fn of_entries(entries: Value) -> Vec<Entry> {
    array(entries)
        .into_iter()
        .filter_map(|entry| {
            let mut parts = array(entry).into_iter();
            let id = String::from_utf8(bytes(parts.next()?)).ok()?;
            let mut values = array(parts.next()?).into_iter().map(bytes);
            let mut fields = Vec::with_capacity(4);
            while let (Some(name), Some(value)) = (values.next(), values.next()) {
                fields.push((String::from_utf8_lossy(&name).into_owned(), value));
            }
            Some(Entry { id, fields, deliveries: 1 })
        })
        .collect()
}

fn array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        _ => Vec::new(),
    }
}

fn bytes(value: Value) -> Vec<u8> {
    match value {
        Value::BulkString(bytes) => bytes,
        Value::SimpleString(text) => text.into_bytes(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    fn entry(id: &str) -> Value {
        Value::Array(vec![text(id), Value::Array(vec![text("kind"), text("span"), text("d"), text("{}")])])
    }

    #[test]
    fn entries_come_out_of_both_answers() {
        let read = Value::Array(vec![Value::Array(vec![
            text("stream"),
            Value::Array(vec![entry("1-0"), entry("1-1")]),
        ])]);
        let read = of_read(read);
        assert_eq!(read.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["1-0", "1-1"]);
        assert_eq!(read[0].field("d"), Some(b"{}".as_slice()));

        let (cursor, claimed) =
            of_claim(Value::Array(vec![text("7-0"), Value::Array(vec![entry("2-0")]), Value::Array(vec![])]));
        assert_eq!((cursor.as_str(), claimed.len()), ("7-0", 1));
    }

    #[test]
    fn nothing_new_and_trimmed_entries_are_no_entries() {
        assert!(of_read(Value::Nil).is_empty());
        let trimmed = Value::Array(vec![Value::Nil, Value::Array(vec![text("1-0"), Value::Nil])]);
        let (_, claimed) = of_claim(Value::Array(vec![text("0-0"), trimmed]));
        assert_eq!(claimed.iter().map(|entry| entry.fields.len()).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_made_up_kind_is_no_metric_label() {
        let [known, made_up] = ["key_used", "x\ny"].map(|kind| {
            Entry { id: "1-0".into(), fields: vec![("kind".into(), kind.into())], deliveries: 1 }.kind_label()
        });
        assert_eq!((known, made_up), ("key_used", "unknown"));
    }
}
