//! Fault injection: refusing requests on purpose, to test how callers handle a refusal.
//!
//! ```text
//! requests   1  2  3  4  5  6  7  8       inject_failures(3, 2): three are served, two are refused
//!            ✓  ✓  ✓  ✗  ✗  ✓  ✓  ✓
//! ```
//! The frame allocator counts and records an injected refusal like any other. Swap uses the same
//! counter for the requests of its device.

/// The next requests that fail, although they could be served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultInjection {
    /// Requests that are served first.
    pub after: u64,
    /// Requests that fail then.
    pub count: u64,
}

impl FaultInjection {
    /// No request fails.
    pub const OFF: Self = Self { after: 0, count: 0 };

    /// True if some of the next requests should fail.
    #[inline(always)]
    pub const fn is_on(&self) -> bool {
        self.count > 0
    }

    /// True if this request should fail. Each call counts as one request.
    #[inline(always)]
    pub fn should_fail(&mut self) -> bool {
        self.is_on() && self.count_down()
    }

    #[cold]
    fn count_down(&mut self) -> bool {
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.count -= 1;
        true
    }
}
