//! The laws of replacement: inclusion, the optimum, and Belady's anomaly.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{reads, replay};
use crate::reclaim::{Outcome, POLICIES, PageReference, named};

fn strings() -> impl Strategy<Value = Vec<PageReference>> {
    let reference =
        (0u32..10, any::<bool>()).prop_map(|(page, write)| PageReference { page, write });
    prop::collection::vec(reference, 1..crate::testing::steps(200))
}

/// The resident pages after each reference.
fn contents(policy: &str, frames: usize, string: &[PageReference]) -> Vec<BTreeSet<u32>> {
    let (_, outcomes) = replay(named(policy).unwrap(), frames, string);
    let mut resident = BTreeSet::new();
    let mut after = Vec::new();
    for (reference, outcome) in string.iter().zip(outcomes) {
        if let Outcome::Fault { victim, .. } = outcome {
            if let Some((page, _)) = victim {
                assert!(resident.remove(&page));
            }
            assert!(resident.insert(reference.page));
        }
        assert!(resident.contains(&reference.page) && resident.len() <= frames);
        after.push(resident.clone());
    }
    after
}

proptest! {
    #[test]
    fn lru_keeps_a_subset_of_what_more_frames_keep(string in strings(), frames in 1usize..8) {
        let few = contents("lru", frames, &string);
        let more = contents("lru", frames + 1, &string);
        for (few, more) in few.iter().zip(more) {
            prop_assert!(few.is_subset(&more));
        }
    }

    #[test]
    fn opt_never_has_more_faults_with_more_frames(string in strings(), frames in 1usize..8) {
        let opt = named("opt").unwrap();
        prop_assert!(replay(opt, frames + 1, &string).0.faults <= replay(opt, frames, &string).0.faults);
    }

    #[test]
    fn no_policy_has_fewer_faults_than_opt(string in strings(), frames in 1usize..8) {
        let best = replay(named("opt").unwrap(), frames, &string).0.faults;
        for policy in POLICIES {
            prop_assert!(best <= replay(policy, frames, &string).0.faults, "{}", policy.name());
        }
    }
}

#[test]
fn fifo_can_have_more_faults_with_more_frames() {
    let string = reads(&[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]);
    let fifo = named("fifo").unwrap();
    assert!(replay(fifo, 4, &string).0.faults > replay(fifo, 3, &string).0.faults);
}
