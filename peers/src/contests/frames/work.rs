//! The rows: what is done with frames, and how often.
//!
//! Random numbers have fixed seeds, so that all contenders get the same requests. A sample's time
//! excludes preparation, for example emptying memory before it is filled again.

use super::contender::FrameContender;
use crate::contest::{Row, Unit, Work};
use fastrand::Rng;
use std::hint::black_box;
use std::time::Instant;

/// 4 GiB.
const FRAMES: usize = 1 << 20;
/// Operations of a sample.
const OPERATIONS: usize = 100_000;
/// Runs that are in use at once where runs are allocated and freed in turn.
const IN_FLIGHT: usize = 16;
/// Frames that are freed and allocated at once, to get past a cache of frames.
const BATCH: usize = 1000;
/// A run of 2 MiB.
const HUGE: u32 = 9;

const fn row(name: &'static str, work: &'static str) -> Row {
    Row {
        name,
        work,
        unit: Unit::Nanoseconds,
    }
}

/// All rows.
pub const ROWS: [Row; 15] = [
    row("fill", "allocate all of 4 GiB, frame by frame"),
    row("drain", "free it in the order of allocation"),
    row("pair-empty", "allocate and free a frame, all others free"),
    row(
        "churn-half",
        "free a random frame and allocate one; half of memory in use, fragmented",
    ),
    row("churn-99", "the same, 99 % in use"),
    row(
        "churn-half-1k",
        "free 1,000 random frames, allocate 1,000; half in use",
    ),
    row("churn-99-1k", "the same, 99 % in use"),
    row(
        "pair-99",
        "allocate and free a frame; the first 99 % in use",
    ),
    row(
        "run-2",
        "allocate a run of 2 frames, free the oldest of 16; mixed memory",
    ),
    row("run-8", "the same with 8 frames"),
    row("run-64", "the same with 64 frames"),
    row("run-512", "the same with 512 frames"),
    row(
        "mixed",
        "free a random frame or run, allocate another; half in use, fragmented",
    ),
    Row {
        name: "huge-after-mixed",
        work: "free memory that can be allocated as runs of 2 MiB after 2 million of these",
        unit: Unit::Percent,
    },
    Row {
        name: "huge-after-growth",
        work: "the same if memory was half full from the start, and never fuller",
        unit: Unit::Percent,
    },
];

/// Prepares a row.
pub fn prepare<F: FrameContender + 'static>(row: &str) -> Option<Work> {
    let has_runs = F::MOST_ORDER >= HUGE && !F::RUNS_ARE_LINEAR;
    Some(match row {
        "fill" => fill_or_drain::<F>(true),
        "drain" => fill_or_drain::<F>(false),
        "pair-empty" => pairs(F::new(FRAMES)),
        "pair-99" => pairs(first_in_use::<F>()),
        _ if F::IS_LINEAR => return None,
        "churn-half" => churn::<F>(FRAMES / 2),
        "churn-99" => churn::<F>(FRAMES / 100 * 99),
        "churn-half-1k" => churn_batches::<F>(FRAMES / 2),
        "churn-99-1k" => churn_batches::<F>(FRAMES / 100 * 99),
        "run-2" if has_runs => runs::<F>(1),
        "run-8" if has_runs => runs::<F>(3),
        "run-64" if has_runs => runs::<F>(6),
        "run-512" if has_runs => runs::<F>(HUGE),
        "mixed" if has_runs => {
            let mut mixed = Mixed::<F>::torn();
            Box::new(move || {
                let operations = OPERATIONS / 5;
                timed(operations, || mixed.churn(operations))
            })
        }
        "huge-after-mixed" if has_runs => Box::new(|| {
            let mut mixed = Mixed::<F>::torn();
            mixed.churn(20 * OPERATIONS);
            mixed.huge_share()
        }),
        "huge-after-growth" if has_runs => Box::new(|| {
            let mut mixed = Mixed::<F>::new();
            mixed.churn(20 * OPERATIONS);
            mixed.huge_share()
        }),
        _ => return None,
    })
}

/// Nanoseconds an operation.
fn timed(operations: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / operations as f64
}

fn fill_or_drain<F: FrameContender + 'static>(is_fill: bool) -> Work {
    let (mut frames, mut live) = (F::new(FRAMES), vec![0; FRAMES]);
    Box::new(move || {
        let fill = timed(FRAMES, || {
            for entry in &mut live {
                *entry = frames.allocate().expect("a frame is free");
            }
        });
        let drain = timed(FRAMES, || live.iter().for_each(|&frame| frames.free(frame)));
        if is_fill { fill } else { drain }
    })
}

fn pairs<F: FrameContender + 'static>(mut frames: F) -> Work {
    Box::new(move || {
        timed(OPERATIONS, || {
            for _ in 0..OPERATIONS {
                let frame = frames.allocate().expect("a frame is free");
                frames.free(black_box(frame));
            }
        })
    })
}

/// All frames in use but the last percent.
fn first_in_use<F: FrameContender>() -> F {
    let mut frames = F::new(FRAMES);
    let live = all(&mut frames);
    live[FRAMES / 100 * 99..]
        .iter()
        .for_each(|&frame| frames.free(frame));
    frames
}

