//! From the offsets of a view to those of what it was made of.

use std::ops::Range;

#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    /// In the order of both offsets. A mark reaches to the next one.
    marks: Vec<Mark>,
    /// Where the text that was read ends.
    end: usize,
}

#[derive(Clone, Debug)]
struct Mark {
    view: usize,
    text: usize,
    /// The bytes are the same, one for one; otherwise all of them stand for all of the text's.
    same: bool,
}

impl Map {
    /// All of a view of `length` bytes stands for `place`.
    pub(crate) fn whole(length: usize, place: Range<usize>) -> Self {
        let marks = vec![
            Mark { view: 0, text: place.start, same: false },
            Mark { view: length, text: place.end, same: false },
        ];
        Self { marks, end: place.end }
    }

    /// From here on the view is a copy of the text, or else a reading of it.
    pub(crate) fn mark(&mut self, view: usize, text: usize, same: bool) {
        if let Some(last) = self.marks.last()
            && last.same
            && same
            && text - last.text == view - last.view
        {
            return;
        }
        self.marks.push(Mark { view, text, same });
    }

    pub(crate) fn close(&mut self, end: usize) {
        self.end = end;
    }

    pub(crate) fn original(&self, range: Range<usize>) -> Range<usize> {
        let start = self.at(range.start).map_or(0, |(_, text)| text);
        if range.is_empty() {
            return start..start;
        }
        let last = range.end - 1;
        let end = match self.at(last) {
            Some((number, text)) if self.marks[number].same => text + 1,
            Some((number, _)) => self.marks.get(number + 1).map_or(self.end, |next| next.text),
            None => self.end,
        };
        start..end.max(start)
    }

    /// The mark that `view` lies behind, and the place in the text.
    fn at(&self, view: usize) -> Option<(usize, usize)> {
        let number = self.marks.partition_point(|mark| mark.view <= view).checked_sub(1)?;
        let mark = &self.marks[number];
        Some((number, if mark.same { mark.text + (view - mark.view) } else { mark.text }))
    }
}
