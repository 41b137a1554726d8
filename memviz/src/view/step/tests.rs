//! The balance of a step, compared with a fold over its events from scratch.

use super::*;
use crate::model::Fault;
use crate::testing::captions;
use crate::testing::watched::with_model;
use crate::timeline::EVICTED_FAULTS;
use crate::view::map::View;
use mm::paging::{Access, PageSize};
use mm::tag::Tag;

const VIEW: View = View {
    first: 0,
    shift: 0,
    cells: 64,
};

/// Captions 1 and 2 are question and answer of the first step; 3 is the answer of the second step.
fn caption(number: u32) -> Option<Caption> {
    let (step, part) = match number {
        1 => (1, Part::Question),
        2 => (1, Part::Answer),
        3 => (2, Part::Answer),
        _ => return None,
    };
    Some(captions::caption(step, part))
}

fn events() -> [Payload; 12] {
    let frame = |number: u64| PhysAddr::new(number * 4096);
    let page = VirtAddr::new(0x1000_0000);
    let size = PageSize::Size4KiB;
    let said = |number| Payload::Caption {
        number,
        previous: number - 1,
    };
    let allocate = |number| Payload::FrameAllocate {
        first: frame(number),
        frames: 1,
        tag: Tag::USER,
    };
    let map = |number, access| Payload::Map {
        page,
        frame: frame(number),
        size,
        access,
    };
    let access = Access::USER;
    [
        allocate(1),
        said(1),
        Payload::SpaceSwitch {
            number: 7,
            previous: 0,
        },
        map(1, access),
        Payload::FrameReference {
            frame: frame(1),
            from: 1,
            to: 2,
            tag: Tag::USER,
        },
        said(2),
        allocate(2),
        Payload::Unmap {
            page,
            frame: frame(1),
            size,
            access,
        },
        map(2, access | Access::WRITE),
        Payload::FrameReference {
            frame: frame(1),
            from: 2,
            to: 1,
            tag: Tag::USER,
        },
        said(3),
        allocate(3),
    ]
}

/// Calls `look` with the changes after each move of the cursor.
fn travel(places: &[u64], look: impl FnMut(u64, &StepChanges)) {
    travel_through(&events(), places, look);
}

/// Does the same with these events.
fn travel_through(events: &[Payload], places: &[u64], mut look: impl FnMut(u64, &StepChanges)) {
    let (mut slots, mut evicted) = (vec![[0; 4]; 128], [Fault::default(); EVICTED_FAULTS]);
    with_model(64, 1 << 20, VIEW, |watched| {
        let mut timeline = Timeline::new(&mut slots, &mut evicted);
        for payload in events {
            let event = Event {
                time: 0,
                cpu: 0,
                site: 0,
                payload: *payload,
            };
            timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
        }
        assert_eq!(timeline.first(), 0, "the events contradict each other");
        let mut step = StepChanges::default();
        for &place in places {
            timeline.move_model_to(place, &mut watched.model, &mut watched.changes);
            step.follow(&timeline, &watched.model, None, caption);
            look(place, &step);
        }
    });
}

#[test]
fn a_step_counts_from_its_question_or_from_the_answer_before() {
    let page = VirtAddr::new(0x1000_0000);
    travel(&[2, 5, 6, 11, 12], |place, step| match place {
        2 => assert!(step.is_question && step.frames == 0),
        5 | 6 => {
            assert_eq!((step.frames, step.pages), (0, 1));
            assert_eq!(step.references_before(PhysAddr::new(4096)), Some(1));
            assert!(place == 5 || !step.is_question);
        }
        11 => {
            assert_eq!((step.frames, step.pages), (1, 0));
            // The owners are in the order of their bits: the fifth is a process.
            assert_eq!(step.owners, [0, 0, 0, 0, 1, 0, 0, 0]);
            assert_eq!(step.frame_before(7, page), Some(PhysAddr::new(4096)));
            assert_eq!(step.references_before(PhysAddr::new(4096)), Some(2));
        }
        _ => assert_eq!(step.frames, 2),
    });
}

/// Travel back and forth shows the same as a first look at each position.
#[test]
fn the_way_to_a_place_does_not_matter() {
    let mut fresh = std::vec::Vec::new();
    for place in 1..=12 {
        travel(&[place], |_, step| fresh.push(step.clone()));
    }
    let way = [
        12, 3, 4, 11, 2, 9, 10, 12, 1, 5, 6, 7, 8, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
    ];
    travel(&way, |place, step| {
        assert_eq!(*step, fresh[place as usize - 1], "at {place}");
    });
}

/// Event by event back from a step whose lists are full.
#[test]
fn full_lists_keep_the_first_changes_on_the_way_back() {
    let said = Payload::Caption {
        number: 1,
        previous: 0,
    };
    let pages = (0..KEPT as u64 + 9).flat_map(|number| {
        let page = VirtAddr::new(0x1000_0000 + number * 4096);
        let frame = PhysAddr::new(number * 4096);
        let size = PageSize::Size4KiB;
        let (from, to) = (Access::WRITE, Access::empty());
        let mapped = Payload::Map {
            page,
            frame,
            size,
            access: from,
        };
        let protected = Payload::Protect {
            page,
            size,
            from,
            to,
        };
        [mapped, protected]
    });
    let frames = Payload::FrameAllocate {
        first: PhysAddr::new(0),
        frames: 64,
        tag: Tag::USER,
    };
    let all: std::vec::Vec<_> = [said, frames].into_iter().chain(pages).take(80).collect();
    let mut fresh = std::vec::Vec::new();
    for place in 1..=80 {
        travel_through(&all, &[place], |_, step| fresh.push(step.clone()));
    }
    let back: std::vec::Vec<u64> = (1..=80).rev().collect();
    travel_through(&all, &back, |place, step| {
        assert_eq!(*step, fresh[place as usize - 1], "at {place}");
    });
}

/// Since a bookmark in an earlier step, and then in the step again.
#[test]
fn the_start_can_be_a_bookmark() {
    let (mut slots, mut evicted) = (vec![[0; 4]; 128], [Fault::default(); EVICTED_FAULTS]);
    with_model(64, 1 << 20, VIEW, |watched| {
        let mut timeline = Timeline::new(&mut slots, &mut evicted);
        for payload in events() {
            let event = Event {
                time: 0,
                cpu: 0,
                site: 0,
                payload,
            };
            timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
        }
        let mut step = StepChanges::default();
        let mut frames = |bookmark| {
            step.follow(&timeline, &watched.model, bookmark, caption);
            (step.frames, step.is_since_bookmark(), step.words())
        };
        let all = timeline.cursor();
        let in_step = frames(None);
        assert_eq!(in_step, (2, false, "This step"));
        assert_eq!(frames(Some(0)).0, 3);
        assert_eq!(frames(Some(all - 1)), (1, true, "Since the bookmark"));
        assert_eq!(frames(None), in_step);
    });
}
