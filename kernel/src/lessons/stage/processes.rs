//! The processes of a lesson, and the page faults that they cause.

use super::{PROCESSES, Stage, put};
use crate::interrupts::page_fault;
use crate::lessons::failure::{Failure, Outcome, fact};
use crate::memory::physical::frames;
use crate::process::programs::Program;
use crate::process::{self, End, Process};
use mm::paging::FaultCause;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The maximum number of turns until every process must wait, sleep or have ended.
const TURNS: usize = 100_000;

impl Stage {
    /// Starts a program in a new process and returns its number. The process has no turn yet.
    pub fn start(&mut self, program: Program) -> Result<u32, Failure> {
        let number = process::spawn(program)?;
        self.adopt(number);
        Ok(number)
    }

    /// Adds a process, which a process of the lesson forked, to the stage: it ends with the lesson.
    pub fn adopt(&mut self, number: u32) {
        if self.processes.len() == PROCESSES {
            self.end_oldest();
        }
        put(&mut self.processes, number);
    }

    /// Ends the oldest process that has not ended by itself. The processes that it forked move to
    /// the end of the list.
    pub fn end_oldest(&mut self) {
        while !self.processes.is_empty() {
            let oldest = self.processes.remove(0);
            for child in process::TABLE.lock().iter() {
                let is_known = self.processes.contains(&child.number);
                if child.parent == oldest && !is_known {
                    put(&mut self.processes, child.number);
                }
            }
            if process::kill(oldest) {
                return;
            }
        }
    }

    /// Runs the processes until each waits, sleeps or has ended.
    pub fn settle(&mut self) -> Outcome {
        for _ in 0..TURNS {
            if !process::run_slice() {
                return Ok(());
            }
        }
        Err(Failure::wrong(format_args!(
            "processes still run after {TURNS} turns"
        )))
    }

    /// Wakes a waiting process and runs its next part.
    pub fn wake(&mut self, number: u32) -> Outcome {
        if !process::wake(number) {
            return Err(Failure::wrong(format_args!(
                "process {number} does not wait"
            )));
        }
        self.settle()
    }

    /// Calls `read` with a live process and returns its result.
    pub fn process<T>(&self, number: u32, read: impl FnOnce(&Process) -> T) -> Result<T, Failure> {
        let mut table = process::TABLE.lock();
        let process = table.get_mut(number);
        let process =
            process.ok_or_else(|| Failure::wrong(format_args!("process {number} has ended")));
        process.map(|process| read(process))
    }

    /// Returns the frame that an address of a process is mapped to.
    pub fn frame_of(&self, number: u32, address: VirtAddr) -> Result<PhysFrame, Failure> {
        let mapping = self.process(number, |process| process.space.lookup(address))?;
        let found = mapping.map(|mapping| frames::frame_at(mapping.physical));
        found.ok_or_else(|| {
            Failure::wrong(format_args!(
                "process {number} has no frame at {address:#x}"
            ))
        })
    }

    /// Returns how a process ended.
    pub fn end_of(&self, number: u32) -> Result<End, Failure> {
        let end = process::TABLE.lock().end_of(number);
        end.ok_or_else(|| Failure::wrong(format_args!("process {number} has not ended")))
    }

    /// Starts the count of page faults at zero.
    pub fn mark_faults(&mut self) {
        self.faults = page_fault::count();
    }

    /// Checks that this many faults occurred since the mark, the last one with this cause.
    pub fn had_faults(&self, expected: u64, expected_cause: Option<FaultCause>) -> Outcome {
        let count = page_fault::count() - self.faults;
        fact!(count == expected, "{count} page faults, not {expected}");
        let cause = page_fault::last_cause();
        let right = expected_cause.is_none() || cause == expected_cause;
        fact!(
            right,
            "the fault's cause is {cause:?}, not {expected_cause:?}"
        );
        Ok(())
    }
}
