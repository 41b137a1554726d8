//! What comparisons of the picture with the machine find: log lines, counts, and two events.
//!
//! ```text
//! first mismatch ──► event Mismatch … a whole comparison without one ──► event MismatchEnd
//! ```
//! Invariant: no event is recorded while a comparison reads the model.

use crate::memory::checks::falsify;
use crate::memory::trace;
use memviz::truth::Mismatch;
use mm::event::{MismatchKind, Payload};
use x86_64::VirtAddr;

/// The maximum number of mismatches that one comparison logs; all are counted.
const REPORTS: u32 = 8;

/// What comparisons found.
#[derive(Default)]
pub struct Findings {
    /// All mismatches since boot that no wrong event on purpose explains.
    pub wrong: u64,
    /// The first mismatch of the current slice.
    first: Option<Payload>,
    /// Mismatches of the current slice.
    reports: u32,
    /// The mismatch whose end is not recorded yet.
    open: Option<(u64, MismatchKind)>,
}

impl Findings {
    /// Logs and counts a mismatch. The heap begins at `heap`.
    pub fn report(&mut self, mismatch: &Mismatch, heap: VirtAddr) {
        let (kind, place, ..) = mismatch.numbers(heap);
        let on_purpose = falsify::explains(kind, place);
        if self.reports < REPORTS {
            match on_purpose {
                true => log::warn!("mismatch on purpose: {mismatch}"),
                false => log::error!("mismatch between picture and machine: {mismatch}"),
            }
        }
        self.reports += 1;
        self.wrong += u64::from(!on_purpose);
        self.first
            .get_or_insert_with(|| mismatch.payload(heap, on_purpose));
    }

    /// Ends a slice of a comparison: records the first mismatch, or that there is none any more.
    /// `agrees` if the slice ends a comparison that found nothing.
    pub fn end_slice(&mut self, agrees: bool) {
        self.reports = 0;
        match (self.first.take(), self.open) {
            (Some(payload), None) => {
                trace::record(payload);
                if let Payload::Mismatch { place, kind, .. } = payload {
                    self.open = Some((place, kind));
                }
            }
            (None, Some((place, kind))) if agrees => {
                log::info!("picture and machine agree again at {place:#x}");
                trace::record(Payload::MismatchEnd { place, kind });
                self.open = None;
            }
            _ => {}
        }
    }
}
