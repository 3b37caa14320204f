//! The words that attacks are made of, by what they do in a sentence, looked up where a word of a text begins. The
//! families in [rules](super::rules) and the model's symbols are made of these classes, never of whole sentences.
//!
//! An entry that ends in `*` is a stem; others are whole words. Scripts without spaces have no word boundaries. All are
//! written as [normalise](crate::normalise) leaves them: lower case, without accents.

use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

mod entries;

use entries::ENTRIES;

/// What a word does. At most 63, because a set of them is a `u64` with a bit to spare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Takes something out of force: ignore, forget, set aside.
    Override,
    /// What came before the attack.
    Prior,
    /// What a model was told.
    Instruction,
    /// What keeps a model in bounds.
    Safeguard,
    /// Turns something off: disable, bypass, suspend.
    Disable,
    /// Says that something does not hold any more.
    Void,
    /// Gives the reader another self.
    Persona,
    /// A self without bounds.
    Unbound,
    /// The reader's own instructions.
    SystemPrompt,
    /// Keys, passwords, tokens.
    Credential,
    /// What was said in the conversation.
    Conversation,
    /// Asks for words.
    Reveal,
    /// Sends something away.
    Send,
    /// Keeps something from the user.
    Conceal,
    User,
    Assistant,
    Urgent,
    /// Always, never, must, whenever.
    Obligation,
    Tool,
    /// The frame of a chat: tags and names of turns.
    Turn,
    /// Frames that no chat has: a made-up order from above.
    Authority,
    /// What hides text from people.
    Hidden,
    Encoding,
    /// Follow, obey, comply, execute.
    Obey,
    /// Words about attacks: a text that discusses them.
    Discussion,
    /// Introduces words of others: "such as", "the phrase".
    Mention,
    Negation,
    FirstPerson,
    SecondPerson,
    /// Changes the world: delete, pay, grant.
    Act,
    /// What people own.
    Asset,
    /// The answer that the reader is to give.
    Answer,
    /// Asks for work: write, explain, translate.
    Task,
    Polite,
    Before,
    Email,
    Link,
    /// "the following", "below": what comes is meant.
    Following,
    New,
    Instead,
    Harm,
    Question,
    /// Says that something is missing.
    Without,
    /// Calls a model that reads along.
    Aside,
    /// Without being seen.
    Covert,
    /// Steps that stand elsewhere.
    Procedure,
}

impl Class {
    pub(crate) const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// One word of the lexicon where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) classes: u64,
}

/// A word, ready to be compared with what stands in a text.
struct Lexeme {
    /// Its first bytes, and which of eight they are.
    head: u64,
    mask: u64,
    /// What comes after eight.
    rest: Box<[u8]>,
    length: usize,
    classes: u64,
    stem: bool,
    bounded_start: bool,
    bounded_end: bool,
}

impl Lexeme {
    fn new(word: &str, classes: u64) -> Self {
        let stem = word.ends_with('*');
        let word = word.trim_end_matches('*').as_bytes();
        let spaced = |byte: u8| byte.is_ascii_alphanumeric() || (0xC3..0xE0).contains(&byte);
        let bounded_start = word.first().is_some_and(|&byte| spaced(byte));
        let bounded_end = word.last().is_some_and(|&byte| byte.is_ascii_alphanumeric());
        Self {
            head: head(word),
            mask: head(&[0xFF; HEAD][..word.len().min(HEAD)]),
            rest: word.get(HEAD..).unwrap_or_default().into(),
            length: word.len(),
            classes,
            stem,
            bounded_start,
            bounded_end: bounded_end || (bounded_start && word[0] >= 0xC3),
        }
    }

    /// Whether `text`, whose head is given, begins with it.
    fn begins(&self, head: u64, text: &[u8]) -> bool {
        (head ^ self.head) & self.mask == 0
            && (self.rest.is_empty()
                || text.get(HEAD..self.length).is_some_and(|rest| rest.eq_ignore_ascii_case(&self.rest)))
    }

    /// Whether it may end there.
    fn ends(&self, bytes: &[u8], end: usize) -> bool {
        self.stem || !self.bounded_end || bytes.get(end).is_none_or(|&next| !within_word(next))
    }
}

const HEAD: usize = 8;

/// The first bytes in lower case, and nothing where a text is shorter.
fn head(text: &[u8]) -> u64 {
    let mut head = [0; HEAD];
    match text.first_chunk() {
        Some(whole) => head = *whole,
        None => head[..text.len()].copy_from_slice(text),
    }
    head.make_ascii_lowercase();
    u64::from_le_bytes(head)
}

/// All words, by what they begin with: most words of most texts begin otherwise.
pub(crate) struct Lexicon {
    /// Those of a place stand side by side, shorter ones first.
    lexemes: Vec<Lexeme>,
    /// Where those of each place begin, and where the last ones end.
    places: Box<[u16; PLACES + 257]>,
    /// What each byte may begin or belong to.
    bytes: [u8; 256],
    /// The words that phrases are made of.
    parts: HashSet<String>,
}

/// Of what begins with the same three bytes, hashed. The places behind are of words of one or two bytes.
const PLACES: usize = 1 << 12;

/// Letters of either case have the same place.
fn place(first: u8, second: u8, third: u8) -> usize {
    let three = u32::from_le_bytes([first | 0x20, second | 0x20, third | 0x20, 0]);
    (three.wrapping_mul(0x9E37_79B1) >> 20) as usize
}

fn short_place(first: u8) -> usize {
    PLACES + usize::from(first.to_ascii_lowercase())
}

