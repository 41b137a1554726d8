//! The tracks of a Perfetto trace, and the packets on them.
//!
//! ```text
//! lessons                 slices: the steps
//! address space           slices: the process of the address space
//! refusals, corruption    instants
//! free frames, …          counters
//! process 3               slice: its life     ├─ state   slices     └─ page faults   slices
//! ```
//! Invariant: the packet of a track comes before the packets on it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use prost::Message;

use super::schema::{
    CounterDescriptor, DebugAnnotation, EventType, ProcessDescriptor, Trace, TracePacket,
    TrackDescriptor, TrackEvent,
};

/// The only sequence of packets.
const SEQUENCE: u32 = 1;

/// A track. The numbers are those of processes; 0 is the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Track {
    Lessons,
    Refusals,
    Corruption,
    Space,
    Counter(Counter),
    Process(u32),
    State(u32),
    Faults(u32),
}

/// A value that changes over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    FreeFrames,
    HeapLive,
    HeapBacked,
    FaultRate,
}

impl Counter {
    /// Returns the name and the unit.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Counter::FreeFrames => ("free frames", "frames"),
            Counter::HeapLive => ("heap: live blocks", "bytes"),
            Counter::HeapBacked => ("heap: backed by frames", "bytes"),
            Counter::FaultRate => ("page faults", "faults/s"),
        }
    }
}

impl Track {
    /// Returns the number of the track in the file, which is not 0.
    fn uuid(self) -> u64 {
        match self {
            Track::Lessons => 1,
            Track::Refusals => 2,
            Track::Corruption => 3,
            Track::Space => 4,
            Track::Counter(counter) => 16 + counter as u64,
            Track::Process(number) => 1024 + u64::from(number) * 4,
            Track::State(number) => 1025 + u64::from(number) * 4,
            Track::Faults(number) => 1026 + u64::from(number) * 4,
        }
    }

    /// Returns the packet that describes the track. `program` is that of its process.
    fn descriptor(self, program: &str) -> TrackDescriptor {
        let plain = |name: &str, parent: Option<Track>| TrackDescriptor {
            uuid: Some(self.uuid()),
            name: Some(name.into()),
            parent_uuid: parent.map(Track::uuid),
            ..TrackDescriptor::default()
        };
        match self {
            Track::Lessons => plain("lessons", None),
            Track::Refusals => plain("refusals", None),
            Track::Corruption => plain("corruption", None),
            Track::Space => plain("address space", None),
            Track::Counter(counter) => {
                let (name, unit) = counter.words();
                TrackDescriptor {
                    counter: Some(CounterDescriptor {
                        unit_name: Some(unit.into()),
                    }),
                    ..plain(name, None)
                }
            }
            // Readers take process 0 for an idle CPU.
            Track::Process(0) => plain("kernel", None),
            Track::Process(number) => TrackDescriptor {
                name: None,
                process: Some(ProcessDescriptor {
                    pid: Some(number as i32),
                    process_name: Some(program.into()),
                }),
                ..plain("", None)
            },
            Track::State(number) => plain("state", Some(Track::Process(number))),
            Track::Faults(number) => plain("page faults", Some(Track::Process(number))),
        }
    }

    /// Returns the track that this one is part of.
    fn parent(self) -> Option<Track> {
        match self {
            Track::State(number) | Track::Faults(number) => Some(Track::Process(number)),
            _ => None,
        }
    }
}

/// Writes packets.
pub struct Packets<'w> {
    to: &'w mut dyn Write,
    described: BTreeSet<Track>,
}

impl<'w> Packets<'w> {
    pub fn new(to: &'w mut dyn Write) -> Self {
        Packets {
            to,
            described: BTreeSet::new(),
        }
    }

    /// Describes a track and its parent, unless that was done.
    pub fn describe(&mut self, track: Track, program: &str) -> io::Result<()> {
        if !self.described.insert(track) {
            return Ok(());
        }
        if let Some(parent) = track.parent() {
            self.describe(parent, program)?;
        }
        self.write(TracePacket {
            track_descriptor: Some(track.descriptor(program)),
            ..TracePacket::default()
        })
    }

    pub fn begin(
        &mut self,
        (track, time): (Track, u64),
        name: &str,
        details: Vec<DebugAnnotation>,
    ) -> io::Result<()> {
        self.event(track, time, EventType::SliceBegin, Some(name), details)
    }

    /// Ends the slice that began last on this track.
    pub fn end(
        &mut self,
        (track, time): (Track, u64),
        details: Vec<DebugAnnotation>,
    ) -> io::Result<()> {
        self.event(track, time, EventType::SliceEnd, None, details)
    }

    pub fn instant(
        &mut self,
        (track, time): (Track, u64),
        name: &str,
        details: Vec<DebugAnnotation>,
    ) -> io::Result<()> {
        self.event(track, time, EventType::Instant, Some(name), details)
    }

    pub fn count(&mut self, counter: Counter, time: u64, value: u64) -> io::Result<()> {
        let track = Track::Counter(counter);
        self.describe(track, "")?;
        self.write(TracePacket {
            timestamp: Some(time),
            track_event: Some(TrackEvent {
                r#type: Some(EventType::Counter as i32),
                track_uuid: Some(track.uuid()),
                counter_value: Some(value as i64),
                ..TrackEvent::default()
            }),
            ..TracePacket::default()
        })
    }

    fn event(
        &mut self,
        track: Track,
        time: u64,
        kind: EventType,
        name: Option<&str>,
        debug_annotations: Vec<DebugAnnotation>,
    ) -> io::Result<()> {
        self.describe(track, "")?;
        self.write(TracePacket {
            timestamp: Some(time),
            track_event: Some(TrackEvent {
                debug_annotations,
                r#type: Some(kind as i32),
                track_uuid: Some(track.uuid()),
                categories: vec!["memviz".into()],
                name: name.map(Into::into),
                counter_value: None,
            }),
            ..TracePacket::default()
        })
    }

    fn write(&mut self, packet: TracePacket) -> io::Result<()> {
        let trace = Trace {
            packet: vec![TracePacket {
                trusted_packet_sequence_id: Some(SEQUENCE),
                ..packet
            }],
        };
        self.to.write_all(&trace.encode_to_vec())
    }
}

/// A detail with a text.
pub fn text(name: &str, value: impl ToString) -> DebugAnnotation {
    DebugAnnotation {
        name: Some(name.into()),
        string_value: Some(value.to_string()),
        ..DebugAnnotation::default()
    }
}

/// A detail with an address.
pub fn address(name: &str, value: u64) -> DebugAnnotation {
    DebugAnnotation {
        name: Some(name.into()),
        pointer_value: Some(value),
        ..DebugAnnotation::default()
    }
}

/// A detail with a number.
pub fn number(name: &str, value: u64) -> DebugAnnotation {
    DebugAnnotation {
        name: Some(name.into()),
        uint_value: Some(value),
        ..DebugAnnotation::default()
    }
}
