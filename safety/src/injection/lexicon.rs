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
    places: Box<[u16; PLACES + 1]>,
    /// Which places have words: most words of a text that are none of ours do not get past it.
    taken: Box<[u64; PLACES / 64]>,
    /// What each byte may begin or belong to.
    bytes: [u8; 256],
    /// What may begin behind each byte.
    wanted: [u8; 256],
    /// The words that phrases are made of.
    parts: HashSet<String>,
}

/// Words of four bytes and more are found by a hash of the first four, those of three by one of these, those of one or two
/// by the first.
const PLACES: usize = LONG + THREE + SHORT;
const LONG: usize = 1 << 15;
const THREE: usize = 1 << 10;
const SHORT: usize = 1 << 8;

/// Of the first four bytes; letters of either case have the same place.
fn long_place(four: u32) -> usize {
    ((four | 0x2020_2020).wrapping_mul(0x9E37_79B1) >> 17) as usize
}

fn three_place(four: u32) -> usize {
    LONG + (((four | 0x2020_2020) << 8).wrapping_mul(0x9E37_79B1) >> 22) as usize
}

fn short_place(first: u8) -> usize {
    LONG + THREE + usize::from(first.to_ascii_lowercase())
}

/// The first four bytes, and nothing where a text is shorter.
fn four(text: &[u8]) -> u32 {
    match text.first_chunk() {
        Some(four) => u32::from_le_bytes(*four),
        None => head(text) as u32,
    }
}

