//! Cuts a trace file to a seed of a few KiB: its first events, all actions, and the first records
//! of each other kind. `cut FROM TO` made the files in `seeds/`.

use memviz::dashboard::record::Record;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::mem::Discriminant;
use tracefile::{Item, Reader, Writer};

/// The most events of a seed.
const EVENTS: u64 = 1024;
/// The most records of a kind.
const RECORDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let [from, to] = [1, 2].map(|number| std::env::args().nth(number));
    let (Some(from), Some(to)) = (from, to) else {
        return Err("usage: cut FROM TO".into());
    };
    let mut writer = Writer::new(File::create(to)?)?;
    let mut kept = Kept::default();
    Reader::new(File::open(from)?)?.for_each(|item| {
        match item {
            Item::Events(events) => {
                let rest = EVENTS - writer.event_count();
                writer.events(&events[..events.len().min(rest as usize)])?;
            }
            Item::Record(Record::End) => {}
            Item::Record(record) if kept.keeps(&record) => writer.record(&record)?,
            Item::Record(_) => {}
        }
        Ok(true)
    })?;
    let (bytes, _) = writer.finish()?;
    println!("{bytes} bytes");
    Ok(())
}

/// How many records of each kind were kept.
#[derive(Default)]
struct Kept(BTreeMap<String, usize>);

impl Kept {
    fn keeps(&mut self, record: &Record<'_>) -> bool {
        let is_list = matches!(
            record,
            Record::Program(_) | Record::Area(..) | Record::Lesson(_) | Record::Action(_)
        );
        let kind: Discriminant<_> = std::mem::discriminant(record);
        let count = self.0.entry(format!("{kind:?}")).or_default();
        *count += 1;
        is_list || *count <= RECORDS
    }
}
