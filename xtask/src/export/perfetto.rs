//! Events as a Perfetto trace: which events begin, end and mark something.
//!
//! Invariants: slices on a track nest, and all are closed at the end. A counter has a packet for
//! each change.

use std::io::{self, Write};

use memviz::model::Model;
use memviz::model::faults::space_of;
use memviz::view::caption::Part;
use mm::event::{Event, Payload};
use mm::paging::FaultOutcome;
use tracefile::player::Follower;
use x86_64::VirtAddr;

use super::form::Form;
use super::tracks::{Counter, Packets, Track, address, number, text};

/// The interval of the fault rate, in nanoseconds: a quarter of a second.
const INTERVAL: u64 = 250_000_000;
const INTERVALS_A_SECOND: u64 = 4;

/// A Perfetto trace that is being written.
pub struct Perfetto<'w> {
    packets: Packets<'w>,
    /// The lesson and the step of the open slice.
    step: Option<(&'static str, u8)>,
    /// True while a slice of an address space is open.
    has_space: bool,
    /// Live processes.
    processes: Vec<u32>,
    /// Faults without an end, in the order of their begins.
    faults: Vec<OpenFault>,
    /// The last values of the counters that have a value at each event.
    levels: [Option<u64>; 3],
    /// The start of the interval, and its faults.
    interval: (u64, u64),
}

/// A fault without an end.
struct OpenFault {
    space: u32,
    cpu: u8,
    address: VirtAddr,
}

impl Form for Perfetto<'_> {
    fn event(&mut self, follower: &Follower, event: &Event) -> io::Result<()> {
        let time = event.time;
        self.pass_intervals(time)?;
        match event.payload {
            Payload::Caption { .. } => self.caption(follower, time)?,
            Payload::FaultBegin { .. } => self.fault_begins(follower, event)?,
            Payload::FaultEnd {
                address,
                nanoseconds,
                outcome,
                ..
            } => self.fault_ends(event.cpu, address, time, outcome, nanoseconds)?,
            Payload::SpaceSwitch { number, .. } => self.switch(follower, number, time)?,
            Payload::ProcessStart { .. }
            | Payload::ProcessState { .. }
            | Payload::ProcessEnd { .. } => self.process(follower, event)?,
            Payload::FrameRefuse { .. } | Payload::HeapRefuse { .. } => {
                self.mark(Track::Refusals, follower, event)?;
            }
            Payload::Corruption { .. } => self.mark(Track::Corruption, follower, event)?,
            _ => {}
        }
        self.count(follower.model(), time)
    }

    fn finish(&mut self, follower: &Follower) -> io::Result<()> {
        let time = follower.time();
        while let Some(fault) = self.faults.pop() {
            self.packets
                .end((Track::Faults(fault.space), time), vec![])?;
        }
        while let Some(process) = self.processes.pop() {
            self.packets.end((Track::State(process), time), vec![])?;
            self.packets.end((Track::Process(process), time), vec![])?;
        }
        for (track, is_open) in [
            (Track::Space, self.has_space),
            (Track::Lessons, self.step.is_some()),
        ] {
            if is_open {
                self.packets.end((track, time), vec![])?;
            }
        }
        self.pass_intervals(time.saturating_add(INTERVAL))
    }
}

impl<'w> Perfetto<'w> {
    pub fn new(to: &'w mut dyn Write) -> Self {
        Perfetto {
            packets: Packets::new(to),
            step: None,
            has_space: false,
            processes: Vec::new(),
            faults: Vec::new(),
            levels: [None; 3],
            interval: (0, 0),
        }
    }

    /// Begins a slice where a step begins.
    fn caption(&mut self, follower: &Follower, time: u64) -> io::Result<()> {
        let caption = follower.caption();
        let caption = caption.filter(|caption| caption.part != Part::Between);
        let step = caption
            .as_ref()
            .map(|caption| (caption.lesson, caption.step));
        if step == self.step {
            return Ok(());
        }
        if self.step.is_some() {
            self.packets.end((Track::Lessons, time), vec![])?;
        }
        self.step = step;
        let Some(caption) = caption else {
            return Ok(());
        };
        let details = vec![
            text("title", caption.title),
            text("question", caption.question.as_deref().unwrap_or_default()),
            text("words", caption.words.as_str()),
        ];
        let name = format!("{}/{}", caption.lesson, caption.step);
        self.packets.begin((Track::Lessons, time), &name, details)
    }

    /// Begins the slice of another address space.
    fn switch(&mut self, follower: &Follower, process: u32, time: u64) -> io::Result<()> {
        if std::mem::replace(&mut self.has_space, true) {
            self.packets.end((Track::Space, time), vec![])?;
        }
        let name = match process {
            0 => "kernel".into(),
            _ => format!("process {process} {}", program_of(follower, process)),
        };
        self.packets
            .begin((Track::Space, time), name.trim_end(), vec![])
    }

