//! The pictures in screenshots/: their list, and how to make them again.

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::options::SlidesOptions;
use crate::pictures::{animation, folder};
use crate::scene::Scene;
use crate::{build, setup, slides};

/// Each scene's last picture becomes `screenshots/NAME.png`. The first is what `run` shows without
/// a display.
pub const SCENES: &[Scene] = &[
    Scene {
        name: "demo",
        arguments: "--for 20",
    },
    // In a lesson, each Space shows the next question or answer.
    Scene {
        name: "copy-on-write",
        arguments: "--step --lesson copy-on-write --for 3 --keys space,space,space,space,space,c,space",
    },
    Scene {
        name: "question",
        arguments: "--step --lesson copy-on-write --for 4 --keys space,space,space,space,space,3,a,1,2,c,4,d,c",
    },
    Scene {
        name: "page-walk",
        arguments: "--step --lesson page-walk --for 3 --keys space,space,space,space,space",
    },
    Scene {
        name: "buddy",
        arguments: "--step --lesson buddy --for 3 --keys space,space,space,space,space,space",
    },
    Scene {
        name: "corruption",
        arguments: "--step --lesson corruption --for 3 --keys space,space,space",
    },
    Scene {
        name: "state",
        arguments: "--for 12 --keys 5,1",
    },
    Scene {
        name: "heat",
        arguments: "--for 12 --keys 5,2",
    },
    Scene {
        name: "tags",
        arguments: "--for 12 --keys 5,3",
    },
    Scene {
        name: "references",
        arguments: "--step --lesson copy-on-write --for 3 --keys space,space,space,space,5,4",
    },
    Scene {
        name: "zoom",
        arguments: "--for 9 --keys 3,tab,down,down,down,down,down,+,+,+,right",
    },
    Scene {
        name: "paging",
        arguments: "--for 10 --keys 6",
    },
    Scene {
        name: "heap",
        arguments: "--for 7 --keys 7",
    },
    Scene {
        name: "time",
        arguments: "--for 20 --keys 8",
    },
    Scene {
        name: "faults",
        arguments: "--for 14 --keys 9",
    },
    Scene {
        name: "lessons",
        arguments: "--for 2 --keys l,down",
    },
    Scene {
        name: "shell",
        arguments: "--for 9 --keys :,h,e,a,p,enter",
    },
    Scene {
        name: "projector",
        arguments: "--step --lesson copy-on-write --for 3 --keys p,space,space,space,space,space,space",
    },
    Scene {
        name: "help",
        arguments: "--for 2 --keys ?",
    },
    Scene {
        name: "small-800x600",
        arguments: "--for 10 --keys 3 --resolution 800x600",
    },
    Scene {
        name: "large-1920x1080-2G",
        arguments: "--for 10 --keys 3 --resolution 1920x1080 --memory 2G",
    },
];

/// The lesson that becomes an animation.
const ANIMATED: &str = "copy-on-write";

/// `screenshots`: makes all pictures.
pub fn screenshots() -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let bar = ProgressBar::new(SCENES.len() as u64 + 1);
    bar.set_style(ProgressStyle::with_template("{bar:20} {pos}/{len} {msg}")?);
    for scene in SCENES {
        bar.set_message(scene.name);
        let played = scene
            .play(&kernel)
            .with_context(|| format!("the scene “{}”", scene.name))?;
        let path = folder().join(format!("{}.png", scene.name));
        played.end.write_png(&path)?;
        let size = (played.end.width, played.end.height);
        bar.suspend(|| println!("picture {} ({}x{})", path.display(), size.0, size.1));
        bar.inc(1);
    }
    bar.set_message(ANIMATED);
    let slides = slides::play(&kernel, ANIMATED, &SlidesOptions::usual(ANIMATED))?;
    let path = folder().join("lesson.png");
    animation::write(&path, &slides::animated(&slides))?;
    bar.suspend(|| println!("animation {} ({} pictures)", path.display(), slides.len()));
    bar.finish_and_clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn scenes_can_be_played() {
        for scene in SCENES {
            assert!(
                scene.options().unwrap().seconds.is_some(),
                "{} ends",
                scene.name
            );
        }
        let names: BTreeSet<_> = SCENES.iter().map(|scene| scene.name).collect();
        assert_eq!(names.len(), SCENES.len(), "names are unique");
    }
}
