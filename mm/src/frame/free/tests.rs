//! Free frames against a list of booleans, in memory that has blocks of many words.

use super::index::BLOCK_ORDERS;
use super::*;
use proptest::prelude::*;

/// More than 512 words, the last of them in part.
const LEN: usize = 64 * if cfg!(miri) { 10 } else { 530 } + 17;
/// The largest order of which two blocks fit.
const LARGEST: usize = LEN.ilog2() as usize - 1;
/// Frames below it are never recent.
const LOW: usize = 64 * 3;

#[derive(Clone, Debug)]
enum Step {
    One,
    Run(usize, usize),
    Free(usize),
    Remove(usize, usize),
    Settle,
}

fn any_step() -> impl Strategy<Value = Step> {
    let frames = prop_oneof![1..4_usize, 1..70_usize, 1..3000_usize];
    prop_oneof![
        4 => Just(Step::One),
        4 => (frames.clone(), 0..2_usize).prop_map(|(frames, more)| Step::Run(frames, more)),
        2 => (0..12_usize, 0..2_usize).prop_map(|(order, more)| Step::Run(1 << order, more)),
        8 => any::<usize>().prop_map(Step::Free),
        1 => (0..LEN, frames).prop_map(|(first, frames)| Step::Remove(first, frames)),
        1 => Just(Step::Settle),
    ]
}

fn take_one(frames: &mut FreeFrames<'_>) -> Option<usize> {
    frames.take_recent().or_else(|| {
        frames.refill(LOW).then_some(())?;
        frames.take_recent()
    })
}

proptest! {
    #![proptest_config(crate::testing::cases(128))]
    #[test]
    fn equal_a_list(steps in prop::collection::vec(any_step(), 1..crate::testing::steps(120))) {
        let mut storage = vec![0; FreeFrames::storage(LEN)];
        let mut frames = FreeFrames::new(&mut storage, LEN);
        frames.insert_new(5, LEN - 5);
        frames.set_listing(Listing::RecentFrom(LOW));
        let mut list = vec![true; LEN];
        list[..5].fill(false);
        let mut live: Vec<(usize, usize)> = vec![];
        for step in steps {
            match step {
                Step::One => {
                    if take_one(&mut frames).is_none() {
                        frames.settle();
                        prop_assert_eq!(take_one(&mut frames), None);
                        prop_assert!(!list[LOW..].contains(&true));
                    } else {
                        let at = (LOW..LEN).find(|&at| list[at] && !frames.contains(at));
                        let at = at.expect("a free frame");
                        list[at] = false;
                        live.push((at, 1));
                    }
                }
                Step::Run(count, more) => {
                    let order = count.next_power_of_two().trailing_zeros() as usize + more;
                    let recent = (count == 1 << order).then(|| frames.take_recent_run(order)).flatten();
                    let found = recent.or_else(|| frames.take_run(order, count, LOW)).or_else(|| {
                        frames.settle();
                        frames.take_run(order, count, LOW)
                    });
                    let is_run = |&first: &usize| list.get(first..first + (1 << order)).is_some_and(|run| !run.contains(&false));
                    match found {
                        Some(first) => {
                            prop_assert!(first.is_multiple_of(1 << order) && first >= LOW);
                            prop_assert!(!list[first..first + count].contains(&false));
                            list[first..first + count].fill(false);
                            live.push((first, count));
                        }
                        None => {
                            let mut blocks = (0..LEN).step_by(1 << order).filter(|&first| first >= LOW);
                            prop_assert!(order > 14 || blocks.find(is_run).is_none(), "order {order}");
                        }
                    }
                }
                Step::Free(which) if !live.is_empty() => {
                    let (first, count) = live.swap_remove(which % live.len());
                    match count {
                        1 => frames.insert_one(first),
                        _ => frames.insert_run(first, count),
                    }
                    list[first..first + count].fill(true);
                }
                Step::Free(_) => {}
                Step::Remove(first, count) => {
                    frames.settle();
                    let first = frames.first_from(first);
                    prop_assert_eq!(first, first.map(|first| (0..=first).rfind(|&at| list[at]).unwrap()));
                    if let Some(first) = first {
                        let end = frames.first_used_from(first).min(first + count);
                        frames.remove(first, end - first);
                        list[first..end].fill(false);
                        live.push((first, end - first));
                    }
                }
                Step::Settle => frames.settle(),
            }
            prop_assert_eq!(frames.validate(), Ok(()));
            prop_assert!((0..LEN).all(|at| frames.contains(at) == list[at]));
        }
        let stretches: usize = frames.stretches().map(|(first, end)| end - first).sum();
        prop_assert_eq!(stretches, list.iter().filter(|&&free| free).count());
        // When all frames are free and listed again, memory is in the largest blocks.
        for (first, count) in live {
            frames.insert_run(first, count);
        }
        frames.settle();
        prop_assert_eq!(frames.take_run(LARGEST, 1 << LARGEST, LOW), Some(1 << LARGEST));
    }
}

