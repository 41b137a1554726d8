//! Trace files: a traced run is the same as any other, and the player draws its pictures again.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::boot::Way;
use crate::build::Kernel;
use crate::export;
use crate::machine::Watch;
use crate::options::{ExportOptions, PlayOptions, ResolutionChoice, RunOptions};
use crate::pictures::Picture;
use crate::play;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene};

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    vec![
        Test::new(
            "trace: a traced run is the same to the bit, and the player draws its pictures again",
            move || plays_again(kernel).map(|()| Verdict::Passed),
        ),
        Test::new("trace: other programs read an export", move || {
            other_programs_read(kernel)
        }),
    ]
}

/// Boards, selection, zoom, time travel, search, shell and projector, each with a picture.
const RUN: Scene = Scene {
    name: "trace",
    arguments: "--for 10 --memory 32M --resolution 800x600 --lesson copy-on-write --keys 6,tab,down,down,s,7,+,s,left,left,s,/,m,a,p,enter,s,N,s,escape,escape,end,space,:,f,r,e,e,enter,s,escape,p,s,c,s",
};

/// Faults, processes and lesson steps.
const EXPORTED: Scene = Scene {
    name: "export",
    arguments: "--for 4 --memory 32M --resolution 800x600 --lesson copy-on-write",
};

fn plays_again(kernel: &Kernel) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("run.trace");
    let plain = run(kernel, &RUN.options()?)?;
    let mut options = RUN.options()?;
    options.trace = Some(file.clone());
    let traced = run(kernel, &options)?;
    ensure!(plain.len() > 5, "the run saved {} pictures", plain.len());
    ensure!(plain == traced, "a traced run has other pictures");
    let pictures = folder.path().join("pictures");
    play::play(&PlayOptions {
        file,
        headless: true,
        at: None,
        resolution: ResolutionChoice::Auto,
        screenshot: None,
        pictures: Some(pictures.clone()),
    })?;
    for (name, picture) in &traced {
        let played = Picture::read_png(&pictures.join(format!("{name}.png")))?;
        if let Some(difference) = played.difference(picture) {
            anyhow::bail!("the player draws another picture {name}: {difference}");
        }
    }
    Ok(())
}

/// Reads every packet with Perfetto's own classes: all fields are known, tracks are described, and
/// slices nest.
const READER: &str = "
import sys
from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

def check(message):
    assert len(UnknownFieldSet(message)) == 0, message
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            [check(part) for part in (value if hasattr(value, 'append') else [value])]

trace = pb.Trace()
trace.ParseFromString(open(sys.argv[1], 'rb').read())
check(trace)
open_slices, counts = {}, {}
for packet in trace.packet:
    if packet.HasField('track_descriptor'):
        open_slices[packet.track_descriptor.uuid] = 0
    else:
        event = packet.track_event
        kind = pb.TrackEvent.Type.Name(event.type)
        counts[kind] = counts.get(kind, 0) + 1
        depth = {'TYPE_SLICE_BEGIN': 1, 'TYPE_SLICE_END': -1}.get(kind, 0)
        open_slices[event.track_uuid] += depth
        assert open_slices[event.track_uuid] >= 0, packet
assert not any(open_slices.values()), open_slices
assert counts['TYPE_SLICE_BEGIN'] > 0 and counts['TYPE_COUNTER'] > 100, counts
";

/// The Python package of Perfetto reads the export of a trace that a machine wrote.
fn other_programs_read(kernel: &Kernel) -> Result<Verdict> {
    let is_there = |code: &str| {
        let python = Command::new("python3").args(["-c", code]).output();
        python.is_ok_and(|output| output.status.success())
    };
    if !is_there("import perfetto.protos") {
        return Ok(Verdict::Skipped("no Python package perfetto".into()));
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("run.trace");
    let output = folder.path().join("run.perfetto-trace");
    let mut options = EXPORTED.options()?;
    options.trace = Some(file.clone());
    run(kernel, &options)?;
    export::export(&ExportOptions {
        file,
        perfetto: true,
        csv: false,
        json: false,
        output: Some(output.clone()),
    })?;
    let python = Command::new("python3")
        .args(["-c", READER])
        .arg(&output)
        .output()?;
    let complaint = String::from_utf8_lossy(&python.stderr);
    ensure!(python.status.success(), "{complaint}");
    Ok(Verdict::Passed)
}

/// Returns the pictures of a run by their names.
fn run(kernel: &Kernel, options: &RunOptions) -> Result<BTreeMap<String, Picture>> {
    let mut album = Album::default();
    let run = scene::start(&Way::Direct, kernel, options, &mut album)?;
    ensure!(run.fault().is_none(), "{}", run.fault().unwrap_or_default());
    Ok(album.0)
}

/// Keeps all pictures.
#[derive(Default)]
struct Album(BTreeMap<String, Picture>);

impl Watch for Album {
    fn line(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn picture(&mut self, name: &str, picture: Picture) -> Result<()> {
        self.0.insert(name.into(), picture);
        Ok(())
    }
}
