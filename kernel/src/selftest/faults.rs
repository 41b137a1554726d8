//! Page faults: what can be mended is mended, the rest is told.

use super::{Outcome, Test, check, count_faults};
use crate::machine::cpu::Features;
use crate::machine::segments::FaultStack;
use crate::memory::stacks::{self, Owner};
use crate::memory::{demand, faults, frames, layout, paging, probe, walk};
use crate::process::programs::Program;
use crate::process::{self, address_space};
use mm::paging::{Access, FaultCause, PageSize};
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::instructions::tlb;

/// An address that nothing else uses.
const SPARE: VirtAddr = VirtAddr::new(layout::WINDOWS.as_u64() + (2 << 30));

pub const QUICK: &[Test] = &[
    Test {
        name: "faults: a first touch maps a zeroed frame, a second one does not fault",
        run: demand_zero,
    },
    Test {
        name: "faults: a reserved bit in an entry is told apart",
        run: reserved_bit,
    },
    Test {
        name: "faults: the kernel cannot touch or run a process's pages",
        run: kernel_stays_out,
    },
];

/// With guard pages.
pub const GUARDS: &[Test] = &[Test {
    name: "faults: guard pages of stacks, heap and windows are caught",
    run: guards,
}];

/// With the log of faults.
pub const LOG: &[Test] = &[Test {
    name: "faults: a fault inside a fault's handler is handled, and both are kept",
    run: inside_each_other,
}];

fn inside_each_other() -> Outcome {
    faults::provoke_nested();
    demand::touch(5);
    demand::give_back(5);
    let mut last = heapless::Vec::<(FaultCause, u64, Option<u64>), 2>::new();
    faults::for_each_record(|fault| {
        let _ = last.push((fault.cause, fault.number, fault.inside));
    });
    let outer = last.first().map(|fault| (fault.0, fault.2));
    let inner = last.get(1).map(|fault| (fault.0, fault.2));
    let number = last.first().map(|fault| fault.1);
    check!(
        outer == Some((FaultCause::DemandZero, None)),
        "the outer one is {outer:?}"
    );
    check!(
        inner == Some((FaultCause::Null, number)),
        "the inner one is {inner:?}"
    );
    Ok(())
}

fn reserved_bit() -> Outcome {
    let frame = frames::allocate(Tag::KERNEL)?;
    let at = frame.start_address();
    paging::lock()
        .map(SPARE, at, PageSize::Size4KiB, Access::WRITE)?
        .not_cached();
    // SAFETY: the page is this test's.
    let restore = unsafe { walk::spoil(paging::lock().root(), SPARE) };
    tlb::flush(SPARE);
    let refused = probe::read(SPARE).is_err();
    let cause = faults::last_cause();
    if let Some((entry, value)) = restore {
        // SAFETY: the entry is as it was before.
        unsafe { entry.write_volatile(value) };
    }
    paging::unmap_frames(SPARE, SPARE + 4096);
    check!(restore.is_some(), "no entry to spoil");
    check!(
        refused && cause == Some(FaultCause::ReservedBit),
        "it was {cause:?}"
    );
    Ok(())
}

fn kernel_stays_out() -> Outcome {
    let number = process::spawn(Program::Spin)?;
    let outcome = process::with_space(number, || {
        let read = probe::read(address_space::PROGRAM).is_err();
        let read_cause = faults::last_cause();
        // SAFETY: SMEP refuses the fetch; if it did not, the program's code would run in ring 0 and
        // the test would have found what it looks for.
        let run = unsafe { probe::execute(address_space::PROGRAM) }.is_err();
        (read, read_cause, run, faults::last_cause())
    });
    process::kill(number);
    let expected = Some(FaultCause::KernelTouchedUser);
    let features = Features::read();
    if features.smap {
        check!(outcome.0 && outcome.1 == expected, "SMAP: {:?}", outcome.1);
    }
    if features.smep {
        check!(outcome.2 && outcome.3 == expected, "SMEP: {:?}", outcome.3);
    }
    Ok(())
}

fn demand_zero() -> Outcome {
    let mut seen = [u64::MAX; 2];
    let first = count_faults(|| seen[0] = demand::touch(3));
    let second = count_faults(|| seen[1] = demand::touch(3));
    demand::give_back(3);
    check!(seen == [0, 1], "the page held {seen:?}");
    check!((first, second) == (1, 0), "{first} and {second} faults");
    check!(!demand::is_present(3), "the page is still there");
    Ok(())
}

fn guards() -> Outcome {
    let guards = [
        stacks::guard_below(Owner::Main).unwrap_or(VirtAddr::zero()),
        stacks::guard_below(Owner::Fault(FaultStack::PageFault)).unwrap_or(VirtAddr::zero()),
        layout::HEAP - 1,
        demand::page(0) - 1,
        demand::page(demand::PAGES - 1) + 4096,
    ];
    for guard in guards {
        let mut refused = false;
        let faults = count_faults(|| refused = probe::read(guard).is_err());
        check!(refused && faults == 1, "{guard:#x} is not guarded");
        check!(
            faults::last_cause() == Some(FaultCause::Guard),
            "{guard:#x} is guarded by chance"
        );
    }
    Ok(())
}
