//! The heap over time as PNG or SVG: address up, requests across, a map for each strategy.
//!
//! ```text
//! Heap over time                                                1,000 requests, arenas of 1 MiB
//! first fit      99.9 % │ best fit       99.9 % │ next fit       98.1 %   Mean life time by size
//! ┌────────────────────┐ ┌────────────────────┐ ┌────────────────────┐   16 B+ ████          40
//! │      ██████████    │ │      ██████████    │ │      ██████████    │   64 B+ ██████████    99
//! │████████     ███████│ │████████     ███████│ │████████     ███████│   First difference from
//! └────────────────────┘ └────────────────────┘ └────────────────────┘   first fit
//! request 7 refused      no request refused     no request refused       best fit      10
//! ```
//! The drawing surfaces, the words and the colours are those of the dashboard.

mod data;
mod draw;
mod map;
mod side;
mod style;

pub use data::{HeapMap, HeapMaps};
