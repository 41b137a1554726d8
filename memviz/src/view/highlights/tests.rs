//! The frames of each kind of selection.

use super::*;
use crate::model::tests::{machine, moves};
use crate::testing::watched::{Watched, with_model};
use crate::timeline::Timeline;
use crate::view::map::View;
use mm::event::Payload;
use mm::frame::Run;
use mm::paging::{Access, TableLevel};
use mm::tag::Tag;
use proptest::prelude::*;
use x86_64::PhysAddr;

proptest! {
    #![proptest_config(crate::testing::cases(32))]

    /// A cell is highlighted if and only if it shows a frame of the selection.
    #[test]
    fn a_cell_is_highlighted_for_its_frames(moves in moves(), shift in 0u32..4, first in 0usize..300, count in 1usize..60) {
        let machine = machine(&moves);
        let view = View { first: 16, shift, cells: 30 };
        with_model(machine.frames.len(), 4 << 20, view, |model| {
            machine.events.iter().for_each(|event| model.apply(event));
            let mut selections = vec![(Selection::Frames { first, count }, first..first + count)];
            for event in &machine.events {
                if let Payload::Map { page: address, .. } = event.payload
                    && let End::Mapped { physical, size, .. } = model.tables.walk(model.space, address).end
                {
                    let frame = (physical.align_down(size.bytes()).as_u64() / FRAME_BYTES) as usize;
                    let space = model.space;
                    selections.push((Selection::Page { space, address }, frame..frame + (size.bytes() / FRAME_BYTES) as usize));
                }
            }
            for (selection, frames) in selections {
                model.changes.cells.accents.clear_marks();
                Highlights::new(Some(selection), None, model).highlight(&model.model, &mut model.changes.cells);
                for cell in 0..view.cells {
                    let shown = view.frames_of(cell);
                    let belongs = shown.start < frames.end && frames.start < shown.end;
                    let is_highlighted = model.changes.cells.accents.marks(cell) == Marks::SELECTED;
                    prop_assert_eq!(is_highlighted, belongs, "cell {} for {:?}", cell, selection);
                }
                prop_assert_eq!(first_frame(selection, model), Some(frames.start));
            }
            Ok(())
        })?;
    }

    /// The ages that the map records while events arrive equal those found in the history.
    #[test]
    fn ages_are_those_of_the_history(moves in moves()) {
        let machine = machine(&moves);
        let view = View { first: 0, shift: 2, cells: 75 };
        with_model(machine.frames.len(), 4 << 20, view, |model| {
            let mut slots = vec![[0; 4]; machine.events.len()];
            let mut evicted = [Fault::default(); 8];
            let mut timeline = Timeline::new(&mut slots, &mut evicted);
            let ages = |model: &Watched| (0..75).map(|cell| model.changes.cells.accents.age(cell)).collect::<Vec<_>>();
            for (number, event) in machine.events.iter().enumerate() {
                timeline.record_and_apply(event, &mut model.model, &mut model.changes);
                if number % 16 == 0 {
                    let kept = ages(model);
                    model.changes.cells.remember_ages(&timeline, machine.frames.len());
                    prop_assert_eq!(kept, ages(model), "after event {}", number);
                }
            }
            prop_assume!(machine.events.len() > 50);
            Ok(())
        })?;
    }
}

