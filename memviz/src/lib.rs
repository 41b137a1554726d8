//! The dashboard: events in, pixels out.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod blit;
pub mod board;
pub mod canvas;
pub mod caption;
pub mod charset;
pub mod damage;
pub mod dashboard;
pub mod dirty;
pub mod font;
pub mod highlights;
pub mod input;
pub mod layout;
pub mod line;
pub mod meter;
pub mod model;
pub mod mouse;
pub mod panels;
pub mod pointer;
pub mod samples;
pub mod selection;
pub mod styles;
pub mod surface;
pub mod terminal;
#[cfg(test)]
mod testing;
pub mod text;
pub mod theme;
pub mod timeline;
pub mod truth;
pub mod units;
pub mod widgets;
pub mod wrap;
