//! What a text says, whatever it is dressed in: letters of other alphabets that look like ours, signs that nobody sees,
//! letters spaced out, escapes and encodings. Nothing is lost on the way: whatever is found in a view of a text has a
//! place in the text itself.
//!
//! Ordinary text is only looked at and not copied. All work is linear in the length of the text, and bounded
//! where one text can hold another: [`LAYERS`] deep, [`DECODED`] bytes in all.

mod confusables;
mod decode;
mod fold;
mod leet;
mod map;
mod reading;

use std::{borrow::Cow, ops::Range};

use map::Map;

/// How many times a text may be wrapped: an escape in an escape, base64 in base64.
pub const LAYERS: usize = 3;
/// How many bytes are taken out of encodings, in all.
pub const DECODED: usize = 32 * 1024;

/// One reading of a text.
pub struct View<'a> {
    text: Cow<'a, str>,
    /// From this view's offsets to the text's, innermost first.
    maps: Vec<Map>,
}

impl View<'_> {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the text that `range` of this view was made of, on character boundaries.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        self.maps.iter().fold(range, |range, map| map.original(range))
    }
}

/// Whether this is a word that is worth reading digits as letters for; in letters of either case, ASCII.
pub type Knows = fn(&[u8]) -> bool;

/// All readings of `text`: what is encoded in it, then the text itself in plain letters.
pub fn views(text: &str, knows: Knows) -> Vec<View<'_>> {
    let mut views = Vec::with_capacity(1);
    let mut budget = DECODED;
    read(Cow::Borrowed(text), Vec::new(), LAYERS, &mut budget, knows, &mut views);
    views
}

fn read<'a>(
    mut text: Cow<'a, str>,
    mut maps: Vec<Map>,
    layers: usize,
    budget: &mut usize,
    knows: Knows,
    views: &mut Vec<View<'a>>,
) {
    let mut signs = fold::signs(&text);
    for _ in 0..LAYERS {
        if !signs.dressed {
            break;
        }
        let folded = fold::fold(&text);
        text = Cow::Owned(folded.text);
        maps.insert(0, folded.map);
        if !folded.escapes {
            break;
        }
        signs.dressed = fold::signs(&text).dressed;
    }
    if signs.leet
        && let Some(plain) = leet::plain(&text, knows)
    {
        views.push(View { text: Cow::Owned(plain), maps: maps.clone() });
    }
    if (signs.packed || signs.paired) && layers > 0 {
        for (place, inner) in decode::packed(&text, signs.paired, budget) {
            let mut maps = maps.clone();
            maps.insert(0, Map::whole(inner.len(), place));
            read(Cow::Owned(inner), maps, layers - 1, budget, knows, views);
        }
    }
    views.push(View { text, maps });
}

#[cfg(test)]
mod tests;
