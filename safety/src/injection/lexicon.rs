//! The words that attacks are made of, by what they do in a sentence. One automaton finds them all in one pass; the
//! families in [rules](super::rules) and the model's symbols are made of these classes, never of whole sentences.
//!
//! An entry that ends in `*` is a stem; others are whole words. Scripts without spaces have no word boundaries. All are
//! written as [normalise](crate::normalise) leaves them: lower case, without accents.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

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

struct Lexeme {
    classes: u64,
    stem: bool,
    bounded_start: bool,
    bounded_end: bool,
}

pub(crate) struct Lexicon {
    automaton: AhoCorasick,
    lexemes: Vec<Lexeme>,
}

pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

impl Lexicon {
    fn new() -> Self {
        let mut words: Vec<(String, u64)> = Vec::new();
        for (classes, list) in ENTRIES {
            let bits = classes.iter().fold(0, |all, class| all | class.bit());
            for word in list.split_whitespace() {
                // An underscore stands for a blank, but not in the tokens of a chat's frame.
                let word = if word.contains("<|") { word.to_owned() } else { word.replace('_', " ") };
                match words.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, known)) => *known |= bits,
                    None => words.push((word, bits)),
                }
            }
        }
        let lexemes = words.iter().map(|(word, classes)| lexeme(word, *classes)).collect();
        let patterns = words.iter().map(|(word, _)| word.trim_end_matches('*'));
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .expect("the lexicon is small");
        Self { automaton, lexemes }
    }

    /// Every word of the lexicon in `text`, in the order of their ends; longer ones before shorter ones.
    pub(crate) fn hits(&self, text: &str, mut found: impl FnMut(Hit)) {
        let bytes = text.as_bytes();
        for hit in self.automaton.find_overlapping_iter(text) {
            let lexeme = &self.lexemes[hit.pattern().as_usize()];
            let (start, end) = (hit.start(), hit.end());
            let starts =
                !lexeme.bounded_start || start == 0 || !within_word(bytes[start - 1]) || escape(bytes, start);
            let ends =
                lexeme.stem || !lexeme.bounded_end || bytes.get(end).is_none_or(|&next| !within_word(next));
            let stands = lexeme.classes != Class::Email.bit() || address(bytes, start);
            if starts && ends && stands {
                found(Hit { start, end, classes: lexeme.classes });
            }
        }
    }
}

fn lexeme(word: &str, classes: u64) -> Lexeme {
    let stem = word.ends_with('*');
    let word = word.trim_end_matches('*').as_bytes();
    let spaced = |byte: u8| byte.is_ascii_alphanumeric() || (0xC3..0xE0).contains(&byte);
    let bounded_start = word.first().is_some_and(|&byte| spaced(byte));
    let bounded_end = word.last().is_some_and(|&byte| byte.is_ascii_alphanumeric());
    Lexeme { classes, stem, bounded_start, bounded_end: bounded_end || (bounded_start && word[0] >= 0xC3) }
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

/// Whether the letter before `start` belongs to an escape such as `\n`, as JSON inside JSON has it.
fn escape(bytes: &[u8], start: usize) -> bool {
    start >= 2 && bytes[start - 2] == b'\\' && matches!(bytes[start - 1], b'n' | b't' | b'r')
}
