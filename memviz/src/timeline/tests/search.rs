//! Searches of the history, and the words of events.

use super::*;

/// Each run of frames: its ends, and the frames next to it.
#[test]
fn an_event_is_about_its_own_frames() {
    let (tag, to) = (mm::tag::Tag::USER, mm::tag::Tag::CACHE);
    let first = x86_64::PhysAddr::new(0x5000);
    let payloads = [
        Payload::FrameAllocate {
            first,
            frames: 3,
            tag,
        },
        Payload::FrameRetag {
            first,
            frames: 3,
            from: tag,
            to,
        },
        Payload::FrameFree {
            first,
            frames: 3,
            tag: to,
        },
    ];
    with_timeline(100, |timeline, model| {
        for (time, payload) in (0..).zip(payloads) {
            timeline.record_and_apply(&event(time, payload), &mut model.model, &mut model.changes);
        }
        let found = [4, 5, 7, 8].map(|frame| timeline.at_frame(frame).count());
        assert_eq!(found, [0, 3, 3, 0]);
        assert_eq!(timeline.at_frame_since(6, 2).count(), 1);
    });
}

#[test]
fn a_refusal_is_found_before_the_cursor() {
    let tag = mm::tag::Tag::DEVICE;
    let refuse = |frames| Payload::FrameRefuse {
        refused: mm::frame::Run::of(frames).into(),
        tag,
    };
    let heat = |number| mm::heat::Level::new(number).unwrap();
    let warm = Payload::FrameHeat {
        first: x86_64::PhysAddr::new(0),
        frames: 1,
        from: heat(0),
        to: heat(9),
    };
    let caption = Payload::Caption {
        number: 1,
        previous: 0,
    };
    with_timeline(100, |timeline, model| {
        let payloads = [refuse(8), warm, caption, refuse(16)];
        for (time, payload) in (0..).zip(payloads) {
            timeline.record_and_apply(&event(time, payload), &mut model.model, &mut model.changes);
        }
        let mut listed = std::vec::Vec::new();
        for place in 0..=4 {
            timeline.move_model_to(place, &mut model.model, &mut model.changes);
            let frames = timeline.last_refusal().map(|run| run.frames);
            listed.push((frames, timeline.ends_with_refusal()));
        }
        let first = Some(8);
        let expected = [
            (None, false),
            (first, true),
            (first, true),
            (first, false),
            (Some(16), true),
        ];
        assert_eq!(listed, expected);
        let back = |most| {
            timeline
                .events_back(most, |_| true)
                .map(|(number, _)| number)
        };
        assert_eq!(back(2).collect::<std::vec::Vec<_>>(), [3, 2]);
        assert_eq!(back(9).count(), 4);
    });
}

#[test]
fn events_in_words() {
    let frame = x86_64::PhysAddr::new(0x1f_3000);
    let tag = mm::tag::Tag::USER;
    let words = |payload: Payload| payload.to_string();
    assert_eq!(
        words(Payload::FrameFree {
            first: frame,
            frames: 1,
            tag
        }),
        "frame free 0x1f3000 user"
    );
    assert_eq!(
        words(Payload::FrameAllocate {
            first: frame,
            frames: 1064,
            tag
        }),
        "frame allocate 0x1f3000 × 1,064 user"
    );
    assert_eq!(
        words(Payload::Map {
            page: x86_64::VirtAddr::new(0x20_0000),
            frame,
            size: mm::paging::PageSize::Size2MiB,
            access: mm::paging::Access::WRITE | mm::paging::Access::USER,
        }),
        "map 0x200000 → 0x1f3000 2 MiB rw- user"
    );
    let (block, requested, owner) = (x86_64::VirtAddr::new(0x4000), 60, tag);
    let allocate = |from| Payload::HeapAllocate {
        block,
        granules: 1,
        from,
        requested,
        owner,
    };
    let free = Payload::HeapFree {
        block,
        granules: 1,
        into: 4,
        requested,
        owner,
    };
    assert_eq!(
        words(allocate(0)),
        "heap allocate 0x4000 64 B for 60 B user"
    );
    assert_eq!(
        words(allocate(4)),
        "heap allocate 0x4000 64 B for 60 B user, split from 1 KiB"
    );
    assert_eq!(
        words(free),
        "heap free 0x4000 64 B for 60 B user, merged to 1 KiB"
    );
}
