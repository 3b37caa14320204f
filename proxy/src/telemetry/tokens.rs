//! How many tokens a call was given and gave back, where its server does not say so (`TOKEN_COUNTER`).
//!
//! By default that is an estimate of four bytes each. With `o200k` the call path keeps what was said, shared and not
//! copied, and the publisher counts it after the answer has left. What is decided before that (limits by tokens, the
//! header that tells the price) goes by the estimate; the span, its cost and with it every budget by what was counted.

use std::{borrow::Cow, str::FromStr};

use bpe_openai::o200k_base;
use bytes::Bytes;
use gatewayops_proto::money::Price;

use super::{
    metrics::Metrics,
    room::{Place, Room},
};
use crate::{exchange::Exchange, mcp::answer};

/// Bytes of a text that are counted; the tokens of the rest are taken to be as long.
const COUNTED: usize = 256 << 10;
/// Bytes that may wait in memory for the publisher, of all calls together. It is what can be counted within a second: no
/// span comes much later for it.
const ROOM: usize = 8 << 20;

/// By what tokens are counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Counter {
    #[default]
    Bytes4,
    /// OpenAI's vocabulary `o200k_base`.
    O200k,
}

impl FromStr for Counter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "bytes4" => Ok(Self::Bytes4),
            "o200k" => Ok(Self::O200k),
            _ => Err(format!("{text:?} must be bytes4 or o200k")),
        }
    }
}

impl Counter {
    /// Where what is to be counted waits. None: nothing is.
    pub(crate) fn room(self) -> Option<Room> {
        (self == Self::O200k).then(|| Room::of(ROOM))
    }

    /// Reads the vocabulary now, which takes a moment, and not when the first call is to be counted.
    pub(crate) fn warm(self) {
        if self == Self::O200k {
            o200k_base();
        }
    }
}

/// What was said in one exchange, until it is counted.
pub(crate) struct Texts {
    room: Room,
    asked: Option<Text>,
    answered: Option<Text>,
    result_bytes: u64,
    price: Price,
    /// There was no room for some of it.
    is_lost: bool,
}

struct Text {
    bytes: Bytes,
    _place: Place,
}

impl Texts {
    pub(crate) fn new(room: &Room) -> Self {
        Self {
            room: room.clone(),
            asked: None,
            answered: None,
            result_bytes: 0,
            price: Price::default(),
            is_lost: false,
        }
    }

    /// The arguments, a part of the body that holds them.
    pub(crate) fn asked(&mut self, body: &Bytes, arguments: &str) {
        // The whole body stays for its part.
        self.asked = self.text(body.len(), body.slice_ref(arguments.as_bytes()));
    }

    /// The message that answers or its beginning, or the events among which it is. The last answer counts.
    pub(crate) fn answered(&mut self, said: &Bytes) {
        self.answered = None;
        self.answered = self.text(said.len(), said.clone());
    }

    /// What is known of its answer and of its price. What the server has counted itself is not counted again.
    pub(crate) fn learned(&mut self, answer: answer::Answer, price: Price) {
        self.result_bytes = answer.result_bytes;
        self.price = price;
        if answer.input_tokens.is_some() {
            self.asked = None;
        }
        if answer.output_tokens.is_some() {
            self.answered = None;
        }
    }

    /// Nobody has answered, and it costs all the same.
    pub(crate) fn unanswered(&mut self, price: Price) {
        self.answered = None;
        self.price = price;
    }

    /// `held`: the bytes of what the text is a part of. Of long ones the beginning is copied, so that the rest can go.
    fn text(&mut self, held: usize, mut bytes: Bytes) -> Option<Text> {
        let mut held = held;
        if held > 2 * COUNTED {
            bytes = Bytes::copy_from_slice(&bytes[..bytes.len().min(COUNTED)]);
            held = bytes.len();
        }
        let place = self.room.take(held);
        self.is_lost |= place.is_none();
        Some(Text { bytes, _place: place? })
    }
}

/// Counts what an exchange has kept, and prices it again by that.
pub(super) fn count(exchange: &mut Exchange, metrics: &Metrics) {
    let Some(texts) = exchange.texts.take().filter(|_| exchange.charged) else { return };
    if texts.is_lost {
        metrics.tokens_estimated("no_room");
    }
    if let Some(asked) = &texts.asked {
        exchange.input_tokens = Some(tokens(&beginning(&asked.bytes), exchange.input_bytes));
    }
    if let Some(answered) = &texts.answered {
        let said = beginning(&answered.bytes);
        // Without a result the server has answered with an error, which is none of the tool's words.
        exchange.output_tokens = Some(match texts.result_bytes {
            0 => 0,
            bytes => tokens(answer::result_in(&said).as_deref().unwrap_or(&said), bytes),
        });
    }
    if let (Some((cost, _)), Some(input), Some(output)) =
        (&mut exchange.cost, exchange.input_tokens, exchange.output_tokens)
    {
        *cost = texts.price.cost(input, output);
    }
}

