//! Digits and signs read as the letters they look like: a second look, because in most texts they are what they are.

/// `text` with such words spelled out, if there are some; as long as the text, byte for byte.
pub(crate) fn plain(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut words = 0;
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|&&byte| letter(byte).is_some()).count();
        let word = &mut bytes[at..at + length];
        if dressed(word) {
            words += 1;
            word.iter_mut().for_each(|byte| *byte = letter(*byte).unwrap_or(*byte));
        }
        at += length.max(1);
    }
    (words >= 2).then(|| String::from_utf8(bytes).ok()).flatten()
}

/// A word of some length that has letters and, between them, what only looks like letters.
fn dressed(word: &[u8]) -> bool {
    let signs = word.iter().filter(|byte| !byte.is_ascii_alphabetic()).count();
    (3..=16).contains(&word.len()) && signs > 0 && signs * 3 <= word.len() * 2
}

fn letter(byte: u8) -> Option<u8> {
    Some(match byte {
        b'a'..=b'z' | b'A'..=b'Z' => byte,
        b'0' => b'o',
        b'1' | b'!' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        b'8' => b'b',
        b'9' => b'g',
        _ => return None,
    })
}
