//! The dashboard: events in, pixels out.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod canvas;
pub mod charset;
pub mod damage;
pub mod font;
pub mod surface;
pub mod text;
pub mod theme;