    fn fault_begins(&mut self, follower: &Follower, event: &Event) -> io::Result<()> {
        let Payload::FaultBegin {
            address: at,
            instruction,
            code,
            cause,
        } = event.payload
        else {
            return Ok(());
        };
        let space = space_of(follower.model().space, at, code);
        self.interval.1 += 1;
        self.faults.push(OpenFault {
            space,
            cpu: event.cpu,
            address: at,
        });
        let details = vec![
            address("address", at.as_u64()),
            address("instruction", instruction.as_u64()),
            number("cpu", event.cpu.into()),
        ];
        let track = Track::Faults(space);
        self.packets.describe(track, program_of(follower, space))?;
        self.packets
            .begin((track, event.time), cause.words(), details)
    }

    /// Ends the newest open fault at this address, and those that began after it in this space.
    fn fault_ends(
        &mut self,
        cpu: u8,
        at: VirtAddr,
        time: u64,
        outcome: FaultOutcome,
        nanoseconds: u64,
    ) -> io::Result<()> {
        let is_it = |fault: &OpenFault| (fault.cpu, fault.address) == (cpu, at);
        let Some(first) = self.faults.iter().rposition(is_it) else {
            return Ok(());
        };
        let space = self.faults[first].space;
        let inside = self.faults[first + 1..].iter();
        let inside = inside.filter(|fault| fault.space == space).count();
        for _ in 0..inside {
            self.packets.end((Track::Faults(space), time), vec![])?;
        }
        let mut position = 0..;
        self.faults.retain(|fault| {
            let is_open = position.next() < Some(first);
            is_open || fault.space != space
        });
        let details = vec![
            text("outcome", outcome.words()),
            number("handler_ns", nanoseconds),
        ];
        self.packets.end((Track::Faults(space), time), details)
    }

    fn process(&mut self, follower: &Follower, event: &Event) -> io::Result<()> {
        let time = event.time;
        match event.payload {
            Payload::ProcessStart {
                number: process,
                parent,
                program,
                ..
            } if !self.processes.contains(&process) => {
                let program = follower.program(program);
                self.packets.describe(Track::Process(process), program)?;
                let details = vec![number("parent", parent.into())];
                self.packets
                    .begin((Track::Process(process), time), program, details)?;
                self.packets
                    .begin((Track::State(process), time), "ready", vec![])?;
                self.processes.push(process);
            }
            Payload::ProcessState {
                number: process,
                to,
                ..
            } if self.processes.contains(&process) => {
                self.packets.end((Track::State(process), time), vec![])?;
                self.packets
                    .begin((Track::State(process), time), to.words(), vec![])?;
            }
            Payload::ProcessEnd {
                number: process,
                faults,
                by_fault,
                ..
            } if self.processes.contains(&process) => {
                self.packets.end((Track::State(process), time), vec![])?;
                let details = vec![
                    number("faults", faults.into()),
                    text("ended", if by_fault { "by a fault" } else { "by itself" }),
                ];
                self.packets.end((Track::Process(process), time), details)?;
                self.processes.retain(|&other| other != process);
            }
            _ => {}
        }
        Ok(())
    }

    /// Marks an event, with the function that caused it.
    fn mark(&mut self, track: Track, follower: &Follower, event: &Event) -> io::Result<()> {
        let details = vec![text("function", follower.function(event).unwrap_or(""))];
        let words = event.payload.to_string();
        self.packets.instant((track, event.time), &words, details)
    }

    /// Writes the counters that changed.
    fn count(&mut self, model: &Model, time: u64) -> io::Result<()> {
        let heap = model.heap.totals();
        let levels = [
            (Counter::FreeFrames, model.free_frames()),
            (Counter::HeapLive, heap.live_bytes()),
            (Counter::HeapBacked, heap.bytes),
        ];
        for (last, (counter, value)) in self.levels.iter_mut().zip(levels) {
            if last.replace(value) != Some(value) {
                self.packets.count(counter, time, value)?;
            }
        }
        Ok(())
    }

    /// Writes the fault rate of each interval that has ended. Intervals without faults have one
    /// packet in all.
    fn pass_intervals(&mut self, time: u64) -> io::Result<()> {
        let (start, faults) = self.interval;
        let next = time - time % INTERVAL;
        if next <= start {
            return Ok(());
        }
        let rate = faults * INTERVALS_A_SECOND;
        self.packets.count(Counter::FaultRate, start, rate)?;
        if next - start > INTERVAL {
            let after = start + INTERVAL;
            self.packets.count(Counter::FaultRate, after, 0)?;
        }
        self.interval = (next, 0);
        Ok(())
    }
}

/// Returns the name of a process's program.
fn program_of(follower: &Follower, process: u32) -> &'static str {
    let found = follower.model().processes.get(process);
    let found = found.filter(|found| found.is_live);
    found.map_or("", |found| follower.program(found.program))
}
