//! Pictures: what is drawn piece by piece against what is drawn at once, and the machine against the picture.

use super::*;
use crate::canvas::Canvas;
use crate::model::{Cell, Fault, Frame, HeapFrame, Mappings, Region, heap::Granule};
use crate::testing::{HEAP_START, Machine, Move};
use crate::theme::DARK;
use crate::truth::TrueBlock;
use embedded_graphics::geometry::OriginDimensions;
use mm::heat::Level;
use mm::tag::Tag;
use proptest::collection::vec;
use proptest::prelude::*;
use x86_64::VirtAddr;

const FRAMES: usize = 40_000;
const HEAP: usize = 4 << 20;
const SCREEN: Size = Size::new(800, 600);
const CAPTIONS: &[&str] = &[
    "one",
    "two",
    "three",
    "a caption that is so long that it does not fit into its line at all, whatever the screen, and must be cut somewhere",
];

pub(crate) fn with_dashboard<R>(work: impl FnOnce(&mut Dashboard) -> R) -> R {
    let needs = needs(FRAMES, HEAP, SCREEN).unwrap();
    let info = Info {
        captions: CAPTIONS,
        memory: FRAMES as u64 * 4096,
        theme: &DARK,
        name_of: |_| None,
        projector: false,
    };
    let work = |storage| work(&mut Dashboard::new(storage, SCREEN, info).unwrap());
    work(ModelStorage {
        frames: &mut vec![Frame::default(); needs.frames],
        cells: &mut vec![Cell::default(); needs.cells],
        dirty_cells: &mut vec![0; needs.dirty_cells],
        granules: &mut vec![Granule::default(); needs.granules],
        heap_frames: &mut vec![HeapFrame::default(); needs.heap_frames],
        dirty_heap_frames: &mut vec![0; needs.dirty_heap_frames],
        faults: &mut vec![Fault::default(); needs.faults],
        regions: &mut vec![Region::EMPTY; needs.regions],
    })
}

/// Gives a screen full of a colour that no panel has to `work`, and the pixels after it.
fn painted(work: impl FnOnce(&mut Canvas)) -> Vec<u32> {
    let mut pixels = vec![UNTOUCHED; (SCREEN.width * SCREEN.height) as usize];
    let mut marks = vec![0; SCREEN.height as usize];
    work(&mut Canvas::new(&mut pixels, &mut marks, SCREEN).unwrap());
    pixels
}

const UNTOUCHED: u32 = 0x12_fe_34;

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::PlayPause),
        Just(Action::Help),
        Just(Action::Projector),
        Just(Action::NextPanel),
        Just(Action::Back),
        Just(Action::NextPalette),
        (0usize..4).prop_map(|mode| Action::Show(MapMode::ALL[mode])),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    vec(any::<Move>(), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn piece_by_piece_is_as_at_once(moves in moves(), stops in vec((1usize..120, proptest::option::of(actions())), 1..8)) {
        let mut machine = Machine::new(FRAMES, HEAP as u64);
        machine.play(&moves);
        let truth = Truth {
            machine: &machine,
            mappings: Mappings::default(),
            wrong_frame: None,
            wrong_block: None,
        };
        with_dashboard(|dashboard| {
            let costs = |lost| FrameCosts { nanoseconds: 1000 * lost, lost };
            let mut pieces = Vec::new();
            let mut whole = Vec::new();
            pieces.extend(painted(|canvas| {
                let mut events = machine.events.iter();
                for (count, action) in &stops {
                    events.by_ref().take(*count).for_each(|event| dashboard.apply(event));
                    action.map(|action| dashboard.handle(action));
                    if count % 4 == 0 {
                        // The machine is further than the picture: much is hatched.
                        dashboard.verify(&truth, FRAMES, |_| {});
                    }
                    dashboard.tick(*count as u64 * 77_000_000, costs(*count as u64 % 3));
                    dashboard.draw(canvas).unwrap();
                }
            }));
            whole.extend(painted(|canvas| {
                dashboard.redraw();
                dashboard.draw(canvas).unwrap();
            }));
            prop_assert!(!whole.contains(&UNTOUCHED), "not all of the screen was painted");
            prop_assert!(pieces == whole, "first difference at pixel {:?}", pieces.iter().zip(&whole).position(|(a, b)| a != b));
            Ok(())
        })?;
    }
}

