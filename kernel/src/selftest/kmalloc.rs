//! Tests of the `kmalloc` family: sizes, alignment, zeroing, moving, devices, leaks.

use super::test::{Outcome, Test, broken, check};
use crate::memory::checks::{leaks, test_access};
use crate::memory::heap::corruption;
use crate::memory::heap::dma::physical;
use crate::memory::heap::kernel_heap;
use crate::memory::heap::kmalloc::{
    KfreeError, KmallocError, kcalloc, kfree, kmalloc, kmalloc_aligned, kmalloc_dma,
    kmalloc_guarded, krealloc,
};
use alloc::vec::Vec;
use mm::heap::HeapError;
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

pub const QUICK: &[Test] = &[
    Test {
        name: "kmalloc: every size is zeroed, aligned, recorded and freed",
        run: sizes,
    },
    Test {
        name: "kmalloc: aligned blocks are aligned, up to pages and beyond",
        run: alignment,
    },
    Test {
        name: "kcalloc: an overflow is an error, an array is zeroed",
        run: arrays,
    },
    Test {
        name: "krealloc: content is kept, in place if there is room, else moved",
        run: reallocation,
    },
    Test {
        name: "krealloc: a guarded block stays guarded, a device's run stays below its ceiling",
        run: special_reallocation,
    },
    Test {
        name: "kmalloc_dma: frames are contiguous, below the ceiling, and freed again",
        run: devices,
    },
    Test {
        name: "leaks: allocations since a mark are listed with their call site",
        run: leak,
    },
];

pub const LONG: &[Test] = &[Test {
    name: "kmalloc: 20,000 random requests and resizes keep the content",
    run: churn,
}];

const OWNER: Tag = Tag::KERNEL;

fn fill(address: VirtAddr, bytes: usize, with: u8) {
    // SAFETY: the caller owns an allocation of this many bytes there.
    unsafe { address.as_mut_ptr::<u8>().write_bytes(with, bytes) };
}

fn holds(address: VirtAddr, bytes: usize, value: u8) -> bool {
    // SAFETY: the caller owns an allocation of this many bytes there.
    let bytes = unsafe { core::slice::from_raw_parts(address.as_ptr::<u8>(), bytes) };
    bytes.iter().all(|&byte| byte == value)
}

fn sizes() -> Outcome {
    for bytes in [1, 16, 63, 64, 65, 1000, 1024, 4096, 5000, 70_000, 1 << 20] {
        let address = kmalloc(bytes, OWNER)?;
        let zeroed = holds(address, bytes, 0);
        fill(address, bytes, 0xff);
        let allocation = kernel_heap::lock().live(address)?;
        kfree(address)?;
        check!(zeroed, "{bytes} B are not zeroed");
        check!(address.is_aligned(16_u64), "{address:#x} is not aligned");
        check!(
            allocation.requested == bytes as u64,
            "{} B recorded",
            allocation.requested
        );
        let unused = allocation.bytes - allocation.requested;
        let allowed = (allocation.requested / 8).max(79);
        check!(unused <= allowed, "{unused} B unused for {bytes} B");
    }
    let nothing = kmalloc(0, OWNER);
    let too_much = kmalloc((1 << 20) + 1, OWNER);
    check!(
        nothing == Err(KmallocError::Heap(HeapError::NoBytes)),
        "no bytes: {nothing:?}"
    );
    check!(
        matches!(
            too_much,
            Err(KmallocError::Heap(HeapError::TooLarge { .. }))
        ),
        "too much: {too_much:?}"
    );
    Ok(())
}

fn alignment() -> Outcome {
    for align in (0..=20).map(|shift| 1_usize << shift) {
        let address = kmalloc_aligned(100, align, OWNER)?;
        let aligned = address.is_aligned(align as u64);
        kfree(address)?;
        check!(aligned, "{address:#x} is not aligned to {align}");
    }
    let odd = kmalloc_aligned(100, 48, OWNER);
    let error = KmallocError::Heap(HeapError::Alignment { align: 48 });
    check!(odd == Err(error), "an alignment of 48: {odd:?}");
    Ok(())
}

