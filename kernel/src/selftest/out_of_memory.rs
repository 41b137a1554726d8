//! Tests of out of memory at every request: each caller runs again and again, and its n-th request
//! for a frame is refused, for n = 1, 2, 3, … until it makes fewer requests. One run refuses only
//! that request, another refuses it and all later ones.
//!
//! A caller may return an error, or succeed without the frame. It must not panic, leak a frame,
//! leave an inconsistent structure, or return an error if no request was refused.

use super::test::{Failure, Outcome, Test, broken, check, needs_swap};
use crate::memory::checks::balance::Balance;
use crate::memory::checks::test_access;
use crate::memory::heap::kernel_heap;
use crate::memory::heap::kmalloc::{
    self, kcalloc, kfree, kmalloc, kmalloc_dma, kmalloc_guarded, krealloc,
};
use crate::memory::map;
use crate::memory::paging::{demand, stacks};
use crate::memory::physical::{frames, heat};
use crate::process::programs::Program;
use crate::process::{self, End, TABLE};
use core::fmt::Display;
use log::LevelFilter;
use mm::heap::CHUNK_BYTES;
use mm::paging::FaultCause;
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

pub const LONG: &[Test] = &[
    Test {
        name: "out of memory: the heap survives every refusal while it grows",
        run: || growing(1, heap_growth),
    },
    Test {
        name: "out of memory: kmalloc, kcalloc, krealloc survive every refusal",
        run: || growing(2, kernel_memory),
    },
    Test {
        name: "out of memory: runs for devices and guarded pages survive every refusal",
        run: || every_refusal(special_memory),
    },
    Test {
        name: "out of memory: kernel stacks survive every refusal",
        run: || every_refusal(kernel_stack),
    },
    Test {
        name: "out of memory: a first touch by the kernel survives every refusal",
        run: || every_refusal(first_touch),
    },
    Test {
        name: "out of memory: a process that touches pages survives every refusal, or is ended",
        run: || every_refusal(|| process(Program::Touch)),
    },
    Test {
        name: "out of memory: a process that grows its stack survives every refusal, or is ended",
        run: || every_refusal(|| process(Program::Deep)),
    },
    Test {
        name: "out of memory: fork and copy-on-write survive every refusal, or the process is ended",
        run: || every_refusal(|| process(Program::Fork)),
    },
    Test {
        name: "out of memory: a process under a limit survives every refusal, or is ended",
        run: || needs_swap().and_then(|()| every_refusal(|| process(Program::Limited))),
    },
    #[cfg(feature = "dashboard")]
    Test {
        name: "out of memory: the buffers of a dashboard survive every refusal",
        run: || every_refusal(buffers),
    },
];

/// The result of a caller.
enum Answer {
    /// The caller got the memory.
    Served,
    /// The caller got an out-of-memory error.
    Refused,
}

/// A bound on the requests of a caller.
const MOST_REQUESTS: u64 = 5000;
/// The number of turns after which a process counts as stuck.
const TURNS: u64 = 100_000;
const OWNER: Tag = Tag::KERNEL;
/// The memory whose recount after each request takes acceptable time.
const RECOUNTED_BYTES: u64 = 256 << 20;

/// Runs [`every_refusal`] if the heap can grow by this many chunks; on a small machine it cannot.
fn growing(chunks: u64, caller: fn() -> Result<Answer, Failure>) -> Outcome {
    let heap = kernel_heap::lock().statistics();
    if heap.maximum_bytes - heap.committed_bytes < chunks * CHUNK_BYTES {
        log::info!("- skipped: the heap is at its maximum and requests no frames");
        return Ok(());
    }
    every_refusal(caller)
}

/// Runs a caller once for each of its requests, with that request refused.
fn every_refusal(caller: fn() -> Result<Answer, Failure>) -> Outcome {
    // Each refusal logs a line; here that would be thousands.
    let level = log::max_level();
    log::set_max_level(LevelFilter::Error);
    let outcome = [1, u64::MAX]
        .into_iter()
        .try_for_each(|count| each_request(caller, count));
    frames::lock().inject_failures(0, 0);
    log::set_max_level(level);
    outcome
}

fn each_request(caller: fn() -> Result<Answer, Failure>, count: u64) -> Outcome {
    // A recount reads every frame. On a large machine it follows each few requests.
    let recounted = (map::usable_bytes() / RECOUNTED_BYTES).max(1);
    for before in 0..MOST_REQUESTS {
        let balance = Balance::now();
        let refused = frames::lock().statistics().refused;
        frames::lock().inject_failures(before, count);
        let answer = caller();
        frames::lock().inject_failures(0, 0);
        let refused = frames::lock().statistics().refused - refused;
        process::kill_all();
        kmalloc::shrink();
        let number = before + 1;
        let answer = answer
            .map_err(|failure| Failure::new(format_args!("request {number}: {}", failure.why())))?;
        let after = Balance::now();
        let leak = after.leaked_since(&balance);
        check!(after == balance, "request {number}: {leak}");
        if refused == 0 || before % recounted == 0 {
            frames::lock().validate().map_err(broken)?;
            kernel_heap::lock().validate().map_err(broken)?;
            heat::validate().map_err(broken)?;
        }
        if refused == 0 {
            check!(before > 0, "it made no request");
            check!(
                matches!(answer, Answer::Served),
                "an error, although all {before} requests were served"
            );
            return Ok(());
        }
    }
    Err(Failure::new(format_args!(
        "more than {MOST_REQUESTS} requests"
    )))
}

