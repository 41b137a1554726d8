//! Remembers the numbers on the screen, because text is the most expensive thing to draw.

/// The numbers of a panel as they were drawn last, by an index that the panel chooses.
#[derive(Clone, Copy, Debug)]
pub struct Memo<const N: usize>([Option<u64>; N]);

impl<const N: usize> Default for Memo<N> {
    fn default() -> Self {
        Memo([None; N])
    }
}

impl<const N: usize> Memo<N> {
    /// Forgets all numbers, because nothing is on the screen.
    pub fn forget(&mut self) {
        *self = Memo::default();
    }

    /// Records this number at this index. Returns whether it differs from the number on the screen.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn is_new(&mut self, place: usize, number: u64) -> bool {
        self.replace(place, number) != Some(number)
    }

    /// Records this number at this index. Returns the number on the screen.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn replace(&mut self, place: usize, number: u64) -> Option<u64> {
        self.0[place].replace(number)
    }
}
