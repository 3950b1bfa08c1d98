//! Choices: a stream of bytes that decides everything about a program.

/// Decides by bytes, the first alternative once they are used up: so every sequence of bytes is a
/// program, and a shorter one is a shorter program.
#[derive(Debug, Clone)]
pub struct Choices<'b> {
    bytes: &'b [u8],
}

impl<'b> Choices<'b> {
    /// Choices by these bytes.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    /// Whether nothing is left to decide by.
    pub fn is_used_up(&self) -> bool {
        self.bytes.is_empty()
    }

    fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => 0,
        }
    }

    /// A number below `count`; zero where there is no choice.
    pub fn below(&mut self, count: usize) -> usize {
        match count {
            0 | 1 => 0,
            2..=256 => usize::from(self.byte()) % count,
            _ => {
                let high = usize::from(self.byte());
                (high << 8 | usize::from(self.byte())) % count
            }
        }
    }

    /// Whether the rarer of two things is chosen: once in `often` times.
    pub fn once_in(&mut self, often: usize) -> bool {
        self.below(often) == often.saturating_sub(1) && often > 1
    }

    /// One of several, `None` of none.
    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let index = self.below(of.len());
        of.get(index)
    }

    /// One of several that is always there.
    pub fn of<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        const { assert!(N > 0) };
        of[self.below(N)]
    }

    /// A 32-bit number, all of them alike.
    pub fn number(&mut self) -> u32 {
        let bytes = [self.byte(), self.byte(), self.byte(), self.byte()];
        u32::from_le_bytes(bytes)
    }
}

/// The bytes of one program of a campaign: the same for the same seed and number, always.
pub fn bytes_of_seed(seed: u64, number: u64, length: usize) -> Vec<u8> {
    // SplitMix64: well mixed from any start, and nothing here needs more.
    let mut state = seed ^ number.wrapping_mul(0xD134_2543_DE82_EF95);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
