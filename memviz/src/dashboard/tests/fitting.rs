//! Texts on the screen: none is cut, and none touches its neighbour.

use super::*;
use crate::testing::HEAP_START;
use crate::testing::texts::Texts;
use crate::view::board::SLOTS;
use crate::view::figure::Figure;
use crate::view::meter::Figures;
use mm::event::Kind;
use mm::frame::Run;
use mm::heap::strategy::Strategy as HeapStrategy;
use mm::memory_map::MemoryKind;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome, RegionPolicy};
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

const SCREENS: [Size; 5] = [
    Size::new(800, 600),
    Size::new(1024, 768),
    Size::new(1280, 800),
    Size::new(1366, 768),
    Size::new(1920, 1080),
];

/// Operations that give each panel content.
fn moves() -> Vec<Move> {
    let kinds = (0..16u8).flat_map(|kind| (0..40u32).map(move |at| (kind, at * 977, at as u16)));
    kinds.collect()
}

/// The names of the kernel's areas, and a long name of a function.
const NAMES: Names = Names {
    program: &|_| "isolated",
    function: &|address| (address >> 63 > 0).then_some("kernel::memory::test_access::read_byte"),
    counts_instructions: true,
    area: &|address| match AREAS.iter().rev().find(|area| area.0 <= address) {
        Some(area) => area.1,
        None => "mappings",
    },
};
const AREAS: [(u64, &str, u64); 10] = [
    (0xffff_8000_0000_0000, "direct map", 268_300_000),
    (0xffff_c000_0000_0000, "heap", 7 << 20),
    (0xffff_c040_0000_0000, "guarded", 1_100_000),
    (0xffff_c060_0000_0000, "devices", 64 << 30),
    (0xffff_d000_0000_0000, "stacks", 408 << 10),
    (0xffff_e000_0000_0000, "demand-zero", 264 << 10),
    (0xffff_f000_0000_0000, "screen", 3_900_000),
    (0xffff_ffff_8000_0000, "text", 1_300_000),
    (0xffff_ffff_8020_0000, "rodata", 1_100_000),
    (0xffff_ffff_8040_0000, "data", 1_300_000),
];

/// More regions of the firmware, as a PC has them: start, bytes, kind.
const FIRMWARE: [(u64, u64, MemoryKind); 13] = [
    (0x0ffb_3000, 0x25000, MemoryKind::KernelAndModules),
    (0x0ffd_8000, 0x8000, MemoryKind::Usable),
    (0x0ffe_0000, 0x20000, MemoryKind::Reserved),
    (0x8000_0000, 0x6000, MemoryKind::AcpiReclaimable),
    (0x8000_6000, 0x1000, MemoryKind::AcpiNvs),
    (0xf800_0000, 0x3e_8000, MemoryKind::Framebuffer),
    (0xfec0_0000, 0x1000, MemoryKind::Reserved),
    (0xfed1_c000, 0x4000, MemoryKind::Reserved),
    (0xfee0_0000, 0x1000, MemoryKind::Reserved),
    (0xff00_0000, 0x80_0000, MemoryKind::Reserved),
    (0xffc0_0000, 0x40_0000, MemoryKind::Reserved),
    (0xfd_0000_0000, 3 << 32, MemoryKind::Reserved),
    (0x100_0000_0000, 1 << 30, MemoryKind::Bad),
];

/// Regions of the firmware and of the kernel, a refused run, a race, and a fault of each cause.
fn kernel() -> Vec<Payload> {
    let regions = AREAS.map(|(start, _, bytes)| Payload::RegionOpen {
        start: VirtAddr::new(start),
        bytes: bytes / 4096 * 4096,
        policy: RegionPolicy::Fixed,
        owner: Tag::KERNEL,
    });
    let firmware = FIRMWARE.map(|(start, bytes, kind)| Payload::FirmwareRegion {
        start: PhysAddr::new(start),
        bytes,
        kind,
    });
    let run = Run {
        frames: 64,
        align_frames: 16,
        ceiling: Some(PhysAddr::new(0x100_0000)),
    };
    let refused = Payload::FrameRefuse {
        refused: run.into(),
        tag: Tag::DEVICE,
    };
    let arenas = HeapStrategy::RACED
        .iter()
        .zip(1u64..)
        .map(|(&strategy, number)| Payload::ArenaOpen {
            start: VirtAddr::new(0xffff_e800_0000_0000 + (number << 21)),
            chunks: 1,
            workload: 0,
            requests: 0,
            strategy,
        });
    let faults = FaultCause::ALL.iter().zip(FaultOutcome::ALL.iter().cycle());
    let faults = faults.flat_map(|(&cause, &outcome)| {
        let address = VirtAddr::new(0xffff_c040_0008_6f9c);
        [
            Payload::FaultBegin {
                address,
                instruction: VirtAddr::new(0xffff_ffff_8010_0042),
                code: ErrorCode::WRITE | ErrorCode::PROTECTION,
                cause,
            },
            Payload::FaultEnd {
                address,
                nanoseconds: 999_900,
                cause,
                outcome,
            },
        ]
    });
    firmware
        .into_iter()
        .chain(regions)
        .chain([refused])
        .chain(arenas)
        .chain(faults)
        .collect()
}

