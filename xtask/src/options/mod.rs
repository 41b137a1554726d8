//! The command line of the host tool. Malformed options end the tool with a message and status 2.

mod disk;
#[cfg(test)]
mod tests;
mod traces;
mod values;
mod web;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::lessons;
use crate::memory_map::MapFile;
pub use disk::DiskSize;
pub use traces::{DiffOptions, ExportForm, ExportOptions, PlayOptions};
pub use values::{FrameCounts, KeyboardChoice, Keys, Memory, Resolution, ResolutionChoice};
use values::{
    animation_path, arena, heap_strategy, heap_strategy_or_all, kernel_words, palette, panel,
    picture_path, png_path, policy,
};
pub use web::{Source, WebOptions};

#[derive(Parser)]
#[command(name = "xtask", about = "Sets up, builds, boots and tests memviz")]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Boots memviz in QEMU: a window where there is a display, else pictures in screenshots/
    Run(Box<RunOptions>),
    /// Shows a trace file, which “run --trace” wrote
    Play(PlayOptions),
    /// Compares two moments, of one trace file or of two; status 1 if they differ
    Diff(DiffOptions),
    /// Converts a trace file for other programs
    Export(ExportOptions),
    /// Makes a page for browsers: the pictures and the text of lessons, or of trace files
    Web(WebOptions),
    /// Runs all tests: unit tests on the host, machines in QEMU, screens against references
    Test {
        /// Only tests whose names contain this
        #[arg(long, value_name = "S", default_value = "")]
        filter: String,
        /// Saves the screens of this run as the references
        #[arg(long)]
        bless: bool,
    },
    /// Checks the source without booting a machine
    Lint {
        /// Only checks whose names contain this
        #[arg(long, value_name = "S", default_value = "")]
        filter: String,
    },
    /// Remakes every picture under screenshots/
    Screenshots,
    /// Makes a picture of each step of a lesson, and a page to click through or to print
    Slides(SlidesOptions),
    /// Makes a picture of one panel in one step of a lesson
    Figure(FigureOptions),
    /// Prints costs in guest instructions
    Bench(BenchOptions),
    /// Counts hits and faults of every replacement policy for a reference string
    Policies(PoliciesOptions),
    /// Plays the requests of a file to every heap strategy, and prints the results
    Workload(WorkloadOptions),
    /// Records the allocation requests of a program, by ltrace: record -- PROGRAM ARGUMENTS
    Record(RecordOptions),
    /// Makes target/memviz.iso, bootable by BIOS and UEFI
    Iso,
    /// Makes target/release-files/: the image, a page for each lesson, and checksums
    Release,
    /// Boots the kernel on many machines, and writes the table of docs/machines.md
    Matrix {
        /// Only machines whose rows contain this; the table is not written then
        #[arg(long, value_name = "S", default_value = "")]
        filter: String,
    },
    /// Runs each fuzz target with new inputs
    Fuzz {
        /// How long each target runs
        #[arg(default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400))]
        seconds: u32,
        /// Only targets whose names contain this
        #[arg(long, value_name = "S", default_value = "")]
        filter: String,
    },
    /// Runs the event ring through every interleaving of its threads
    Loom,
    /// Runs unit tests in an interpreter that finds undefined behaviour
    Miri {
        /// Only packages whose names contain this
        #[arg(long, value_name = "S", default_value = "")]
        filter: String,
    },
    /// Plays the demo for a day of guest time: no event lost, no mismatch, no memory kept
    Soak {
        /// Guest time
        #[arg(default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(60..=86_400))]
        seconds: u32,
    },
    /// Reads and writes more pages than there are frames, for each policy: no page is lost
    Churn {
        /// Operations for each policy
        #[arg(default_value_t = 1_000_000)]
        operations: u64,
        /// Size of a disk for the pages, with a unit (64M); without it they go to compressed memory
        #[arg(long, value_name = "SIZE")]
        swap: Option<DiskSize>,
    },
    /// Changes the source of mm, and lists the changes that no test notices
    Mutants {
        /// Options of cargo-mutants, such as --file mm/src/heat/mod.rs
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Installs what is missing
    Setup,
    /// Remakes the glyph atlases under fonts/ from JetBrains Mono
    Fonts,
}

