//! Comparing each part of the model with the machine.
//!
//! Each difference is reported and counted. State that had no room in the model is not a
//! difference. The counts stay until the next comparison; [`Model::mismatches`] is their sum.

use super::ground::{GroundTruth, TrueBlock};
use super::mismatch::Mismatch;
use crate::model::heap::GRANULE_BYTES;
use crate::model::{EntryPosition, Model, Observer, Process};
use core::ops::Range;

impl Model<'_> {
    /// Returns the number of differences in the last comparison.
    pub fn mismatches(&self) -> u64 {
        self.frames.differing()
            + self.heap.differing
            + u64::from(self.mappings_differ)
            + self.firmware_map.differing
            + self.tables.differing
            + self.regions.differing
            + self.processes.differing
            + self.bytes.differing
            + self.swap.differing
    }

    /// Compares the frames with these numbers, and reports each difference. Marks the frames that
    /// differ, and clears the mark of the others.
    pub fn verify_frames(
        &mut self,
        truth: &impl GroundTruth,
        numbers: Range<usize>,
        observer: &mut impl Observer,
        mut report: impl FnMut(&Mismatch),
    ) {
        observer.begin(None);
        let before = self.frames.differing();
        let numbers = numbers.start..numbers.end.min(self.frames.len());
        for number in numbers.clone() {
            let picture = self.frames.all()[number];
            let machine = truth.frame(number);
            let differs = !picture.same(&machine);
            self.frames.mark(observer, number, differs);
            if differs {
                report(&Mismatch::Frame {
                    number,
                    picture,
                    machine,
                    last: None,
                });
            }
        }
        let differ = self.frames.differing() != before;
        observer.compared(self.frames.all(), numbers, differ);
    }

    /// Compares the heap, block by block.
    pub fn verify_heap(&mut self, truth: &impl GroundTruth, mut report: impl FnMut(&Mismatch)) {
        let mut differing = 0;
        let mut requested = 0;
        let size = truth.heap().1;
        let mut offset = 0;
        while offset < size.max(self.heap.totals().bytes) {
            let machine = truth.heap_block(offset).filter(|_| offset < size);
            let picture = self.heap.block_at(offset as usize / GRANULE_BYTES);
            if picture != machine.map(TrueBlock::drawn) {
                differing += 1;
                report(&Mismatch::Block {
                    offset,
                    picture,
                    machine,
                });
            }
            requested += machine.map_or(0, |block| block.drawn().requested.into());
            let end = machine.map(TrueBlock::drawn).or(picture);
            let end = end.map_or(offset, |block| {
                (block.granules().end * GRANULE_BYTES) as u64
            });
            offset = end.max(offset + GRANULE_BYTES as u64);
        }
        let totals = self.heap.totals();
        let (picture, machine) = ((totals.bytes, totals.requested), (size, requested));
        if picture != machine {
            differing += 1;
            report(&Mismatch::Heap { picture, machine });
        }
        self.heap.differing = differing;
    }

    /// Compares the memory map.
    pub fn verify_firmware_map(
        &mut self,
        truth: &impl GroundTruth,
        mut report: impl FnMut(&Mismatch),
    ) {
        let mut differing = 0;
        for number in 0.. {
            let picture = self.firmware_map.all().get(number).copied();
            let machine = truth.firmware_region(number);
            if picture.is_none() && machine.is_none() {
                break;
            }
            if picture != machine {
                differing += 1;
                report(&Mismatch::FirmwareRegion { picture, machine });
            }
        }
        self.firmware_map.differing = differing;
    }

    /// Compares the counts over the page tables.
    pub fn verify_mappings(&mut self, truth: &impl GroundTruth, mut report: impl FnMut(&Mismatch)) {
        let (picture, machine) = (self.mappings, truth.mappings());
        self.mappings_differ = picture != machine;
        if self.mappings_differ {
            report(&Mismatch::Mappings { picture, machine });
        }
    }

    /// Compares the machine's page-table entries from a position on. Returns the next position.
    pub(super) fn verify_entries(
        &self,
        truth: &impl GroundTruth,
        from: EntryPosition,
        most: usize,
        differing: &mut u64,
        mut report: impl FnMut(&Mismatch),
    ) -> Option<EntryPosition> {
        truth.entries(from, most, &mut |position, entry| {
            let picture = self.tables.get(position);
            let is_unknown = picture.is_none() && self.tables.missing() > 0;
            if picture != Some(entry) && !is_unknown {
                *differing += 1;
                report(&Mismatch::Entry {
                    position,
                    picture,
                    machine: Some(entry),
                    last: None,
                });
            }
        })
    }

    /// Finds entries that the machine does not have. `verify_entries` finds those that differ.
    pub(super) fn verify_slots(
        &self,
        truth: &impl GroundTruth,
        slots: Range<usize>,
        differing: &mut u64,
        mut report: impl FnMut(&Mismatch),
    ) {
        for (position, entry) in self.tables.in_slots(slots) {
            if truth.entry(position).is_none() {
                *differing += 1;
                report(&Mismatch::Entry {
                    position,
                    picture: Some(entry),
                    machine: None,
                    last: None,
                });
            }
        }
    }

    /// Compares the regions.
    pub fn verify_regions(&mut self, truth: &impl GroundTruth, mut report: impl FnMut(&Mismatch)) {
        let (mut differing, mut met) = (0, 0);
        let regions = &self.regions;
        truth.regions(&mut |space, machine| {
            let known = regions.find(space, machine.start).copied();
            let picture = known.filter(|known| known.start == machine.start);
            met += usize::from(picture.is_some());
            let is_unknown = picture.is_none() && regions.missing() > 0;
            if picture != Some(*machine) && !is_unknown {
                differing += 1;
                report(&Mismatch::Region {
                    space,
                    picture,
                    machine: Some(*machine),
                });
            }
        });
        if met < regions.len() {
            // The machine lacks some of them.
            for (space, picture) in regions.all() {
                let mut has = false;
                truth.regions(&mut |other, machine| {
                    has |= other == space && machine.start == picture.start;
                });
                if !has {
                    differing += 1;
                    report(&Mismatch::Region {
                        space,
                        picture: Some(*picture),
                        machine: None,
                    });
                }
            }
        }
        self.regions.differing = differing;
    }

    /// Compares the live processes.
    pub fn verify_processes(
        &mut self,
        truth: &impl GroundTruth,
        mut report: impl FnMut(&Mismatch),
    ) {
        let (mut differing, mut met) = (0, 0);
        let processes = &self.processes;
        let living = |process: &&Process| process.is_live;
        truth.processes(&mut |machine| {
            let picture = processes.get(machine.number).filter(living);
            let picture = picture.map(Process::as_reported);
            met += usize::from(picture.is_some());
            let is_unknown = picture.is_none() && processes.missing() > 0;
            if picture != Some(machine.as_reported()) && !is_unknown {
                differing += 1;
                report(&Mismatch::Process {
                    picture,
                    machine: Some(*machine),
                });
            }
        });
        if met < processes.all().iter().filter(living).count() {
            for picture in processes.all().iter().filter(living) {
                let mut has = false;
                truth.processes(&mut |machine| has |= machine.number == picture.number);
                if !has {
                    differing += 1;
                    report(&Mismatch::Process {
                        picture: Some(*picture),
                        machine: None,
                    });
                }
            }
        }
        self.processes.differing = differing;
    }

    /// Compares the watched bytes.
    pub fn verify_bytes(&mut self, truth: &impl GroundTruth, mut report: impl FnMut(&Mismatch)) {
        let mut differing = 0;
        let mut differ = |picture, machine| {
            differing += 1;
            report(&Mismatch::Bytes { picture, machine });
        };
        truth.watched_bytes(&mut |machine| {
            let picture = self.bytes.word(machine.address);
            if picture != Some(machine) {
                differ(picture, Some(machine));
            }
        });
        for picture in self.bytes.all() {
            let mut is_watched = false;
            truth.watched_bytes(&mut |machine| is_watched |= machine.address == picture.address);
            if !is_watched {
                differ(Some(picture), None);
            }
        }
        self.bytes.differing = differing;
    }
}