/// Returns all stages with these selections: each board, all its panels or one alone, and each
/// figure, in and out of projector mode.
fn stages(selections: &[Option<Selection>]) -> Vec<Stage> {
    let mut stages = Vec::new();
    for board in Board::ALL {
        for projector in [false, true] {
            let stage = Stage {
                board,
                projector,
                ..Stage::default()
            };
            stages.extend((0..SLOTS).map(|slot| Stage {
                focus: Some(slot),
                maximised: true,
                ..stage
            }));
            stages.extend(
                selections
                    .iter()
                    .map(|&selection| Stage { selection, ..stage }),
            );
        }
    }
    for figure in Figure::ALL {
        let figures = [false, true].map(|projector| Stage {
            figure: Some(figure),
            projector,
            ..Stage::default()
        });
        stages.extend(figures);
    }
    stages
}

const SELECTIONS: [Option<Selection>; 10] = [
    None,
    Some(Selection::Frames { first: 3, count: 1 }),
    Some(Selection::Frames { first: 3, count: 9 }),
    Some(Selection::Refusal),
    Some(Selection::FirmwareRegion(0)),
    Some(Selection::Process(1)),
    Some(Selection::Fault(3)),
    Some(Selection::Block(VirtAddr::new_truncate(HEAP_START))),
    Some(Selection::Split {
        start: VirtAddr::new_truncate(HEAP_START),
        order: 14,
    }),
    Some(Selection::Page {
        space: 1,
        address: VirtAddr::new_truncate(0x40_0000),
    }),
];

/// Returns the faults of the texts of the next picture.
fn misfits(dashboard: &mut Dashboard) -> Vec<String> {
    let mut texts = Texts::new(dashboard.screen);
    dashboard.redraw();
    let Ok(()) = dashboard.draw(&mut texts);
    // The history lists events in the words of the log, which are cut where they do not fit.
    let is_event = |words: &str| Kind::ALL.iter().any(|kind| words.starts_with(kind.words()));
    let cut = texts.cut().filter(|text| !is_event(&text.words));
    let cut = cut.map(|text| format!("cut: {}", text.words));
    let glued = texts.glued();
    let glued = glued.map(|(left, right)| format!("glued: {}, {}", left.words, right.words));
    let damaged = texts.damaged.iter();
    let damaged = damaged.map(|text| format!("covered in part: {}", text.words));
    cut.chain(glued).chain(damaged).collect()
}

#[test]
fn no_text_is_cut_or_touches_another() {
    let mut found = std::collections::BTreeMap::new();
    for screen in SCREENS {
        with_machine(&moves(), |dashboard, _| {
            (dashboard.screen, dashboard.info.names) = (screen, NAMES);
            for payload in kernel() {
                dashboard.apply(&event(payload));
            }
            dashboard.apply(&said(1));
            dashboard.status.figures = Figures {
                event_rate: 114_300,
                frame_rate: 157,
                frame_nanoseconds: 197_800,
            };
            for stage in stages(&SELECTIONS) {
                dashboard.stage = stage;
                dashboard.arrange();
                let modes = match stage.selection {
                    None => &MapMode::ALL[..],
                    Some(_) => &[MapMode::Tags],
                };
                for &mode in modes {
                    dashboard.mode = mode;
                    for misfit in misfits(dashboard) {
                        found.entry(misfit).or_insert((screen, stage, mode));
                    }
                }
            }
            dashboard.stage = Stage::default();
            dashboard.arrange();
            dashboard.handle(Action::StepBack);
            let mut all = misfits(dashboard);
            dashboard.handle(Action::Lessons);
            all.extend(misfits(dashboard));
            dashboard.handle(Action::Lessons);
            for page in 0..8 {
                dashboard.help = Some(page);
                // An ellipsis stands for a number in the labels of the help.
                let glued = |misfit: &String| misfit.starts_with("glued");
                all.extend(misfits(dashboard).into_iter().filter(glued));
            }
            let stage = Stage::default();
            all.into_iter().for_each(|misfit| {
                found
                    .entry(misfit)
                    .or_insert((screen, stage, MapMode::default()));
            });
        });
    }
    assert!(found.is_empty(), "{found:#?}");
}