/// Of bytes that are text, or the beginning of one.
fn beginning(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The tokens of a text of so many bytes, by its beginning if it is long or no more of it is there.
fn tokens(text: &str, whole: u64) -> u32 {
    let counted = &text[..text.floor_char_boundary(COUNTED)];
    let tokens = o200k_base().count(counted) as u64;
    let bytes = counted.len() as u64;
    let all = if bytes == 0 || whole <= bytes { tokens } else { (tokens * whole).div_ceil(bytes) };
    u32::try_from(all).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::{answer::Answer, trace_context::TraceContext};

    fn price() -> Price {
        Price {
            per_input_token: "0.001".parse().unwrap(),
            per_output_token: "0.01".parse().unwrap(),
            ..Price::default()
        }
    }

    /// A call that was answered, priced by the estimate.
    fn answered(room: &Room, arguments: &str, said: &str) -> Exchange {
        let mut exchange = Exchange::new("r".into(), None, TraceContext::fresh());
        exchange.input_bytes = arguments.len() as u64;
        let body = Bytes::from(format!(r#"{{"params":{{"arguments":{arguments}}}}}"#));
        let at = body.len() - 2 - arguments.len();
        let mut texts = Box::new(Texts::new(room));
        texts.asked(&body, std::str::from_utf8(&body[at..body.len() - 2]).unwrap());
        texts.answered(&Bytes::copy_from_slice(said.as_bytes()));
        exchange.texts = Some(texts);
        let data = said.strip_prefix("data: ").unwrap_or(said).trim();
        learn(&mut exchange, answer::scan(data.as_bytes()).unwrap());
        exchange
    }

    fn learn(exchange: &mut Exchange, answer: Answer) {
        exchange.charged = true;
        exchange.input_tokens = Some(answer.input_tokens.unwrap_or(1000));
        exchange.output_tokens = Some(answer.output_tokens.unwrap_or(1000));
        exchange.cost = Some((price().cost(1000, 1000), None));
        exchange.texts.as_mut().unwrap().learned(answer, price());
    }

    fn counted(exchange: &mut Exchange) -> (u32, u32, String) {
        count(exchange, &Metrics::new(false));
        let (cost, _) = exchange.cost.unwrap();
        (exchange.input_tokens.unwrap(), exchange.output_tokens.unwrap(), cost.to_string())
    }

    #[test]
    fn tokens_are_those_of_the_vocabulary() {
        // As OpenAI's cookbook has them.
        assert_eq!(tokens("tiktoken is great!", 18), 6);
        assert_eq!(tokens("antidisestablishmentarianism", 28), 6);
        assert_eq!(tokens("2 + 2 = 4", 9), 7);
        assert_eq!(tokens("お誕生日おめでとう", 27), 8);
        assert_eq!(tokens("", 0), 0);
    }

    #[test]
    fn a_call_costs_what_was_counted() {
        let room = Room::of(ROOM);
        let result = r#"{"jsonrpc":"2.0","id":1,"result":"tiktoken is great!"}"#;
        // The quotes of a JSON string are counted with it: what is counted is what was said.
        let quoted = tokens(r#""tiktoken is great!""#, 20);
        assert!((6..=8).contains(&quoted), "{quoted}");
        for said in [result.to_owned(), format!("data: {result}\n\n")] {
            let mut exchange = answered(&room, r#""2 + 2 = 4""#, &said);
            let asked = tokens(r#""2 + 2 = 4""#, 11);
            let cost = price().cost(asked, quoted).to_string();
            assert_eq!(counted(&mut exchange), (asked, quoted, cost), "{said}");
        }
        assert_eq!(room.left(), ROOM, "what was counted is no longer kept");
    }

    #[test]
    fn what_the_server_has_counted_stands() {
        let room = Room::of(ROOM);
        let said = r#"{"id":1,"result":{"_meta":{"usage":{"input_tokens":12,"output_tokens":34}}}}"#;
        let mut exchange = answered(&room, "{}", said);
        assert_eq!(counted(&mut exchange), (12, 34, price().cost(12, 34).to_string()));
    }

    #[test]
    fn an_error_has_no_tokens_and_what_is_not_charged_is_not_counted() {
        let room = Room::of(ROOM);
        let said = r#"{"id":1,"error":{"code":-32000,"message":"this is no result"}}"#;
        assert_eq!(counted(&mut answered(&room, "{}", said)).1, 0);
        let mut free = answered(&room, "{}", said);
        (free.charged, free.input_tokens, free.cost) = (false, None, None);
        count(&mut free, &Metrics::new(false));
        assert_eq!(free.input_tokens, None);
    }

    #[test]
    fn a_long_text_is_counted_by_its_beginning() {
        let word = "great ";
        let long = word.repeat(COUNTED / word.len() * 8);
        let (beginning, whole) = (&long[..COUNTED], long.len() as u64);
        let scaled = tokens(&long, whole);
        let every = u64::from(tokens(beginning, COUNTED as u64)) * whole / COUNTED as u64;
        assert!(u64::from(scaled).abs_diff(every) <= 1, "{scaled} and not {every}");
        // Of what never came as a whole message the beginning tells as well.
        let room = Room::of(ROOM);
        let said = format!(r#"{{"id":1,"result":"{long}"}}"#);
        let mut exchange = answered(&room, "{}", &said);
        assert!(room.left() >= ROOM - 2 * COUNTED, "no more is kept than is counted");
        let (_, output, _) = counted(&mut exchange);
        assert!(output.abs_diff(scaled) <= scaled / 100, "{output} and not about {scaled}");
    }

    #[test]
    fn without_room_the_estimate_stands_and_is_told_of() {
        let room = Room::of(40);
        let said = format!(r#"{{"id":1,"result":"{}"}}"#, "great ".repeat(20));
        let mut exchange = answered(&room, "{}", &said);
        let metrics = Metrics::new(false);
        count(&mut exchange, &metrics);
        assert_eq!((exchange.input_tokens, exchange.output_tokens), (Some(1), Some(1000)));
        assert_eq!(metrics.tokens_estimated_for("no_room"), 1);
        assert_eq!(exchange.cost.unwrap().0, price().cost(1, 1000));
    }
}
