//! What one character beyond ASCII reads as. Most texts are made of few alphabets, so what their characters read as is
//! worked out once; the rest is worked out where it is met.

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::confusables::latin;

/// How one character is read, unless it is taken for the Latin letter that it looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain {
    Itself,
    Nothing,
    Blank,
    /// The first so many bytes of [`Reading::bytes`].
    Bytes(u8),
    /// More than fits here: [`plain`] says it.
    Longer,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) plain: Plain,
    pub(super) bytes: [u8; 7],
    /// The letter it looks like, or 0.
    pub(super) latin: u8,
    /// It belongs to a word.
    pub(super) within_word: bool,
    /// All that it reads as is Latin letters.
    pub(super) all_latin: bool,
}

/// Latin to Georgian, the scripts of India, punctuation, arrows, frames, kana: from U+0080 up to here.
const TABLED: u32 = 0x3100;

static TABLE: LazyLock<Vec<Reading>> =
    LazyLock::new(|| (0..TABLED).map(|number| char::from_u32(number).map_or(UNREAD, worked_out)).collect());

const UNREAD: Reading =
    Reading { plain: Plain::Itself, bytes: [0; 7], latin: 0, within_word: false, all_latin: false };

pub(super) fn reading(char: char) -> Reading {
    match TABLE.get(char as usize) {
        Some(reading) => *reading,
        None => worked_out(char),
    }
}

fn worked_out(char: char) -> Reading {
    let mut reading = Reading {
        latin: latin(char).map_or(0, |letter| letter as u8),
        within_word: char.is_alphanumeric() || invisible(char) || accent(char),
        ..UNREAD
    };
    if invisible(char) {
        return Reading { plain: Plain::Nothing, ..reading };
    }
    if char.is_whitespace() {
        return Reading { plain: Plain::Blank, ..reading };
    }
    if whole(char) {
        return reading;
    }
    let text = plain(char);
    reading.all_latin = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if text == *char.encode_utf8(&mut [0; 4]) {
        return reading;
    }
    reading.plain = match reading.bytes.get_mut(..text.len()) {
        Some(bytes) => {
            bytes.copy_from_slice(text.as_bytes());
            Plain::Bytes(text.len() as u8)
        }
        None => Plain::Longer,
    };
    reading
}

/// Its compatibility decomposition (UAX 15) in lower case and without accents.
pub(super) fn plain(char: char) -> String {
    let mut plain = String::new();
    decompose_compatible(char, |part| {
        if !accent(part) {
            plain.extend(part.to_lowercase());
        }
    });
    plain
}

/// What is shown as nothing: it only keeps machines from seeing a word.
fn invisible(char: char) -> bool {
    matches!(char as u32,
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

fn accent(char: char) -> bool {
    matches!(char as u32, 0x300..=0x36F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
        && is_combining_mark(char)
}

/// Scripts whose characters must not be taken apart, or need not be looked at: most of the world's text.
fn whole(char: char) -> bool {
    matches!(char as u32, 0x600..=0x1CFF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7A3 | 0x1F000..=0x1FAFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_says_is_what_would_be_worked_out() {
        for char in ('\u{80}'..=char::MAX).step_by(7) {
            assert_eq!(format!("{:?}", reading(char)), format!("{:?}", worked_out(char)), "{char:?}");
        }
    }

    #[test]
    fn a_character_is_read_in_plain_letters() {
        let read = |char| {
            let reading = reading(char);
            match reading.plain {
                Plain::Bytes(length) => String::from_utf8(reading.bytes[..length as usize].into()).unwrap(),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(
            ["É", "ß", "ﬁ", "Ⅷ", "㎒"].map(|text| read(text.chars().next().unwrap())),
            ["e", "Itself", "fi", "viii", "mhz"]
        );
        assert_eq!(
            ["\u{200B}", "\u{3000}", "語", "\u{FDFA}"].map(|text| read(text.chars().next().unwrap())),
            ["Nothing", "Blank", "Itself", "Longer"]
        );
    }
}
