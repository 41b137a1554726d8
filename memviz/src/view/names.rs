//! Names for the numbers and addresses in events.

use core::fmt;
use mm::units::{Count, Nanoseconds};

/// The upper half of the addresses of kernel code: an event's call site is the lower one.
pub const CODE: u64 = 0xffff_ffff_0000_0000;

/// Returns the name of the function at an address of the kernel.
pub type NameOf = &'static dyn Fn(u64) -> Option<&'static str>;

/// Names of programs, parts of the address space, and functions.
#[derive(Clone, Copy)]
pub struct Names {
    /// Returns the name of a program, by its number.
    pub program: &'static dyn Fn(u8) -> &'static str,
    /// Returns the purpose of a part of the address space, by an address in it; empty if it has
    /// none.
    pub area: &'static dyn Fn(u64) -> &'static str,
    /// Returns the function at an address of the kernel.
    pub function: NameOf,
    /// The clock counts guest instructions: a nanosecond of the events is one of them.
    pub counts_instructions: bool,
}

impl Names {
    /// Nothing has a name.
    pub const NONE: Names = Names {
        program: &|_| "",
        area: &|_| "",
        function: &|_| None,
        counts_instructions: false,
    };

    /// Returns a duration in words, in the unit of the clock.
    pub fn cost(&self, nanoseconds: u64) -> impl fmt::Display + use<> {
        let counts_instructions = self.counts_instructions;
        fmt::from_fn(move |f| match counts_instructions {
            true => write!(f, "{} instructions", Count(nanoseconds)),
            false => write!(f, "{}", Nanoseconds(nanoseconds)),
        })
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

/// Returns the last two parts of a path, or the last part if two do not fit. Text in angle brackets
/// is kept whole.
pub fn fit_path(name: &str, cells: usize) -> &str {
    let path = name.split(['<', ' ']).next().unwrap_or(name);
    let mut ends = path.rmatch_indices("::").map(|(at, _)| &name[at + 2..]);
    let last = ends.next().unwrap_or(name);
    let last_two = ends.next().unwrap_or(name);
    match last_two.len() <= cells {
        true => last_two,
        false => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_two_parts_or_one() {
        for (name, cells, words) in [
            ("_start", 6, "_start"),
            ("kernel::memory::probe::read", 11, "probe::read"),
            ("kernel::memory::probe::read", 10, "read"),
            ("<a::B as c::D>::e", 20, "<a::B as c::D>::e"),
        ] {
            assert_eq!(fit_path(name, cells), words);
        }
    }
}
