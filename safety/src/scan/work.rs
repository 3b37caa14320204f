//! Counts, in tests, the bytes that detectors read again after the one pass over a text: it must grow with the text and no
//! faster, whatever the text.

/// Notes that a detector is about to read so many bytes.
#[inline]
pub(crate) fn reads(bytes: usize) -> usize {
    #[cfg(test)]
    tests::READ.with(|read| read.set(read.get() + bytes));
    bytes
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use crate::{
        finding::{Kinds, Surface},
        scan::scan,
    };

    thread_local! {
        pub(super) static READ: Cell<usize> = const { Cell::new(0) };
    }

    /// Bytes that may be read again for each byte of a text, at worst.
    const MOST: usize = 400;

    fn work(text: &str, surface: Surface) -> usize {
        READ.set(0);
        scan(text, Some("password"), surface, Kinds::ALL, &mut Vec::new());
        READ.get()
    }

    /// A text made of one piece over and over, cut to length.
    fn repeated(piece: &str, length: usize) -> String {
        let mut text = piece.repeat(length / piece.len() + 1);
        text.truncate(text.floor_char_boundary(length));
        text
    }

    fn stays_linear(piece: &str) -> Result<(), TestCaseError> {
        for surface in [Surface::Arguments, Surface::Result] {
            let (small, large) = (repeated(piece, 8 << 10), repeated(piece, 64 << 10));
            let (little, much) = (work(&small, surface), work(&large, surface));
            prop_assert!(much <= MOST * large.len(), "{piece:?}: {much} for {}", large.len());
            prop_assert!(much <= 12 * little + 64 * large.len(), "{piece:?}: {little} grew to {much}");
        }
        Ok(())
    }

    #[test]
    fn what_was_slow_once_is_not_slow_again() {
        for piece in [
            "sk-",
            "ya29.",
            "key=",
            "password:",
            "secret_key_",
            "api_key: \"",
            "auth",
            "AZDO",
            "8Q~",
            "DE89 ",
            "://a:b@",
            "https://",
            "eyJhbGciOiJIUzI1NiJ9.",
            "eyJghp_",
            "eyJ_",
            "-----BEGIN PRIVATE KEY-----",
            "; cat ",
            "../",
            "1 ",
            "a@",
            "key=aB3dE5gH",
            "%ff",
            "%41%ff",
            "%e2%82",
        ] {
            stays_linear(piece).unwrap();
        }
        stays_linear(&format!("{}... ", "key=".repeat(1000))).unwrap();
        stays_linear(&format!("key='{}... ", "key=".repeat(1000))).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn work_grows_with_the_text_and_no_faster(fragments in prop::collection::vec(crate::fuzzing::tests::fragment(), 1..5)) {
            let piece = fragments.concat();
            prop_assume!(!piece.is_empty());
            stays_linear(&piece)?;
        }
    }
}
