//! Captures the records of a running machine in a trace file.
//!
//! ```text
//! kernel ──rep outsb──► debug console ──socket──► this thread ──► trace file
//!                                                     │ “events up to 4,711”
//! history in guest memory, a file that QEMU maps ◄────┘
//! ```
//! The socket has a short buffer. So the machine waits inside its instruction until the host has
//! read, and the history cannot reuse slots that the host has not read: see
//! `kernel/src/dashboard/recorder.rs`.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use memviz::dashboard::record::{MAGIC, RECORD_BYTES, Record};
use memviz::timeline::EventWords;
use mm::event::{Event, Payload};
use mm::units::Count;
use rustix::net::sockopt::set_socket_send_buffer_size;
use tracefile::Writer;

/// The file of the machine's memory, in the folder in which QEMU runs.
pub const MEMORY_FILE: &str = "memory";

/// The data to capture.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The trace file.
    pub file: PathBuf,
    /// The kernel's symbol file.
    pub symbols: PathBuf,
    /// The kernel's command line.
    pub cmdline: String,
}

/// The captured trace.
#[derive(Clone, Copy, Debug)]
pub struct Captured {
    pub events: u64,
    /// The length of the file in bytes.
    pub bytes: u64,
    /// The length without compression, with events of 32 bytes.
    pub raw: u64,
}

impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Captured { events, bytes, raw } = *self;
        let (events, kib) = (Count(events), Count(bytes.div_ceil(1024)));
        let ratio = raw as f64 / bytes as f64;
        write!(
            f,
            "trace: {events} events in {kib} KiB, compressed to 1/{ratio:.1}"
        )
    }
}

/// Returns the two ends of a socket with a short buffer: the host's and the machine's.
pub fn socket() -> Result<(UnixStream, UnixStream)> {
    let (ours, theirs) = UnixStream::pair().context("no pair of sockets")?;
    // The kernel of the host takes the smallest size that it allows: a few bytes, each sent alone.
    set_socket_send_buffer_size(&theirs, 0)?;
    Ok((ours, theirs))
}

/// Starts a thread that captures until the machine ends.
pub fn start(
    capture: &Capture,
    port: UnixStream,
    memory: &Path,
    ram: u64,
) -> Result<JoinHandle<Result<Captured>>> {
    let context = || format!("cannot write {}", capture.file.display());
    let file = File::create(&capture.file).with_context(context)?;
    let writer = Writer::new(BufWriter::new(file)).with_context(context)?;
    let text = std::fs::read_to_string(&capture.symbols)?;
    let (cmdline, path) = (capture.cmdline.clone(), capture.file.clone());
    let memory = memory.to_path_buf();
    Ok(std::thread::spawn(move || {
        // QEMU sends single bytes. More of them at a time could be announcements of events that
        // the history overwrites before they are read here.
        let mut port = BufReader::with_capacity(32, port);
        let symbols = Symbols(&text);
        let capturing = Capturing {
            writer,
            memory,
            ram,
            history: None,
            symbols,
            named: BTreeSet::new(),
            flushed: Instant::now(),
        };
        let captured = capturing.run(&mut port, &cmdline);
        if captured.is_err() {
            // The machine must not wait for this thread.
            io::copy(&mut port, &mut io::sink())?;
        }
        captured.with_context(|| format!("the trace {} is not complete", path.display()))
    }))
}

struct Capturing<'s> {
    writer: Writer<BufWriter<File>>,
    memory: PathBuf,
    ram: u64,
    history: Option<History>,
    symbols: Symbols<'s>,
    named: BTreeSet<u64>,
    flushed: Instant,
}

