//! The words of a run for the kernel: its command line, and keys for which the command line has no
//! room.
//!
//! Invariant: nothing is lost. Words that do not fit are refused with their number.

use anyhow::{Result, ensure};

use crate::machine::GuestFile;
use crate::options::{KeyboardChoice, Resolution, RunOptions};
use crate::references;
use crate::trace;

/// The kernel's part of the options.
pub struct Words {
    pub cmdline: String,
    /// The reference string, the workload, the memory map, and the keys if the command line has no
    /// room for them.
    pub files: Vec<GuestFile>,
}

impl Words {
    /// The maximum number of bytes that the kernel keeps of its command line.
    const MOST: usize = 1024;
    /// The value on the command line if the keys are in a file.
    const IN_FILE: &str = "fw_cfg";

    /// Collects the words. Refuses words that do not fit, so that none are lost.
    pub fn new(options: &RunOptions) -> Result<Self> {
        if let Some(seconds) = options.lasts() {
            let needed = options.keys.seconds();
            ensure!(
                needed <= seconds,
                "{} keys take {needed} s, and the run ends after {seconds}",
                options.keys.count()
            );
        }
        let keys = options.keys.to_string();
        let mut files = Vec::new();
        if let Some(path) = &options.references {
            let string = references::read_file(path, options.fetches)?;
            files.push(GuestFile {
                name: "references",
                bytes: string.to_kernel(),
            });
        }
        if let Some(path) = &options.workload {
            let trace = trace::read_file(path)?;
            ensure!(
                options.pace != "stamp" || trace.has_times(),
                "{} has no time stamps: CSV has them, and the output of ltrace -ttt",
                path.display()
            );
            let arena = options.arena.unwrap_or_else(|| trace.usual_arena());
            files.push(GuestFile {
                name: "workload",
                bytes: trace.to_kernel(arena),
            });
        }
        if let Some(map) = &options.memory_map {
            files.push(GuestFile {
                name: "memory-map",
                bytes: map.to_kernel(),
            });
        }
        let whole = cmdline(options, &keys);
        if whole.len() <= Self::MOST {
            return Ok(Self {
                cmdline: whole,
                files,
            });
        }
        let short = cmdline(options, Self::IN_FILE);
        ensure!(
            short.len() <= Self::MOST,
            "the kernel's command line has {} bytes, and {} fit",
            short.len(),
            Self::MOST
        );
        files.push(GuestFile {
            name: "keys",
            bytes: keys.into(),
        });
        Ok(Self {
            cmdline: short,
            files,
        })
    }
}

/// Returns the kernel's command line: the words of the options, unless `--cmdline` overrides them.
fn cmdline(options: &RunOptions, keys: &str) -> String {
    let key = |word: &str| word.split('=').next().unwrap_or_default().to_string();
    let own: Vec<String> = options
        .cmdline
        .split_whitespace()
        .map(str::to_string)
        .collect();
    let resolution = options.resolution.or(Resolution::USUAL);
    let mut words = vec![format!("resolution={resolution}")];
    if let KeyboardChoice::This(layout) = options.keyboard {
        words.push(format!("keyboard={layout}"));
    }
    let map = options.memory_map.as_ref();
    words.extend(map.map(|_| "memory-map=fw_cfg".to_string()));
    words.extend(options.step.then(|| "mode=classroom".to_string()));
    if options.references.is_some() {
        words.push("mode=references".into());
        words.push(format!("frames={}", options.frames));
        words.push(format!("policy={}", options.policy));
    }
    if options.workload.is_some() {
        words.push("mode=workload".into());
        words.push(format!("strategy={}", options.strategy));
        words.push(format!("pace={}", options.pace));
    }
    words.extend(options.swap.map(|_| "swap=disk".to_string()));
    words.extend(options.lesson.iter().map(|name| format!("lesson={name}")));
    words.extend(options.seconds.map(|seconds| format!("for={seconds}")));
    words.extend((!keys.is_empty()).then(|| format!("keys={keys}")));
    words.retain(|word| own.iter().all(|other| key(other) != key(word)));
    words.extend(own);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Scene;

    fn options(arguments: &'static str) -> RunOptions {
        let scene = Scene {
            name: "",
            arguments,
        };
        scene.options().unwrap()
    }

    #[test]
    fn no_key_is_lost() {
        let mut options = options("--keys 1,2,space");
        let words = Words::new(&options).unwrap();
        assert!(words.cmdline.ends_with(" keys=1,2,space") && words.files.is_empty());
        let many = "comma ".repeat(1000);
        options.keys = many.parse().unwrap();
        let words = Words::new(&options).unwrap();
        assert!(words.cmdline.ends_with(" keys=fw_cfg"));
        let keys = String::from_utf8(words.files[0].bytes.clone()).unwrap();
        assert_eq!(keys.split(',').count(), 1000);
    }

    #[test]
    fn a_command_line_that_is_too_long_is_refused_with_its_length() {
        let refused = |options: &RunOptions| format!("{:#}", Words::new(options).err().unwrap());
        let mut options = options("--for 2 --keys 1,2,3,4,5,6,7,8");
        assert!(Words::new(&options).is_ok());
        options.keys = "1 2 3 4 5 6 7 8 9".parse().unwrap();
        let message = refused(&options);
        assert!(message.contains("9 keys take 3 s"), "{message}");
        options.keys = Default::default();
        options.cmdline = "x".repeat(Words::MOST);
        let message = refused(&options);
        assert!(message.contains(" bytes, and 1024 fit"), "{message}");
    }
}
