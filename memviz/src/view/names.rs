//! The names that the machine gives to what events have numbers and addresses for.

/// Names the function at an address of the kernel.
pub type NameOf = fn(u64) -> Option<&'static str>;

/// Names of programs, parts of the address space, and functions.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// A program, by its number.
    pub program: fn(u8) -> &'static str,
    /// What a part of the address space is for, by an address in it; empty where nothing belongs.
    pub area: fn(u64) -> &'static str,
    /// The function at an address of the kernel.
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
