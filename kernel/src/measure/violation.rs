//! The reason why a measurement fails.

use core::fmt;

/// A violated requirement, in words.
#[derive(Clone, Debug)]
pub struct Violation(heapless::String<112>);

impl Violation {
    pub fn new(reason: fmt::Arguments<'_>) -> Violation {
        let mut text = heapless::String::new();
        // Text that does not fit is cut; its beginning is enough.
        let _ = fmt::write(&mut text, reason);
        Violation(text)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Converts these errors of the allocators to violations.
macro_rules! violation_from {
    ($($error:ty),*) => {
        $(impl From<$error> for Violation {
            fn from(error: $error) -> Violation {
                Violation::new(format_args!("{error}"))
            }
        })*
    };
}
violation_from!(
    mm::frame::AllocateError,
    mm::frame::FreeError,
    mm::reclaim::resident::Full,
    crate::memory::swap::SwapError,
    crate::process::SpaceError,
    crate::memory::heap::kmalloc::KmallocError,
    crate::memory::heap::kmalloc::KfreeError
);