fn arrays() -> Outcome {
    let (count, size) = (usize::MAX / 8 + 2, 8);
    let overflow = kcalloc(count, size, OWNER);
    check!(
        overflow == Err(KmallocError::Overflow { count, size }),
        "an overflow passed: {overflow:?}"
    );
    let array = kcalloc(100, 12, OWNER)?;
    let zeroed = holds(array, 1200, 0);
    kfree(array)?;
    check!(zeroed, "the array is not zeroed");
    Ok(())
}

fn special_reallocation() -> Outcome {
    const CEILING: u64 = 8 << 20;
    let corruptions = corruption::count();
    let guarded = kmalloc_guarded(5000, 1, OWNER)?;
    fill(guarded, 5000, 7);
    let smaller = krealloc(guarded, 100)?;
    let kept = holds(smaller, 100, 7);
    let is_guarded = test_access::read(smaller + 100_u64).is_err();
    let old_faults = test_access::read(guarded).is_err();
    let larger = krealloc(smaller, 9000)?;
    let grown = holds(larger, 100, 7) && holds(larger + 100_u64, 8900, 0);
    kfree(larger)?;
    let run = kmalloc_dma(5000, PhysAddr::new(CEILING), Tag::DEVICE)?;
    fill(run, 5000, 9);
    let same = krealloc(run, 8000)?;
    let in_place = holds(same, 5000, 9) && holds(same + 5000_u64, 3000, 0);
    let moved = krealloc(same, 20_000)?;
    let content = holds(moved, 5000, 9) && holds(moved + 8000_u64, 12_000, 0);
    let last = physical(moved + 19_999_u64);
    kfree(moved)?;
    check!(kept && grown, "content of the guarded block is lost");
    check!(is_guarded && old_faults, "the guarded block lost its guard");
    check!(same == run && in_place, "the run moved within its pages");
    check!(content, "content of the run is lost");
    check!(
        last.is_some_and(|last| last.as_u64() < CEILING),
        "the run is at {last:?}"
    );
    let found = corruption::count() - corruptions;
    check!(found == 0, "{found} corruptions reported");
    Ok(())
}

fn reallocation() -> Outcome {
    let address = kmalloc(2000, OWNER)?;
    fill(address, 2000, 7);
    let smaller = krealloc(address, 200)?;
    let larger = krealloc(smaller, 1900)?;
    check!(
        (smaller, larger) == (address, address),
        "moved although there was room"
    );
    check!(holds(larger, 200, 7), "content lost in place");
    check!(
        holds(larger + 200_u64, 1700, 0),
        "the new part is not zeroed"
    );
    // A neighbour lies after the trimmed end, so the block cannot grow in place.
    let small = krealloc(larger, 100)?;
    let neighbours: Vec<_> = (0..40).map(|_| kmalloc(60, OWNER)).collect();
    let moved = krealloc(small, 60_000)?;
    let kept = holds(moved, 100, 7) && holds(moved + 100_u64, 59_900, 0);
    kfree(moved)?;
    for neighbour in neighbours {
        kfree(neighbour?)?;
    }
    check!(moved != small, "grown over a neighbour");
    check!(kept, "content lost when moved");
    let gone = krealloc(moved, 10);
    check!(
        matches!(
            gone,
            Err(KmallocError::Resize(KfreeError::DoubleFree { .. }))
        ),
        "a resize after free passed: {gone:?}"
    );
    Ok(())
}