#[derive(Args, Clone)]
pub struct RunOptions {
    /// The way to boot: Limine if its files are found, else straight from QEMU
    #[arg(long, value_enum, default_value_t = BootChoice::Auto)]
    pub boot: BootChoice,
    /// Memory of the machine, with a unit (64M, 2G)
    #[arg(long, default_value_t = Memory::USUAL)]
    pub memory: Memory,
    /// Size of a disk for pages that leave their frames, with a unit (64M). Without it they go to
    /// compressed memory; in a window, the demo has a disk of 64M
    #[arg(long, value_name = "SIZE")]
    pub swap: Option<DiskSize>,
    /// Boots with the memory map of another machine: the output of dmesg there, or lines
    /// "start end kind"; memory that this machine does not have is reserved
    #[arg(long, value_name = "FILE", value_parser = MapFile::read)]
    pub memory_map: Option<MapFile>,
    /// Size of the screen in pixels, 800x600 to 3840x2160; auto: what fits this display in a
    /// window, 1280x800 without one
    #[arg(long, value_name = "WxH", default_value = "auto")]
    pub resolution: ResolutionChoice,
    /// Layout of the keyboard in a window: us, uk, de, fr, no, se, jp, colemak, dvorak or dvp;
    /// auto: that of this host
    #[arg(long, value_name = "LAYOUT", default_value = "auto")]
    pub keyboard: KeyboardChoice,
    /// The first lesson
    #[arg(long, value_name = "NAME", value_parser = lessons::named)]
    pub lesson: Option<String>,
    /// Classroom: waits for a key before each step
    #[arg(long)]
    pub step: bool,
    /// More words for the kernel's command line; they override this tool's own words
    #[arg(
        long,
        value_name = "STR",
        default_value = "",
        allow_hyphen_values = true,
        value_parser = kernel_words
    )]
    pub cmdline: String,
    /// No window
    #[arg(long)]
    pub headless: bool,
    /// Ends after this guest time, counted from the first complete dashboard; the default without
    /// a window is 20, except for a classroom or a shell in a terminal
    #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: Option<u32>,
    /// Keys that act at exact guest times, one per 0.25 s: "space right s"
    #[arg(long, default_value = "")]
    pub keys: Keys,
    /// Lets a process replay this reference string with real page faults: see “policies”
    #[arg(long, value_name = "FILE", conflicts_with_all = ["lesson", "step"])]
    pub references: Option<PathBuf>,
    /// Frames for the reference string
    #[arg(long, value_name = "N", default_value = "3", requires = "references")]
    pub frames: FrameCounts,
    /// Replacement policy for the reference string: fifo, lru, mru, clock, nru, aging, random, opt,
    /// worst, or all of them
    #[arg(long, value_name = "NAME", default_value = "fifo", requires = "references", value_parser = policy)]
    pub policy: String,
    /// Includes the instruction fetches of a lackey trace
    #[arg(long, requires = "references")]
    pub fetches: bool,
    /// Lets a process with real pages play the requests of this file to the kernel's heap
    /// strategies: see “workload”
    #[arg(long, value_name = "FILE", conflicts_with_all = ["lesson", "step", "references"])]
    pub workload: Option<PathBuf>,
    /// Heap strategy for the workload, or all of them
    #[arg(long, value_name = "NAME", default_value = "all", requires = "workload", value_parser = heap_strategy_or_all)]
    pub strategy: String,
    /// When the workload makes its next request: as soon as it can (full), in the next picture
    /// (request), at its time stamp (stamp), or at a key press (hand): Space or . for one request,
    /// ] for ten
    #[arg(long, value_name = "PACE", default_value = "full", requires = "workload", value_parser = ["full", "request", "stamp", "hand"])]
    pub pace: String,
    /// Size of each arena for the workload, with a unit (8M); the default is twice the peak of
    /// requested bytes
    #[arg(long, value_name = "SIZE", requires = "workload", value_parser = arena)]
    pub arena: Option<u64>,
    /// File for the last picture; other pictures go beside it, with their names added
    #[arg(long, value_name = "FILE.png", value_parser = png_path)]
    pub screenshot: Option<PathBuf>,
    /// Plays the lesson to its end, and writes an animation of its steps
    #[arg(long, value_name = "FILE.apng", requires = "lesson", value_parser = animation_path)]
    pub animation: Option<PathBuf>,
    /// File for a copy of the serial line
    #[arg(long, value_name = "FILE")]
    pub serial: Option<PathBuf>,
    /// File for a trace of the run: “play” shows it again
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// QEMU's accelerator; KVM is used only if the processor supports it
    #[arg(long, value_enum, default_value_t = AcceleratorChoice::Auto)]
    pub accel: AcceleratorChoice,
}

impl RunOptions {
    /// Returns how long the run lasts, in seconds of guest time. `--cmdline` overrides `--for`.
    pub fn lasts(&self) -> Option<u32> {
        let words = self.cmdline.split_whitespace();
        let mut own = words.filter_map(|word| word.strip_prefix("for=")?.parse().ok());
        own.next_back().or(self.seconds)
    }
}

#[derive(Args, Clone, Debug)]
pub struct SlidesOptions {
    /// Names of lessons; “lesson” in the shell lists them
    #[arg(value_name = "LESSON", required = true, value_parser = lessons::named)]
    pub lessons: Vec<String>,
    /// Folder for a subfolder for each lesson; the default is target/slides
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Memory of the guest
    #[arg(long, value_name = "SIZE", default_value_t = Memory::USUAL)]
    pub memory: Memory,
    /// Size of the pictures
    #[arg(long, value_name = "WxH", default_value_t = Resolution::USUAL)]
    pub resolution: Resolution,
    /// Palette: dark, contrast, print (for paper) or mono
    #[arg(long, value_name = "NAME", value_parser = palette)]
    pub palette: Option<String>,
    /// Also makes sheet.png: all slides in one picture
    #[arg(long)]
    pub sheet: bool,
    /// More words for the kernel's command line: “projector=on”
    #[arg(
        long,
        value_name = "STR",
        default_value = "",
        allow_hyphen_values = true,
        value_parser = kernel_words
    )]
    pub cmdline: String,
}

