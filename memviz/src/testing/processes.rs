//! Processes that start, sleep and end, and switches between address spaces.

use super::Machine;
use crate::model::Process;
use crate::model::tables::{Entry, EntryPosition};
use mm::event::{Payload, ProcessState};
use x86_64::VirtAddr;

impl Machine {
    pub(super) fn act_on_processes(&mut self, amount: u64) {
        let at = (amount as usize / 4).checked_rem(self.processes.len());
        match (amount % 4, at) {
            (0, Some(at)) => {
                let number = self.processes[at].number;
                self.end_process(at, number, amount.is_multiple_of(3));
            }
            (1, Some(at)) => {
                let process = &mut self.processes[at];
                let (number, from) = (process.number, process.state);
                let to = match from {
                    ProcessState::Ready => ProcessState::Asleep,
                    _ => ProcessState::Ready,
                };
                process.state = to;
                self.emit(Payload::ProcessState { number, from, to });
            }
            (2, Some(at)) => self.enter_space(self.processes[at].number),
            _ => {
                self.last_number += 1;
                let parent = self.space;
                self.enter_space(self.last_number);
                self.link_tables(VirtAddr::zero(), 1);
                let process = Process {
                    is_live: true,
                    parent,
                    program: amount as u8 % 3,
                    started: self.time / 1_000_000,
                    ..Process::numbered(self.last_number)
                };
                self.processes.push(process);
                self.emit(Payload::ProcessStart {
                    number: process.number,
                    parent,
                    program: process.program,
                    started: process.started,
                });
            }
        }
    }

    /// Releases all memory, the lowest addresses first.
    fn end_process(&mut self, at: usize, number: u32, by_fault: bool) {
        let (from, to) = (self.processes[at].state, ProcessState::Ended);
        self.emit(Payload::ProcessState { number, from, to });
        self.enter_space(number);
        let own = |key: &&(u32, u64)| key.0 == number;
        let regions: Vec<_> = self.regions.keys().filter(own).copied().collect();
        for key in regions {
            let region = self.regions.remove(&key).expect("it was found");
            self.emit(Payload::RegionClose {
                start: region.start,
                bytes: region.bytes,
                policy: region.policy,
                owner: region.owner,
            });
        }
        self.drop_swapped();
        let own = |(place, _): &(&EntryPosition, &Entry)| place.space == number;
        let entries = self.entries.iter().filter(own);
        let mut entries: Vec<_> = entries.map(|(&place, &entry)| (place, entry)).collect();
        entries.sort_by_key(|(place, _)| core::cmp::Reverse(place.depth));
        for (place, entry) in entries {
            match place.page_size().filter(|_| !entry.is_table) {
                Some(size) => self.unmap(place.base(), size, entry),
                None => self.unlink_table(place),
            }
        }
        let process = self.processes.remove(at);
        self.emit(Payload::ProcessEnd {
            number,
            parent: process.parent,
            program: process.program,
            started: process.started,
            faults: process.faults as u32,
            by_fault,
        });
    }

    fn enter_space(&mut self, number: u32) {
        let previous = core::mem::replace(&mut self.space, number);
        if previous != number {
            self.emit(Payload::SpaceSwitch { number, previous });
        }
    }
}
