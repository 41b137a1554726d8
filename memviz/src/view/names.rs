//! Names for the numbers and addresses in events.

/// Returns the name of the function at an address of the kernel.
pub type NameOf = fn(u64) -> Option<&'static str>;

/// Names of programs, parts of the address space, and functions.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Returns the name of a program, by its number.
    pub program: fn(u8) -> &'static str,
    /// Returns the purpose of a part of the address space, by an address in it; empty if it has
    /// none.
    pub area: fn(u64) -> &'static str,
    /// Returns the function at an address of the kernel.
    pub function: NameOf,
}

impl Names {
    /// Nothing has a name.
    pub const NONE: Names = Names {
        program: |_| "",
        area: |_| "",
        function: |_| None,
    };
}
