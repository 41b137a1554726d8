//! Each policy against a model that keeps a plain list and computes its rule anew each time.

use proptest::prelude::*;

use super::replay;
use crate::reclaim::{Outcome, POLICIES, PageReference};

/// A resident page of the model.
#[derive(Clone, Debug)]
struct Page {
    page: u32,
    loaded: usize,
    used: usize,
    accessed: bool,
    dirty: bool,
    register: u8,
    /// When the page reached its class or its register.
    since: usize,
}

struct Model {
    policy: &'static str,
    frames: usize,
    /// In the order of loading; for the clock, from the hand on.
    pages: Vec<Page>,
    time: usize,
}

impl Model {
    /// Does a reference, and returns the victim of a fault: `None` for a hit.
    fn step(&mut self, string: &[PageReference], number: usize) -> Option<Option<u32>> {
        let PageReference { page, write } = string[number];
        let result = match self.pages.iter().position(|p| p.page == page) {
            Some(at) => {
                self.time += 1;
                let p = &mut self.pages[at];
                let old = (class(p), p.register);
                (p.used, p.accessed, p.dirty) = (number, true, p.dirty | write);
                p.register |= 0x80;
                let changed = match self.policy {
                    "nru" => class(p) != old.0,
                    _ => p.register != old.1,
                };
                if changed {
                    p.since = self.time;
                }
                None
            }
            None => {
                let victim = (self.pages.len() == self.frames).then(|| {
                    let at = self.victim(string, number);
                    self.pages.remove(at).page
                });
                self.time += 1;
                self.pages.push(Page {
                    page,
                    loaded: number,
                    used: number,
                    accessed: true,
                    dirty: write,
                    register: 0x80,
                    since: self.time,
                });
                Some(victim)
            }
        };
        if (number + 1).is_multiple_of(self.frames) {
            self.end_period();
        }
        result
    }

    fn victim(&mut self, string: &[PageReference], number: usize) -> usize {
        let next = |p: &Page| {
            let later = string[number..].iter().position(|r| r.page == p.page);
            later.unwrap_or(usize::MAX)
        };
        let by = |key: &dyn Fn(&Page) -> (usize, usize)| {
            (0..self.pages.len())
                .min_by_key(|&at| key(&self.pages[at]))
                .unwrap()
        };
        match self.policy {
            "fifo" => by(&|p| (p.loaded, 0)),
            "lru" => by(&|p| (p.used, 0)),
            "mru" => by(&|p| (usize::MAX - p.used, 0)),
            "nru" => by(&|p| (class(p), p.since)),
            "aging" => by(&|p| (usize::from(p.register), p.since)),
            "opt" => by(&|p| (usize::MAX - next(p), p.loaded)),
            "worst" => by(&|p| (next(p), p.loaded)),
            "clock" => {
                while self.pages[0].accessed {
                    self.pages[0].accessed = false;
                    self.pages.rotate_left(1);
                }
                0
            }
            other => panic!("the model does not know {other}"),
        }
    }

    fn end_period(&mut self) {
        if self.policy == "clock" {
            return;
        }
        let mut order: Vec<usize> = (0..self.pages.len()).collect();
        let nru = self.policy == "nru";
        order.sort_by_key(|&at| {
            let p = &self.pages[at];
            (
                if nru {
                    class(p)
                } else {
                    usize::from(p.register)
                },
                p.since,
            )
        });
        for at in order {
            self.time += 1;
            let p = &mut self.pages[at];
            // A page without the accessed bit stays in its class, and in its order there.
            if !nru || p.accessed {
                p.since = self.time;
            }
            p.accessed = false;
            p.register >>= 1;
        }
    }
}

fn class(p: &Page) -> usize {
    usize::from(p.accessed) * 2 + usize::from(p.dirty)
}

proptest! {
    #[test]
    fn policies_choose_the_victims_of_the_model(
        string in prop::collection::vec(
            (0u32..12, any::<bool>()).prop_map(|(page, write)| PageReference { page, write }),
            1..crate::testing::steps(300),
        ),
        frames in 1usize..9,
    ) {
        for policy in POLICIES.into_iter().filter(|policy| policy.name() != "random") {
            let mut model = Model { policy: policy.name(), frames, pages: Vec::new(), time: 0 };
            let (_, outcomes) = replay(policy, frames, &string);
            for (number, outcome) in outcomes.into_iter().enumerate() {
                let ours = match outcome {
                    Outcome::Hit(_) => None,
                    Outcome::Fault { victim, .. } => Some(victim.map(|(page, _)| page)),
                };
                prop_assert_eq!(ours, model.step(&string, number), "{} at {}", policy.name(), number);
            }
        }
    }
}