/// Yields the value, or returns the result of [`refusal`] for the error.
macro_rules! or_refused {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return refusal(error),
        }
    };
}

/// Checks that an error is an out-of-memory error.
fn refusal(error: impl Display) -> Result<Answer, Failure> {
    let mut words = heapless::String::<112>::new();
    // Text that does not fit is cut.
    let _ = core::fmt::write(&mut words, format_args!("{error}"));
    let expected = ["out of memory", "out of heap", "no frame"];
    check!(
        expected.iter().any(|text| words.contains(text)),
        "another error than out of memory: {words}"
    );
    Ok(Answer::Refused)
}

fn heap_growth() -> Result<Answer, Failure> {
    let mut blocks = heapless::Vec::<VirtAddr, 64>::new();
    let size = || kernel_heap::lock().committed_bytes();
    let before = size();
    let answer = loop {
        match kernel_heap::allocate(CHUNK_BYTES as usize, 1, OWNER) {
            Ok(block) => blocks.extend(Some(block.address)),
            Err(error) => break refusal(error)?,
        }
        if size() > before {
            break Answer::Served;
        }
    };
    for block in blocks {
        kernel_heap::free(block)?;
    }
    Ok(answer)
}

fn kernel_memory() -> Result<Answer, Failure> {
    let first = or_refused!(kmalloc(100, OWNER));
    write(first, 0x5a);
    // More than the rest of the first chunk.
    let half = CHUNK_BYTES as usize / 2 + 1;
    let second = kcalloc(half, 1, OWNER);
    let grown = krealloc(first, half);
    let answer = match (second, grown) {
        (Err(error), _) | (_, Err(error)) => refusal(error)?,
        _ => Answer::Served,
    };
    let first = grown.unwrap_or(first);
    let kept = read(first);
    kfree(first)?;
    if let Ok(second) = second {
        kfree(second)?;
    }
    check!(kept == 0x5a, "the content changed to {kept:#x}");
    Ok(answer)
}

fn special_memory() -> Result<Answer, Failure> {
    let run = or_refused!(kmalloc_dma(64 << 10, PhysAddr::new(1 << 32), Tag::DEVICE));
    let guarded = kmalloc_guarded(10_000, 1, OWNER);
    kfree(run)?;
    kfree(or_refused!(guarded))?;
    Ok(Answer::Served)
}

fn kernel_stack() -> Result<Answer, Failure> {
    stacks::release(or_refused!(stacks::allocate(
        stacks::PROCESS_STACK,
        stacks::Owner::Process(u32::MAX)
    )));
    Ok(Answer::Served)
}

fn first_touch() -> Result<Answer, Failure> {
    let touched = test_access::read(demand::page(0));
    demand::release(0);
    Ok(touched.map_or(Answer::Refused, |()| Answer::Served))
}

fn process(program: Program) -> Result<Answer, Failure> {
    let number = or_refused!(process::spawn(program));
    check!(process::run_all(TURNS), "{} is stuck", program.name());
    let end = TABLE.lock().end_of(number);
    match end {
        Some(End::Exit(0)) => Ok(Answer::Served),
        // A system call returned an error to the program.
        Some(End::Exit(_)) => Ok(Answer::Refused),
        Some(End::Fault(
            FaultCause::DemandZero
            | FaultCause::StackGrowth
            | FaultCause::CopyOnWrite
            | FaultCause::Swapped,
        )) => Ok(Answer::Refused),
        Some(End::OutOfMemory) => Ok(Answer::Refused),
        Some(end) => Err(Failure::new(format_args!("{} {end}", program.name()))),
        None => Err(Failure::new(format_args!(
            "{} has no end status",
            program.name()
        ))),
    }
}

#[cfg(feature = "dashboard")]
fn buffers() -> Result<Answer, Failure> {
    or_refused!(crate::dashboard::try_buffers(800, 600));
    Ok(Answer::Served)
}

fn write(address: VirtAddr, value: u8) {
    // SAFETY: the first byte of a live allocation of this test.
    unsafe { address.as_mut_ptr::<u8>().write_volatile(value) };
}

fn read(address: VirtAddr) -> u8 {
    // SAFETY: as above.
    unsafe { address.as_ptr::<u8>().read_volatile() }
}
