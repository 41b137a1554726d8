//! The command line of the host tool. What is malformed ends here: a message and status 2.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use memviz::input::Key;

use crate::lessons;

#[derive(Parser)]
#[command(name = "xtask", about = "Sets up, builds, boots and tests memviz")]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Boots memviz in QEMU: a window where there is a display, else pictures in screenshots/
    Run(RunOptions),
    /// Tests everything: the host's parts, machines in QEMU, screens against references
    Test {
        /// Only tests whose names contain this
        #[arg(long, value_name = "S", default_value = "")]
        filter: String,
        /// Takes the screens as they are now for references
        #[arg(long)]
        bless: bool,
    },
    /// Remakes every picture under screenshots/
    Screenshots,
    /// Makes a picture of each step of a lesson, and a page to click through or to print
    Slides(SlidesOptions),
    /// What things cost, in instructions of the guest
    Bench(BenchOptions),
    /// Makes target/memviz.iso, bootable by BIOS and UEFI
    Iso,
    /// Installs what is missing; quick and silent when nothing is
    Setup,
    /// Remakes the glyph atlases under fonts/ from JetBrains Mono
    Fonts,
}

/// Seconds that a run may last: a day.
const LONGEST: std::ops::RangeInclusive<u32> = 1..=86_400;

#[derive(Args, Clone)]
pub struct RunOptions {
    /// The way in: a boot loader (Limine) where its files are found, else straight from QEMU
    #[arg(long, value_enum, default_value_t = BootChoice::Auto)]
    pub boot: BootChoice,
    /// Memory of the machine, with a unit (64M, 2G)
    #[arg(long, default_value_t = Memory::from_mib(256))]
    pub memory: Memory,
    /// Size of the screen in pixels, 800x600 to 3840x2160
    #[arg(long, default_value_t = Resolution::USUAL)]
    pub resolution: Resolution,
    /// The lesson to begin with
    #[arg(long, value_name = "NAME", value_parser = lessons::named)]
    pub lesson: Option<String>,
    /// Classroom: stands still until a key is pressed
    #[arg(long)]
    pub step: bool,
    /// More words for the kernel's command line; they win over what this tool would say
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
    /// Ends after this time of the guest's clock, counted from the first complete dashboard
    #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: Option<u32>,
    /// Keys that act at exact guest times, one per 0.25 s: "space right s"
    #[arg(long, default_value = "")]
    pub keys: Keys,
    /// Where the last picture goes; others go beside it, with their names added
    #[arg(long, value_name = "FILE.png", value_parser = png_path)]
    pub screenshot: Option<PathBuf>,
    /// Where a copy of the serial line goes
    #[arg(long, value_name = "FILE")]
    pub serial: Option<PathBuf>,
    /// How QEMU executes: KVM only where the processor really has it
    #[arg(long, value_enum, default_value_t = AcceleratorChoice::Auto)]
    pub accel: AcceleratorChoice,
}

impl RunOptions {
    /// How long the run lasts, in seconds of the guest's clock; the kernel's own words win.
    pub fn lasts(&self) -> Option<u32> {
        let words = self.cmdline.split_whitespace();
        let mut own = words.filter_map(|word| word.strip_prefix("for=")?.parse().ok());
        own.next_back().or(self.seconds)
    }

    /// Whether the screen shows the same, boot and host aside.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        let seen = |options: &Self| {
            let Self {
                memory,
                resolution,
                lesson,
                step,
                cmdline,
                seconds,
                keys,
                ..
            } = options.clone();
            (memory, resolution, lesson, step, cmdline, seconds, keys)
        };
        seen(self) == seen(other)
    }
}

#[derive(Args, Clone, Debug)]
pub struct SlidesOptions {
    /// Names of lessons; “lesson” in the shell lists them
    #[arg(value_name = "LESSON", required = true, value_parser = lessons::named)]
    pub lessons: Vec<String>,
    /// Where each lesson gets a folder of its own; target/slides unless said
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Memory of the guest
    #[arg(long, value_name = "SIZE", default_value_t = BenchOptions::MEMORY)]
    pub memory: Memory,
    /// Size of the pictures
    #[arg(long, value_name = "WxH", default_value_t = Resolution::USUAL)]
    pub resolution: Resolution,
    /// More words for the kernel's command line: “projector=on palette=contrast”
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
pub struct BenchOptions {
    /// Memory of the guest: what pictures cost does not depend on it
    #[arg(long, value_name = "SIZE", default_value_t = BenchOptions::MEMORY)]
    pub memory: Memory,
    /// What each enhancement adds instead: builds and measures a kernel without each
    #[arg(long)]
    pub enhancements: bool,
}

impl SlidesOptions {
    /// What `slides LESSON` does.
    pub fn usual(lesson: &str) -> Self {
        Self {
            lessons: vec![lesson.into()],
            folder: None,
            memory: BenchOptions::MEMORY,
            resolution: Resolution::USUAL,
            cmdline: String::new(),
        }
    }
}

impl BenchOptions {
    pub const MEMORY: Memory = Memory::from_mib(256);
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

/// Memory of the guest, whole MiB.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Memory {
    mib: u64,
}

impl Memory {
    pub const fn from_mib(mib: u64) -> Self {
        Self { mib }
    }