#[derive(Args, Clone, Debug)]
pub struct FigureOptions {
    /// Name of the lesson; “lesson” in the shell lists them
    #[arg(value_name = "LESSON", value_parser = lessons::named)]
    pub lesson: String,
    /// Number of the step
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=63))]
    pub step: u32,
    /// Panel to show alone: “frame map”, “buddy tree”; the default is the figure of the step
    #[arg(long, value_name = "PANEL", value_parser = panel)]
    pub panel: Option<String>,
    /// The question of the step, instead of its answer
    #[arg(long)]
    pub question: bool,
    /// Palette: dark, contrast, print (for paper) or mono
    #[arg(long, value_name = "NAME", value_parser = palette)]
    pub palette: Option<String>,
    /// Size: 1 is that of a screen of 1280x800, 2 is 2560x1600
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=2))]
    pub scale: u32,
    /// Writes SVG, with words as text, instead of PNG
    #[arg(long)]
    pub svg: bool,
    /// File; the default is target/figures/LESSON-STEP-PANEL.png or .svg
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Memory of the guest
    #[arg(long, value_name = "SIZE", default_value_t = Memory::USUAL)]
    pub memory: Memory,
}

#[derive(Args, Clone, Debug)]
pub struct BenchOptions {
    /// Memory of the guest; the cost of a picture does not depend on it
    #[arg(long, value_name = "SIZE", default_value_t = Memory::USUAL)]
    pub memory: Memory,
    /// Prints the cost of each enhancement: builds and measures a kernel without it
    #[arg(long)]
    pub enhancements: bool,
    /// Measures memviz beside published crates, on this machine; words after it are for that
    /// program (`--peers --help`)
    #[arg(long, value_name = "WORD", num_args = 0.., allow_hyphen_values = true)]
    pub peers: Option<Vec<String>>,
}

#[derive(Args, Clone, Debug)]
pub struct PoliciesOptions {
    /// Pages: numbers separated by commas or spaces, w after a number for a write; or the output
    /// of valgrind --tool=lackey --trace-mem=yes
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Numbers of frames: 3, or 2-8
    #[arg(long, value_name = "N-M", default_value = "2-8")]
    pub frames: FrameCounts,
    /// Prints a list of {"policy", "frames", "references", "hits", "faults"}
    #[arg(long)]
    pub json: bool,
    /// File for the curves; the default without --json is target/policies.svg
    #[arg(long, value_name = "FILE.svg")]
    pub picture: Option<PathBuf>,
    /// Includes the instruction fetches of a lackey trace
    #[arg(long)]
    pub fetches: bool,
    /// Starts the generator of the policy “random”
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

#[derive(Args, Clone, Debug)]
pub struct WorkloadOptions {
    /// Requests: a trace of the malloc lab (.rep), the output of ltrace, or CSV with the columns
    /// time,op,id,bytes,align,tag
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only this strategy; the default is all
    #[arg(long, value_name = "NAME", value_parser = heap_strategy)]
    pub strategy: Option<String>,
    /// Size of each arena, with a unit (8M); the default is twice the peak of requested bytes
    #[arg(long, value_name = "SIZE", value_parser = arena)]
    pub arena: Option<u64>,
    /// Prints a list of {"strategy", "requests", "failures", "utilisation_thousandths", …}, with
    /// life times and the first difference from the first strategy
    #[arg(long)]
    pub json: bool,
    /// Boots the kernel, in which a process with real pages plays the requests, and adds the guest
    /// instructions of a request; a block that the kernel places elsewhere is an error
    #[arg(long)]
    pub instructions: bool,
    /// Prints the first request that each two strategies place differently
    #[arg(long, conflicts_with = "json")]
    pub differences: bool,
    /// Prints how long blocks live, by their size
    #[arg(long, conflicts_with = "json")]
    pub lifetimes: bool,
    /// File for the heap over time, PNG or SVG: address up, requests across
    #[arg(long, value_name = "FILE", value_parser = picture_path)]
    pub picture: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct RecordOptions {
    /// File for the requests
    #[arg(long, value_name = "FILE", default_value = "requests.ltrace")]
    pub output: PathBuf,
    /// The program and its arguments, after --
    #[arg(value_name = "PROGRAM", required = true, last = true)]
    pub command: Vec<String>,
}

impl SlidesOptions {
    /// Returns the options of `slides LESSON`.
    pub fn usual(lesson: &str) -> Self {
        Self {
            lessons: vec![lesson.into()],
            folder: None,
            memory: Memory::USUAL,
            resolution: Resolution::USUAL,
            palette: None,
            sheet: false,
            cmdline: String::new(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum BootChoice {
    Auto,
    Direct,
    Bios,
    Uefi,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum AcceleratorChoice {
    Auto,
    Tcg,
    Kvm,
}
