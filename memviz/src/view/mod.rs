//! The view: the state of the screen, as values without any drawing.
//!
//! It has boards, the layout of the screen, the selection and its highlights, and the zoom of the
//! frame map. It also has captions, the text of the terminal, and the numbers of the title line.
//! Types that a panel and the dashboard share belong here; state of a single panel belongs to the
//! panel. This folder uses `model`, `timeline`, `input` and `graphics`.

pub mod ages;
pub mod ballot;
pub mod board;
pub mod caption;
pub mod changed;
pub mod changes;
pub mod dirty;
pub mod edges;
pub mod extent;
pub mod figure;
pub mod highlights;
pub mod layout;
pub mod map;
pub mod map_mode;
pub mod meter;
pub mod names;
pub mod naming;
pub mod overview;
pub mod search;
pub mod selection;
pub mod step;
pub mod terminal;
pub mod zoom;
