//! A scan for a page that can leave its frame, as an event.

use crate::memory::trace;
use mm::event::Payload;
use x86_64::VirtAddr;

/// The pages of one process that a scan passed.
#[derive(Default)]
pub struct Scan {
    first: Option<VirtAddr>,
    passed: u32,
    spared: u16,
}

impl Scan {
    /// Counts a page. A page that was `used` is spared.
    pub fn pass(&mut self, page: VirtAddr, used: bool) {
        self.first.get_or_insert(page);
        self.passed = self.passed.saturating_add(1);
        self.spared = self.spared.saturating_add(u16::from(used));
    }

    /// Records the event, if a page was passed.
    pub fn record(self, process: u32) {
        if let Some(first) = self.first {
            trace::record(Payload::ReclaimScan {
                first,
                process,
                passed: self.passed,
                spared: self.spared,
            });
        }
    }
}
