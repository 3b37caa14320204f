//! What a text says, whatever it is dressed in.

use std::{borrow::Cow, ops::Range};

pub struct View<'a> {
    text: Cow<'a, str>,
}

impl View<'_> {
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        range
    }
}

pub fn views(text: &str) -> Vec<View<'_>> {
    vec![View { text: Cow::Borrowed(text) }]
}
