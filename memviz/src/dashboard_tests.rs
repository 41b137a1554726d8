//! Pictures: what is drawn piece by piece against what is drawn at once, and the machine against the picture.

use super::panels::Scene;
use super::*;
use crate::canvas::Canvas;
use crate::caption::{LessonEntry, Part, Words};
use crate::input::{Action, Arrow, Magnify, Pointing};
use crate::model::{
    Accent, Cell, Changed, Entry, Fault, Frame, HeapFrame, Mappings, Place, Process, Region,
    Subtotal, heap::Granule,
};
use crate::panels::caption::Offer;
use crate::panels::frame_map::grid::Zoom;
use crate::panels::{Extent, caption};
use crate::selection::Selection;
use crate::testing::{HEAP_START, Machine, Move};
use crate::theme::DARK;
use crate::timeline::GHOST_FAULTS;
use crate::truth::TrueBlock;
use embedded_graphics::geometry::OriginDimensions;
use mm::heat::Level;
use mm::paging::{Access, Window};
use mm::tag::Tag;
use proptest::collection::vec;
use proptest::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};
use x86_64::VirtAddr;

const FRAMES: usize = 40_000;
const HEAP: usize = 4 << 20;
const HISTORY: usize = 400;
const SCREEN: Size = Size::new(800, 600);
const CAPTIONS: &[&str] = &[
    "one",
    "two",
    "three",
    "a caption that is so long that it does not fit into its line at all, whatever the screen, and must be cut somewhere",
];

/// The captions by number, from 1 on: each is a step of a lesson.
fn caption(number: u32) -> Option<Caption> {
    let at = number.checked_sub(1)? as usize;
    Some(Caption {
        lesson: "count",
        title: "Counting",
        step: at as u8 + 1,
        steps: CAPTIONS.len() as u8,
        part: if at == 2 {
            Part::Question
        } else {
            Part::Answer
        },
        words: Words::try_from(*CAPTIONS.get(at)?).ok()?,
        board: if at == 2 {
            Board::Heap
        } else {
            Board::Overview
        },
        selection: (at == 1).then_some(Selection::Frames {
            first: 300,
            count: 2,
        }),
        zoom: (at == 3).then_some(Zoom {
            level: 2,
            middle: 9000,
        }),
        mode: if at == 1 {
            MapMode::Heat
        } else {
            MapMode::Tags
        },
    })
}

fn lessons(at: usize) -> Option<LessonEntry> {
    let entry = |name, title| LessonEntry {
        name,
        title,
        steps: 4,
    };
    [entry("count", "Counting"), entry("add", "Adding")]
        .get(at)
        .copied()
}

