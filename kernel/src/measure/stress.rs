//! Q5: stress tests leak nothing, and memory keeps its content until it is freed.

use super::cost::Drain;
use super::fragmentation;
use super::violation::Violation;
use crate::memory::checks::balance::Balance;
use crate::memory::physical::frames::{self, FRAME};
use mm::frame::Run;
use mm::tag::Tag;
use mm::units::Bytes;
use x86_64::structures::paging::PhysFrame;

/// Frames that are written and read back in a round.
const FRAMES: usize = 256;
/// The number of rounds.
const ROUNDS: u64 = 8;

/// Runs the stress tests, compares the balance before and after, and logs it.
pub fn measure(drain: Drain<'_>) -> Result<(), Violation> {
    let before = Balance::now();
    for round in 0..ROUNDS {
        patterns(round)?;
        drain();
    }
    runs()?;
    fragmentation::measure(drain)?;
    let after = Balance::now();
    log::info!(
        "Q5 leaks: memory that the stress tests allocated and did not free (required: none)"
    );
    let written = ROUNDS * FRAMES as u64 * FRAME;
    log::info!(
        "Q5   {} written to frames and read back unchanged",
        Bytes(written)
    );
    log::info!(
        "Q5   free frames {} → {}; live heap bytes {} → {}",
        before.free_frames,
        after.free_frames,
        before.live_bytes,
        after.live_bytes
    );
    if before != after {
        return Err(Violation::new(format_args!(
            "the stress tests leak: {before:?} → {after:?}"
        )));
    }
    Ok(())
}

/// Writes a different value to each word of many frames, and checks all values afterwards.
fn patterns(round: u64) -> Result<(), Violation> {
    const WORDS: usize = FRAME as usize / size_of::<u64>();
    let mut allocated = heapless::Vec::<PhysFrame, FRAMES>::new();
    let pattern = |frame: &PhysFrame, word: usize| {
        (frame.start_address().as_u64() + word as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15 + 2 * round)
    };
    let words = |frame: &PhysFrame| frames::pointer(frame.start_address()).cast::<u64>();
    let mut result = Ok(());
    while result.is_ok() && !allocated.is_full() {
        match frames::allocate(Tag::KERNEL) {
            Ok(frame) => {
                for word in 0..WORDS {
                    // SAFETY: the frame is ours, in the direct map, and that many words long.
                    unsafe {
                        words(&frame)
                            .add(word)
                            .write_volatile(pattern(&frame, word));
                    };
                }
                let _ = allocated.push(frame);
            }
            Err(error) => result = Err(error.into()),
        }
    }
    let changed = allocated.iter().find(|frame| {
        // SAFETY: as above.
        (0..WORDS)
            .any(|word| unsafe { words(frame).add(word).read_volatile() } != pattern(frame, word))
    });
    if let Some(frame) = changed {
        result = Err(Violation::new(format_args!(
            "{frame:?} does not keep its content"
        )));
    }
    for frame in allocated {
        frames::free(frame)?;
    }
    result
}

/// Allocates and frees a run of each power of two; a refused run is skipped.
fn runs() -> Result<(), Violation> {
    let mut allocated = heapless::Vec::<(PhysFrame, u64), 11>::new();
    for order in 0..11 {
        let run = Run {
            frames: 1 << order,
            align_frames: 1 << order,
            ceiling: None,
        };
        if let Ok(first) = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE) {
            let _ = allocated.push((first, run.frames));
        }
    }
    for (first, count) in allocated {
        frames::lock().free_run(first, count)?;
    }
    Ok(())
}