impl Capturing<'_> {
    fn run(mut self, port: &mut impl Read, cmdline: &str) -> Result<Captured> {
        ensure!(
            skip_to_magic(port)?,
            "the machine sent nothing: it has no dashboard"
        );
        let mut bytes = [0; RECORD_BYTES];
        while let Some(length) = read_length(port)? {
            let bytes = bytes.get_mut(..length).context("a record is too long")?;
            if let Err(error) = port.read_exact(bytes) {
                ensure!(error.kind() == io::ErrorKind::UnexpectedEof, error);
                break;
            }
            let record = postcard::from_bytes(bytes).context("a record cannot be decoded")?;
            self.take(&record, cmdline)?;
        }
        let events = self.writer.event_count();
        let (bytes, raw) = self.writer.finish()?;
        Ok(Captured { events, bytes, raw })
    }

    fn take(&mut self, record: &Record<'_>, cmdline: &str) -> Result<()> {
        match record {
            Record::Events(end) => self.events(*end)?,
            Record::Start(start) => {
                let history = History {
                    memory: File::open(&self.memory)?,
                    at: offset(start.history, self.ram),
                    slots: start.history_events,
                };
                ensure!(history.slots >= 16, "the machine has too little memory");
                self.history = Some(history);
                self.writer.record(record)?;
                self.writer.record(&Record::CommandLine(cmdline))?;
            }
            record => self.writer.record(record)?,
        }
        const SOON: Duration = Duration::from_secs(5);
        if self.flushed.elapsed() > SOON {
            self.writer.end_block()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Reads the events up to this number from the history.
    fn events(&mut self, end: u64) -> Result<()> {
        let history = self.history.as_ref().context("events before the start")?;
        let first = self.writer.event_count();
        ensure!(
            (first..=first + history.slots).contains(&end),
            "the history has no events {first}..{end}"
        );
        let mut events = Vec::new();
        history.read(first..end, &mut events)?;
        for words in &events {
            let event = Event::from_words(*words).ok();
            let event = event.context("the history holds no event there")?;
            self.name(0xffff_ffff_0000_0000 | u64::from(event.site))?;
            if let Payload::FaultBegin { instruction, .. } = event.payload {
                self.name(instruction.as_u64())?;
            }
        }
        Ok(self.writer.events(&events)?)
    }

    /// Writes the name of the function at an address, once.
    fn name(&mut self, address: u64) -> Result<()> {
        if self.named.insert(address)
            && let Some(name) = self.symbols.function(address)
        {
            self.writer.record(&Record::Function(address, name))?;
        }
        Ok(())
    }
}

/// The history in guest memory.
struct History {
    memory: File,
    at: u64,
    slots: u64,
}

impl History {
    fn read(&self, numbers: std::ops::Range<u64>, events: &mut Vec<EventWords>) -> Result<()> {
        let mut number = numbers.start;
        while number < numbers.end {
            let slot = number % self.slots;
            let count = (numbers.end - number).min(self.slots - slot);
            let mut bytes = vec![0; count as usize * size_of::<EventWords>()];
            let at = self.at + slot * size_of::<EventWords>() as u64;
            self.memory.read_exact_at(&mut bytes, at)?;
            let (words, _) = bytes.as_chunks::<8>();
            let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
            events.extend_from_slice(words.as_chunks::<4>().0);
            number += count;
        }
        Ok(())
    }
}

/// Returns the position of a physical address in the file of the machine's memory. QEMU's `pc` has
/// the memory that does not fit below its devices from 4 GiB on.
fn offset(address: u64, ram: u64) -> u64 {
    const HIGH: u64 = 4 << 30;
    let low = if ram >= 0xe000_0000 { 0xc000_0000 } else { ram };
    match address {
        HIGH.. => address - HIGH + low,
        _ => address,
    }
}

/// The kernel's symbol file: one line for each function, ascending.
struct Symbols<'s>(&'s str);

impl<'s> Symbols<'s> {
    /// Returns the function at an address.
    fn function(&self, address: u64) -> Option<&'s str> {
        let key = format!("{address:016x}");
        let before = self.0.lines().take_while(|line| line[..16] <= key[..]);
        let (_, name) = before.last()?.split_at_checked(16)?;
        let name = name.trim_start();
        (name != "?").then_some(name)
    }
}

/// Skips the bytes of other senders, up to the start of the records.
fn skip_to_magic(port: &mut impl Read) -> Result<bool> {
    let mut last = [0; MAGIC.len()];
    let mut byte = [0];
    while last != MAGIC {
        if port.read(&mut byte)? == 0 {
            return Ok(false);
        }
        last.rotate_left(1);
        last[MAGIC.len() - 1] = byte[0];
    }
    Ok(true)
}

/// Returns the length of the next record. None where the stream ends.
fn read_length(port: &mut impl Read) -> Result<Option<usize>> {
    let mut bytes = [0; 2];
    match port.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(u16::from_le_bytes(bytes).into())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_the_names_of_the_symbol_file() {
        let text = "ffffffff80101230 a::b\nffffffff80101460 c d\nffffffff80101500 ?\n";
        let symbols = Symbols(text);
        let at = |address: u64| symbols.function(0xffff_ffff_8010_0000 | address);
        assert_eq!((at(0x122f), at(0x1230)), (None, Some("a::b")));
        assert_eq!((at(0x145f), at(0x14ff)), (Some("a::b"), Some("c d")));
        assert_eq!((at(0x1500), at(0xffff)), (None, None));
    }

    #[test]
    fn memory_beyond_the_devices_follows_in_the_file() {
        assert_eq!(offset(0x1234, 256 << 20), 0x1234);
        assert_eq!(offset(0x1_0000_1000, 8 << 30), 0xc000_1000);
    }
}
