//! The reason why a step of a lesson failed.

use core::fmt;

/// The reason why a step failed.
pub struct Failure {
    /// True if the kernel refused a request of the lesson. This ends the lesson, but is not an
    /// error.
    pub refused: bool,
    /// The reason in words.
    pub why: heapless::String<104>,
}

impl Failure {
    fn new(refused: bool, words: fmt::Arguments<'_>) -> Failure {
        let mut why = heapless::String::new();
        // Text that does not fit is cut; its beginning is enough.
        let _ = fmt::write(&mut why, words);
        Failure { refused, why }
    }

    /// Returns a failure because a fact does not hold.
    pub fn wrong(words: fmt::Arguments<'_>) -> Failure {
        Failure::new(false, words)
    }
}

/// An error of an allocator is a refused request.
impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::new(true, format_args!("{error}"))
    }
}

/// The result of a step.
pub type Outcome = Result<(), Failure>;

/// Returns a [`Failure`] with this text unless the condition holds.
macro_rules! fact {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err($crate::lessons::failure::Failure::wrong(format_args!($($why)+)));
        }
    };
}
pub(super) use fact;
