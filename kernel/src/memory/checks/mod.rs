//! Checks of memory from outside: balances, leak reports, accesses that may fault.
//!
//! In here: code that inspects the other folders of `memory`. None of them uses it.

pub mod balance;
pub mod falsify;
pub mod leaks;
pub mod test_access;
