//! Every way in which interrupts can nest pushes, one by one.
//!
//! ```text
//! push 1   count  claim ─┐                    ┌─ enter  words  publish
//! push 2                 └─ count ─┐   ┌─ … ──┘          an interrupt runs to its end
//! push 3                           └─…─┘
//! ```
//! A schedule is a list of choices: at each boundary between two updates of a push, an interrupt
//! comes, and pushes, or none does. The test runs all schedules of five pushes, nested up to five
//! deep, on a ring of two slots, so that producers are lapped everywhere.

use super::tests::{drain, push};
use super::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const PUSHES: u64 = 5;
const SLOTS: usize = 2;

thread_local! {
    static CHOICES: RefCell<Choices> = RefCell::default();
    static RUNNING: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// The choices of a schedule, of which the next one is due at `at`.
#[derive(Default)]
struct Choices {
    list: Vec<bool>,
    at: usize,
}

impl Choices {
    fn next(&mut self) -> bool {
        if self.at == self.list.len() {
            self.list.push(false);
        }
        self.at += 1;
        self.list[self.at - 1]
    }

    /// Changes to the next schedule; `false` after the last one.
    fn advance(&mut self) -> bool {
        self.list.truncate(self.at);
        self.at = 0;
        while self.list.pop_if(|interrupted| *interrupted).is_some() {}
        self.list.last_mut().map(|last| *last = true).is_some()
    }
}

/// Marks a boundary between two instructions: an interrupt may come and push.
fn boundary() {
    if LEFT.get() > 0 && CHOICES.with_borrow_mut(Choices::next) {
        LEFT.set(LEFT.get() - 1);
        let push = RUNNING.with_borrow(Clone::clone).expect("a schedule runs");
        push();
    }
}

/// Interrupt handlers of one CPU; each update is one instruction.
#[derive(Debug)]
struct Interrupts;

impl Producers for Interrupts {
    fn count(total: &AtomicU64) {
        boundary();
        Threads::count(total);
    }

    fn claim(head: &AtomicU64) -> u64 {
        boundary();
        Threads::claim(head)
    }

    fn enter(sequence: &AtomicU64, from: u64, to: u64) -> bool {
        boundary();
        Threads::enter(sequence, from, to)
    }
}

/// Pushes without entering slots, as in the kernel.
#[derive(Debug)]
struct Nested;

impl Producers for Nested {
    fn count(total: &AtomicU64) {
        Interrupts::count(total);
    }

    fn claim(head: &AtomicU64) -> u64 {
        Interrupts::claim(head)
    }

    fn enter(_: &AtomicU64, _: u64, _: u64) -> bool {
        true
    }
}

/// The negative control: updates that an interrupt can split.
macro_rules! split {
    ($name:ident, $count:expr, $claim:expr, $enter:expr) => {
        #[derive(Debug)]
        struct $name;

        impl Producers for $name {
            fn count(total: &AtomicU64) {
                $count(total);
            }

            fn claim(head: &AtomicU64) -> u64 {
                $claim(head)
            }

            fn enter(sequence: &AtomicU64, from: u64, to: u64) -> bool {
                $enter(sequence, from, to)
            }
        }
    };
}

fn add_in_two(number: &AtomicU64) -> u64 {
    let before = number.load(Ordering::Relaxed);
    boundary();
    number.store(before + 1, Ordering::Relaxed);
    before
}

fn enter_in_two(sequence: &AtomicU64, from: u64, to: u64) -> bool {
    let found = sequence.load(Ordering::Relaxed);
    boundary();
    if found == from {
        sequence.store(to, Ordering::Relaxed);
    }
    found == from
}

split!(SplitCount, add_in_two, Interrupts::claim, Interrupts::enter);
split!(SplitClaim, Interrupts::count, add_in_two, Interrupts::enter);
split!(
    SplitEnter,
    Interrupts::count,
    Interrupts::claim,
    enter_in_two
);

fn sequences<P>(ring: &Ring<SLOTS, P>) -> [u64; SLOTS] {
    core::array::from_fn(|slot| ring.slots[slot].sequence.load(Ordering::Relaxed))
}

/// Runs one schedule, and returns the first rule that does not hold. `enters`: producers enter
/// their slots.
fn run<P: Producers + 'static>(enters: bool) -> Result<(), &'static str> {
    let ring = Rc::new(Ring::<SLOTS, P>::new());
    let ascends = Rc::new(Cell::new(true));
    let producer = {
        let (ring, ascends) = (Rc::clone(&ring), Rc::clone(&ascends));
        let (number, newest) = (Cell::new(0), Cell::new([0; SLOTS]));
        move || {
            push(&ring, number.replace(number.get() + 1), boundary);
            let now = sequences(&ring);
            let before = newest.replace(now);
            if (0..SLOTS).any(|slot| now[slot] < before[slot]) {
                ascends.set(false);
            }
        }
    };
    LEFT.set(PUSHES);
    let producer: Rc<dyn Fn()> = Rc::new(producer);
    RUNNING.set(Some(Rc::clone(&producer)));
    while LEFT.get() > 0 {
        LEFT.set(LEFT.get() - 1);
        producer();
    }
    RUNNING.set(None);
    let mut reader = ring.reader();
    let first = drain(&mut reader);
    if ring.recorded() != PUSHES || ring.total(Kind::FrameAllocate) != PUSHES {
        return Err("each push counts once");
    }
    if enters && !ascends.get() {
        return Err("a sequence only ascends");
    }
    if first.len() as u64 + reader.lost() + reader.pending() != PUSHES {
        return Err("each claim is delivered, lost or pending");
    }
    // Pushes without interrupts fill the ring, and no slot stays taken.
    for round in 1..=2 {
        let numbers = [round * 100, round * 100 + 1];
        for number in numbers {
            push(&ring, number, || ());
        }
        let delivered = drain(&mut reader);
        if round == 2 && (delivered != numbers || reader.pending() != 0) {
            return Err("no slot stays taken");
        }
    }
    Ok(())
}

/// Runs all schedules, and returns their number, or the first broken rule.
fn run_all<P: Producers + 'static>(enters: bool) -> Result<u64, &'static str> {
    CHOICES.set(Choices::default());
    let mut schedules = 0;
    loop {
        run::<P>(enters)?;
        schedules += 1;
        if !CHOICES.with_borrow_mut(Choices::advance) {
            return Ok(schedules);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "thousands of schedules")]
fn no_nesting_of_interrupts_breaks_the_ring() {
    assert_eq!(run_all::<Interrupts>(true), Ok(1475));
    assert_eq!(run_all::<Nested>(false), Ok(531));
}

#[test]
#[cfg_attr(miri, ignore = "thousands of schedules")]
fn an_update_in_two_instructions_breaks_the_ring() {
    assert_eq!(run_all::<SplitCount>(true), Err("each push counts once"));
    assert_eq!(run_all::<SplitClaim>(true), Err("each push counts once"));
    assert_eq!(run_all::<SplitEnter>(true), Err("a sequence only ascends"));
    // A lapped producer that did not enter publishes an older sequence.
    assert_eq!(run_all::<Nested>(true), Err("a sequence only ascends"));
}
