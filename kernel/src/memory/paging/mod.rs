//! Virtual memory: page tables, the layout of the address space, and the regions in it.
//!
//! In here: code that maps frames at addresses, or knows the purpose of an address. It may use
//! `physical` and everything below; it knows neither the heap nor processes.

pub mod areas;
pub mod demand;
pub mod guard_pages;
pub mod heat_sampler;
pub mod kernel_space;
pub mod layout;
pub mod regions;
pub mod space;
pub mod stacks;
pub mod translation;
pub mod user_layout;
pub mod walk;
