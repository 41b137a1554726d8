//! Checks a frame allocator before it is timed.

use super::contender::FrameContender;
use std::collections::HashSet;

const FRAMES: usize = 1 << 15;
const STEPS: usize = 100_000;

/// Allocates and frees at random, and looks for overlap, misalignment and loss. When all is free
/// again, the longest runs must be available again.
pub fn check<F: FrameContender>() -> Result<(), String> {
    let mut frames = F::new(FRAMES);
    let (singles, longest) = (
        capacity(&mut frames, 0)?,
        capacity(&mut frames, F::MOST_ORDER)?,
    );
    if singles < FRAMES {
        return Err(format!(
            "only {singles} of {FRAMES} frames can be allocated"
        ));
    }
    let mut random = fastrand::Rng::with_seed(7);
    let mut in_use = vec![false; 2 * FRAMES];
    let mut live: Vec<(usize, u32)> = vec![];
    for _ in 0..if F::IS_LINEAR { STEPS / 10 } else { STEPS } {
        if live.len() > 200 || (!live.is_empty() && random.bool()) {
            let (first, order) = live.swap_remove(random.usize(..live.len()));
            in_use[first..first + (1 << order)].fill(false);
            give(&mut frames, first, order);
            continue;
        }
        let order = random.u32(0..=F::MOST_ORDER.min(9));
        let Some(first) = take(&mut frames, order) else {
            continue;
        };
        let run = first..first + (1 << order);
        if !first.is_multiple_of(1 << order) {
            return Err(format!("run {run:?} is not aligned"));
        }
        let run = in_use
            .get_mut(run.clone())
            .ok_or(format!("run {run:?} is out of range"))?;
        if run.contains(&true) {
            return Err(format!("run at {first} of order {order} overlaps another"));
        }
        run.fill(true);
        live.push((first, order));
    }
    for (first, order) in live {
        give(&mut frames, first, order);
    }
    let after = (
        capacity(&mut frames, 0)?,
        capacity(&mut frames, F::MOST_ORDER)?,
    );
    match after == (singles, longest) {
        true => Ok(()),
        false => Err(format!(
            "{:?} are available, {after:?} after use",
            (singles, longest)
        )),
    }
}

/// Allocates runs of an order until it refuses, and frees them.
fn capacity<F: FrameContender>(frames: &mut F, order: u32) -> Result<usize, String> {
    let runs: Vec<usize> = std::iter::from_fn(|| take(frames, order)).collect();
    let distinct: HashSet<&usize> = runs.iter().collect();
    if distinct.len() < runs.len() {
        return Err(format!("a run of order {order} was allocated twice"));
    }
    for &first in &runs {
        give(frames, first, order);
    }
    Ok(runs.len())
}

fn take<F: FrameContender>(frames: &mut F, order: u32) -> Option<usize> {
    match order {
        0 => frames.allocate(),
        _ => frames.allocate_run(order),
    }
}

fn give<F: FrameContender>(frames: &mut F, first: usize, order: u32) {
    match order {
        0 => frames.free(first),
        _ => frames.free_run(first, order),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contests::frames::CONTEST;

    #[test]
    fn every_contender_is_correct() {
        for contender in CONTEST.contenders {
            assert_eq!((contender.check)(), Ok(()), "{}", contender.name);
        }
    }

    /// Allocates every frame twice.
    struct Wrong(usize);

    impl FrameContender for Wrong {
        const NAME: &'static str = "wrong";
        const MOST_ORDER: u32 = 0;
        fn new(_: usize) -> Self {
            Wrong(0)
        }
        fn allocate(&mut self) -> Option<usize> {
            self.0 += 1;
            (self.0 < 4 * FRAMES).then_some(self.0 / 2)
        }
        fn free(&mut self, _: usize) {}
        fn allocate_run(&mut self, _: u32) -> Option<usize> {
            None
        }
        fn free_run(&mut self, _: usize, _: u32) {}
    }

    #[test]
    fn a_wrong_contender_is_found() {
        assert!(check::<Wrong>().is_err());
    }
}
