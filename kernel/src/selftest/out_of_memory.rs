//! Out of memory, everywhere: each caller is run again and again, and the n-th frame that it asks
//! for is refused, for n = 1, 2, 3, … until it needs fewer. Once that request alone is refused, and
//! once all from it on.
//!
//! What a caller may answer: that it was refused, or what was asked for, if it got along without.
//! What it may not: panic, lose a frame, leave a structure that does not hold, or refuse when
//! nothing was refused to it.

use super::{Failure, Outcome, Test, broken, check};
use crate::memory::checks::balance::Balance;
use crate::memory::checks::test_access;
use crate::memory::heap::kernel_heap;
use crate::memory::heap::kmalloc::{
    kcalloc, kfree, kmalloc, kmalloc_dma, kmalloc_guarded, krealloc,
};
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
    #[cfg(feature = "dashboard")]
    Test {
        name: "out of memory: the buffers of a dashboard survive every refusal",
        run: || every_refusal(buffers),
    },
];

/// What a caller answers.
enum Answer {
    /// It got what it asked for.
    Served,
    /// It was told that there is no memory.
    Refused,
}

/// More requests than any caller here makes.
const MOST_REQUESTS: u64 = 5000;
/// Turns after which a process counts as stuck.
const TURNS: u64 = 100_000;
const OWNER: Tag = Tag::KERNEL;

/// [`every_refusal`], if the heap has room to grow by so many chunks; in little memory it has not.
fn growing(chunks: u64, caller: fn() -> Result<Answer, Failure>) -> Outcome {
    let heap = kernel_heap::lock().statistics();
    if heap.maximum_bytes - heap.committed_bytes < chunks * CHUNK_BYTES {
        log::info!("- skipped: the heap has its maximum, and asks for no frames");
        return Ok(());
    }
    every_refusal(caller)
}

/// Runs a caller with each of its requests refused.
fn every_refusal(caller: fn() -> Result<Answer, Failure>) -> Outcome {
    // Each refusal is a line in the log: thousands here.
    let level = log::max_level();
    log::set_max_level(LevelFilter::Error);
    let outcome = [1, u64::MAX]
        .into_iter()
        .try_for_each(|count| each_request(caller, count));
    frames::lock().refuse_requests(0, 0);
    log::set_max_level(level);
    outcome
}

fn each_request(caller: fn() -> Result<Answer, Failure>, count: u64) -> Outcome {
    for before in 0..MOST_REQUESTS {
        let balance = Balance::now();
        let refused = frames::lock().statistics().refused;
        frames::lock().refuse_requests(before, count);
        let answer = caller();
        frames::lock().refuse_requests(0, 0);
        let refused = frames::lock().statistics().refused - refused;
        process::kill_all();
        kernel_heap::shrink();
        let number = before + 1;
        let answer = answer
            .map_err(|failure| Failure::new(format_args!("request {number}: {}", failure.why())))?;
        let after = Balance::now();
        let leak = after.leaked_since(&balance);
        check!(after == balance, "request {number}: {leak}");
        frames::lock().validate().map_err(broken)?;
        kernel_heap::lock().validate().map_err(broken)?;
        heat::validate().map_err(broken)?;
        if refused == 0 {
            check!(before > 0, "it asked for nothing");
            check!(
                matches!(answer, Answer::Served),
                "refused, though each of {before} requests was served"
            );
            return Ok(());
        }
    }
    Err(Failure::new(format_args!(
        "more than {MOST_REQUESTS} requests"
    )))
}

/// The value, or else the answer that there is none.
macro_rules! or_refused {
    ($asked:expr) => {
        match $asked {
            Ok(value) => value,
            Err(error) => return refusal(error),
        }
    };
}

/// An error that a caller may answer with: it says that memory is out.
fn refusal(error: impl Display) -> Result<Answer, Failure> {
    let mut words = heapless::String::<112>::new();
    // What does not fit is cut.
    let _ = core::fmt::write(&mut words, format_args!("{error}"));
    let tells = ["out of memory", "out of heap", "no frame"];
    check!(
        tells.iter().any(|tell| words.contains(tell)),
        "not an answer to a refusal: {words}"
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
    // More than what is left of the first chunk.
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
    check!(kept == 0x5a, "what was kept became {kept:#x}");
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
    demand::give_back(0);
    Ok(touched.map_or(Answer::Refused, |()| Answer::Served))
}

fn process(program: Program) -> Result<Answer, Failure> {
    let number = or_refused!(process::spawn(program));
    check!(process::run_all(TURNS), "{} is stuck", program.name());
    let end = TABLE.lock().end_of(number);
    match end {
        Some(End::Exit(0)) => Ok(Answer::Served),
        // The program was told by a system call.
        Some(End::Exit(_)) => Ok(Answer::Refused),
        Some(End::Fault(
            FaultCause::DemandZero | FaultCause::StackGrowth | FaultCause::CopyOnWrite,
        )) => Ok(Answer::Refused),
        Some(end) => Err(Failure::new(format_args!("{} {end}", program.name()))),
        None => Err(Failure::new(format_args!("{} left no end", program.name()))),
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