pub(crate) fn with_dashboard<R>(work: impl FnOnce(&mut Dashboard) -> R) -> R {
    let needs = needs(FRAMES, HEAP, SCREEN).unwrap();
    let info = Info {
        caption,
        lessons,
        memory: FRAMES as u64 * 4096,
        theme: &DARK,
        name_of: |_| None,
        names: Names {
            program: |number| ["touch", "fork", "chaos"][usize::from(number) % 3],
            area: |address| match address {
                ..0x1000_0000 => "program",
                0x1000_0000..0x8000_0000_0000 => "stack",
                _ => "kernel",
            },
        },
        projector: false,
        classroom: false,
    };
    let (mut slots, mut ghosts) = (vec![[0; 4]; HISTORY], [Fault::default(); GHOST_FAULTS]);
    let timeline = Timeline::new(&mut slots, &mut ghosts);
    let work = |storage| work(&mut Dashboard::new(storage, timeline, SCREEN, info).unwrap());
    work(ModelStorage {
        frames: &mut vec![Frame::default(); needs.frames],
        cells: &mut vec![Cell::default(); needs.cells],
        accents: &mut vec![Accent::default(); needs.accents],
        dirty_cells: &mut vec![0; needs.dirty_cells],
        subtotals: &mut vec![Subtotal::default(); needs.subtotals],
        granules: &mut vec![Granule::default(); needs.granules],
        heap_frames: &mut vec![HeapFrame::default(); needs.heap_frames],
        dirty_heap_frames: &mut vec![0; needs.dirty_heap_frames],
        arena_blocks: &mut vec![Default::default(); needs.arena_blocks],
        samples: &mut vec![Default::default(); needs.samples],
        faults: &mut vec![Fault::default(); needs.faults],
        regions: &mut vec![Region::EMPTY; needs.regions],
        tables: &mut vec![Default::default(); needs.tables],
        windows: &mut vec![Default::default(); needs.windows],
        processes: &mut vec![Default::default(); needs.processes],
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

const ARROWS: [Arrow; 4] = [Arrow::Left, Arrow::Right, Arrow::Up, Arrow::Down];

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => Just(Action::PlayPause),
        1 => Just(Action::Help),
        1 => Just(Action::Projector),
        3 => Just(Action::NextPanel),
        1 => Just(Action::Maximise),
        1 => (0..Board::ALL.len()).prop_map(|board| Action::ShowBoard(Board::ALL[board])),
        3 => (0usize..4).prop_map(|arrow| Action::Move(ARROWS[arrow])),
        3 => Just(Action::Zoom(Magnify::Nearer)),
        1 => Just(Action::Zoom(Magnify::Farther)),
        1 => Just(Action::Zoom(Magnify::Whole)),
        2 => Just(Action::WhyNot),
        1 => Just(Action::Back),
        1 => Just(Action::NextPalette),
        1 => Just(Action::StepBack),
        1 => Just(Action::Step),
        1 => Just(Action::PreviousStep),
        1 => Just(Action::NextStep),
        1 => Just(Action::First),
        1 => Just(Action::Live),
        1 => Just(Action::Bookmark),
        1 => Just(Action::NextBookmark),
        1 => (0usize..4).prop_map(|mode| Action::Show(MapMode::ALL[mode])),
        2 => pointings().prop_map(Action::Point),
    ]
}

fn pointings() -> impl Strategy<Value = Pointing> {
    let point = || (0..800, 0..600).prop_map(|(x, y)| Point::new(x, y));
    prop_oneof![
        point().prop_map(Pointing::At),
        point().prop_map(Pointing::Click),
        (point(), -3..3).prop_map(|(point, clicks)| Pointing::Wheel(point, clicks)),
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
            wrong_entry: None,
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Back and forth, drawn step by step: the very picture, at every place on the way and at the end. Only the graphs mark
    /// where one is.
    #[test]
    fn the_past_looks_as_it_did(moves in vec(any::<Move>(), 100..200), mode in 0usize..4, board in prop::sample::select(vec![0usize, 1, 2, 4]), keys in vec(travels(), 1..30)) {
        let mut machine = Machine::new(FRAMES, HEAP as u64);
        machine.play(&moves);
        with_dashboard(|dashboard| {
            dashboard.handle(Action::Show(MapMode::ALL[mode]));
            dashboard.handle(Action::ShowBoard(Board::ALL[board]));
            let mut wrong = None;
            painted(|canvas| {
                dashboard.handle(Action::PlayPause);
                let mut pictures = Vec::new();
                for event in &machine.events {
                    dashboard.apply(event);
                    // What is read in the header must not tell when it was drawn.
                    without_clock(dashboard, canvas);
                    pictures.push(pixels_below_header(dashboard, canvas));
                }
                for key in keys {
                    dashboard.handle(key);
                    without_clock(dashboard, canvas);
                    let cursor = dashboard.timeline.cursor() as usize;
                    let Some(expected) = cursor.checked_sub(1).map(|at| &pictures[at]) else { continue };
                    if *expected != pixels_below_header(dashboard, canvas) {
                        wrong = Some((key, cursor));
                    }
                }
            });
            prop_assert_eq!(wrong, None);
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Spaces, walks and processes, whatever is selected.
    #[test]
    fn the_board_of_pages_is_drawn_in_pieces(moves in moves(), stops in vec((1usize..60, proptest::option::of(pages())), 1..8)) {
        let mut machine = Machine::new(FRAMES, HEAP as u64);
        machine.play(&moves);
        with_dashboard(|dashboard| {
            dashboard.handle(Action::ShowBoard(Board::Paging));
            let pieces = painted(|canvas| {
                let mut events = machine.events.iter();
                for (count, selection) in &stops {
                    events.by_ref().take(*count).for_each(|event| dashboard.apply(event));
                    dashboard.select(*selection);
                    dashboard.draw(canvas).unwrap();
                }
            });
            dashboard.redraw();
            let whole = painted(|canvas| dashboard.draw(canvas).unwrap());
            prop_assert!(pieces == whole, "first difference at pixel {:?}", pieces.iter().zip(&whole).position(|(a, b)| a != b));
            Ok(())
        })?;
    }
}

fn pages() -> impl Strategy<Value = Selection> {
    prop_oneof![
        (0u32..4, 0u64..12).prop_map(|(space, page)| Selection::Page {
            space,
            address: VirtAddr::new(0x40_0000 + page * 4096),
        }),
        (0u32..4).prop_map(Selection::Process),
        (0u64..4).prop_map(Selection::Fault),
        (0usize..50).prop_map(|first| Selection::Frames { first, count: 1 }),
    ]
}

fn travels() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => Just(Action::StepBack),
        2 => Just(Action::Step),
        1 => Just(Action::PreviousStep),
        1 => Just(Action::NextStep),
        1 => Just(Action::First),
        1 => Just(Action::Live),
    ]
}

fn without_clock(dashboard: &mut Dashboard, canvas: &mut Canvas) {
    dashboard.tick(0, FrameCosts::default());
    dashboard.draw(canvas).unwrap();
}

/// All panels between the header and the timeline, and the caption's words, as a number. The line of keys above the words tells
/// in the past how to come back.
fn pixels_below_header(dashboard: &Dashboard, canvas: &Canvas) -> u64 {
    let layout = dashboard.layout();
    let rows = |area: Rectangle| area.rows().start as usize..area.rows().end as usize;
    let (header, bar) = (rows(layout.header), rows(layout.timeline));
    let styles = &dashboard.styles;
    let keys = (styles.text.font.cell().height + styles.unit()) as usize;
    let rows = (header.end..bar.start).chain(bar.end + keys..SCREEN.height as usize);
    let mut hasher = DefaultHasher::new();
    rows.for_each(|y| canvas.row(y).hash(&mut hasher));
    hasher.finish()
}

/// A caption, a tenth of a second after the one before.
fn said(number: u32) -> Event {
    Event {
        time: u64::from(number) * 100_000_000,
        cpu: 0,
        site: 0,
        payload: mm::event::Payload::Caption {
            number,
            previous: number - 1,
        },
    }
}

/// What has happened happens again: as fast as it did, and then the present goes on.
#[test]
fn a_replay_runs_into_the_present() {
    with_dashboard(|dashboard| {
        (1..=10).for_each(|number| dashboard.apply(&said(number)));
        let mut now = 5_000_000_000;
        dashboard.tick(now, FrameCosts::default());
        for _ in 0..7 {
            dashboard.handle(Action::StepBack);
        }
        assert!(dashboard.is_paused());
        assert_eq!(
            (dashboard.model.caption, dashboard.timeline.behind()),
            (3, 7)
        );
        dashboard.tick(now, FrameCosts::default());
        assert_eq!(dashboard.header.time, 300_000_000);
        dashboard.handle(Action::PlayPause);
        let mut shown = Vec::new();
        for _ in 0..16 {
            now += 50_000_000;
            dashboard.tick(now, FrameCosts::default());
            shown.push(dashboard.model.caption);
        }
        assert_eq!(shown, [3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 10]);
        assert!(!dashboard.is_paused());
        assert_eq!(dashboard.header.time, now);
    });
}

#[test]
fn keys_in_the_present_are_for_the_workload() {
    with_dashboard(|dashboard| {
        assert_eq!(dashboard.handle(Action::Step), Some(Request::Step));
        assert_eq!(dashboard.handle(Action::NextStep), Some(Request::NextStep));
        assert_eq!(dashboard.handle(Action::Live), None);
        // Nothing is in the past yet, so nobody has gone there.
        assert_eq!(dashboard.handle(Action::StepBack), None);
        assert!(!dashboard.is_paused());
    });
}

/// Keys that are told can be clicked, so none that the shell would get is told.
#[test]
fn no_key_of_the_dashboard_is_told_over_the_shell() {
    let told = |dashboard: &mut Dashboard| {
        painted(|canvas| dashboard.draw(canvas).unwrap());
        let area = dashboard.layout.caption;
        let line = (0..area.size.width).map(|x| area.top_left + Size::new(x, 8));
        let mut actions: Vec<_> = line
            .filter_map(|point| {
                caption::key_at(&dashboard.styles, area, dashboard.drawn_offer, point)
            })
            .collect();
        actions.dedup();
        actions
    };
    with_dashboard(|dashboard| {
        assert_eq!(told(dashboard), ["space", "l", "?", "q"]);
        dashboard.set_shell(true);
        assert_eq!(told(dashboard), [""; 0]);
        dashboard.set_shell(false);
        dashboard.apply(&said(1));
        dashboard.handle(Action::StepBack);
        assert_eq!(told(dashboard), ["space", "l", "?", "end"]);
        dashboard.handle(Action::Live);
        assert_eq!(told(dashboard), ["space", "l", "?", "q"]);
    });
}

/// The kernel's own image is free in the bitmap's eyes, but nobody can have it.
#[test]
fn a_frame_that_nobody_hands_out_is_not_free() {
    use crate::panels::detail::Holder;
    use mm::memory_map::RegionKind::{KernelAndModules, Usable};
    let region = |start: u64, kind| Event {
        time: 0,
        cpu: 0,
        site: 0,
        payload: mm::event::Payload::Region {
            start: x86_64::PhysAddr::new(start),
            bytes: 0x2000,
            kind,
        },
    };
    let used = Event {
        payload: mm::event::Payload::FrameAllocate {
            first: x86_64::PhysAddr::new(0),
            frames: 1,
            tag: Tag::USER,
        },
        ..region(0, Usable)
    };
    with_dashboard(|dashboard| {
        for event in [region(0, Usable), region(0x2000, KernelAndModules), used] {
            dashboard.apply(&event);
        }
        let holders = [0, 1, 2, 4, FRAMES].map(|number| Holder::of(&dashboard.model, number));
        let expected = [
            Holder::Owner(Tag::USER),
            Holder::Free,
            Holder::Kept(Some(KernelAndModules)),
            Holder::Kept(None),
            Holder::Unknown,
        ];
        assert_eq!(holders, expected);
    });
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
            header,
            bar,
            timeline,
            samples,
            info,
            ..
        } = dashboard;
        let before = Header::default();
        assert_inside(
            &painted(|canvas| {
                header
                    .draw(canvas, styles, layout.header, &before, Extent::All)
                    .unwrap();
            }),
            layout.header,
        );
        let mut bar = |canvas: &mut Canvas| bar.draw(canvas, styles, timeline, true, Extent::All);
        assert_inside(&painted(|canvas| bar(canvas).unwrap()), layout.timeline);
        // Each panel of each board alone, as it stands there.
        let selections = [
            None,
            Some(Selection::Frames {
                first: 40,
                count: 8,
            }),
            Some(Selection::Page {
                space: 1,
                address: VirtAddr::new(0x40_0000),
            }),
        ];
        for (board, selection) in Board::ALL
            .into_iter()
            .flat_map(|board| selections.map(|selection| (board, selection)))
        {
            for mode in MapMode::ALL {
                let stage = Stage {
                    board,
                    selection,
                    ..Stage::default()
                };
                let mut panels = Panels::new(&stage, &layout, styles, FRAMES, info);
                model.set_view(panels.map.grid().view);
                let all: Vec<_> = panels.shown().collect();
                for (panel, area) in all {
                    let drawn = painted(|canvas| {
                        let mut scene = Scene {
                            styles,
                            model,
                            timeline,
                            samples,
                            mode,
                            selection,
                            why_not: None,
                            changed: Changed::ALL,
                            extent: Extent::All,
                        };
                        panels.draw_panel(canvas, &mut scene, panel, area).unwrap();
                    });
                    assert_inside(&drawn, area);
                }
            }
        }
        for number in 0..=CAPTIONS.len() {
            let words = caption(number as u32);
            let drawn = painted(|canvas| {
                caption::draw(
                    canvas,
                    styles,
                    layout.caption,
                    words.as_ref(),
                    Offer::Dashboard {
                        space: "go on",
                        is_past: true,
                    },
                )
                .unwrap();
            });
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
    wrong_entry: Option<Place>,
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

    fn entries(
        &self,
        from: Place,
        most: usize,
        visit: &mut dyn FnMut(Place, Entry),
    ) -> Option<Place> {
        let mut rest = self.machine.entries.range(from..);
        for (&place, &entry) in rest.by_ref().take(most) {
            visit(place, self.entry_told(place, entry));
        }
        rest.next().map(|(&place, _)| place)
    }

    fn entry(&self, place: Place) -> Option<Entry> {
        let entry = *self.machine.entries.get(&place)?;
        Some(self.entry_told(place, entry))
    }

    fn windows(&self, visit: &mut dyn FnMut(u32, &Window)) {
        for (&(space, _), window) in &self.machine.windows {
            visit(space, window);
        }
    }

    fn processes(&self, visit: &mut dyn FnMut(&Process)) {
        self.machine.processes.iter().for_each(visit);
    }

    fn space(&self) -> u32 {
        self.machine.space
    }
}

impl Truth<'_> {
    fn entry_told(&self, place: Place, entry: Entry) -> Entry {
        match self.wrong_entry == Some(place) {
            true => Entry {
                access: entry.access ^ Access::WRITE,
                ..entry
            },
            false => entry,
        }
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
                wrong_entry: None,
            };
            let mut found = Vec::new();
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            prop_assert_eq!(&found, &[]);

            truth.wrong_frame = Some(frame);
            truth.wrong_block = machine.blocks.iter().find(|(_, block)| block.1.is_some()).map(|(&at, _)| at);
            truth.mappings.add_window(mm::paging::WindowPolicy::Guard, 4096);
            truth.wrong_entry = machine.entries.last_key_value().map(|(&place, _)| place);
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            // A live block that is told as free also changes the bytes requested.
            let expected = 3 + 2 * u64::from(truth.wrong_block.is_some());
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
                    wrong_entry: None,
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

/// What the mouse does is where the picture says.
#[test]
fn a_click_on_the_history_goes_there() {
    let mut machine = Machine::new(FRAMES, HEAP as u64);
    machine.play(&[(0, 5, 9); 300]);
    with_dashboard(|dashboard| {
        for event in &machine.events {
            dashboard.apply(event);
        }
        painted(|canvas| dashboard.draw(canvas).unwrap());
        let bar = dashboard.layout().timeline;
        let at = bar.top_left + Size::new(20, bar.size.height / 2);
        dashboard.handle(Action::Point(Pointing::At(at)));
        dashboard.handle(Action::Point(Pointing::Click(at)));
        let cursor = dashboard.timeline().cursor();
        assert!(cursor < dashboard.timeline().end() / 10, "{cursor}");
        dashboard.handle(Action::Point(Pointing::Wheel(at, 1)));
        assert_eq!(dashboard.timeline().cursor(), cursor + 1);
    });
}