/// The byte belongs to a word.
const WITHIN: u8 = 1;
/// A word of the lexicon begins with it.
const BEGINS: u8 = 2;
/// One that may stand inside of others.
const BEGINS_ANYWHERE: u8 = 4;
/// Whatever begins outside of words.
const WANTED: u8 = BEGINS | BEGINS_ANYWHERE;

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
        let mut taken = Box::new([0; PLACES / 64]);
        let mut lexemes = Vec::with_capacity(words.len());
        for (word, classes) in &words {
            let lexeme = Lexeme::new(word, *classes);
            let text = word.trim_end_matches('*').as_bytes();
            let place = match text.len() {
                1 | 2 => short_place(text[0]),
                3 => three_place(four(text)),
                _ => long_place(four(text)),
            };
            taken[place / 64] |= 1 << (place % 64);
            bytes[text[0] as usize] |= if lexeme.bounded_start { BEGINS } else { BEGINS_ANYWHERE };
            lexemes.push((place, lexeme));
        }
        for byte in b'a'..=b'z' {
            bytes[byte.to_ascii_uppercase() as usize] = bytes[byte as usize];
        }
        let wanted = bytes.map(|byte| if byte & WITHIN == 0 { WANTED } else { BEGINS_ANYWHERE });
        lexemes.sort_by_key(|(place, lexeme)| (*place, lexeme.length));
        let mut places = vec![0; PLACES + 1];
        for (place, _) in &lexemes {
            places[place + 1] += 1;
        }
        for place in 0..PLACES {
            places[place + 1] += places[place];
        }
        let places = places.try_into().expect("there is an end to each place");
        let parts = words.keys().filter(|word| word.contains(' ')).flat_map(|word| word.split(' '));
        let parts = parts.map(str::to_owned).collect();
        let lexemes = lexemes.into_iter().map(|(_, lexeme)| lexeme).collect();
        Self { lexemes, places, taken, bytes, wanted, parts }
    }

    /// Every word of the lexicon in `text`, in the order in which they begin; shorter ones before longer ones.
    pub(crate) fn hits(&self, text: &str, mut found: impl FnMut(Hit)) {
        let bytes = text.as_bytes();
        let mut from = 0usize;
        for piece in bytes.chunks(MANY) {
            let starts =
                if memchr::memchr(b'\\', &bytes[from.saturating_sub(2)..from + piece.len()]).is_some() {
                    self.starts::<true>(bytes, from, piece)
                } else {
                    self.starts::<false>(bytes, from, piece)
                };
            for &at in &starts.places[..starts.count.min(MANY)] {
                self.at(bytes, from + usize::from(at), &mut found);
            }
            from += piece.len();
        }
    }

    /// Where in `piece`, which begins at `from`, a word may begin: each place is written, and the next one takes it unless
    /// it stays. Nothing has to be foretold. With `ESCAPES` a word also begins behind an escape of JSON inside JSON.
    fn starts<const ESCAPES: bool>(&self, bytes: &[u8], from: usize, piece: &[u8]) -> Starts {
        let mut starts = Starts { places: [0; MANY], count: 0 };
        let mut wanted = from.checked_sub(1).map_or(WANTED, |last| self.wanted[bytes[last] as usize]);
        for (at, &byte) in piece.iter().enumerate() {
            let class = self.bytes[byte as usize];
            if ESCAPES && ends_escape(&bytes[..from + at]) {
                wanted = WANTED;
            }
            starts.places[starts.count % MANY] = at as u8;
            starts.count += usize::from(class & wanted != 0);
            wanted = self.wanted[byte as usize];
        }
        starts
    }

    /// What all words of the lexicon in `text` do.
    pub(crate) fn classes(&self, text: &str) -> u64 {
        let mut classes = 0;
        self.hits(text, |hit| classes |= hit.classes);
        classes
    }

    /// The words that begin at `start`; only those that may stand inside of a word unless one begins there.
    fn at(&self, bytes: &[u8], start: usize, found: &mut impl FnMut(Hit)) {
        let text = &bytes[start..];
        let four = four(text);
        let [first, second, third, _] = four.to_le_bytes();
        // A short word of letters ends here.
        let within = |byte: u8| self.bytes[byte as usize] & WITHIN != 0;
        let is_short = !first.is_ascii_alphanumeric() | !(within(second) & within(third));
        let places = [short_place(first), three_place(four), long_place(four)];
        let [short, three, long] = places.map(|place| self.taken[place / 64] >> (place % 64) & 1 != 0);
        if !(short & is_short | three | long) {
            return;
        }
        let begins =
            !bytes[..start].last().is_some_and(|&last| within_word(last)) || ends_escape(&bytes[..start]);
        let head = head(text);
        for place in &places[usize::from(!is_short)..] {
            for lexeme in self.of(*place).iter().filter(|lexeme| lexeme.begins(head, text)) {
                let end = start + lexeme.length;
                let starts = begins || !lexeme.bounded_start;
                let stands = lexeme.classes != Class::Email.bit() || address(bytes, start);
                if starts && stands && lexeme.ends(bytes, end) {
                    found(Hit { start, end, classes: lexeme.classes });
                }
            }
        }
    }

    fn of(&self, place: usize) -> &[Lexeme] {
        &self.lexemes[usize::from(self.places[place])..usize::from(self.places[place + 1])]
    }

    /// Whether `word` is in the lexicon, or one of several that are.
    pub(crate) fn knows(&self, word: &[u8]) -> bool {
        if word.len() < 3 {
            return false;
        }
        let (four, head) = (four(word), head(word));
        let mut known = self.of(three_place(four)).iter().chain(self.of(long_place(four)));
        known.any(|lexeme| lexeme.begins(head, word) && lexeme.ends(word, lexeme.length))
            || std::str::from_utf8(word).is_ok_and(|word| self.parts.contains(&word.to_ascii_lowercase()))
    }
}

/// How many bytes are looked through at a time for beginnings of words.
const MANY: usize = 256;

/// Where words may begin in so many bytes.
struct Starts {
    places: [u8; MANY],
    count: usize,
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

/// Whether an escape ends there, as JSON inside JSON has it.
fn ends_escape(text: &[u8]) -> bool {
    text.ends_with(b"\\n") || text.ends_with(b"\\t") || text.ends_with(b"\\r")
}
