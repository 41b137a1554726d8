//! The records of the frames in use: tag and references, in 2 bytes each.
//!
//! ```text
//! record      the 2 bytes                  table     counts that do not fit into a record
//! records     the records of all frames, and of words of 64 frames that are alike
//! ```
//!
//! In here: code that stores and finds records. It knows nothing of free frames or events.

mod record;
// The folder is named after this file.
#[allow(clippy::module_inception)]
mod records;
mod table;

pub use record::{FrameInfo, FrameRecord};
pub(super) use records::Records;
