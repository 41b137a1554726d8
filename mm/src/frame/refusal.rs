//! Refusing requests on purpose, to see what becomes of those who asked.
//!
//! ```text
//! requests   1  2  3  4  5  6  7  8       refuse_requests(3, 2): three are served, two are not
//!            ✓  ✓  ✓  ✗  ✗  ✓  ✓  ✓
//! ```
//! A request that is refused in this way is counted and recorded like any other that is refused.

use super::FrameAllocator;
use crate::tracer::Tracer;

/// Which of the next requests are refused, whatever is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Served before.
    after: u64,
    /// Refused then.
    count: u64,
}

impl Refusal {
    /// Whether this request is one of them.
    #[inline]
    pub fn should_fail(&mut self) -> bool {
        if self.count == 0 {
            return false;
        }
        self.count_down()
    }

    #[cold]
    fn count_down(&mut self) -> bool {
        let should_fail = self.after == 0;
        if should_fail {
            self.count -= 1;
        } else {
            self.after -= 1;
        }
        should_fail
    }
}

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Serves `after` requests, for one frame or for a run, then refuses `count`. With `count` 0,
    /// none is refused on purpose any more.
    pub fn refuse_requests(&mut self, after: u64, count: u64) {
        self.refusal = Refusal { after, count };
    }
}
