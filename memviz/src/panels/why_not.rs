//! Why a run of frames was refused: how free memory lies in pieces, and what would have to be
//! moved.
//!
//! ```text
//! ┌ WHY NOT?  the run that was refused ───── Esc closes ┐
//! │ asked for  64 frames, 256 KiB, below 0x1000000      │
//! │ free       1,960 frames in 411 pieces               │
//! │ longest    12 in one piece                          │
//! │ index      0.837: free in too many pieces           │
//! │ in the way 3 frames from 0x340000: moved, 64 free   │
//! └─────────────────────────────────────────────────────┘
//! ```

use super::detail::lines::Lines;
use core::fmt;
use mm::frame::{Run, WhyNot};
use mm::memory_map::FRAME_BYTES;
use mm::units::{Bytes, Count};

/// Tells all about it, or that there was no refusal.
pub(super) fn tell(lines: &mut Lines, why: Option<&WhyNot>) {
    let Some(why) = why else {
        lines.add("", "no request for frames was refused of late");
        return;
    };
    lines.add("asked for", Asked(why.run));
    let (free, pieces) = (Count(why.free), Count(why.stretches));
    let noun = if why.stretches == 1 {
        "piece"
    } else {
        "pieces"
    };
    lines.add("free", format_args!("{free} frames in {pieces} {noun}"));
    lines.add(
        "longest",
        format_args!("{} in one piece", Count(why.longest)),
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
    match why.in_the_way {
        _ if why.is_possible() => lines.add("now", "it can be had"),
        Some(place) => {
            let start = place.first as u64 * FRAME_BYTES;
            let end = start + place.frames as u64 * FRAME_BYTES - 1;
            let (used, noun) = (
                Count(place.used),
                if place.used == 1 { "frame" } else { "frames" },
            );
            lines.add("best place", format_args!("{start:#x} to {end:#x}"));
            lines.add(
                "in the way",
                format_args!("{used} {noun} that can be moved"),
            );
            let bytes = Bytes(place.frames as u64 * FRAME_BYTES);
            lines.add("then free", format_args!("{bytes} in one piece: the run"));
        }
        None => lines.add(
            "in the way",
            "in every place something that cannot be moved",
        ),
    }
}

/// A run, in words.
struct Asked(Run);

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run {
            frames,
            align_frames,
            ceiling,
        } = self.0;
        let noun = if frames == 1 { "frame" } else { "frames" };
        let bytes = Bytes(frames * FRAME_BYTES);
        write!(f, "{} {noun}, {bytes}", Count(frames))?;
        if align_frames > 1 {
            write!(f, ", aligned to {}", Bytes(align_frames * FRAME_BYTES))?;
        }
        match ceiling {
            Some(end) => write!(f, ", below {end:#x}"),
            None => Ok(()),
        }
    }
}

/// Linux's fragmentation index, with what it means.
struct Index(i32);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Index(index) = *self;
        if index < 0 {
            return f.write_str("-1.000: it can be had");
        }
        let why = match index {
            ..500 => "too little is free",
            _ => "free in too many pieces",
        };
        write!(f, "{}.{:03}: {why}", index / 1000, index % 1000)
    }
}
