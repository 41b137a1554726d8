//! The dashboard: events in, pixels out.
#![no_std]
#![forbid(unsafe_code)]
