//! The last refused run of frames: how fragmented free memory is, and which frames would have to
//! move.
//!
//! ```text
//! ┌ REFUSED RUN ─────────────────────────── Esc closes ┐
//! │ requested  64 frames, 256 KiB                      │
//! │ placement  aligned to 64 KiB, below 0x1000000      │
//! │ free       1,960 frames in 411 runs                │
//! │ longest    12 contiguous frames                    │
//! │ index      0.837: too fragmented                   │
//! │ must move  3 frames                                │
//! └────────────────────────────────────────────────────┘
//! ```

use super::detail::lines::Lines;
use core::fmt;
use mm::frame::{Run, WhyNot};
use mm::memory_map::FRAME_BYTES;
use mm::units::{Bytes, Count};

/// Adds all lines about the refused run, or a line that there was no refusal.
pub(super) fn add_refusal(lines: &mut Lines, why: Option<&WhyNot>) {
    let Some(why) = why else {
        lines.add("", "no recent refusal");
        return;
    };
    let noun = if why.run.frames == 1 {
        "frame"
    } else {
        "frames"
    };
    let (frames, bytes) = (Count(why.run.frames), Bytes(why.run.frames * FRAME_BYTES));
    lines.add("requested", format_args!("{frames} {noun}, {bytes}"));
    lines.add("placement", Placement(why.run));
    let (free, runs) = (Count(why.free), Count(why.stretches));
    let noun = if why.stretches == 1 { "run" } else { "runs" };
    lines.add("free", format_args!("{free} frames in {runs} {noun}"));
    lines.add(
        "longest",
        format_args!("{} contiguous frames", Count(why.longest)),
    );
    lines.add("index", Index(why.fragmentation_index()));
    let unusable = why.unusable_index();
    lines.add(
        "unusable",
        format_args!(
            "{}.{:03} of the free frames",
            unusable / 1000,
            unusable % 1000
        ),
    );
    match why.best_range {
        _ if why.is_possible() => lines.add("now", "available"),
        Some(range) => {
            let start = range.first as u64 * FRAME_BYTES;
            let end = start + range.frames as u64 * FRAME_BYTES;
            let (used, noun) = (
                Count(range.used),
                if range.used == 1 { "frame" } else { "frames" },
            );
            lines.add("best range", format_args!("{start:#x}..{end:#x}"));
            lines.add("must move", format_args!("{used} {noun}"));
            let bytes = Bytes(range.frames as u64 * FRAME_BYTES);
            lines.add(
                "then free",
                format_args!("{bytes} contiguous: the run fits"),
            );
        }
        None => lines.add("best range", "none: each has an unmovable frame"),
    }
}

/// Formats alignment and ceiling of a run.
struct Placement(Run);

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let align = Bytes(self.0.align_frames * FRAME_BYTES);
        match (self.0.align_frames > 1, self.0.ceiling) {
            (false, None) => f.write_str("anywhere"),
            (false, Some(end)) => write!(f, "below {end:#x}"),
            (true, None) => write!(f, "aligned to {align}"),
            (true, Some(end)) => write!(f, "aligned to {align}, below {end:#x}"),
        }
    }
}

/// Formats Linux's fragmentation index, with its meaning.
struct Index(i32);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Index(index) = *self;
        if index < 0 {
            return f.write_str("-1.000: available");
        }
        let why = match index {
            ..500 => "too little free memory",
            _ => "too fragmented",
        };
        write!(f, "{}.{:03}: {why}", index / 1000, index % 1000)
    }
}