/// Shares of the whole change when the whole does.
#[test]
fn more_memory_is_drawn_everywhere() {
    let region = |start: u64| Event {
        time: 0,
        cpu: 0,
        site: 0,
        payload: mm::event::Payload::Region {
            start: x86_64::PhysAddr::new(start),
            bytes: 0x20_0000,
            kind: mm::memory_map::RegionKind::Usable,
        },
    };
    let used = Event {
        payload: mm::event::Payload::FrameAllocate {
            first: x86_64::PhysAddr::new(0),
            frames: 100,
            tag: Tag::USER,
        },
        ..region(0)
    };
    with_dashboard(|dashboard| {
        let pieces = painted(|canvas| {
            for event in [region(0), used, region(0x40_0000)] {
                dashboard.apply(&event);
                dashboard.draw(canvas).unwrap();
            }
        });
        dashboard.redraw();
        assert!(pieces == painted(|canvas| dashboard.draw(canvas).unwrap()));
    });
}

#[test]
fn nothing_is_drawn_outside_its_panel() {
    let mut machine = Machine::new(FRAMES, HEAP as u64);
    machine.play(&[(0, 7, 39), (11, 0, 0), (12, 5, 3), (9, 1, 3), (8, 9, 70)].repeat(40));
    with_dashboard(|dashboard| {
        machine
            .events
            .iter()
            .for_each(|event| dashboard.apply(event));
        let layout = dashboard.layout;
        let Dashboard {
            model,
            styles,
            map,
            statistics,
            header,
            heap,
            faults,
            ..
        } = dashboard;
        let before = Header::default();
        for mode in MapMode::ALL {
            let drawn =
                painted(|canvas| map.draw(canvas, styles, model, mode, Extent::All).unwrap());
            assert_inside(&drawn, layout.frame_map);
        }
        assert_inside(
            &painted(|canvas| statistics.draw(canvas, styles, model, Extent::All).unwrap()),
            layout.statistics,
        );
        assert_inside(
            &painted(|canvas| {
                header
                    .draw(canvas, styles, layout.header, &before, Extent::All)
                    .unwrap();
            }),
            layout.header,
        );
        assert_inside(
            &painted(|canvas| regions::draw(canvas, styles, layout.regions, model).unwrap()),
            layout.regions,
        );
        assert_inside(
            &painted(|canvas| heap.draw(canvas, styles, model, Extent::All).unwrap()),
            layout.heap,
        );
        assert_inside(
            &painted(|canvas| faults.draw(canvas, styles, model, Extent::All).unwrap()),
            layout.faults,
        );
        for words in CAPTIONS {
            let drawn =
                painted(|canvas| caption::draw(canvas, styles, layout.caption, words).unwrap());
            assert_inside(&drawn, layout.caption);
        }
    });
}

/// All of the rectangle was painted, and nothing else.
fn assert_inside(pixels: &[u32], area: Rectangle) {
    for (at, pixel) in pixels.iter().enumerate() {
        let (x, y) = (at as u32 % SCREEN.width, at as u32 / SCREEN.width);
        let point = embedded_graphics::geometry::Point::new(x as i32, y as i32);
        assert_eq!(
            area.contains(point),
            *pixel != UNTOUCHED,
            "at {x}, {y} of {area:?}"
        );
    }
}

#[test]
fn a_quiet_picture_paints_only_the_clock() {
    with_dashboard(|dashboard| {
        painted(|canvas| {
            dashboard.draw(canvas).unwrap();
            canvas.take_damage(|_, _, _| {});
            dashboard.tick(300_000_000, FrameCosts::default());
            dashboard.draw(canvas).unwrap();
            let mut painted = 0;
            canvas.take_damage(|_, _, pixels| painted += pixels.len());
            assert!((1..2000).contains(&painted), "{painted} pixels");
            assert_eq!(canvas.size(), SCREEN);
        });
    });
}