fn all<F: FrameContender>(frames: &mut F) -> Vec<usize> {
    (0..FRAMES)
        .map(|_| frames.allocate().expect("a frame is free"))
        .collect()
}

/// This many random frames in use.
fn random_in_use<F: FrameContender>(in_use: usize) -> (F, Vec<usize>, Rng) {
    let mut frames = F::new(FRAMES);
    let mut random = Rng::with_seed(1);
    let mut live = all(&mut frames);
    random.shuffle(&mut live);
    live.drain(in_use..).for_each(|frame| frames.free(frame));
    (frames, live, random)
}

fn churn<F: FrameContender + 'static>(in_use: usize) -> Work {
    let (mut frames, mut live, mut random) = random_in_use::<F>(in_use);
    let mut order = vec![0; OPERATIONS];
    Box::new(move || {
        order.fill_with(|| random.usize(..in_use));
        timed(OPERATIONS, || {
            for &at in &order {
                frames.free(live[at]);
                live[at] = frames.allocate().expect("a frame is free");
            }
        })
    })
}

fn churn_batches<F: FrameContender + 'static>(in_use: usize) -> Work {
    let (mut frames, mut live, mut random) = random_in_use::<F>(in_use);
    let mut order = vec![0; OPERATIONS];
    Box::new(move || {
        // Distinct entries in each batch: a frame must not be freed twice.
        for (batch, chunk) in order.chunks_mut(BATCH).enumerate() {
            let start = random.usize(..in_use);
            let step = in_use / BATCH - batch % 7;
            (0..)
                .zip(chunk)
                .for_each(|(n, at)| *at = (start + n * step) % in_use);
        }
        timed(OPERATIONS, || {
            for batch in order.chunks(BATCH) {
                batch.iter().for_each(|&at| frames.free(live[at]));
                for &at in batch {
                    live[at] = frames.allocate().expect("a frame is free");
                }
            }
        })
    })
}

fn runs<F: FrameContender + 'static>(order: u32) -> Work {
    let mut mixed = Mixed::<F>::new();
    mixed.churn(OPERATIONS);
    let take = move |frames: &mut F| frames.allocate_run(order).expect("a run is free");
    let mut ring: Vec<usize> = (0..IN_FLIGHT).map(|_| take(&mut mixed.frames)).collect();
    Box::new(move || {
        timed(OPERATIONS, || {
            for n in 0..OPERATIONS {
                let oldest = &mut ring[n % IN_FLIGHT];
                mixed.frames.free_run(*oldest, order);
                *oldest = take(&mut mixed.frames);
            }
        })
    })
}

/// Memory half in use by frames and runs of many lengths.
struct Mixed<F> {
    frames: F,
    live: Vec<(usize, u32)>,
    random: Rng,
}

impl<F: FrameContender> Mixed<F> {
    /// Filled to one half.
    fn new() -> Self {
        Mixed::filled(FRAMES / 2)
    }

    /// Filled almost completely, then half of it freed at random: free memory is fragmented.
    fn torn() -> Self {
        let mut mixed = Mixed::filled(FRAMES / 100 * 95);
        let mut in_use = FRAMES / 100 * 95;
        while in_use > FRAMES / 2 {
            let at = mixed.random.usize(..mixed.live.len());
            let (first, order) = mixed.live.swap_remove(at);
            mixed.give(first, order);
            in_use = in_use.saturating_sub(1 << order);
        }
        mixed
    }

    fn filled(frames: usize) -> Self {
        let mut mixed = Mixed {
            frames: F::new(FRAMES),
            live: vec![],
            random: Rng::with_seed(2),
        };
        let mut in_use = 0;
        while in_use < frames {
            let order = any_order(&mut mixed.random);
            let first = mixed.take(order).expect("memory is free");
            mixed.live.push((first, order));
            in_use += 1 << order;
        }
        mixed
    }

    fn take(&mut self, order: u32) -> Option<usize> {
        match order {
            0 => self.frames.allocate(),
            _ => self.frames.allocate_run(order),
        }
    }

    fn churn(&mut self, operations: usize) {
        for _ in 0..operations {
            let at = self.random.usize(..self.live.len());
            let (first, order) = self.live[at];
            self.give(first, order);
            let order = any_order(&mut self.random);
            self.live[at] = match self.take(order) {
                Some(first) => (first, order),
                None => (self.take(0).expect("half of memory is free"), 0),
            };
        }
    }

    fn give(&mut self, first: usize, order: u32) {
        match order {
            0 => self.frames.free(first),
            _ => self.frames.free_run(first, order),
        }
    }

    /// Percent of the free frames that can be allocated as runs of 2 MiB.
    fn huge_share(&mut self) -> f64 {
        let in_use: usize = self.live.iter().map(|&(_, order)| 1 << order).sum();
        let runs = std::iter::from_fn(|| self.frames.allocate_run(HUGE)).count();
        100.0 * (runs << HUGE) as f64 / (FRAMES - in_use) as f64
    }
}

/// Single frames mostly, short runs, and a few long ones.
fn any_order(random: &mut Rng) -> u32 {
    match random.u32(..1000) {
        0..900 => 0,
        900..930 => 1,
        930..960 => 2,
        960..980 => 3,
        980..996 => 6,
        _ => HUGE,
    }
}
