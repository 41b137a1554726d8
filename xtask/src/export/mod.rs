//! `export`: the events of a trace file in forms that other programs read.
//!
//! ```text
//! file ──► follower ──event by event──► perfetto   slices, counters and instants (tracks, schema)
//!                                   └─► table      a row for each event, as CSV or JSON
//! ```
//! Invariant: the output file is complete or absent. `docs/export.md` describes the forms.

mod form;
mod perfetto;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod tracks;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use mm::event::Event;
use tracefile::player::{Follower, Watch};
use tracefile::{Ending, TraceError};

use crate::files;
use crate::numbers::grouped;
use crate::options::{ExportForm, ExportOptions};
use form::Form;
use perfetto::Perfetto;
use table::{Csv, Json};

pub fn export(options: &ExportOptions) -> Result<()> {
    let name = options.file.display();
    let file = File::open(&options.file).with_context(|| format!("cannot open {name}"))?;
    let form = options.form();
    let path = options.output.clone();
    let path = path.unwrap_or_else(|| beside(&options.file, form));
    let mut outcome = None;
    let written = files::replace(&path, |to| {
        outcome = Some(convert(BufReader::new(file), form, to));
        // The old file stays.
        ensure!(matches!(outcome, Some(Ok(_))), "the trace was not read");
        Ok(())
    });
    let (follower, ending) = match outcome {
        // A file that cannot be written: the input was read without an error.
        None => return written,
        Some(outcome) => outcome.with_context(|| format!("cannot export {name}"))?,
    };
    written?;
    if ending == Ending::Cut {
        println!("{name} is incomplete: it is exported up to its last whole block");
    }
    if let Some(why) = follower.differs() {
        println!("the state of memory may differ from that of the run: {why}");
    }
    let events = grouped(follower.events());
    println!("{events} events in {}", path.display());
    Ok(())
}

/// Returns the path of the output file: that of the trace with another extension.
fn beside(file: &std::path::Path, form: ExportForm) -> PathBuf {
    file.with_extension(match form {
        ExportForm::Perfetto => "perfetto-trace",
        ExportForm::Csv => "csv",
        ExportForm::Json => "json",
    })
}

/// Writes every event in a form.
struct Converting<'f>(&'f mut dyn Form);

impl Watch for Converting<'_> {
    fn event(&mut self, follower: &Follower, event: &Event) -> Result<bool, TraceError> {
        self.0.event(follower, event)?;
        Ok(true)
    }
}

/// Writes a trace in another form. Returns the machine after the last event.
fn convert(
    from: impl Read,
    form: ExportForm,
    to: &mut dyn Write,
) -> Result<(Follower, Ending), TraceError> {
    let mut form: Box<dyn Form + '_> = match form {
        ExportForm::Perfetto => Box::new(Perfetto::new(to)),
        ExportForm::Csv => Box::new(Csv::new(to)),
        ExportForm::Json => Box::new(Json::new(to)),
    };
    let (follower, ending) = Follower::follow(from, &mut Converting(&mut *form))?;
    form.finish(&follower)?;
    Ok((follower, ending))
}
