//! The fields of a fault as text that fits the columns.

use crate::graphics::text::width;
use crate::model::Fault;
use crate::view::names::{NameOf, fit_path};
use core::fmt;
use mm::units::{Address, Nanoseconds};

/// The address of the access, with all its digits or without the upper ones.
#[derive(PartialEq)]
pub struct Touched(pub u64, pub bool);

impl fmt::Display for Touched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            true => Address(self.0).fmt(f),
            false => write!(f, "…{:012x}", self.0 & 0xffff_ffff_ffff),
        }
    }
}

/// The outcome, once the handler has returned.
#[derive(PartialEq)]
pub struct Outcome(&'static str);

impl Outcome {
    /// The outcome of a fault.
    pub fn of(fault: &Fault) -> Outcome {
        Outcome(
            fault
                .end
                .map_or("in the handler", |end| end.outcome.words()),
        )
    }

    /// The last word of the outcome, which is the most specific.
    pub fn in_a_word(fault: &Fault) -> Outcome {
        let Outcome(words) = Outcome::of(fault);
        Outcome(words.rsplit(' ').next().unwrap_or(words))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The cost, once it is known, without a decimal if that does not fit.
#[derive(PartialEq)]
pub struct Cost {
    nanoseconds: Option<u64>,
    cells: usize,
}

impl Cost {
    /// The cost of a fault, in this many text cells.
    pub fn of(fault: &Fault, cells: usize) -> Cost {
        let nanoseconds = fault.end.map(|end| end.nanoseconds);
        Cost { nanoseconds, cells }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nanoseconds.map(Nanoseconds) {
            Some(cost) if width(cost) <= self.cells => cost.fmt(f),
            Some(cost) => write!(f, "{cost:.0}"),
            None => Ok(()),
        }
    }
}

/// The function of an instruction, with the last part of its path.
pub struct Place {
    /// The address of the instruction.
    pub instruction: u64,
    /// Returns the name of a function.
    pub name_of: NameOf,
    /// The text cells of the column.
    pub cells: usize,
}

impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        self.instruction == other.instruction
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name_of)(self.instruction) {
            Some(name) => f.write_str(fit_path(name, self.cells)),
            None if self.instruction >> 63 == 0 => write!(f, "ring 3 {:#x}", self.instruction),
            None => write!(f, "…{:08x}", self.instruction as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::faults::causes;
    use crate::panels::faults::table::{ADDRESS, CAUSE, OUTCOME, SHORT_ADDRESS, SHORT_CAUSE};
    use mm::paging::{FaultCause, FaultOutcome};

    #[test]
    fn all_words_fit_their_columns() {
        for &cause in FaultCause::ALL {
            assert!(3 + cause.words().len() <= CAUSE);
            assert!(3 + causes::short(cause).len() <= SHORT_CAUSE);
        }
        for &outcome in FaultOutcome::ALL {
            assert!(outcome.words().len() <= OUTCOME);
        }
        let address = |is_wide| crate::graphics::text::width(Touched(u64::MAX, is_wide));
        assert_eq!(address(true), ADDRESS);
        assert_eq!(address(false), SHORT_ADDRESS);
    }

    #[test]
    fn a_place_is_a_function_or_an_address() {
        let show = |instruction, name_of: NameOf| {
            Place {
                instruction,
                name_of,
                cells: 11,
            }
            .to_string()
        };
        let named: NameOf = &|_| Some("kernel::memory::probe::read");
        assert_eq!(show(u64::MAX, named), "probe::read");
        assert_eq!(show(u64::MAX - 1, &|_| None), "…fffffffe");
        assert_eq!(show(0x40_0044, &|_| None), "ring 3 0x400044");
        let named: NameOf = &|_| Some("kernel::memory::test_access::read");
        assert_eq!(show(u64::MAX, named), "read");
    }
}
