//! Registers, runs and slices, against a naive model.

use super::*;
use crate::tracer::Recorder;
use crate::vocabulary::frames::FRAME_BYTES;
use proptest::collection::vec;
use proptest::prelude::*;

const FRAMES: usize = 200;

fn with_heat<R>(test: impl FnOnce(&mut Heat<'_, &Recorder>, &Recorder) -> R) -> R {
    let (words, entries) = HeatStorage::sizes(FRAMES);
    let (mut bits, mut uses) = (vec![0; words], crate::testing::defaults(entries));
    let storage = HeatStorage {
        bits: &mut bits,
        uses: &mut uses,
    };
    let recorder = Recorder::default();
    test(&mut Heat::new(FRAMES, storage, &recorder), &recorder)
}

fn frame(at: usize) -> PhysFrame {
    PhysFrame::containing_address(address(at))
}

fn levels(heat: &Heat<'_, &Recorder>) -> Vec<u8> {
    let levels = heat.uses.iter().map(FrameUses::level);
    levels.map(Level::number).collect()
}

const ALL: Slice = Slice {
    frames: usize::MAX,
    events: usize::MAX,
};

#[test]
fn one_use_halves_and_constant_use_stays() {
    with_heat(|heat, recorder| {
        heat.faulted(frame(3));
        let mut seen = Vec::new();
        for _ in 0..9 {
            heat.accessed(frame(7), true);
            heat.age(0, ALL);
            seen.push((levels(heat)[3], levels(heat)[7]));
        }
        let once = [64, 32, 16, 8, 4, 2, 1, 0, 0];
        let always = [64, 96, 112, 120, 124, 126, 127, 127, 127];
        assert_eq!(seen, Vec::from_iter(once.into_iter().zip(always)));
        let uses = heat.uses(frame(7)).unwrap();
        assert_eq!((uses.accesses, uses.writes, uses.faults), (9, 9, 0));
        assert_eq!(heat.uses(frame(3)).unwrap().faults, 1);
        assert_eq!(heat.warm_frames(), 1);
        // Frame 7 changed its level eight times, frame 3 seven times. An unchanged level has no
        // event.
        assert_eq!(recorder.0.borrow().len(), 15);
    });
}

#[test]
#[cfg_attr(miri, ignore = "70,000 accesses")]
fn counters_stay_at_their_most() {
    with_heat(|heat, _| {
        heat.accessed(frame(1), true);
        for _ in 0..70_000 {
            heat.faulted(frame(1));
            heat.accessed(frame(1), false);
        }
        let uses = heat.uses(frame(1)).unwrap();
        let counted = (uses.accesses, uses.writes, uses.faults);
        assert_eq!(counted, (u16::MAX, 1, u8::MAX));
    });
}

#[test]
fn a_wrong_register_of_any_frame_is_found() {
    with_heat(|heat, _| {
        heat.faulted(frame(3));
        for at in (0..heat.uses.len()).step_by(if cfg!(miri) { 37 } else { 1 }) {
            let right = heat.uses[at].register;
            heat.uses[at].register = if right == 0 { 1 } else { 0 };
            assert_eq!(heat.validate(), Err(frame(at)));
            heat.uses[at].register = right;
            assert_eq!(heat.validate(), Ok(()));
        }
    });
}

#[test]
fn a_run_is_one_event() {
    with_heat(|heat, recorder| {
        heat.allocated(frame(10), 90);
        assert_eq!(heat.age(0, ALL), None);
        let expected = Payload::FrameHeat {
            first: address(10),
            frames: 90,
            from: Level::COLD,
            to: Level::new_truncate(64),
        };
        assert_eq!(*recorder.0.borrow(), [expected]);
        heat.allocated(frame(FRAMES - 1), 5);
        heat.accessed(frame(FRAMES), false);
        assert_eq!(heat.warm_frames(), 91);
    });
}

proptest! {
    /// Compares the levels with the history of each frame, for any slices.
    #[test]
    fn agrees_with_the_histories(
        periods in vec((vec(0..FRAMES, 0..crate::testing::steps(60)), 1usize..40, 1usize..10), 1..20),
    ) {
        with_heat(|heat, recorder| {
            let mut histories = vec![[false; 7]; FRAMES];
            for (used, frames, events) in periods {
                for &at in &used {
                    heat.accessed(frame(at), false);
                }
                for (at, history) in histories.iter_mut().enumerate() {
                    history.copy_within(0..6, 1);
                    history[0] = used.contains(&at);
                }
                let mut from = Some(0);
                while let Some(at) = from {
                    let before = recorder.0.borrow().len();
                    from = heat.age(at, Slice { frames, events });
                    let recorded = recorder.0.borrow().len() - before;
                    prop_assert!(recorded <= events);
                }
                prop_assert_eq!(heat.validate(), Ok(()));
                let naive: Vec<u8> = histories
                    .iter()
                    .map(|history| history.iter().fold(0, |level, &used| level << 1 | u8::from(used)))
                    .collect();
                prop_assert_eq!(&levels(heat), &naive);
                // The events alone give the same levels.
                let mut picture = vec![0; FRAMES];
                for payload in recorder.0.borrow().iter() {
                    let Payload::FrameHeat { first, frames, from, to } = *payload else {
                        unreachable!("heat records heat events only")
                    };
                    let first = (first.as_u64() / FRAME_BYTES) as usize;
                    for level in &mut picture[first..first + frames as usize] {
                        prop_assert_eq!(*level, from.number());
                        *level = to.number();
                    }
                }
                prop_assert_eq!(&picture, &naive);
            }
            Ok(())
        })?;
    }
}