/// A memory region, a block as long as a page, a large page of the kernel, the page of a fault.
#[test]
fn things_have_their_frames_and_no_others() {
    let heap = VirtAddr::new(0xffff_c000_0000_0000);
    let large = VirtAddr::new(0xffff_d000_0000_0000);
    let write = Access::WRITE;
    let map = |page: VirtAddr, frame: u64, size| Payload::Map {
        page,
        frame: PhysAddr::new(frame * FRAME_BYTES),
        size,
        access: write,
    };
    let link = |level: TableLevel, base: VirtAddr, table: u64| Payload::TableLink {
        table: PhysAddr::new(table * FRAME_BYTES),
        base: base.align_down(FRAME_BYTES << (9 * level as u64)),
        level,
        access: write,
    };
    let grow = Payload::HeapGrow {
        start: heap,
        bytes: 1 << 20,
    };
    let block = Payload::HeapAllocate {
        block: heap + FRAME_BYTES,
        granules: 1 << 6,
        from: 14,
        requested: 4096,
        owner: Tag::USER,
    };
    let region = Payload::FirmwareRegion {
        start: PhysAddr::new(100 * FRAME_BYTES),
        bytes: 3 * FRAME_BYTES,
        kind: mm::memory_map::MemoryKind::Usable,
    };
    let fault = |address| Payload::FaultBegin {
        address,
        instruction: heap,
        code: mm::paging::ErrorCode::empty(),
        cause: mm::paging::FaultCause::DemandZero,
    };
    use TableLevel::{PageDirectory, PageTable, Pml4, PointerTable};
    let root = Payload::TableLink {
        table: PhysAddr::new(FRAME_BYTES),
        base: VirtAddr::zero(),
        level: Pml4,
        access: write,
    };
    let mut payloads = vec![root, region, grow];
    for (base, table) in [(heap, 10), (large, 20)] {
        payloads.extend([
            link(PointerTable, base, table),
            link(PageDirectory, base, table + 1),
        ]);
    }
    payloads.push(link(PageTable, heap, 12));
    for page in 0..4 {
        payloads.push(map(
            heap + page * FRAME_BYTES,
            40 + 2 * page,
            PageSize::Size4KiB,
        ));
    }
    payloads.extend([map(large, 512, PageSize::Size2MiB), block]);
    payloads.extend([fault(heap), fault(heap + 2 * FRAME_BYTES)]);
    let view = View {
        first: 0,
        shift: 0,
        cells: 1200,
    };
    with_model(1200, 4 << 20, view, |model| {
        for payload in payloads {
            model.apply(&event(payload));
        }
        let mut highlighted = |selection| -> Vec<usize> {
            model.changes.cells.accents.clear_marks();
            Highlights::new(Some(selection), None, model)
                .highlight(&model.model, &mut model.changes.cells);
            (0..1200)
                .filter(|&cell| model.changes.cells.accents.marks(cell) == Marks::SELECTED)
                .collect()
        };
        assert_eq!(highlighted(Selection::FirmwareRegion(0)), [100, 101, 102]);
        assert_eq!(highlighted(Selection::Block(heap + FRAME_BYTES)), [42]);
        assert_eq!(highlighted(Selection::Fault(0)), [40]);
        assert_eq!(highlighted(Selection::Fault(1)), [44]);
        assert_eq!(highlighted(Selection::Fault(2)), [0; 0]);
        let kernel: Vec<_> = [1, 10, 11, 12, 20, 21, 40, 42, 44, 46]
            .into_iter()
            .chain(512..1024)
            .collect();
        assert_eq!(highlighted(Selection::Process(0)), kernel);
    });
}

/// The highlights of pages change with the page tables, and those of a refusal with the frames.
#[test]
fn each_event_that_changes_the_highlights_is_noticed() {
    let page = VirtAddr::new(0xffff_d000_0000_0000);
    let (frame, size, access) = (PhysAddr::new(0x5000), PageSize::Size4KiB, Access::WRITE);
    let (base, level, table) = (VirtAddr::zero(), TableLevel::Pml4, frame);
    let (first, frames, tag) = (frame, 1, Tag::USER);
    let by_tables = [
        Payload::TableLink {
            table,
            base,
            level,
            access,
        },
        Payload::Map {
            page,
            frame,
            size,
            access,
        },
        Payload::Unmap {
            page,
            frame,
            size,
            access,
        },
        Payload::TableUnlink {
            table,
            base,
            level,
            access,
        },
    ];
    let by_frames = [
        Payload::FrameAllocate { first, frames, tag },
        Payload::FrameFree { first, frames, tag },
    ];
    let view = View {
        first: 0,
        shift: 0,
        cells: 16,
    };
    let looked_at = [Selection::Process(0), Selection::Refusal];
    with_model(16, 1 << 20, view, |model| {
        for (payloads, selection) in [&by_tables[..], &by_frames].into_iter().zip(looked_at) {
            for &payload in payloads {
                let before = Highlights::new(Some(selection), None, model);
                model.apply(&event(payload));
                assert_ne!(
                    before,
                    Highlights::new(Some(selection), None, model),
                    "{payload:?}"
                );
            }
        }
    });
}

fn event(payload: Payload) -> mm::event::Event {
    mm::event::Event {
        time: 1,
        cpu: 0,
        site: 0,
        payload,
    }
}

/// The best range for a run and the frames in its way have different marks.
#[test]
fn the_used_frames_of_the_best_range_are_highlighted() {
    let view = View {
        first: 0,
        shift: 0,
        cells: 16,
    };
    with_model(16, 1 << 20, view, |model| {
        let (run, mut used) = (Run::of(4), vec![]);
        let why = WhyNot::examine(run, 16, |frame| match frame % 3 {
            0 => mm::frame::FrameUse::Movable,
            _ => mm::frame::FrameUse::Free,
        });
        for frame in (0..16).step_by(3) {
            let payload = Payload::FrameAllocate {
                first: x86_64::PhysAddr::new(frame * FRAME_BYTES),
                frames: 1,
                tag: mm::tag::Tag::USER,
            };
            model.apply(&event(payload));
            used.push(frame as usize);
        }
        Highlights::new(Some(Selection::Refusal), Some(&why), model)
            .highlight(&model.model, &mut model.changes.cells);
        let place = why.best_range.expect("no frame is unmovable");
        assert_eq!(place.used, 1);
        for cell in 0..16 {
            let marks = model.changes.cells.accents.marks(cell);
            let is_place = (place.first..place.first + 4).contains(&cell);
            assert_eq!(marks.contains(Marks::HAPPENING), is_place);
            assert_eq!(
                marks.contains(Marks::IN_THE_WAY),
                is_place && used.contains(&cell)
            );
        }
    });
}
