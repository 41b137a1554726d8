//! A fold over the events since the mark: the allocations of each call site.

use crate::timeline::{LOOK_BACK, Timeline};
use crate::view::step::StepChanges;
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The most call sites of the report.
pub const GROUPS: usize = 8;
/// The most allocations that are followed at a time.
const FOLLOWED: usize = 192;

/// The allocations of a call site and owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// See [`Event::site`].
    pub site: u32,
    pub owner: Tag,
    pub live: u32,
    /// Requested bytes of the live allocations.
    pub requested: u64,
    pub quarantined: u32,
    pub freed: u32,
    /// The live allocations at the begin of the step.
    pub live_before: u32,
}

/// What the figure shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The time of the mark.
    pub since: Option<u64>,
    pub groups: Vec<Group, GROUPS>,
    /// Allocations that had no room.
    pub missing: u32,
    balance: [i64; 6],
    pub is_question: bool,
}

/// An allocation that is live or in quarantine.
#[derive(Clone, Copy, Debug)]
struct Followed {
    block: VirtAddr,
    group: u8,
    requested: u32,
    is_quarantined: bool,
}

impl Report {
    /// The report at the cursor.
    pub fn new(timeline: &Timeline, step: &StepChanges) -> Report {
        let mut report = Report {
            since: None,
            groups: Vec::new(),
            missing: 0,
            balance: step.balance(),
            is_question: step.is_question,
        };
        let mut marks = timeline.events_back(LOOK_BACK, |kind| kind == Kind::HeapMark as u8);
        let Some((mark, event)) = marks.next() else {
            return report;
        };
        report.since = Some(event.time);
        let mut followed = Vec::<Followed, FOLLOWED>::new();
        for number in mark + 1..timeline.cursor() {
            if number == step.start() {
                report.begin_step();
            }
            if let Some(event) = timeline.get_if(number, is_counted) {
                report.count(&event, &mut followed);
            }
        }
        if step.start() >= timeline.cursor() {
            report.begin_step();
        }
        report
            .groups
            .sort_unstable_by_key(|group| (core::cmp::Reverse(group.requested), group.site));
        report
    }

    /// All live allocations of the report, and their requested bytes.
    pub fn live(&self) -> (u64, u64) {
        let live = self.groups.iter().map(|group| u64::from(group.live));
        (
            live.sum(),
            self.groups.iter().map(|group| group.requested).sum(),
        )
    }

    fn begin_step(&mut self) {
        for group in &mut self.groups {
            group.live_before = group.live;
        }
    }

    /// The group of this call site and owner.
    fn group(&mut self, site: u32, owner: Tag) -> Option<usize> {
        let is_same = |group: &Group| (group.site, group.owner) == (site, owner);
        if let Some(found) = self.groups.iter().position(is_same) {
            return Some(found);
        }
        let new = Group {
            site,
            owner,
            live: 0,
            requested: 0,
            quarantined: 0,
            freed: 0,
            live_before: 0,
        };
        self.groups.push(new).ok()?;
        Some(self.groups.len() - 1)
    }

    fn count(&mut self, event: &Event, followed: &mut Vec<Followed, FOLLOWED>) {
        match event.payload {
            Payload::HeapAllocate {
                block,
                requested,
                owner,
                ..
            }
            | Payload::HeapReuse {
                block,
                requested,
                owner,
                ..
            } => {
                let Some(group) = self.group(event.site, owner) else {
                    self.missing += 1;
                    return;
                };
                let is_quarantined = false;
                let one = Followed {
                    block,
                    group: group as u8,
                    requested,
                    is_quarantined,
                };
                if followed.push(one).is_err() {
                    self.missing += 1;
                    return;
                }
                self.groups[group].live += 1;
                self.groups[group].requested += u64::from(requested);
            }
            Payload::HeapQuarantine { block, .. } => {
                if let Some(found) = followed.iter_mut().find(|one| one.block == block) {
                    let group = &mut self.groups[usize::from(found.group)];
                    found.is_quarantined = true;
                    group.live -= 1;
                    group.quarantined += 1;
                    group.requested -= u64::from(found.requested);
                }
            }
            Payload::HeapFree { block, .. } | Payload::HeapCache { block, .. } => {
                let Some(at) = followed.iter().position(|one| one.block == block) else {
                    return;
                };
                let gone = followed.swap_remove(at);
                let group = &mut self.groups[usize::from(gone.group)];
                group.freed += 1;
                match gone.is_quarantined {
                    true => group.quarantined -= 1,
                    false => {
                        group.live -= 1;
                        group.requested -= u64::from(gone.requested);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_counted(kind: u8) -> bool {
    const KINDS: [Kind; 5] = [
        Kind::HeapAllocate,
        Kind::HeapReuse,
        Kind::HeapQuarantine,
        Kind::HeapFree,
        Kind::HeapCache,
    ];
    KINDS.iter().any(|&other| other as u8 == kind)
}
