//! Words beside a number that say what it is.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::scan::work;

/// Bytes before a number that are read for such words, and behind it.
const BEFORE: usize = 48;
const BEHIND: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Topic {
    Phone,
    Card,
    Ssn,
    Cpf,
    Sin,
    Bsn,
    Aadhaar,
    Nir,
    /// A number that names something else: an order, a flight, a version.
    Other,
}

const WORDS: &[(&str, Topic)] = &[
    ("phone", Topic::Phone),
    ("telephone", Topic::Phone),
    ("tel", Topic::Phone),
    ("mobile", Topic::Phone),
    ("cell", Topic::Phone),
    ("cellphone", Topic::Phone),
    ("fax", Topic::Phone),
    ("call", Topic::Phone),
    ("callback", Topic::Phone),
    ("dial", Topic::Phone),
    ("sms", Topic::Phone),
    ("whatsapp", Topic::Phone),
    ("hotline", Topic::Phone),
    ("office", Topic::Phone),
    ("answering at", Topic::Phone),
    ("reach me", Topic::Phone),
    ("messages to", Topic::Phone),
    ("text me", Topic::Phone),
    ("telefon", Topic::Phone),
    ("handy", Topic::Phone),
    ("teléfono", Topic::Phone),
    ("telefono", Topic::Phone),
    ("téléphone", Topic::Phone),
    ("portable", Topic::Phone),
    ("telefone", Topic::Phone),
    ("celular", Topic::Phone),
    ("card", Topic::Card),
    ("cc", Topic::Card),
    ("visa", Topic::Card),
    ("mastercard", Topic::Card),
    ("amex", Topic::Card),
    ("maestro", Topic::Card),
    ("pan", Topic::Card),
    ("karte", Topic::Card),
    ("tarjeta", Topic::Card),
    ("carte", Topic::Card),
    ("cartão", Topic::Card),
    ("ssn", Topic::Ssn),
    ("social security", Topic::Ssn),
    ("socialsecurity", Topic::Ssn),
    ("social_security", Topic::Ssn),
    ("cpf", Topic::Cpf),
    ("sin", Topic::Sin),
    ("social insurance", Topic::Sin),
    ("bsn", Topic::Bsn),
    ("burgerservicenummer", Topic::Bsn),
    ("aadhaar", Topic::Aadhaar),
    ("aadhar", Topic::Aadhaar),
    ("uidai", Topic::Aadhaar),
    ("nir", Topic::Nir),
    ("sécurité sociale", Topic::Nir),
    ("securite sociale", Topic::Nir),
    ("order", Topic::Other),
    ("invoice", Topic::Other),
    ("isbn", Topic::Other),
    ("version", Topic::Other),
    ("tracking", Topic::Other),
    ("ticket", Topic::Other),
    ("timestamp", Topic::Other),
    ("port", Topic::Other),
    ("issue", Topic::Other),
    ("serial", Topic::Other),
];

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = WORDS.iter().map(|(word, _)| word);
    let builder =
        AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words);
    builder.expect("words of our own make an automaton")
});

/// The topics that were found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Context(u16);

impl Context {
    /// Reads what stands around `span`, and the name that the whole text goes by.
    pub(super) fn of(text: &str, span: &Range<usize>, name: Option<&str>) -> Self {
        let start = text.floor_char_boundary(span.start.saturating_sub(BEFORE));
        let end = text.ceil_char_boundary((span.end + BEHIND).min(text.len()));
        let mut context = Self::default();
        work::reads(end - start);
        context.read(&text[start..span.start]);
        context.read(&text[span.end..end]);
        context.read(name.unwrap_or_default());
        context
    }

    fn read(&mut self, words: &str) {
        let bytes = words.as_bytes();
        let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        for found in AUTOMATON.find_overlapping_iter(words) {
            let starts_word = found.start() == 0
                || !is_letter(found.start() - 1)
                || bytes[found.start()].is_ascii_uppercase() && bytes[found.start() - 1].is_ascii_lowercase();
            let is_plural = bytes.get(found.end()) == Some(&b's');
            let ends_word = !is_letter(found.end() + usize::from(is_plural))
                || bytes[found.end()].is_ascii_uppercase() && bytes[found.end() - 1].is_ascii_lowercase();
            if starts_word && ends_word {
                self.0 |= 1 << WORDS[found.pattern()].1 as u16;
            }
        }
    }

    pub(super) fn says(self, topic: Topic) -> bool {
        self.0 & (1 << topic as u16) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_where_they_are_words() {
        for (text, topic, expected) in [
            ("Phone: 1", Topic::Phone, true),
            ("my_phone=1", Topic::Phone, true),
            ("homePhoneNumber: 1", Topic::Phone, true),
            ("hotel 1", Topic::Phone, false),
            ("calls 1", Topic::Phone, true),
            ("discard 1", Topic::Card, false),
            ("SSN 1", Topic::Ssn, true),
        ] {
            let at = text.len() - 1;
            assert_eq!(Context::of(text, &(at..text.len()), None).says(topic), expected, "{text}");
        }
        assert!(Context::of("1 mobile", &(0..1), None).says(Topic::Phone));
        assert!(Context::of("1", &(0..1), Some("credit_card")).says(Topic::Card));
    }
}