/// The byte belongs to a word.
const WITHIN: u8 = 1;
/// A word of the lexicon begins with it.
const BEGINS: u8 = 2;
/// One that may stand inside of others.
const BEGINS_ANYWHERE: u8 = 4;

pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

impl Lexicon {
    fn new() -> Self {
        let mut words: BTreeMap<String, u64> = BTreeMap::new();
        for (classes, list) in ENTRIES {
            let bits = classes.iter().fold(0, |all, class| all | class.bit());
            for word in list.split_whitespace() {
                // An underscore stands for a blank, but not in the tokens of a chat's frame.
                let word = if word.contains("<|") { word.to_owned() } else { word.replace('_', " ") };
                *words.entry(word).or_default() |= bits;
            }
        }
        let mut bytes = std::array::from_fn(|byte| if within_word(byte as u8) { WITHIN } else { 0 });
        let mut lexemes = Vec::with_capacity(words.len());
        for (word, classes) in &words {
            let lexeme = Lexeme::new(word, *classes);
            let place = match word.trim_end_matches('*').as_bytes() {
                &[first, second, third, ..] => place(first, second, third),
                other => short_place(other[0]),
            };
            bytes[word.as_bytes()[0] as usize] |= if lexeme.bounded_start { BEGINS } else { BEGINS_ANYWHERE };
            lexemes.push((place, lexeme));
        }
        for byte in b'a'..=b'z' {
            bytes[byte.to_ascii_uppercase() as usize] = bytes[byte as usize];
        }
        lexemes.sort_by_key(|(place, lexeme)| (*place, lexeme.length));
        let begin = |place: usize| lexemes.partition_point(|(known, _)| *known < place) as u16;
        let places = Box::new(std::array::from_fn(begin));
        let parts = words.keys().filter(|word| word.contains(' ')).flat_map(|word| word.split(' '));
        let parts = parts.map(str::to_owned).collect();
        Self { places, bytes, parts, lexemes: lexemes.into_iter().map(|(_, lexeme)| lexeme).collect() }
    }

    /// Every word of the lexicon in `text`, in the order in which they begin; shorter ones before longer ones.
    pub(crate) fn hits(&self, text: &str, mut found: impl FnMut(Hit)) {
        const MANY: usize = 256;
        let bytes = text.as_bytes();
        let (mut before, mut last) = (0, b' ');
        let mut from = 0;
        for piece in bytes.chunks(MANY) {
            // Where a word may begin: each place is written, and the next one takes it unless it stays. Nothing has to
            // be foretold.
            let mut places = [(0u8, false); MANY];
            let mut count = 0;
            for (at, &byte) in piece.iter().enumerate() {
                let begins =
                    (self.bytes[last as usize] & WITHIN == 0) | (before == b'\\') & ends_escape(last);
                let wanted = BEGINS_ANYWHERE | (BEGINS * u8::from(begins));
                places[count & (MANY - 1)] = (at as u8, begins);
                count += usize::from(self.bytes[byte as usize] & wanted != 0);
                (before, last) = (last, byte);
            }
            for &(at, begins) in &places[..count] {
                self.at(bytes, from + usize::from(at), begins, &mut found);
            }
            from += piece.len();
        }
    }

    /// What all words of the lexicon in `text` do.
    pub(crate) fn classes(&self, text: &str) -> u64 {
        let mut classes = 0;
        self.hits(text, |hit| classes |= hit.classes);
        classes
    }

    /// The words that begin at `start`; only those that may stand inside of a word unless one `begins` there.
    fn at(&self, bytes: &[u8], start: usize, begins: bool, found: &mut impl FnMut(Hit)) {
        let text = &bytes[start..];
        let (short, long) = match *text {
            [first, second, third, ..] => {
                let long = self.of(place(first, second, third));
                // A short word of letters ends here.
                let short = !first.is_ascii_alphanumeric() || !within_word(second) || !within_word(third);
                (if short { self.of(short_place(first)) } else { &[] }, long)
            }
            _ => (self.of(short_place(text[0])), &[][..]),
        };
        if short.is_empty() && long.is_empty() {
            return;
        }
        let head = head(text);
        for lexeme in short.iter().chain(long).filter(|lexeme| lexeme.begins(head, text)) {
            let end = start + lexeme.length;
            let starts = begins || !lexeme.bounded_start;
            let stands = lexeme.classes != Class::Email.bit() || address(bytes, start);
            if starts && stands && lexeme.ends(bytes, end) {
                found(Hit { start, end, classes: lexeme.classes });
            }
        }
    }

    fn of(&self, place: usize) -> &[Lexeme] {
        &self.lexemes[usize::from(self.places[place])..usize::from(self.places[place + 1])]
    }

    /// Whether `word` is in the lexicon, or one of several that are.
    pub(crate) fn knows(&self, word: &[u8]) -> bool {
        let &[first, second, third, ..] = word else { return false };
        let head = head(word);
        let mut known = self.of(place(first, second, third)).iter();
        known.any(|lexeme| lexeme.begins(head, word) && lexeme.ends(word, lexeme.length))
            || std::str::from_utf8(word).is_ok_and(|word| self.parts.contains(&word.to_ascii_lowercase()))
    }
}

fn within_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether the `@` stands between a name and a host.
fn address(bytes: &[u8], at: usize) -> bool {
    let named = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let host = bytes[at + 1..]
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(byte));
    named && host.clone().count() > 3 && host.clone().any(|&byte| byte == b'.')
}

/// Whether a letter behind a backslash is an escape, as JSON inside JSON has it: what follows begins a word.
fn ends_escape(letter: u8) -> bool {
    (letter == b'n') | (letter == b't') | (letter == b'r')
}
