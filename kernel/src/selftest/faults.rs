//! Tests of page faults: the kernel resolves those that it can, and reports the others.

use super::test::{Failure, Outcome, Test, check, count_faults, needs};
use crate::interrupts::page_fault;
use crate::machine::cpu::{self, Features};
use crate::machine::segments::FaultStack;
use crate::memory::checks::test_access;
use crate::memory::paging::stacks::{self, Owner};
use crate::memory::paging::user_layout;
use crate::memory::paging::{demand, kernel_space, layout, walk};
use crate::memory::physical::frames;
use crate::process;
use crate::process::programs::Program;
use mm::paging::{Access, FaultCause, PageSize};
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::instructions::tlb;

/// An address that no other code uses.
const SPARE: VirtAddr = VirtAddr::new(layout::DEMAND_ZERO.as_u64() + (2 << 30));

pub const QUICK: &[Test] = &[
    Test {
        name: "faults: a first touch maps a zeroed frame, a second one does not fault",
        run: demand_zero,
    },
    Test {
        name: "faults: a reserved bit in an entry is reported as such",
        run: reserved_bit,
    },
    Test {
        name: "faults: the kernel cannot touch a process's pages",
        run: kernel_does_not_touch,
    },
    Test {
        name: "faults: the kernel cannot run a process's pages",
        run: kernel_does_not_run,
    },
];

/// Tests that need guard pages.
pub const GUARDS: &[Test] = &[Test {
    name: "faults: guard pages of stacks, heap and regions are caught",
    run: guards,
}];

/// Tests that need the fault log.
pub const LOG: &[Test] = &[Test {
    name: "faults: a fault inside a fault's handler is handled, and both are logged",
    run: inside_each_other,
}];

fn inside_each_other() -> Outcome {
    page_fault::provoke_nested();
    demand::touch(5);
    demand::release(5);
    let mut last = heapless::Vec::<(FaultCause, u64, Option<u64>), 2>::new();
    page_fault::log::for_each(|fault| {
        let _ = last.push((fault.cause, fault.number, fault.inside));
    });
    let outer = last.first().map(|fault| (fault.0, fault.2));
    let inner = last.get(1).map(|fault| (fault.0, fault.2));
    let number = last.first().map(|fault| fault.1);
    check!(
        outer == Some((FaultCause::DemandZero, None)),
        "the outer fault is {outer:?}"
    );
    check!(
        inner == Some((FaultCause::Null, number)),
        "the inner fault is {inner:?}"
    );
    Ok(())
}

fn reserved_bit() -> Outcome {
    let bits = cpu::physical_address_bits();
    if bits >= walk::ADDRESS_BITS {
        let why = format_args!("all {bits} bits of an address are in use");
        return Err(Failure::skipped(why));
    }
    let frame = frames::allocate(Tag::KERNEL)?;
    let at = frame.start_address();
    kernel_space::lock()
        .map(SPARE, at, PageSize::Size4KiB, Access::WRITE)?
        .not_cached();
    // SAFETY: the page is this test's; the CPU does not have the bit.
    let restore = unsafe { walk::corrupt_for_test(kernel_space::lock().root(), SPARE) };
    tlb::flush(SPARE);
    let refused = test_access::read(SPARE).is_err();
    let cause = page_fault::last_cause();
    if let Some((entry, value)) = restore {
        // SAFETY: the entry is as it was before.
        unsafe { entry.write_volatile(value) };
    }
    kernel_space::unmap_frames(SPARE, SPARE + 4096);
    check!(restore.is_some(), "the page has no entry");
    check!(
        refused && cause == Some(FaultCause::ReservedBit),
        "the cause was {cause:?}"
    );
    Ok(())
}

fn kernel_does_not_touch() -> Outcome {
    needs(Features::SMAP)?;
    stays_out(|| test_access::read(user_layout::PROGRAM).is_err())
}

fn kernel_does_not_run() -> Outcome {
    needs(Features::SMEP)?;
    // SAFETY: the CPU has SMEP, which refuses the fetch; if it did not, the program's code would
    // run in ring 0, and the test would have found what it looks for.
    stays_out(|| unsafe { test_access::execute(user_layout::PROGRAM) }.is_err())
}

/// Tests that an access by the kernel to a process's page is refused as such.
fn stays_out(refused: impl FnOnce() -> bool) -> Outcome {
    let number = process::spawn(Program::Spin)?;
    let (refused, cause) = process::with_space(number, || (refused(), page_fault::last_cause()));
    process::kill(number);
    check!(
        refused && cause == Some(FaultCause::KernelTouchedUser),
        "refused: {refused}, the cause is {cause:?}"
    );
    Ok(())
}

fn demand_zero() -> Outcome {
    let mut seen = [u64::MAX; 2];
    let first = count_faults(|| seen[0] = demand::touch(3));
    let second = count_faults(|| seen[1] = demand::touch(3));
    demand::release(3);
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
        let faults = count_faults(|| refused = test_access::read(guard).is_err());
        check!(refused && faults == 1, "{guard:#x} is not guarded");
        check!(
            page_fault::last_cause() == Some(FaultCause::Guard),
            "the fault at {guard:#x} has another cause"
        );
    }
    Ok(())
}
