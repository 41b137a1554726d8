//! Why a step of a lesson did not go as it should.

use core::fmt;

/// Why, in words.
pub struct Failure {
    /// The machine refused what the lesson asked for: it goes without.
    pub refused: bool,
    /// Why.
    pub why: heapless::String<104>,
}

impl Failure {
    fn new(refused: bool, words: fmt::Arguments<'_>) -> Failure {
        let mut why = heapless::String::new();
        // What does not fit is cut; the beginning says enough.
        let _ = fmt::write(&mut why, words);
        Failure { refused, why }
    }

    /// A fact does not hold.
    pub fn wrong(words: fmt::Arguments<'_>) -> Failure {
        Failure::new(false, words)
    }
}

/// Whatever an allocator answers: it is refused.
impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::new(true, format_args!("{error}"))
    }
}

/// What a step says.
pub type Outcome = Result<(), Failure>;

/// Ends the check of a step, with the figures, unless the condition holds.
macro_rules! fact {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err($crate::lessons::Failure::wrong(format_args!($($why)+)));
        }
    };
}
pub(super) use fact;
