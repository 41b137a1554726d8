//! Tests of heat: frames that the CPU accesses are warm, by the bits that it sets itself. Other
//! frames cool down.

use super::test::{Failure, Outcome, Test, broken, check, needs_timer, with_turns};
use crate::machine::clock;
use crate::memory::paging::user_layout::PROGRAM;
use crate::memory::paging::{demand, kernel_space};
use crate::memory::physical::{frames, heat};
use crate::process::programs::Program;
use crate::process::{self, TABLE};
use mm::heat::FrameUses;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

pub const QUICK: &[Test] = &[
    Test {
        name: "heat: a fault, a read and a write warm a frame, and it cools down again",
        run: kernel_page,
    },
    Test {
        name: "heat: the code page of a process stays warm while it runs",
        run: || with_turns(process_page),
    },
];

/// A page of the demand-zero region.
const PAGE: u64 = 5;

fn kernel_page() -> Outcome {
    let page = demand::page(PAGE);
    period()?;
    demand::touch(PAGE);
    let frame = kernel_space::peek(page).map(|found| frames::frame_at(found.physical));
    let frame = frame.ok_or(Failure::new(format_args!("the page has no frame")))?;
    let before = uses(frame)?;
    period()?;
    let faulted = uses(frame)?;
    period()?;
    let left_alone = uses(frame)?;
    // SAFETY: the page is mapped, it was touched above.
    unsafe { page.as_ptr::<u64>().read_volatile() };
    period()?;
    let read = uses(frame)?;
    demand::touch(PAGE);
    period()?;
    let written = uses(frame)?;
    for _ in 0..7 {
        period()?;
    }
    let cold = uses(frame)?;
    demand::release(PAGE);

    // The first touch, the read, and the second touch, which writes like the first one.
    let counts = |now: &FrameUses| (now.accesses - before.accesses, now.writes - before.writes);
    let seen = [&faulted, &left_alone, &read, &written, &cold].map(counts);
    check!(
        seen == [(1, 1), (1, 1), (2, 1), (3, 2), (3, 2)],
        "accesses and writes were {seen:?}"
    );
    let level = |now: &FrameUses| now.level().number();
    check!(
        level(&faulted) >= 64 && level(&left_alone) == level(&faulted) / 2,
        "{} after a fault, then {}",
        level(&faulted),
        level(&left_alone)
    );
    let expected = 64 + level(&left_alone) / 2;
    check!(
        level(&read) == expected && level(&written) == 64 + expected / 2,
        "{} after a read, {} after a write",
        level(&read),
        level(&written)
    );
    check!(level(&cold) == 0, "{} without accesses", level(&cold));
    Ok(())
}

fn process_page() -> Outcome {
    const PERIODS: u16 = 4;
    needs_timer()?;
    let number = process::spawn(Program::Spin)?;
    let code = |at: VirtAddr| {
        let mut table = TABLE.lock();
        let found = table.get_mut(number)?.space.lookup(at)?;
        Some(frames::frame_at(found.physical))
    };
    let frame = code(PROGRAM).ok_or(Failure::new(format_args!("the program is not loaded")))?;
    let before = uses(frame)?;
    for _ in 0..PERIODS {
        process::run_slice();
        period()?;
    }
    let after = uses(frame)?;
    period()?;
    let waiting = uses(frame)?;
    process::kill(number);
    check!(
        after.accesses - before.accesses == PERIODS && waiting.accesses == after.accesses,
        "{} accesses in {PERIODS} turns, {} in none",
        after.accesses - before.accesses,
        waiting.accesses - after.accesses
    );
    check!(after.writes == before.writes, "code counts as written");
    check!(
        after.level().number() >= 120 && waiting.level().number() == after.level().number() / 2,
        "{} while it runs, {} while it waits",
        after.level().number(),
        waiting.level().number()
    );
    Ok(())
}

/// Ends a period, and recounts the warm frames.
fn period() -> Outcome {
    process::end_heat_period(clock::now());
    heat::validate().map_err(broken)?;
    Ok(())
}

fn uses(frame: PhysFrame) -> Result<FrameUses, Failure> {
    heat::uses(frame).ok_or(Failure::new(format_args!("{frame:?} is not counted")))
}
