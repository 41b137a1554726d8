//! Checks of memory from outside: balances, leak reports, accesses that may fault.
//!
//! In here: whatever inspects the other wings of `memory` and changes none of them. Nothing in the
//! other wings uses it.

pub mod balance;
pub mod leaks;
pub mod test_access;
