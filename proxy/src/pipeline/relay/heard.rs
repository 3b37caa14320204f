//! What a stream has said before: an attack may be cut into messages that are harmless one by one.

use gatewayops_safety::json;

/// Bytes of what went before that are looked at again with what comes. Long enough for a sentence.
const KEPT: usize = 1024;
/// A message is joined with its beginning only; the rest of it was looked at by itself.
const JOINED: usize = 1024;

/// Members that hold no words of anybody: between two halves of a sentence they would hide it.
const LABELS: [&str; 8] =
    ["level", "logger", "mimeType", "progressToken", "requestId", "role", "type", "uri"];

/// The end of what was passed on.
#[derive(Default)]
pub(super) struct Heard(String);

impl Heard {
    /// Has what came before looked at together with the beginning of `message` (the content of one, without its method),
    /// and remembers the message's end.
    pub(super) fn and<E>(
        &mut self,
        message: &str,
        look: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut said = String::new();
        let said_by_somebody = |piece: &json::Piece<'_>| {
            !piece.is_key && piece.key.as_deref().is_none_or(|key| !LABELS.contains(&key))
        };
        for piece in json::strings(message).filter(said_by_somebody) {
            if said.len() > JOINED + KEPT {
                break;
            }
            said.push_str(&piece.text);
        }
        if said.is_empty() {
            return Ok(());
        }
        let begins = said.floor_char_boundary(JOINED.min(said.len()));
        let looked = if self.0.is_empty() { Ok(()) } else { look(&[&self.0, &said[..begins]].concat()) };
        self.0.push_str(&said);
        let from = self.0.ceil_char_boundary(self.0.len().saturating_sub(KEPT));
        self.0.drain(..from);
        looked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_in_two_is_looked_at_whole() {
        let mut heard = Heard::default();
        let mut joined = Vec::new();
        let mut say = |message: &str| {
            heard.and(message, |text| {
                joined.push(text.to_owned());
                Ok::<(), ()>(())
            })
        };
        say(r#"{"progressToken":"7","message":"first ha"}"#).unwrap();
        say(r#"{"progressToken":"7","message":"lf, second half"}"#).unwrap();
        assert_eq!(joined.len(), 1, "one message alone is not looked at twice");
        assert_eq!(joined, ["first half, second half"]);
    }

    #[test]
    fn only_the_end_is_kept_of_a_long_stream() {
        let mut heard = Heard::default();
        for _ in 0..100 {
            heard.and(&format!(r#"{{"text":"{}"}}"#, "é".repeat(400)), |_| Ok::<(), ()>(())).unwrap();
        }
        assert!(heard.0.len() <= KEPT);
    }
}
