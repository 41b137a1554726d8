//! Events as a table: a row for each event, with the state of memory after it.
//!
//! ```text
//! event,time_ns,cpu,process,kind,text,…        CSV: a line with the names, then a line for a row
//! {"kernel": …, "events": [                    JSON: the machine, then an object for a row,
//! {"event": 1, …},                             each on a line of its own
//! ]}
//! ```

use std::io::{self, Write};

use memviz::view::caption::Part;
use mm::event::Event;
use serde::Serialize;
use serde_json::json;
use tracefile::player::{Facts, Follower};

use super::form::Form;

/// An event, and the state of memory after it. The names of the fields are those of the columns.
#[derive(Serialize)]
struct Row {
    event: u64,
    time_ns: u64,
    cpu: u8,
    process: u32,
    kind: &'static str,
    text: String,
    site: Option<String>,
    function: Option<&'static str>,
    lesson: Option<&'static str>,
    step: Option<u8>,
    free_frames: u64,
    used_frames: u64,
    mapped_pages: u64,
    heap_live_bytes: u64,
    heap_free_bytes: u64,
    heap_cached_bytes: u64,
    swap_slots: u64,
    faults: u64,
}

impl Row {
    fn new(follower: &Follower, event: &Event) -> Row {
        let model = follower.model();
        let heap = model.heap.totals();
        let caption = follower.caption();
        let caption = caption.filter(|caption| caption.part != Part::Between);
        Row {
            event: follower.events(),
            time_ns: event.time,
            cpu: event.cpu,
            process: model.space,
            kind: event.payload.kind().words(),
            text: event.payload.to_string(),
            site: Follower::site(event).map(|site| format!("{site:#x}")),
            function: follower.function(event),
            lesson: caption.as_ref().map(|caption| caption.lesson),
            step: caption.map(|caption| caption.step),
            free_frames: model.free_frames(),
            used_frames: model.frames.used(),
            mapped_pages: model.mappings.total(),
            heap_live_bytes: heap.live_bytes(),
            heap_free_bytes: heap.free_bytes(),
            heap_cached_bytes: heap.cached_bytes(),
            swap_slots: model.swap.used(),
            faults: model.faults.total(),
        }
    }
}

/// A file of rows as CSV.
pub struct Csv<'w>(csv::Writer<&'w mut dyn Write>);

impl<'w> Csv<'w> {
    pub fn new(to: &'w mut dyn Write) -> Self {
        Csv(csv::Writer::from_writer(to))
    }
}

impl Form for Csv<'_> {
    fn event(&mut self, follower: &Follower, event: &Event) -> io::Result<()> {
        let row = Row::new(follower, event);
        self.0.serialize(row).map_err(io::Error::other)
    }

    fn finish(&mut self, _: &Follower) -> io::Result<()> {
        self.0.flush()
    }
}

/// A file of rows as JSON.
pub struct Json<'w> {
    to: &'w mut dyn Write,
    rows: u64,
}

impl<'w> Json<'w> {
    pub fn new(to: &'w mut dyn Write) -> Self {
        Json { to, rows: 0 }
    }

    /// Writes the facts about the machine, and opens the list of events.
    fn head(&mut self, facts: &Facts) -> io::Result<()> {
        let clock = match facts.counts_instructions {
            true => "guest instructions",
            false => "nanoseconds",
        };
        let facts = json!({
            "kernel": facts.kernel,
            "command_line": facts.command_line,
            "memory_bytes": facts.memory,
            "clock": clock,
        });
        let facts = facts.to_string();
        let open = facts.trim_end_matches('}');
        write!(self.to, "{open},\"events\":[")
    }
}

impl Form for Json<'_> {
    fn event(&mut self, follower: &Follower, event: &Event) -> io::Result<()> {
        if self.rows == 0 {
            self.head(follower.facts())?;
        }
        let separator = if self.rows == 0 { "" } else { "," };
        self.rows += 1;
        let row = serde_json::to_string(&Row::new(follower, event))?;
        write!(self.to, "{separator}\n{row}")
    }

    fn finish(&mut self, follower: &Follower) -> io::Result<()> {
        if self.rows == 0 {
            self.head(follower.facts())?;
        }
        writeln!(self.to, "\n]}}")
    }
}