fn devices() -> Outcome {
    let ceiling = PhysAddr::new(16 << 20);
    let buffer = kmalloc_dma(100_000, ceiling, Tag::DEVICE)?;
    let start = physical(buffer);
    let guarded = kmalloc_guarded(70, 1, Tag::DEVICE)?;
    let live = leaks::live();
    let known = |bytes| live.groups.iter().any(|group| group.requested == bytes);
    let known = known(100_000) && known(70);
    kfree(guarded)?;
    let zeroed = holds(buffer, 100_000, 0);
    fill(buffer, 100_000, 1);
    kfree(buffer)?;
    let below = start.is_some_and(|start| start + 100_000 <= ceiling);
    check!(known, "not listed as live");
    check!(below, "{start:?} is not below the ceiling");
    check!(zeroed, "the buffer is not zeroed");
    let wild = kfree(buffer);
    check!(
        matches!(wild, Err(KfreeError::Wild(_))),
        "a double free passed: {wild:?}"
    );
    let impossible = kmalloc_dma(4096, PhysAddr::new(4096), Tag::DEVICE);
    check!(
        matches!(impossible, Err(KmallocError::Frames(_))),
        "below frame 1: {impossible:?}"
    );
    let too_long = kmalloc_dma(1 << 30, ceiling, Tag::DEVICE);
    check!(
        matches!(too_long, Err(KmallocError::RunTooLong { .. })),
        "a run of 1 GiB: {too_long:?}"
    );
    Ok(())
}

/// Allocates memory that the test leaks on purpose: the report names this function.
#[inline(never)]
fn forgetful(bytes: usize) -> Result<VirtAddr, KmallocError> {
    core::hint::black_box(kmalloc(bytes, Tag::CACHE))
}

fn leak() -> Outcome {
    let before = forgetful(500)?;
    leaks::mark();
    let returned = forgetful(500)?;
    kfree(returned)?;
    let leaked = [forgetful(100)?, forgetful(200)?];
    let report = leaks::since_mark();
    report.log();
    kfree(before)?;
    for address in leaked {
        kfree(address)?;
    }
    check!(report.count == 2, "{} leaks, not 2", report.count);
    check!(report.requested == 300, "{} B leaked", report.requested);
    let group = report.groups.first().copied();
    let group = group.ok_or(broken("no call site"))?;
    let place = heapless::format!(100; "{}", crate::memory::heap::sites::SiteName(group.site))?;
    check!(group.count == 2, "{} at the first call site", group.count);
    // Without a symbol table no function has a name.
    check!(
        place.contains("forgetful") || place.starts_with('?'),
        "reported at {place}"
    );
    check!(
        leaks::since_mark().count == 0,
        "a leak is reported after the frees"
    );
    Ok(())
}

fn churn() -> Outcome {
    struct Held {
        address: VirtAddr,
        bytes: usize,
        with: u8,
    }
    let mut random = fastrand::Rng::with_seed(11);
    let mut held = heapless::Vec::<Held, 200>::new();
    for round in 0..20_000 {
        let bytes = 1 << random.u32(0..13);
        let bytes = random.usize(1..=bytes);
        let with = random.u8(1..);
        if !held.is_empty() && (held.is_full() || random.u32(..3) > 0) {
            let one = held.swap_remove(random.usize(..held.len()));
            check!(
                holds(one.address, one.bytes, one.with),
                "round {round}: content lost"
            );
            if random.bool() {
                kfree(one.address)?;
                continue;
            }
            let address = krealloc(one.address, bytes)?;
            let kept = one.bytes.min(bytes);
            check!(
                holds(address, kept, one.with),
                "round {round}: content lost in a resize"
            );
            let new = holds(address + kept as u64, bytes - kept, 0);
            check!(new, "round {round}: the new part is not zeroed");
            fill(address, bytes, with);
            let _ = held.push(Held {
                address,
                bytes,
                with,
            });
        } else {
            let address = kmalloc(bytes, OWNER)?;
            check!(holds(address, bytes, 0), "round {round}: not zeroed");
            fill(address, bytes, with);
            let _ = held.push(Held {
                address,
                bytes,
                with,
            });
        }
        if round % 1000 == 0 {
            kernel_heap::lock().validate().map_err(broken)?;
        }
    }
    for one in held {
        kfree(one.address)?;
    }
    Ok(())
}
