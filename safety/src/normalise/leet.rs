//! Digits and signs read as the letters they look like: a second look, because in most texts they are what they are.

use super::Knows;

/// `text` with such words spelled out, if there are some that anybody knows; as long as the text, byte for byte.
pub(crate) fn plain(text: &str, knows: Knows) -> Option<String> {
    let mut plain = text.as_bytes().to_vec();
    let mut words = 0;
    let mut at = 0;
    while let Some(sign) = next_sign(&plain, at) {
        let letters = |byte: &&u8| LETTER[**byte as usize] != 0;
        let before = plain[at..sign].iter().rev().take_while(letters).count();
        let length = before + plain[sign..].iter().take_while(letters).count();
        at = sign - before;
        if dressed(&plain[at..at + length]) {
            let mut word = [0; LONGEST];
            let word = &mut word[..length];
            for (letter, &byte) in word.iter_mut().zip(&plain[at..]) {
                *letter = LETTER[byte as usize];
            }
            if knows(word) {
                words += 1;
                plain[at..at + length].copy_from_slice(word);
            }
        }
        at += length;
    }
    (words >= 2).then(|| String::from_utf8(plain).ok()).flatten()
}

/// The first byte from `at` on that is no letter and looks like one.
fn next_sign(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(eight) = bytes[at..].first_chunk::<8>()
        && !eight.iter().fold(false, |any, &byte| any | SIGN[byte as usize])
    {
        at += 8;
    }
    bytes[at..].iter().position(|&byte| SIGN[byte as usize]).map(|more| at + more)
}

const LONGEST: usize = 16;

/// A word of some length that has letters and, between them, what only looks like letters.
fn dressed(word: &[u8]) -> bool {
    let signs = word.iter().filter(|byte| !byte.is_ascii_alphabetic()).count();
    (3..=LONGEST).contains(&word.len()) && signs > 0 && signs * 3 <= word.len() * 2
}

/// The letter that a byte is or looks like, 0 for none.
const LETTER: [u8; 256] = {
    let mut letters = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        letters[at] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => byte,
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            b'8' => b'b',
            b'9' => b'g',
            _ => 0,
        };
        at += 1;
    }
    letters
};

/// What only looks like a letter.
const SIGN: [bool; 256] = {
    let mut signs = [false; 256];
    let mut at = 0;
    while at < 256 {
        signs[at] = LETTER[at] != 0 && !(at as u8).is_ascii_alphabetic();
        at += 1;
    }
    signs
};