/// The machine of the tests as the truth, with one frame and one block told wrongly if so asked.
struct Truth<'a> {
    machine: &'a Machine,
    mappings: Mappings,
    wrong_frame: Option<usize>,
    wrong_block: Option<u64>,
}

impl GroundTruth for Truth<'_> {
    fn region(&self, number: usize) -> Option<Region> {
        self.machine.regions().get(number).copied()
    }

    fn frame(&self, number: usize) -> Frame {
        let (tag, references) = self.machine.frames[number];
        let heat = self.machine.heat[number];
        match (self.wrong_frame == Some(number), number % 2) {
            (false, _) => Frame::known(tag, references).with_heat(heat),
            (true, 0) => Frame::known(tag | Tag::DEVICE, references + 1).with_heat(heat),
            (true, _) => {
                let other = Level::new(heat.number() ^ 5).expect("seven bits stay seven bits");
                Frame::known(tag, references).with_heat(other)
            }
        }
    }

    fn heap(&self) -> (VirtAddr, u64) {
        (VirtAddr::new(HEAP_START), self.machine.heap_bytes)
    }

    fn heap_block(&self, offset: u64) -> Option<TrueBlock> {
        let (&offset, &(order, live)) = self.machine.blocks.range(..=offset).next_back()?;
        let live = if self.wrong_block == Some(offset) {
            None
        } else {
            live
        };
        Some(TrueBlock {
            offset,
            order,
            live,
        })
    }

    fn mappings(&self) -> Mappings {
        self.mappings
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_difference_is_found_and_nothing_else(moves in moves(), frame in 0..FRAMES) {
        let mut machine = Machine::new(FRAMES, HEAP as u64);
        machine.play(&moves);
        with_dashboard(|dashboard| {
            machine.events.iter().for_each(|event| dashboard.apply(event));
            let mut truth = Truth {
                machine: &machine,
                mappings: dashboard.model.mappings,
                wrong_frame: None,
                wrong_block: None,
            };
            let mut found = Vec::new();
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            prop_assert_eq!(&found, &[]);

            truth.wrong_frame = Some(frame);
            truth.wrong_block = machine.blocks.iter().find(|(_, block)| block.1.is_some()).map(|(&at, _)| at);
            truth.mappings.add_window(mm::paging::WindowPolicy::Guard, 4096);
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            // A live block that is told as free also changes the bytes requested.
            let expected = 2 + 2 * u64::from(truth.wrong_block.is_some());
            prop_assert_eq!((found.len() as u64, dashboard.model.disagreements()), (expected, expected));

            dashboard.rebuild(&truth);
            found.clear();
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            prop_assert_eq!((&found[..], dashboard.model.disagreements()), (&[][..], 0));
            Ok(())
        })?;
    }

    /// Whatever was missed, the picture is that of the machine after rebuilding.
    #[test]
    fn rebuilding_heals_a_loss(moves in moves(), lost in 0usize..300) {
        let mut machine = Machine::new(FRAMES, HEAP as u64);
        machine.play(&moves);
        let mut told = Vec::new();
        let mut all = Vec::new();
        for (lost, into) in [(lost, &mut told), (0, &mut all)] {
            with_dashboard(|dashboard| {
                let kept = machine.events.len() - lost.min(machine.events.len());
                machine.events[..kept].iter().for_each(|event| dashboard.apply(event));
                let truth = Truth {
                    machine: &machine,
                    mappings: Mappings::default(),
                    wrong_frame: None,
                    wrong_block: None,
                };
                dashboard.rebuild(&truth);
                dashboard.handle(Action::Show(MapMode::Tags));
                let model = &dashboard.model;
                into.extend_from_slice(model.cells.all());
                let blocks: Vec<_> = model.heap.blocks().collect();
                assert_eq!(blocks.len(), machine.blocks.len());
            });
        }
        prop_assert!(told == all);
    }
}
