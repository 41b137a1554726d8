//! The ring against a plain list, with producers cut off in the middle, and with real threads.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use x86_64::PhysAddr;

fn payload(number: u64) -> Payload {
    Payload::FrameAllocate {
        first: PhysAddr::new(number * 4096),
        frames: number,
        tag: crate::tag::Tag::USER,
    }
}

/// Pushes an event with this number; `in_slot` runs while the producer is in its slot.
pub(super) fn push<const N: usize, P: Producers>(
    ring: &Ring<N, P>,
    number: u64,
    in_slot: impl FnOnce(),
) {
    let origin = Origin::new(number as u8, number as u32);
    let time = || {
        in_slot();
        number
    };
    ring.push(time, origin, payload(number));
}

/// Returns the number of an event, after a check that all its parts come from the same push.
fn number(event: &Event) -> u64 {
    let number = event.time;
    let whole = Event {
        time: number,
        cpu: number as u8,
        site: number as u32,
        payload: payload(number),
    };
    assert_eq!(*event, whole, "a torn event");
    number
}

pub(super) fn drain<const N: usize, P: Producers>(reader: &mut Reader<'_, N, P>) -> Vec<u64> {
    core::iter::from_fn(|| reader.pop().as_ref().map(number)).collect()
}

proptest! {
    #![proptest_config(crate::testing::cases(256))]

    #[test]
    fn delivers_the_newest_and_counts_the_rest(bursts in prop::collection::vec(0..40_u64, 1..12)) {
        let ring = Ring::<16>::new();
        let mut reader = ring.reader();
        let (mut pushed, mut lost) = (0, 0);
        for burst in bursts {
            for number in pushed..pushed + burst {
                push(&ring, number, || ());
            }
            let first = pushed + burst.saturating_sub(16);
            lost += first - pushed;
            pushed += burst;
            prop_assert_eq!(reader.pending(), burst);
            prop_assert_eq!(drain(&mut reader), (first..pushed).collect::<Vec<_>>());
            prop_assert_eq!(reader.lost(), lost);
            prop_assert_eq!(ring.total(Kind::FrameAllocate), pushed);
            prop_assert_eq!(ring.recorded(), pushed);
        }
    }
}

/// Everything a push does up to the first word: what an interrupt in the middle leaves behind.
fn begin_only<const N: usize>(ring: &Ring<N>) -> u64 {
    let claim = ring.head.fetch_add(1, Ordering::Relaxed);
    let (slot, round) = ring.slot(claim);
    assert!(slot.begin::<Threads>(round));
    claim
}

#[test]
fn a_producer_lapped_in_the_middle_of_a_slot_keeps_it_and_the_newer_event_is_lost() {
    let ring = Ring::<4>::new();
    let mut reader = ring.reader();
    let claim = begin_only(&ring);
    (1..6).for_each(|number| push(&ring, number, || ()));
    let (slot, round) = ring.slot(claim);
    assert_eq!(slot.sequence.load(Ordering::Relaxed), round + 1);
    let event = Event {
        time: 0,
        cpu: 0,
        site: 0,
        payload: payload(0),
    };
    slot.write(event.to_words());
    slot.publish(round, 4);
    // Claims 0 and 1 were passed by the head. Claim 4 found slot 0 taken and gave up: the reader
    // stays there until the ring has gone round again.
    assert_eq!(drain(&mut reader), [2, 3]);
    assert_eq!(reader.lost(), 2);
    (6..9).for_each(|number| push(&ring, number, || ()));
    assert_eq!(drain(&mut reader), [5, 6, 7, 8]);
    assert_eq!(reader.lost(), 3);
}

#[test]
fn a_producer_lapped_before_its_slot_gives_up() {
    let ring = Ring::<4>::new();
    let stale = ring.head.fetch_add(1, Ordering::Relaxed);
    (1..5).for_each(|number| push(&ring, number, || ()));
    let (slot, round) = ring.slot(stale);
    assert!(!slot.begin::<Threads>(round));
    let mut reader = ring.reader();
    assert_eq!(drain(&mut reader), [1, 2, 3, 4]);
    assert_eq!(reader.lost(), 1);
}

#[test]
fn an_unfinished_event_holds_the_reader_back() {
    let ring = Ring::<4>::new();
    push(&ring, 0, || ());
    begin_only(&ring);
    push(&ring, 2, || ());
    let mut reader = ring.reader();
    assert_eq!(drain(&mut reader), [0]);
    assert_eq!((reader.lost(), reader.pending()), (0, 2));
}

/// The producer is already in the slot, and the head was read before.
#[test]
fn a_slot_that_is_taken_again_meanwhile_counts_as_lost() {
    let ring = Ring::<4>::new();
    (0..4).for_each(|number| push(&ring, number, || ()));
    let (slot, round) = ring.slot(4);
    assert!(slot.begin::<Threads>(round));
    let mut reader = ring.reader();
    assert_eq!(drain(&mut reader), [1, 2, 3]);
    assert_eq!(reader.lost(), 1);
}

#[test]
fn a_reader_in_the_middle_of_writers_gets_whole_events() {
    const EACH: u64 = if cfg!(miri) { 200 } else { 200_000 };
    let ring = Ring::<2>::new();
    let mut reader = ring.reader();
    std::thread::scope(|scope| {
        let writers = [0, 1].map(|writer| {
            let ring = &ring;
            scope.spawn(move || (0..EACH).for_each(|n| push(ring, writer * EACH + n, || ())))
        });
        while writers.iter().any(|writer| !writer.is_finished()) {
            drain(&mut reader);
        }
    });
}

#[test]
fn threads_neither_tear_nor_reorder_nor_miscount() {
    const PRODUCERS: u64 = 3;
    const EACH: u64 = if cfg!(miri) { 60 } else { 40_000 };
    static RING: Ring<64> = Ring::new();
    let done = AtomicBool::new(false);
    let (mut delivered, mut newest) = (0, HashMap::new());
    let mut reader = RING.reader();
    let mut check = |reader: &mut Reader<'_, 64>| {
        for number in drain(reader) {
            let (producer, sequence) = (number / EACH, number % EACH);
            assert!(newest.insert(producer, sequence) < Some(sequence));
            delivered += 1;
        }
    };
    std::thread::scope(|scope| {
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|producer| {
                scope.spawn(move || (0..EACH).for_each(|n| push(&RING, producer * EACH + n, || ())))
            })
            .collect();
        scope.spawn(|| {
            producers.into_iter().for_each(|p| p.join().unwrap());
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            check(&mut reader);
        }
    });
    check(&mut reader);
    // A claim that was given up in the last round stays ahead of the reader until it is lapped.
    for _ in 0..64 {
        push(&RING, PRODUCERS * EACH, || ());
        while let Some(event) = reader.pop() {
            delivered += 1;
            number(&event);
        }
    }
    assert_eq!(reader.pending(), 0, "a slot that was given up stays so");
    assert_eq!(delivered + reader.lost(), RING.recorded());
    assert!(RING.recorded() >= PRODUCERS * EACH);
}
