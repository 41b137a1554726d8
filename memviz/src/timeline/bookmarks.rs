//! Bookmarks: marked positions of the history, each with a name or without one.
//!
//! Invariants: positions ascend; each has one name, which is printable ASCII and may be empty.

use heapless::{String, Vec};

/// The maximum number of bookmarks.
pub const BOOKMARKS: usize = 32;
/// The maximum length of a name in bytes.
pub const NAME: usize = 24;

/// The answer to one bookmark too many.
pub const FULL: &str = "all bookmarks are in use: remove one first";

/// The bookmarks of a history.
#[derive(Debug, Default)]
pub struct Bookmarks {
    positions: Vec<u64, BOOKMARKS>,
    names: Vec<String<NAME>, BOOKMARKS>,
    /// The position whose bookmark changed last, until a trace has it.
    changed: Option<u64>,
}

impl Bookmarks {
    /// Returns the positions, ascending.
    pub fn positions(&self) -> &[u64] {
        &self.positions
    }

    /// Returns the positions, ascending, with their names.
    pub fn named(&self) -> impl Iterator<Item = (u64, &str)> {
        let names = self.names.iter().map(String::as_str);
        self.positions.iter().copied().zip(names)
    }

    /// Returns the name of the bookmark at a position, if there is one.
    pub fn name_at(&self, position: u64) -> Option<&str> {
        let at = self.positions.binary_search(&position).ok()?;
        self.names.get(at).map(String::as_str)
    }

    /// Sets the bookmark at a position with this name. A name that is too long is cut. Returns
    /// false if there are too many bookmarks.
    pub fn set(&mut self, position: u64, name: &str) -> bool {
        let printable = name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
        let name: String<NAME> = printable.take(NAME).collect();
        match self.positions.binary_search(&position) {
            Ok(at) => self.names[at] = name,
            Err(_) if self.positions.is_full() => return false,
            Err(at) => {
                // Both have room, because they have the same length.
                let _ = self.positions.insert(at, position);
                let _ = self.names.insert(at, name);
            }
        }
        self.changed = Some(position);
        true
    }

    /// Removes the bookmark at a position, if there is one.
    pub fn remove(&mut self, position: u64) {
        if let Ok(at) = self.positions.binary_search(&position) {
            self.positions.remove(at);
            self.names.remove(at);
            self.changed = Some(position);
        }
    }

    /// Removes the bookmarks before a position, whose events were evicted.
    pub(super) fn forget_before(&mut self, position: u64) {
        while self.positions.first().is_some_and(|&at| at < position) {
            self.positions.remove(0);
            self.names.remove(0);
        }
    }

    /// Returns the position whose bookmark changed since the last call, and its name if it is
    /// still there.
    pub fn take_changed(&mut self) -> Option<(u64, Option<&str>)> {
        let position = self.changed.take()?;
        Some((position, self.name_at(position)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_with_their_positions() {
        let mut bookmarks = Bookmarks::default();
        for (position, name) in [(20, "b"), (10, "a"), (30, ""), (20, "before\nthe fork")] {
            assert!(bookmarks.set(position, name));
        }
        let named = |bookmarks: &Bookmarks| {
            let named = bookmarks.named();
            named
                .map(|(position, name)| std::format!("{position} {name}"))
                .collect::<std::vec::Vec<_>>()
                .join(", ")
        };
        assert_eq!(named(&bookmarks), "10 a, 20 beforethe fork, 30 ");
        assert_eq!(bookmarks.take_changed(), Some((20, Some("beforethe fork"))));
        assert_eq!(bookmarks.take_changed(), None);
        bookmarks.remove(20);
        assert_eq!(bookmarks.take_changed(), Some((20, None)));
        bookmarks.set(40, "abcdefghijklmnopqrstuvwxyz");
        bookmarks.forget_before(30);
        assert_eq!(named(&bookmarks), "30 , 40 abcdefghijklmnopqrstuvwx");
        for position in 0..BOOKMARKS as u64 - 2 {
            assert!(bookmarks.set(position, ""));
        }
        assert!(!bookmarks.set(1000, "") && bookmarks.set(40, "full, but it is there"));
    }
}
