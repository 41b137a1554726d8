//! Trace files: a traced run is the same as any other, and the player draws its pictures again.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::Watch;
use crate::options::{PlayOptions, RunOptions};
use crate::pictures::Picture;
use crate::play;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene};

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    vec![Test::new(
        "trace: a traced run is the same to the bit, and the player draws its pictures again",
        move || plays_again(kernel).map(|()| Verdict::Passed),
    )]
}

/// Boards, selection, zoom, time travel, the shell and the projector, each with a picture.
const RUN: Scene = Scene {
    name: "trace",
    arguments: "--for 7 --memory 32M --resolution 800x600 --lesson copy-on-write --keys 6,tab,down,down,s,7,+,s,left,left,s,end,space,:,f,r,e,e,enter,s,escape,p,s,c,s",
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
