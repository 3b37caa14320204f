//! Ways to take an input apart.

/// A reader of choices. What is missing reads as zeros, so that every input means something.
pub(super) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(super) fn of(input: &'a [u8]) -> Self {
        Self(input)
    }

    pub(super) fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        let (now, later) = self.0.split_at(N.min(self.0.len()));
        taken[..now.len()].copy_from_slice(now);
        self.0 = later;
        taken
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Inputs up to this length are cut at every single position.
const EVERY_CUT: usize = 64;

/// Ways to cut an input into pieces: into bytes, in two wherever that may be if it is short, and in pieces of lengths
/// that follow from what is in it. The input itself stays plain text, so that seeds can be read.
pub(super) fn cuttings(input: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let into_bytes = input.chunks(1).collect();
    let every = if input.len() <= EVERY_CUT { input.len() } else { 0 };
    let in_two = (0..every).map(|at| vec![&input[..at], &input[at..]]);
    let seed = crc32fast::hash(input);
    [into_bytes].into_iter().chain(in_two).chain([3, 17, 200].map(|longest| pieces(input, seed, longest)))
}

fn pieces(mut input: &[u8], mut seed: u32, longest: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !input.is_empty() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (piece, later) = input.split_at(input.len().min((seed >> 16) as usize % (longest + 1)));
        pieces.push(piece);
        input = later;
    }
    pieces
}