/// A range that is larger than the largest block is several of them.
#[test]
fn a_range_is_several_of_the_largest_blocks() {
    const FRAMES: usize = 64 << (BLOCK_ORDERS + 1);
    let mut storage = vec![0; FreeFrames::storage(FRAMES)];
    let mut frames = FreeFrames::new(&mut storage, FRAMES);
    frames.insert_new(0, FRAMES);
    assert_eq!(frames.validate(), Ok(()));
    let order = BLOCK_ORDERS + 5;
    for block in 0..4 {
        let first = frames.take_run(order, 1 << order, 0);
        assert_eq!(first, Some(block << order));
    }
    assert_eq!(frames.take_run(0, 1, 0), None);
}

/// Single frames fill words that are partly used, so that a whole word stays whole.
#[test]
fn single_frames_fill_the_fullest_words() {
    let mut storage = vec![0; FreeFrames::storage(64 * 8)];
    let mut frames = FreeFrames::new(&mut storage, 64 * 8);
    frames.insert_new(0, 64 * 8);
    frames.set_listing(Listing::RecentFrom(0));
    // Word 2 has runs of 4 at most, word 5 only single frames.
    frames.remove(64 * 2, 60);
    (0..32).for_each(|at| frames.remove(64 * 5 + 2 * at, 1));
    let mut taken = || {
        let frame = frames.take_recent();
        frame.or_else(|| frames.refill(0).then(|| frames.take_recent()).flatten())
    };
    for at in 0..32 {
        assert_eq!(taken(), Some(64 * 5 + 2 * at + 1));
    }
    for at in 60..64 {
        assert_eq!(taken(), Some(64 * 2 + at));
    }
}

/// A frame that is freed twice is found although it is recent: its bit says so.
#[test]
fn a_recent_frame_is_free() {
    let mut storage = vec![0; FreeFrames::storage(100)];
    let mut frames = FreeFrames::new(&mut storage, 100);
    frames.insert_new(0, 100);
    frames.remove(7, 1);
    assert!(!frames.contains(7));
    frames.set_listing(Listing::RecentFrom(0));
    frames.insert_one(7);
    assert!(frames.contains(7));
    // Another request gets it, and the entry is skipped.
    frames.remove(7, 1);
    assert_eq!(frames.take_recent(), None);
}

/// A recent run that lost a frame to another request is listed again: its other frames are free.
#[test]
fn the_rest_of_a_broken_recent_run_is_not_lost() {
    let mut storage = vec![0; FreeFrames::storage(64)];
    let mut frames = FreeFrames::new(&mut storage, 64);
    frames.insert_new(0, 64);
    frames.set_listing(Listing::RecentFrom(0));
    frames.remove(8, 56);
    frames.remove(7, 1);
    frames.insert_one(7);
    // Lists the word, so that a run gets frame 7, and its entry stays.
    frames.remove(0, 4);
    assert_eq!(frames.take_run(2, 4, 0), Some(4));
    frames.insert_run(4, 4);
    assert_eq!(frames.take_recent(), Some(7));
    assert_eq!(frames.take_recent_run(2), None);
    assert_eq!(frames.validate(), Ok(()));
    assert_eq!(frames.take_run(1, 2, 0), Some(4));
}
