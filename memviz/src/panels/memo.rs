//! Which numbers are on the screen already: text is the dearest thing to draw.

/// The numbers of a panel as they were drawn last, by a place that the panel chooses.
#[derive(Clone, Copy, Debug)]
pub struct Memo<const N: usize>([Option<u64>; N]);

impl<const N: usize> Default for Memo<N> {
    fn default() -> Self {
        Memo([None; N])
    }
}

impl<const N: usize> Memo<N> {
    /// Nothing is on the screen.
    pub fn forget(&mut self) {
        *self = Memo::default();
    }

    /// Whether this number is not yet on the screen at this place; from now on it is.
    ///
    /// # Panics
    /// If the panel has chosen a place that it has not.
    pub fn is_new(&mut self, place: usize, number: u64) -> bool {
        self.0[place].replace(number) != Some(number)
    }
}
