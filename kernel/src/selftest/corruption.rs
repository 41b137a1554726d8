//! Tests of corruption detection: each test makes a heap error, which the kernel must detect,
//! report as the right kind, and survive.

use super::test::{Failure, Outcome, Test, check};
use crate::memory::checks::test_access;
use crate::memory::heap::corruption::{self, Corruption, Report};
use crate::memory::heap::guarded;
use crate::memory::heap::kmalloc::{self, KfreeError, kfree, kmalloc, kmalloc_guarded, krealloc};
use mm::heap::Site;
use mm::heap::corruption::Damage;
use mm::tag::Tag;
use x86_64::VirtAddr;

pub const QUICK: &[Test] = &[
    Test {
        name: "corruption: a write past the end is detected when the block is freed",
        run: out_of_bounds,
    },
    Test {
        name: "corruption: a resized block is guarded as before",
        run: resized,
    },
    Test {
        name: "corruption: a write to what a block lost by krealloc is found",
        run: shrunk,
    },
    Test {
        name: "corruption: an aligned guarded block is checked up to the end of its last page",
        run: aligned_guard,
    },
    Test {
        name: "corruption: a write before the start is detected in the block before",
        run: underflow,
    },
    Test {
        name: "corruption: a write after free is detected, with both call sites",
        run: use_after_free,
    },
    Test {
        name: "corruption: a double free is refused, and its first free is named",
        run: double_free,
    },
    Test {
        name: "corruption: wild frees are refused",
        run: wild_free,
    },
    Test {
        name: "corruption: a guarded block faults past its end, and everywhere after its free",
        run: guard_page,
    },
];

const OWNER: Tag = Tag::KERNEL;

/// Runs `act` and returns the report of the one corruption that the kernel detected meanwhile.
fn detected(act: impl FnOnce() -> Outcome) -> Result<Report, Failure> {
    let before = corruption::count();
    act()?;
    let count = corruption::count() - before;
    check!(count == 1, "{count} corruptions detected, not 1");
    corruption::last().ok_or(Failure::new(format_args!("no report")))
}

/// Writes a byte outside a live allocation, to heap memory that no other code uses.
fn write(address: VirtAddr, value: u8) {
    // SAFETY: the page is mapped; the byte belongs to a redzone or to a block in the quarantine.
    unsafe { address.as_mut_ptr::<u8>().write_volatile(value) };
}

fn out_of_bounds() -> Outcome {
    let address = kmalloc(100, OWNER)?;
    let report = detected(|| {
        write(address + 102_u64, 9);
        Ok(kfree(address)?)
    })?;
    let Corruption::OutOfBounds { allocation, damage } = report.corruption else {
        return Err(Failure::new(format_args!(
            "reported as {:?}",
            report.corruption
        )));
    };
    check!(allocation.address == address, "reported at another address");
    let expected = Damage {
        first: 2,
        found: 9,
        count: 1,
    };
    check!(damage == expected, "{damage:?}");
    check!(allocation.site != Site::UNKNOWN, "no allocating function");
    check!(report.found_by != Site::UNKNOWN, "no freeing function");
    Ok(())
}

fn resized() -> Outcome {
    let address = kmalloc(200, OWNER)?;
    let after = krealloc(address, 100)?;
    let report = detected(|| {
        write(after + 110_u64, 0);
        Ok(kfree(after)?)
    })?;
    let Corruption::OutOfBounds { damage, .. } = report.corruption else {
        return Err(Failure::new(format_args!(
            "reported as {:?}",
            report.corruption
        )));
    };
    let expected = Damage {
        first: 10,
        found: 0,
        count: 1,
    };
    check!(damage == expected, "{damage:?}");
    Ok(())
}

/// Tests a write to the tail that a block lost when it shrank, up to its old end.
fn shrunk() -> Outcome {
    let address = kmalloc(1000, OWNER)?;
    let after = krealloc(address, 100)?;
    let report = detected(|| {
        write(address + 900_u64, 5);
        Ok(kfree(after)?)
    })?;
    let Corruption::OutOfBounds { damage, .. } = report.corruption else {
        return Err(Failure::new(format_args!(
            "reported as {:?}",
            report.corruption
        )));
    };
    check!((damage.first, damage.found) == (800, 5), "{damage:?}");
    Ok(())
}

/// Tests that the bytes between the end of an aligned block and its guard page are checked.
fn aligned_guard() -> Outcome {
    let address = kmalloc_guarded(100, 16, OWNER)?;
    let report = detected(|| {
        write(address + 101_u64, 9);
        Ok(kfree(address)?)
    })?;
    let Corruption::OutOfBounds { damage, .. } = report.corruption else {
        return Err(Failure::new(format_args!(
            "reported as {:?}",
            report.corruption
        )));
    };
    check!((damage.first, damage.found) == (1, 9), "{damage:?}");
    // The slot that was freed first is used first.
    let first = kmalloc_guarded(100, 1, OWNER)?;
    kfree(first)?;
    let second = kmalloc_guarded(100, 1, OWNER)?;
    kfree(second)?;
    check!(first != second, "a slot is used again at once");
    Ok(())
}

