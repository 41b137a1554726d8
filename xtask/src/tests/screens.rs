//! Screens against references: scripted runs must look as they did when they were last approved.
//!
//! A difference leaves three pictures in target/screens/: the reference, the new picture, and the
//! pixels that differ. If the new picture is right, `cargo xtask test --filter screens --bless`
//! makes it the reference.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::build::{self, Kernel};
use crate::pictures::Picture;
use crate::runner::{Test, Verdict};
use crate::scene::Scene;

const SCENES: &[Scene] = &[
    Scene {
        name: "start",
        arguments: "--for 1",
    },
    Scene {
        name: "demo",
        arguments: "--for 10",
    },
    Scene {
        name: "small",
        arguments: "--for 6 --memory 64M --resolution 800x600",
    },
    Scene {
        name: "large",
        arguments: "--for 4 --memory 2G --resolution 1920x1080",
    },
    Scene {
        name: "help",
        arguments: "--for 2 --resolution 800x600 --keys ?,space",
    },
    Scene {
        name: "projector",
        arguments: "--for 9 --keys p",
    },
    Scene {
        name: "huge",
        arguments: "--for 4 --resolution 3840x2160",
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
        arguments: "--for 12 --keys 8",
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
        name: "question",
        arguments: "--for 3 --step --lesson copy-on-write --keys space,space",
    },
    Scene {
        name: "small-paging",
        arguments: "--for 10 --keys 6 --resolution 800x600",
    },
    Scene {
        name: "small-heap",
        arguments: "--for 7 --keys 7 --resolution 800x600",
    },
    Scene {
        name: "shared-pages",
        arguments: "--for 3 --step --lesson copy-on-write --keys space,space,space,space,space,space",
    },
    Scene {
        name: "walk",
        arguments: "--for 3 --step --lesson page-walk --keys space,space,space,space,space,space",
    },
    Scene {
        name: "buddy",
        arguments: "--for 3 --step --lesson buddy --keys space,space,space,space,space,space",
    },
    Scene {
        name: "corruption",
        arguments: "--for 3 --step --lesson corruption --keys space,space,space",
    },
    Scene {
        name: "replacement",
        arguments: "--for 3 --step --lesson page-replacement --keys space,space,space,space,space",
    },
    Scene {
        name: "projector-lesson",
        arguments: "--for 3 --step --lesson copy-on-write --keys p,space,space,space,space,space,space",
    },
    Scene {
        name: "mono",
        arguments: "--for 10 --cmdline palette=mono",
    },
];

pub fn tests(kernel: &'static Kernel, bless: bool) -> Vec<Test> {
    let test = |scene: &'static Scene| {
        Test::new(format!("screens: {}", scene.name), move || {
            let actual = scene.play(kernel)?.end;
            if bless {
                renew(scene, &actual)
            } else {
                compare(scene, &actual)
            }
        })
    };
    SCENES.iter().map(test).collect()
}

fn reference(scene: &Scene) -> PathBuf {
    build::root()
        .join("xtask/references")
        .join(format!("{}.png", scene.name))
}

fn renew(scene: &Scene, actual: &Picture) -> Result<Verdict> {
    actual.write_png(&reference(scene))?;
    Ok(Verdict::Passed)
}

fn compare(scene: &Scene, actual: &Picture) -> Result<Verdict> {
    let expected = Picture::read_png(&reference(scene))?;
    let same_size = (expected.width, expected.height) == (actual.width, actual.height);
    let difference = if same_size {
        match expected.difference(actual) {
            None => return Ok(Verdict::Passed),
            Some(difference) => difference.to_string(),
        }
    } else {
        format!(
            "{}x{} pixels, not {}x{}",
            actual.width, actual.height, expected.width, expected.height
        )
    };
    let path = |what| {
        build::target()
            .join("screens")
            .join(format!("{}-{what}.png", scene.name))
    };
    expected.write_png(&path("expected"))?;
    actual.write_png(&path("actual"))?;
    if same_size {
        actual.marked(&expected).write_png(&path("difference"))?;
    }
    bail!(
        "{difference}; see {}",
        path("{expected,actual,difference}").display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_can_be_played() {
        assert!(
            SCENES
                .iter()
                .all(|scene| scene.options().unwrap().seconds.is_some())
        );
    }
}
