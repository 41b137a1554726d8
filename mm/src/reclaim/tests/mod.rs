//! Policies against naive models and known answers, and the laws of replacement.

mod known;
mod laws;
mod naive;
mod sampled;

use super::{
    Counts, FrameIndex, Outcome, PageReference, Policy, Record, Reference, Replay, ResidentSet,
    named, next_uses,
};

/// Replays a string with this many frames. Validates the lists after each reference.
fn replay(
    policy: &'static dyn Policy,
    frames: usize,
    string: &[PageReference],
) -> (Counts, Vec<Outcome>) {
    let pages = string
        .iter()
        .map(|r| r.page as usize + 1)
        .max()
        .unwrap_or(0);
    let mut next = vec![0; string.len()];
    next_uses(string, &mut vec![0; pages], &mut next);
    let mut records = vec![Record::FREE; frames];
    let mut held = vec![0; frames];
    let mut located: Vec<Option<FrameIndex>> = vec![None; pages];
    let mut replay = Replay::new(policy, 1, &mut records, &mut held, &mut located);
    let mut outcomes = Vec::new();
    for (reference, next) in string.iter().zip(next) {
        let candidate = replay.set().candidate();
        let outcome = replay.step(*reference, next);
        assert_candidate(policy, candidate, outcome);
        let (Outcome::Hit(frame) | Outcome::Fault { frame, .. }) = outcome;
        let bits = replay.set().accessed_bits();
        let is_accessed = replay.set().pages().record(frame.number()).accessed;
        assert_eq!(bits >> frame.number() & 1 == 1, is_accessed);
        outcomes.push(outcome);
        replay.set().pages().validate().unwrap();
    }
    (replay.counts(), outcomes)
}

/// The victim is the candidate, except for policies that may choose another page.
fn assert_candidate(policy: &'static dyn Policy, candidate: Option<FrameIndex>, outcome: Outcome) {
    let may_differ = ["clock", "random"].contains(&policy.name());
    if let Outcome::Fault {
        frame,
        victim: Some(_),
    } = outcome
    {
        assert!(may_differ || candidate == Some(frame), "{}", policy.name());
    }
}

fn reads(pages: &[u32]) -> Vec<PageReference> {
    let read = |&page| PageReference { page, write: false };
    pages.iter().map(read).collect()
}

#[test]
fn frames_that_became_free_are_used_again() {
    let mut records = [Record::FREE; 3];
    let policy = named("fifo").unwrap();
    let mut set = ResidentSet::new(&mut records, policy, 1);
    let load = |set: &mut ResidentSet<'_>| set.load(Reference::new(false)).map(FrameIndex::number);
    assert_eq!(
        [0; 3].map(|_| load(&mut set).ok()),
        [Some(0), Some(1), Some(2)]
    );
    for frame in [1, 0, 2] {
        set.remove(FrameIndex::new(frame));
    }
    // The one that became free last comes first.
    assert_eq!(
        [0; 3].map(|_| load(&mut set).ok()),
        [Some(2), Some(0), Some(1)]
    );
    assert!(load(&mut set).is_err());
}
