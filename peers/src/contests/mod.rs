//! The contests: a file or folder each, and a line in this table.

mod frames;
mod nested;
mod rings;

use crate::contest::Contest;

/// All contests.
pub const CONTESTS: [&Contest; 2] = [&frames::CONTEST, &rings::CONTEST];