fn underflow() -> Outcome {
    // Among this many blocks some are adjacent.
    kmalloc::shrink();
    let blocks = [(); 24].map(|()| kmalloc(100, OWNER));
    let mut previous = VirtAddr::zero();
    let mut neighbours = None;
    for block in &blocks {
        let block = (*block)?;
        if block.as_u64().wrapping_sub(previous.as_u64()) == 128 {
            neighbours = Some((previous, block));
        }
        previous = block;
    }
    let (lower, upper) = neighbours.ok_or(Failure::new(format_args!("no adjacent blocks")))?;
    write(upper - 1_u64, 3);
    let before = corruption::count();
    let found = corruption::sweep();
    let again = corruption::sweep();
    for block in blocks {
        kfree(block?)?;
    }
    check!(found == 1, "a sweep finds {found} corruptions");
    check!(again == 0, "a second sweep finds {again} more");
    check!(
        corruption::count() == before + 1,
        "reported again at the free"
    );
    let Some(Report {
        corruption: Corruption::OutOfBounds { allocation, damage },
        ..
    }) = corruption::last()
    else {
        return Err(Failure::new(format_args!("{:?}", corruption::last())));
    };
    check!(
        allocation.address == lower,
        "reported at {:#x}",
        allocation.address
    );
    check!(damage.first == 27, "{damage:?}");
    Ok(())
}

fn use_after_free() -> Outcome {
    let address = kmalloc(200, OWNER)?;
    let waiting = corruption::waiting();
    kfree(address)?;
    let now = corruption::waiting();
    check!(now == (waiting.0 + 1, waiting.1 + 256), "{now:?} wait");
    // SAFETY: the heap maps the address, and reading changes nothing.
    let seen = unsafe { address.as_ptr::<u8>().read_volatile() };
    check!(seen == mm::heap::corruption::POISON, "{seen:#x} after free");
    let report = detected(|| {
        write(address + 50_u64, 1);
        corruption::empty_quarantine();
        Ok(())
    })?;
    let Corruption::UseAfterFree { freed, damage } = report.corruption else {
        return Err(Failure::new(format_args!(
            "reported as {:?}",
            report.corruption
        )));
    };
    check!(freed.address == address && damage.first == 50, "{damage:?}");
    check!(
        freed.allocated_by != Site::UNKNOWN && freed.freed_by != Site::UNKNOWN,
        "a call site is unknown"
    );
    check!(
        freed.allocated_by != freed.freed_by,
        "both call sites are the same"
    );
    Ok(())
}

fn double_free() -> Outcome {
    let address = kmalloc(300, OWNER)?;
    kfree(address)?;
    let mut answer = Ok(());
    let report = detected(|| {
        answer = kfree(address);
        Ok(())
    })?;
    let Err(KfreeError::DoubleFree { freed_by, .. }) = answer else {
        return Err(Failure::new(format_args!("{answer:?}")));
    };
    let known = matches!(
        report.corruption,
        Corruption::DoubleFree { freed: Some(_), .. }
    );
    check!(known == corruption::is_on(), "{:?}", report.corruption);
    let named = freed_by != Site::UNKNOWN;
    check!(named == corruption::is_on(), "freed first by {freed_by:?}");
    Ok(())
}

fn wild_free() -> Outcome {
    let address = kmalloc(300, OWNER)?;
    let wilds = [address + 64_u64, address + 3_u64, VirtAddr::new(0x1000)];
    for wild in wilds {
        let mut answer = Ok(());
        let report = detected(|| {
            answer = kfree(wild);
            Ok(())
        })?;
        let refused = matches!(answer, Err(KfreeError::Inside { .. } | KfreeError::Wild(_)));
        check!(refused, "{wild:#x}: {answer:?}");
        check!(
            matches!(report.corruption, Corruption::WildFree { .. }),
            "{:?}",
            report.corruption
        );
    }
    Ok(kfree(address)?)
}

fn guard_page() -> Outcome {
    let address = kmalloc_guarded(100, 1, OWNER)?;
    let after_end = address + 100_u64;
    let inside_works = test_access::read(address + 99_u64).is_ok();
    let after_end_faults = test_access::read(after_end).is_err();
    let hit = guarded::hit(after_end).map(|hit| log::info!("guarded: {hit}"));
    kfree(address)?;
    let freed_faults = test_access::read(address).is_err();
    let hit_freed = guarded::hit(address).map(|hit| log::info!("guarded: {hit}"));
    let report = detected(|| {
        check!(kfree(address).is_err(), "a double free passed");
        Ok(())
    })?;
    check!(inside_works, "its last byte faults");
    check!(after_end_faults, "the byte past its end can be read");
    check!(freed_faults, "it can be read after free");
    check!(
        hit.is_some() && hit_freed.is_some(),
        "the fault has no allocation"
    );
    check!(
        matches!(
            report.corruption,
            Corruption::DoubleFree { freed: Some(_), .. }
        ),
        "{report}"
    );
    Ok(())
}
