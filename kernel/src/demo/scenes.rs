//! The scenes of the demo, each with the sentence that stands below the picture.

use super::owners::Owners;
use crate::memory::{probe, stacks};
use crate::process::programs::Program;

/// One scene.
pub struct Scene {
    /// How a command line or the shell calls it.
    pub name: &'static str,
    /// What is going on, in words.
    pub caption: &'static str,
    /// How many beats it lasts when it plays by itself.
    pub beats: u32,
    /// What happens at each beat: the beat's number, and how many operations make a burst.
    pub act: fn(&mut Owners, u32, usize),
}

/// All scenes, in the order in which they are played.
pub const SCENES: &[Scene] = &[
    Scene {
        name: "first-touch",
        caption: "Two processes start: every page that they touch first faults, and gets a zeroed frame.",
        beats: 60,
        act: |owners, beat, _| {
            if beat % 30 == 0 {
                owners.start(Program::Eat);
            }
        },
    },
    Scene {
        name: "page-cache",
        caption: "They read files: the page cache keeps a frame for every page that was read.",
        beats: 60,
        act: |owners, _, burst| owners.cache_fills(burst),
    },
    Scene {
        name: "dma",
        caption: "A driver needs memory for its device: 64 frames side by side, aligned, below 4 GiB.",
        beats: 45,
        act: |owners, beat, _| {
            if beat % 15 == 0 {
                owners.driver_takes_or_gives();
            }
        },
    },
    Scene {
        name: "buddy-split",
        caption: "The heap is asked for small blocks: large free blocks split into buddies.",
        beats: 75,
        act: |owners, _, burst| owners.heap_takes(burst.div_ceil(32)),
    },
    Scene {
        name: "copy-on-write",
        caption: "A process forks: both share every frame, and the first write to a page copies it.",
        beats: 90,
        act: |owners, beat, _| {
            if beat == 0 {
                owners.start(Program::Family);
            }
        },
    },
    Scene {
        name: "buddy-merge",
        caption: "Blocks go back to the heap: free buddies merge into larger blocks again.",
        beats: 75,
        act: |owners, _, burst| owners.heap_gives_back(burst.div_ceil(32)),
    },
    Scene {
        name: "stack-overflow",
        caption: "A process runs over the end of its stack: the guard page faults, the process is ended.",
        beats: 30,
        act: |owners, beat, _| {
            if beat == 0 {
                owners.start(Program::Overflow);
            }
        },
    },
    Scene {
        name: "guard-page",
        caption: "A probe touches the guard page below a kernel stack: refused, and the kernel goes on.",
        beats: 30,
        act: |_, beat, _| {
            if beat == 0 {
                // Refused, and that is what the scene shows.
                let guard = stacks::guard_below(stacks::Owner::Main);
                let _ = guard.map(probe::read);
            }
        },
    },
    Scene {
        name: "give-back",
        caption: "Memory is wanted elsewhere: the cache gives frames back, and holes stay behind.",
        beats: 60,
        act: |owners, _, burst| owners.cache_gives_back(burst.div_ceil(2)),
    },
    Scene {
        name: "process-end",
        caption: "The processes are ended: every frame that they had comes back.",
        beats: 45,
        act: |owners, beat, _| {
            if beat % 15 == 0 {
                owners.end_oldest();
            }
        },
    },
];

/// The scenes that show guard pages.
pub const ABOUT_GUARD_PAGES: &[&str] = &["stack-overflow", "guard-page"];

/// The number of the scene with this name, beginning with 1.
pub fn number(name: &str) -> Option<usize> {
    SCENES
        .iter()
        .position(|scene| scene.name == name)
        .map(|at| at + 1)
}

/// All captions.
pub const fn captions() -> [&'static str; SCENES.len()] {
    let mut captions = [""; SCENES.len()];
    let mut at = 0;
    while at < SCENES.len() {
        captions[at] = SCENES[at].caption;
        at += 1;
    }
    captions
}
