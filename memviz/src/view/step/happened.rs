//! What happened in a step, in at most five lines: the events of each subject, counted.
//!
//! ```text
//! frames: 3 allocated, 1 freed, 16 references changed
//! pages: 2 mapped, 1 unmapped
//! faults: 1
//! ```

use core::fmt;
use mm::event::Kind;
use mm::units::Count;

/// The maximum number of lines.
pub const LINES: usize = 5;

/// The subjects, in the order of their lines, each with its kinds of events and their words. `{s}`
/// is the ending of a plural.
const SUBJECTS: [(&str, &[(Kind, &str)]); LINES] = [
    (
        "faults",
        &[
            (Kind::FaultBegin, "taken"),
            (Kind::FaultEnd, "handled"),
            (Kind::Corruption, "corruption{s} detected"),
            (Kind::PageReference, "page reference{s}"),
            (Kind::ReplayStart, "replay{s} started"),
        ],
    ),
    (
        "frames",
        &[
            (Kind::FrameAllocate, "allocated"),
            (Kind::FrameFree, "freed"),
            (Kind::FrameReference, "with a new reference count"),
            (Kind::FrameRetag, "given to another owner"),
            (Kind::FrameRefuse, "refused"),
            (Kind::Mismatch, "difference{s} found"),
        ],
    ),
    (
        "pages",
        &[
            (Kind::Map, "mapped"),
            (Kind::Unmap, "unmapped"),
            (Kind::ReclaimScan, "scan{s} for a page that can leave"),
            (Kind::PageOut, "paged out"),
            (Kind::PageIn, "paged in"),
            (Kind::SlotAllocate, "stored in swap"),
            (Kind::SlotReference, "swap slot{s} with another count"),
            (Kind::SlotFree, "swap slot{s} freed"),
            (Kind::Protect, "given other rights"),
            (Kind::TableLink, "table{s} linked"),
            (Kind::TableUnlink, "table{s} unlinked"),
            (Kind::RegionOpen, "region{s} opened"),
            (Kind::RegionClose, "region{s} closed"),
        ],
    ),
    (
        "heap",
        &[
            (Kind::HeapAllocate, "allocated"),
            (Kind::HeapFree, "freed"),
            (Kind::HeapReuse, "reused"),
            (Kind::HeapQuarantine, "in quarantine"),
            (Kind::HeapRefuse, "refused"),
            (Kind::HeapGrow, "chunk{s} added"),
            (Kind::HeapShrink, "chunk{s} removed"),
            (Kind::ArenaAllocate, "allocated in arenas"),
            (Kind::ArenaFree, "freed in arenas"),
        ],
    ),
    (
        "processes",
        &[(Kind::ProcessStart, "started"), (Kind::ProcessEnd, "ended")],
    ),
];

/// The number of events of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened([u32; Kind::COUNT]);

impl Default for Happened {
    fn default() -> Happened {
        Happened([0; Kind::COUNT])
    }
}

impl Happened {
    /// Counts an event.
    pub fn count(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    /// Subtracts an event.
    pub fn take_out(&mut self, kind: Kind) {
        self.0[kind as usize] -= 1;
    }

    /// Returns all subjects, in the order of their lines.
    pub fn subjects() -> impl Iterator<Item = &'static str> {
        SUBJECTS.iter().map(|&(subject, _)| subject)
    }

    /// Returns the lines, one for each subject with an event.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let lines = SUBJECTS.iter().map(|&(subject, kinds)| Line {
            counts: &self.0,
            subject,
            kinds,
        });
        lines.filter(|line| line.all().next().is_some())
    }
}

/// A line, for display.
pub struct Line<'c> {
    counts: &'c [u32; Kind::COUNT],
    /// The subject of its events.
    pub subject: &'static str,
    kinds: &'static [(Kind, &'static str)],
}

impl Line<'_> {
    /// Returns the kinds with events: the number, and what happened.
    fn all(&self) -> impl Iterator<Item = (u32, &'static str)> {
        let all = self.kinds.iter();
        let all = all.map(|&(kind, words)| (self.counts[kind as usize], words));
        // Each fault that begins also ends.
        let begun = self.counts[Kind::FaultBegin as usize];
        all.filter(move |&(count, words)| count > 0 && !(words == "handled" && begun >= count))
    }
}

/// Writes the line after its subject.
impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (count, words)) in self.all().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{} ", Count(count.into()))?;
            match words.split_once("{s}") {
                Some((noun, rest)) if count == 1 => write!(f, "{noun}{rest}")?,
                Some((noun, rest)) => write!(f, "{noun}s{rest}")?,
                None => f.write_str(words)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_subject_share_a_line() {
        let mut happened = Happened::default();
        let kinds = [Kind::FaultBegin, Kind::FrameAllocate, Kind::FaultEnd];
        kinds.iter().for_each(|&kind| happened.count(kind));
        (0..16).for_each(|_| happened.count(Kind::FrameReference));
        happened.count(Kind::Caption);
        let lines: Vec<_> = happened
            .lines()
            .map(|line| format!("{}: {line}", line.subject))
            .collect();
        let expected = [
            "faults: 1 taken",
            "frames: 1 allocated, 16 with a new reference count",
        ];
        assert_eq!(lines, expected);
    }

    /// Captions are not part of a step, and heat is sampled without a request.
    #[test]
    fn every_other_kind_has_a_line() {
        let silent = [
            Kind::Caption,
            Kind::FrameHeat,
            Kind::FirmwareRegion,
            Kind::ProcessState,
            Kind::SpaceSwitch,
            Kind::WatchedBytes,
            Kind::HeapCache,
            Kind::HeapReturn,
            Kind::ArenaOpen,
            Kind::ArenaClose,
            Kind::ArenaRequest,
            Kind::ArenaCost,
            Kind::HeapMark,
            Kind::MismatchEnd,
            Kind::WorkingSets,
            Kind::WorkingSet,
        ];
        for &kind in Kind::ALL {
            let has_line = SUBJECTS
                .iter()
                .any(|(_, kinds)| kinds.iter().any(|&(other, _)| other == kind));
            assert_eq!(has_line, !silent.contains(&kind), "{kind:?}");
        }
    }
}
