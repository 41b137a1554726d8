//! Choices by accessed bits instead of traps, and the index of pages.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::reclaim::{
    FrameIndex, IndexEntry, POLICIES, PageIndex, Record, Reference, ResidentSet, named,
};

/// A full set, and the victim that it chooses if these frames were used.
fn victim(policy: &str, used: &[usize]) -> usize {
    let mut records = [Record::FREE; 4];
    let mut set = ResidentSet::new(&mut records, named(policy).unwrap(), 1);
    for _ in 0..4 {
        set.load(Reference::new(false)).unwrap();
    }
    let mut used = used.to_vec();
    let mut take = |frame: FrameIndex| {
        let at = used.iter().position(|&other| other == frame.number())?;
        used.remove(at);
        Some(false)
    };
    let chosen = set.choose(&mut take).unwrap();
    set.pages().validate().unwrap();
    assert!(set.pages().is_resident(chosen.number()));
    chosen.number()
}

#[test]
fn a_used_page_is_spared_by_policies_that_follow_references() {
    for policy in ["lru", "clock", "nru", "aging"] {
        assert_eq!(victim(policy, &[]), 0, "{policy}");
        assert_eq!(victim(policy, &[0, 1]), 2, "{policy}");
    }
    assert_eq!(victim("fifo", &[0, 1]), 0);
    assert_eq!(victim("mru", &[]), 3);
    // Page 0 was used after page 3 was loaded; MRU asks for page 3 first.
    assert_eq!(victim("mru", &[0]), 3);
}

#[test]
fn every_policy_chooses_although_all_pages_are_used() {
    for policy in POLICIES {
        victim(policy.name(), &[0, 1, 2, 3, 0, 1, 2, 3]);
    }
}

proptest! {
    #[test]
    fn the_index_finds_what_a_map_finds(
        steps in prop::collection::vec((0u64..24, any::<bool>()), 1..crate::testing::steps(200)),
    ) {
        const FRAMES: usize = 12;
        let mut buckets = [0; PageIndex::buckets(FRAMES)];
        let mut entries = [IndexEntry::default(); FRAMES];
        let mut index = PageIndex::new(&mut buckets, &mut entries);
        let mut model = BTreeMap::new();
        for (number, insert) in steps {
            let page = number << 12;
            if insert && !model.contains_key(&page) && model.len() < FRAMES {
                let free = (0..FRAMES).find(|frame| !model.values().any(|used| used == frame));
                let frame = free.unwrap();
                model.insert(page, frame);
                index.insert(page, FrameIndex::new(frame));
                prop_assert_eq!(index.page_in(FrameIndex::new(frame)), page);
            } else if !insert {
                let removed = index.remove(page).map(FrameIndex::number);
                prop_assert_eq!(removed, model.remove(&page));
            }
            for page in (0..24).map(|number| number << 12) {
                let found = index.find(page).map(FrameIndex::number);
                prop_assert_eq!(found, model.get(&page).copied());
            }
        }
    }
}
