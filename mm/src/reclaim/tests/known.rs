//! Strings whose numbers of faults are in the textbooks.

use super::{reads, replay};
use crate::reclaim::{POLICIES, named};

/// Belady's string (Belady, Nelson, Shedler 1969).
const BELADY: [u32; 12] = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
/// The string of Silberschatz, Galvin, Gagne.
const TEXTBOOK: [u32; 20] = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];

fn faults(policy: &str, frames: usize, string: &[u32]) -> u64 {
    let (counts, _) = replay(named(policy).unwrap(), frames, &reads(string));
    assert_eq!(counts.hits + counts.faults, string.len() as u64);
    counts.faults
}

#[test]
fn the_string_of_belady_has_the_known_faults() {
    let known = [("fifo", 9, 10), ("lru", 10, 8), ("opt", 7, 6)];
    for (policy, three, four) in known {
        assert_eq!(faults(policy, 3, &BELADY), three, "{policy}");
        assert_eq!(faults(policy, 4, &BELADY), four, "{policy}");
    }
}

#[test]
fn the_string_of_the_textbook_has_the_known_faults() {
    for (policy, known) in [("fifo", 15), ("lru", 12), ("opt", 9)] {
        assert_eq!(faults(policy, 3, &TEXTBOOK), known, "{policy}");
    }
}

#[test]
fn with_enough_frames_each_page_faults_once() {
    for policy in POLICIES {
        assert_eq!(faults(policy.name(), 5, &BELADY), 5, "{}", policy.name());
    }
}

#[test]
fn names_are_unique_and_found() {
    for policy in POLICIES {
        assert_eq!(named(policy.name()).unwrap().name(), policy.name());
        assert!(!policy.rule().is_empty());
    }
    assert!(named("FIFO").is_none());
}

#[test]
fn a_clean_victim_is_not_written() {
    let string: Vec<_> = [(1, true), (2, false), (3, false), (4, false)]
        .map(|(page, write)| crate::reclaim::PageReference { page, write })
        .into();
    let (counts, _) = replay(named("fifo").unwrap(), 2, &string);
    assert_eq!(counts.written, 1);
}