    pub fn bytes(self) -> u64 {
        self.mib << 20
    }
}

/// As QEMU takes it: `64M`, `2G`.
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mib.is_multiple_of(1024) {
            write!(f, "{}G", self.mib / 1024)
        } else {
            write!(f, "{}M", self.mib)
        }
    }
}

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const LEAST_MIB: u64 = 8; // the kernel is loaded into it, and says there that more is needed
        const LARGEST_MIB: u64 = 512 << 10; // half of what 40 address bits reach, as QEMU emulates
        let (digits, factor) = match text.char_indices().next_back() {
            Some((at, 'M' | 'm')) => (&text[..at], 1),
            Some((at, 'G' | 'g')) => (&text[..at], 1024),

            _ => return Err("a number with a unit is wanted: 64M, 256M, 2G".into()),
        };
        let number: u64 = digits
            .parse()
            .ok()
            .filter(|_| !digits.starts_with('+'))
            .ok_or_else(|| format!("“{digits}” is not a whole number"))?;
        match number.checked_mul(factor) {
            Some(mib) if (LEAST_MIB..=LARGEST_MIB).contains(&mib) => Ok(Self { mib }),
            _ => Err("between 8M and 512G".into()),
        }
    }
}

/// Size of the screen, pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resolution {
    pub width: u32,
    pub height: u32,
}

impl Resolution {
    pub const USUAL: Self = Self {
        width: 1280,
        height: 800,
    };
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (width, height) = text
            .split_once('x')
            .ok_or("WIDTHxHEIGHT is wanted: 1280x800")?;
        let number = |digits: &str| {
            digits
                .parse()
                .map_err(|_| format!("“{digits}” is not a whole number"))
        };
        let (width, height): (u32, u32) = (number(width)?, number(height)?);
        // QEMU's display adapter counts its width in groups of eight pixels.
        if (800..=3840).contains(&width)
            && (600..=2160).contains(&height)
            && width.is_multiple_of(8)
        {
            Ok(Self { width, height })
        } else {
            Err("between 800x600 and 3840x2160, the width a multiple of 8".into())
        }
    }
}

/// Keys by name, in the order in which they are pressed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Keys(Vec<String>);

impl Keys {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// As the kernel's command line takes them: `space,right,s`.
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

impl FromStr for Keys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |name: &str| match Key::named(name) {
            Some(_) => Ok(name.to_string()),
            None => {
                let names = Key::NAMES.map(|(name, _)| name).join(", ");
                Err(format!(
                    "no key is called “{name}”; there are single characters and {names}"
                ))
            }
        };
        if let Some(alone) = text.split_whitespace().find(|word| *word == ",") {
            return Err(format!(
                "“{alone}” parts keys; the key itself is called comma"
            ));
        }
        text.split([' ', ','])
            .filter(|name| !name.is_empty())
            .map(named)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Words for the kernel. This tool must understand how long the run is to last.
fn kernel_words(text: &str) -> Result<String, String> {
    for word in text.split_whitespace() {
        if let Some(seconds) = word.strip_prefix("for=") {
            let fits = seconds
                .parse()
                .is_ok_and(|seconds: u32| LONGEST.contains(&seconds));
            if !fits {
                let (least, most) = (LONGEST.start(), LONGEST.end());
                return Err(format!("“{word}”: {least} to {most} seconds are wanted"));
            }
        }
    }
    Ok(text.into())
}

fn png_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("png") => Ok(path),
        _ => Err("pictures are PNG: the name must end in .png".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Options::command().debug_assert();
    }

    #[test]
    fn memory_is_read_and_written_as_qemu_takes_it() {
        for (text, mib, written) in [
            ("64M", 64, "64M"),
            ("2g", 2048, "2G"),
            ("512G", 512 << 10, "512G"),
        ] {
            let memory: Memory = text.parse().unwrap();
            assert_eq!(
                (memory.bytes(), memory.to_string().as_str()),
                (mib << 20, written)
            );
        }
        for text in [
            "",
            "M",
            "256",
            "0M",
            "7M",
            "+5M",
            "-1M",
            "1.5G",
            "513G",
            "2T",
            "99999999999999999999M",
            "64µ",
        ] {
            assert!(text.parse::<Memory>().is_err(), "{text}");
        }
    }

    #[test]
    fn resolution_is_bounded() {
        assert_eq!(
            "800x600".parse(),
            Ok(Resolution {
                width: 800,
                height: 600
            })
        );
        assert_eq!(
            "3840x2160".parse(),
            Ok(Resolution {
                width: 3840,
                height: 2160
            })
        );
        for text in [
            "",
            "x",
            "800",
            "640x480",
            "801x600",
            "3848x2160",
            "800x600x2",
            "-800x600",
        ] {
            assert!(text.parse::<Resolution>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_have_names() {
        let keys: Keys = " space right  s : ? [ ".parse().unwrap();
        assert_eq!(keys.to_string(), "space,right,s,:,?,[");
        assert!("".parse::<Keys>().unwrap().is_empty());
        assert!("space rigth".parse::<Keys>().unwrap_err().contains("rigth"));
        assert!("µ".parse::<Keys>().is_err());
    }

    #[test]
    fn malformed_arguments_end_with_status_2() {
        for line in [
            "xtask",
            "xtask walk",
            "xtask run --memory lots",
            "xtask run --for 0",
            "xtask run --for -1",
            "xtask run --cmdline for=abc",
            "xtask run --cmdline for=0",
            "xtask run --boot floppy",
            "xtask run --screenshot a.jpg",
            "xtask run --lesson",
            "xtask run --lesson alchemy",
            "xtask run --keys hyper",
            "xtask run --keys ,",
            "xtask run left-over",
        ] {
            let error = Options::try_parse_from(line.split(' ')).err().expect(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
