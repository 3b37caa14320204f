//! How far a piece of long work is: whoever works says it, whoever waits looks.

use std::sync::atomic::{AtomicU32, Ordering};

/// From 0 to 1; the bits of an `f32`.
#[derive(Debug, Default)]
pub struct Progress(AtomicU32);

impl Progress {
    /// So much is done of so much.
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub fn set(&self, done: u64, of: u64) {
        let ratio = if of == 0 { 1.0 } else { (done as f32 / of as f32).min(1.0) };
        self.0.store(ratio.to_bits(), Ordering::Relaxed);
    }

    #[must_use]
    pub fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_from_nothing_to_all_and_no_further() {
        let progress = Progress::default();
        let mut seen = vec![progress.get()];
        for (done, of) in [(1, 4), (4, 4), (9, 4), (0, 0)] {
            progress.set(done, of);
            seen.push(progress.get());
        }
        assert_eq!(seen, [0.0, 0.25, 1.0, 1.0, 1.0]);
    }
}
