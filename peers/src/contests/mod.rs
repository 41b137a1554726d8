//! The contests: a file or folder each, and a line in this table.

mod frames;

use crate::contest::Contest;

/// All contests.
pub const CONTESTS: [&Contest; 1] = [&frames::CONTEST];
