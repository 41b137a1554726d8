//! Which ranges of virtual addresses have a policy, and which one an address is in.
//!
//! ```text
//!   guard  demand-zero            guard  stack                     fixed
//!  |-----||-----------|          |-----||-----------|             |------|
//!  windows[0]  [1]                 [2]      [3]                     [4]      ascending, disjoint
//! ```

use super::WindowPolicy;
use crate::tag::Tag;
use core::fmt;
use x86_64::VirtAddr;

/// A range of virtual addresses with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first byte, on a page.
    pub start: VirtAddr,
    /// How many bytes: whole pages, at least one.
    pub bytes: u64,
    /// What a touch means.
    pub policy: WindowPolicy,
    /// Whose it is; for a guard, whose end it guards.
    pub owner: Tag,
}

impl Window {
    /// The last byte. (The byte behind may not be an address.)
    pub const fn last(&self) -> u64 {
        self.start.as_u64() + (self.bytes - 1)
    }

    /// Whether it has this byte.
    pub const fn contains(&self, address: VirtAddr) -> bool {
        self.start.as_u64() <= address.as_u64() && address.as_u64() <= self.last()
    }

    /// Whether it is made of whole pages, at least one, on one side of the canonical gap.
    fn is_sound(&self) -> bool {
        let last = self.start.as_u64().checked_add(self.bytes.wrapping_sub(1));
        let same_half = |last: u64| last >> 47 == self.start.as_u64() >> 47;
        self.bytes > 0
            && self.bytes.is_multiple_of(4096)
            && self.start.is_aligned(4096_u64)
            && last.is_some_and(same_half)
    }
}

/// Why a window could not be opened or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowError {
    /// Not made of whole pages, or not of addresses.
    Unsound(Window),
    /// This open window is in the way.
    Overlaps(Window),
    /// The table has room for no more than this.
    Full(usize),
    /// No window begins there.
    NotOpen(VirtAddr),
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |f: &mut fmt::Formatter<'_>, window: &Window| {
            let words = window.policy.words();
            write!(
                f,
                "{words} window {:#x}, {:#x} bytes",
                window.start, window.bytes
            )
        };
        match self {
            WindowError::Unsound(window) => {
                f.write_str("not whole pages: ")?;
                range(f, window)
            }
            WindowError::Overlaps(window) => {
                f.write_str("in the way: ")?;
                range(f, window)
            }
            WindowError::Full(room) => write!(f, "no room for more than {room} windows"),
            WindowError::NotOpen(start) => write!(f, "no window begins at {start:#x}"),
        }
    }
}

impl core::error::Error for WindowError {}

/// At most `N` windows, ascending and disjoint. Can be a static.
#[derive(Clone, Debug)]
pub struct WindowTable<const N: usize> {
    windows: [Window; N],
    len: usize,
}

impl<const N: usize> WindowTable<N> {
    /// No windows.
    pub const fn new() -> Self {
        let nowhere = Window {
            start: VirtAddr::zero(),
            bytes: 4096,
            policy: WindowPolicy::Fixed,
            owner: Tag::empty(),
        };
        WindowTable {
            windows: [nowhere; N],
            len: 0,
        }
    }

    /// Opens a window.
    ///
    /// # Errors
    /// Nothing changes if it is not made of whole pages, overlaps another, or the table is full.
    pub fn insert(&mut self, window: Window) -> Result<(), WindowError> {
        if !window.is_sound() {
            return Err(WindowError::Unsound(window));
        }
        let at = self.first_not_below(window.start);
        let next = self.windows().get(at);
        if let Some(next) = next.filter(|next| next.start.as_u64() <= window.last()) {
            return Err(WindowError::Overlaps(*next));
        }
        if self.len == N {
            return Err(WindowError::Full(N));
        }
        self.windows.copy_within(at..self.len, at + 1);
        self.windows[at] = window;
        self.len += 1;
        Ok(())
    }

    /// Closes the window that begins there; gives it.
    ///
    /// # Errors
    /// No window begins there.
    pub fn remove(&mut self, start: VirtAddr) -> Result<Window, WindowError> {
        let at = self.first_not_below(start);
        let window = self.windows().get(at).copied();
        let window = window
            .filter(|window| window.start == start)
            .ok_or(WindowError::NotOpen(start))?;
        self.windows.copy_within(at + 1..self.len, at);
        self.len -= 1;
        Ok(window)
    }

    /// The window that has this byte.
    pub fn find(&self, address: VirtAddr) -> Option<&Window> {
        let window = self.windows().get(self.first_not_below(address))?;
        window.contains(address).then_some(window)
    }

    /// All windows, ascending.
    pub fn windows(&self) -> &[Window] {
        &self.windows[..self.len]
    }

    /// The number of the first window that does not end below this address.
    fn first_not_below(&self, address: VirtAddr) -> usize {
        self.windows()
            .partition_point(|window| window.last() < address.as_u64())
    }
}

impl<const N: usize> Default for WindowTable<N> {
    fn default() -> Self {
        WindowTable::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(page: u64, pages: u64) -> Window {
        Window {
            start: VirtAddr::new(page * 4096),
            bytes: pages * 4096,
            policy: WindowPolicy::Guard,
            owner: Tag::STACK,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 256 }))]

        #[test]
        fn equals_a_row_of_pages(steps in prop::collection::vec((0..30_u64, 0..5_u64, any::<bool>()), 1..40)) {
            let mut table = WindowTable::<6>::new();
            let mut row = [None; 40];
            for (page, pages, open) in steps {
                let (first, new) = (page as usize, window(page, pages));
                if open {
                    let free = row[first..first + pages as usize].iter().all(Option::is_none);
                    let room = table.windows().len() < 6;
                    let done = table.insert(new);
                    prop_assert_eq!(done.is_ok(), pages > 0 && free && room, "{:?}", done);
                    if done.is_ok() {
                        row[first..first + pages as usize].fill(Some(new));
                    }
                } else {
                    let expected = row[first].filter(|open| open.start == new.start);
                    prop_assert_eq!(table.remove(new.start).ok(), expected);
                    if expected.is_some() {
                        row.iter_mut().filter(|page| **page == expected).for_each(|page| *page = None);
                    }
                }
                for (page, expected) in row.iter().enumerate() {
                    for byte in [0, 4095] {
                        let address = VirtAddr::new(page as u64 * 4096 + byte);
                        prop_assert_eq!(table.find(address), expected.as_ref());
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_page_of_all_is_an_address() {
        let mut table = WindowTable::<2>::new();
        let last = Window {
            start: VirtAddr::new(0xffff_ffff_ffff_f000),
            ..window(0, 1)
        };
        assert_eq!(table.insert(last), Ok(()));
        assert_eq!(table.find(VirtAddr::new(u64::MAX)), Some(&last));
        let across = Window {
            start: VirtAddr::new(0x7fff_ffff_f000),
            ..window(0, 2)
        };
        assert_eq!(table.insert(across), Err(WindowError::Unsound(across)));
    }
}
