//! A picture drawn in several steps equals a full redraw.

use super::truth::Truth;
use super::*;
use crate::dashboard::actions::{Magnify, Pointing};
use crate::input::keys::{Arrow, Key};
use crate::model::Mappings;
use embedded_graphics::geometry::{OriginDimensions, Point};
use mm::memory_map::MemoryKind;
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

proptest! {
    #![proptest_config(crate::testing::cases(24))]

    #[test]
    fn drawing_changes_equals_a_full_redraw(moves in moves(), stops in vec((1usize..120, proptest::option::of(actions())), 1..8)) {
        let machine = played(&moves);
        let truth = Truth::of(&machine, Mappings::default());
        with_dashboard(|dashboard| {
            let costs = |lost| FrameCosts { nanoseconds: 1000 * lost, lost };
            let pieces = painted(|canvas| {
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
            });
            prop_assert!(!pieces.contains(&UNTOUCHED), "not all of the screen was painted");
            prop_assert_eq!(difference(dashboard, &pieces), None, "is the first pixel that differs");
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(24))]

    /// Address spaces, walks and processes, with each kind of selection.
    #[test]
    fn changes_of_the_paging_board_equal_a_full_redraw(moves in moves(), stops in vec((1usize..60, proptest::option::of(pages())), 1..8)) {
        let machine = played(&moves);
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
            prop_assert_eq!(difference(dashboard, &pieces), None, "is the first pixel that differs");
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(12))]

    /// The changes of a lesson step, or since a bookmark, appear, grow and disappear, at sizes
    /// where the legend has one line an entry, and where it has two.
    #[test]
    fn changes_of_a_step_equal_a_full_redraw(moves in moves(), stops in vec((1usize..60, 0u8..8), 1..12)) {
        let machine = played(&moves);
        for screen in [SCREEN, Size::new(1280, 800), Size::new(1920, 1080)] {
            with_dashboard(|dashboard| {
                dashboard.set_screen(screen).unwrap();
                let (mut events, mut caption) = (machine.events.iter(), 0);
                let pieces = painted_on(screen, |canvas| {
                    for &(count, next) in &stops {
                        if next == 0 && caption < 4 {
                            caption += 1;
                            dashboard.apply(&said(caption));
                        }
                        events.by_ref().take(count).for_each(|event| dashboard.apply(event));
                        for _ in 0..next {
                            dashboard.handle(Action::StepBack);
                        }
                        match next {
                            1 => drop(dashboard.handle(Action::Bookmark)),
                            2 => drop(dashboard.handle(Action::Compare)),
                            _ => {}
                        }
                        dashboard.draw(canvas).unwrap();
                        dashboard.handle(Action::Live);
                        dashboard.draw(canvas).unwrap();
                    }
                });
                dashboard.redraw();
                let whole = painted_on(screen, |canvas| dashboard.draw(canvas).unwrap());
                let mut pixels = pieces.iter().zip(&whole);
                let differs = pixels.position(|(piece, whole)| piece != whole);
                let place = differs.map(|pixel| (pixel as u32 % screen.width, pixel as u32 / screen.width));
                prop_assert_eq!(place, None, "differs first on {}", screen);
                Ok(())
            })?;
        }
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(16))]

    /// The outline and the callout of selected frames move, and leave nothing behind, at all edges
    /// of the map and in each of its modes.
    #[test]
    fn selections_on_the_map_equal_a_full_redraw(
        moves in moves(),
        stops in vec((0usize..40, proptest::option::of((0..FRAMES, 1usize..3000))), 2..10),
        mode in 0usize..4,
    ) {
        let machine = played(&moves);
        for screen in [SCREEN, Size::new(1280, 800)] {
            with_dashboard(|dashboard| {
                dashboard.set_screen(screen).unwrap();
                dashboard.handle(Action::Show(MapMode::ALL[mode]));
                let mut events = machine.events.iter();
                let pieces = painted_on(screen, |canvas| {
                    for &(count, frames) in &stops {
                        events.by_ref().take(count).for_each(|event| dashboard.apply(event));
                        dashboard.select(frames.map(|(first, count)| {
                            let count = count.min(FRAMES - first);
                            Selection::Frames { first, count }
                        }));
                        dashboard.draw(canvas).unwrap();
                    }
                });
                dashboard.redraw();
                let whole = painted_on(screen, |canvas| dashboard.draw(canvas).unwrap());
                let differs = pieces.iter().zip(&whole).position(|(piece, whole)| piece != whole);
                let place = differs.map(|pixel| (pixel as u32 % screen.width, pixel as u32 / screen.width));
                prop_assert_eq!(place, None, "differs first on {}", screen);
                Ok(())
            })?;
        }
    }
}

/// A change of the total changes all shares of it.
#[test]
fn a_new_region_updates_all_shares() {
    let region = |start| {
        event(Payload::FirmwareRegion {
            start: PhysAddr::new(start),
            bytes: 0x20_0000,
            kind: MemoryKind::Usable,
        })
    };
    let used = event(Payload::FrameAllocate {
        first: PhysAddr::new(0),
        frames: 100,
        tag: Tag::USER,
    });
    with_dashboard(|dashboard| {
        let pieces = painted(|canvas| {
            for event in [region(0), used, region(0x40_0000)] {
                dashboard.apply(&event);
                dashboard.draw(canvas).unwrap();
            }
        });
        assert_eq!(difference(dashboard, &pieces), None);
    });
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

/// Returns the first pixel that differs from a full redraw.
fn difference(dashboard: &mut Dashboard, pieces: &[u32]) -> Option<usize> {
    dashboard.redraw();
    let whole = painted(|canvas| dashboard.draw(canvas).unwrap());
    let mut pixels = pieces.iter().zip(&whole);
    pixels.position(|(piece, whole)| piece != whole)
}

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
        1 => Just(Action::NameBookmark),
        2 => Just(Action::Compare),
        1 => Just(Action::Search),
        3 => (0usize..5).prop_map(|key| Action::Type(TYPED[key])),
        1 => Just(Action::NextMatch),
        1 => (0usize..4).prop_map(|mode| Action::Show(MapMode::ALL[mode])),
        2 => pointings().prop_map(Action::Point),
    ]
}

/// Keys for the line of the search.
const TYPED: [Key; 5] = [
    Key::Character('m'),
    Key::Character('a'),
    Key::Backspace,
    Key::Enter,
    Key::Escape,
];

fn pointings() -> impl Strategy<Value = Pointing> {
    let point = || (0..800, 0..600).prop_map(|(x, y)| Point::new(x, y));
    prop_oneof![
        point().prop_map(Pointing::At),
        point().prop_map(Pointing::Click),
        (point(), -3..3).prop_map(|(point, clicks)| Pointing::Wheel(point, clicks)),
    ]
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
