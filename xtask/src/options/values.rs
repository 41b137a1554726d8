//! Values of options: each is read from text, or refused with a message that says what is valid,
//! and written in the form of QEMU or the kernel.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use memviz::dashboard::PanelId;
use memviz::graphics::theme::Theme;
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::input::keys::Key;
use mm::heap::strategy::Strategy;

/// Memory of the guest, whole MiB.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Memory {
    mib: u64,
}

impl Memory {
    /// The memory of a machine, unless an option names another.
    pub const USUAL: Self = Self::from_mib(256);
    pub const fn from_mib(mib: u64) -> Self {
        Self { mib }
    }

    pub fn bytes(self) -> u64 {
        self.mib << 20
    }
}

/// The form of QEMU: `64M`, `2G`.
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
        /// The least memory with which the kernel starts and reports that it needs more.
        const LEAST_MIB: u64 = 8;
        /// Half of the 40-bit physical addresses that QEMU emulates.
        const LARGEST_MIB: u64 = 512 << 10;
        let (digits, factor) = match text.char_indices().next_back() {
            Some((at, 'M' | 'm')) => (&text[..at], 1),
            Some((at, 'G' | 'g')) => (&text[..at], 1024),
            _ => return Err("a number of M (MiB) or G (GiB) is expected: 64M, 256M, 2G".into()),
        };
        let number: u64 = digits
            .parse()
            .ok()
            .filter(|_| !digits.starts_with('+'))
            .ok_or_else(|| format!("“{digits}” is not a whole number"))?;
        match number.checked_mul(factor) {
            Some(mib) if (LEAST_MIB..=LARGEST_MIB).contains(&mib) => Ok(Self { mib }),
            _ => Err("between 8M and 512G; the kernel needs about 24M".into()),
        }
    }
}

/// Numbers of frames of a replay: one, or a range with both ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameCounts {
    first: usize,
    last: usize,
}

impl FrameCounts {
    /// A page number of a replay has 32 bits, so more frames than that cannot be used.
    const MOST: usize = 1 << 24;

    pub fn numbers(self) -> impl Iterator<Item = usize> {
        (self.first)..=self.last
    }
}

impl fmt::Display for FrameCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// Returns the name of a replacement policy, or `all`.
pub fn policy(name: &str) -> Result<String, String> {
    if name == "all" || mm::reclaim::named(name).is_some() {
        return Ok(name.into());
    }
    let names = mm::reclaim::POLICIES.map(|policy| policy.name());
    Err(format!("the policies are {}, or all", names.join(", ")))
}

impl FromStr for FrameCounts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |digits: &str| {
            digits
                .parse()
                .ok()
                .filter(|_| !digits.starts_with('+'))
                .ok_or_else(|| {
                    format!("“{digits}” is not a number of frames: 3 or 2-8 is expected")
                })
        };
        let (first, last) = (number(first)?, number(last)?);
        if (1..=last).contains(&first) && last <= Self::MOST {
            return Ok(Self { first, last });
        }
        Err(format!(
            "between 1 and {} frames, the smaller number first",
            Self::MOST
        ))
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
    const LEAST: (u32, u32) = (800, 600);
    const MOST: (u32, u32) = (3840, 2160);
    /// The width of QEMU's display adapter is a multiple of this number of pixels.
    const STEP: u32 = 8;

    /// Returns the largest size that fits into this many pixels, or the smallest size.
    pub fn fitting(width: u32, height: u32) -> Self {
        let width = width.clamp(Self::LEAST.0, Self::MOST.0);
        Self {
            width: width - width % Self::STEP,
            height: height.clamp(Self::LEAST.1, Self::MOST.1),
        }
    }
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
            .ok_or("WIDTHxHEIGHT is expected, such as 1280x800, or auto")?;
        let number = |digits: &str| {
            digits
                .parse()
                .map_err(|_| format!("“{digits}” is not a whole number"))
        };
        let (width, height): (u32, u32) = (number(width)?, number(height)?);
        let requested = Self { width, height };
        let below = Self::fitting(width, height);
        let above = Self::fitting(width.next_multiple_of(Self::STEP), height);
        let nearest = match above.width.abs_diff(width) < below.width.abs_diff(width) {
            true => above,
            false => below,
        };
        if nearest == requested {
            return Ok(requested);
        }
        Err(format!(
            "the display has no {requested}, the nearest is {nearest}: between 800x600 and 3840x2160, the width a multiple of {}",
            Self::STEP
        ))
    }
}

/// The requested size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResolutionChoice {
    /// The largest size that fits the host's display in a window, and the default without a window.
    Auto,
    This(Resolution),
}

impl ResolutionChoice {
    /// Returns the requested size, or `fitting` for `auto`.
    pub fn or(self, fitting: Resolution) -> Resolution {
        match self {
            Self::Auto => fitting,
            Self::This(resolution) => resolution,
        }
    }
}

impl FromStr for ResolutionChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text.parse().map(Self::This),
        }
    }
}

/// The keyboard layout that is requested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyboardChoice {
    /// The layout of the host in a window, and the US layout without a window.
    Auto,
    This(KeyboardLayout),
}

impl FromStr for KeyboardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::This).map_err(|_| {
            let names = KeyboardLayout::ALL.map(KeyboardLayout::name).join(", ");
            format!("the layouts are auto, {names}")
        })
    }
}

/// Keys by name, in the order in which they are pressed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Keys(Vec<String>);

impl Keys {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the guest time in seconds until all keys are pressed: four keys a second.
    pub fn seconds(&self) -> u32 {
        u32::try_from(self.0.len().div_ceil(4)).unwrap_or(u32::MAX)
    }
}

/// The form of the kernel's command line: `space,right,s`.
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
                "“{alone}” separates keys; the key itself is called comma"
            ));
        }
        text.split([' ', ','])
            .filter(|name| !name.is_empty())
            .map(named)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Seconds that a run may last: a day.
const LONGEST: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Checks words for the kernel, because this tool must know the length of the run.
pub fn kernel_words(text: &str) -> Result<String, String> {
    for word in text.split_whitespace() {
        if let Some(seconds) = word.strip_prefix("for=") {
            let fits = seconds
                .parse()
                .is_ok_and(|seconds: u32| LONGEST.contains(&seconds));
            if !fits {
                let (least, most) = (LONGEST.start(), LONGEST.end());
                return Err(format!("“{word}”: {least} to {most} seconds are expected"));
            }
        }
    }
    Ok(text.into())
}

/// Returns the name of a palette.
pub fn palette(name: &str) -> Result<String, String> {
    let names = Theme::ALL.map(|theme| theme.name);
    match names.contains(&name) {
        true => Ok(name.into()),
        false => Err(format!("the palettes are {}", names.join(", "))),
    }
}

/// Returns the name of a panel, with spaces or hyphens.
pub fn panel(name: &str) -> Result<String, String> {
    match PanelId::named(name) {
        Some(panel) => Ok(panel.name().into()),
        None => {
            let names = PanelId::ALL.map(PanelId::name);
            Err(format!("the panels are {}", names.join(", ")))
        }
    }
}

/// Returns a path that ends in .apng or .png.
pub fn animation_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_animation = path.extension().is_some_and(|extension| {
        ["apng", "png"]
            .iter()
            .any(|other| extension.eq_ignore_ascii_case(other))
    });
    match is_animation {
        true => Ok(path),
        false => Err("animations are APNG: the name must end in .apng or .png".into()),
    }
}

pub fn png_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("png") => Ok(path),
        _ => Err("pictures are PNG: the name must end in .png".into()),
    }
}

/// Returns a path that ends in .svg.
pub fn svg_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("svg") => Ok(path),
        _ => Err("this picture is SVG: the name must end in .svg".into()),
    }
}

/// Returns a path that ends in .png or .svg.
pub fn picture_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is = |wanted| {
        let extension = path.extension();
        extension.is_some_and(|found| found.eq_ignore_ascii_case(wanted))
    };
    match is("png") || is("svg") {
        true => Ok(path),
        false => Err("pictures are PNG or SVG: the name must end in .png or .svg".into()),
    }
}

/// Returns the name of a heap strategy.
pub fn heap_strategy(text: &str) -> Result<String, String> {
    let names = || Strategy::ALL.iter().map(|strategy| strategy.key());
    match names().any(|name| name == text) {
        true => Ok(text.into()),
        false => Err(format!("one of {}", names().collect::<Vec<_>>().join(", "))),
    }
}

/// Returns the name of a heap strategy, or “all”.
pub fn heap_strategy_or_all(text: &str) -> Result<String, String> {
    match text {
        "all" => Ok(text.into()),
        _ => heap_strategy(text).map_err(|names| format!("{names}, or all")),
    }
}

/// Returns the bytes of an arena: whole MiB below 4 GiB.
pub fn arena(text: &str) -> Result<u64, String> {
    let digits = text
        .strip_suffix(['M', 'm'])
        .filter(|text| !text.starts_with('+'));
    let mib = digits.and_then(|digits| digits.parse::<u64>().ok());
    match mib {
        Some(mib @ 1..4096) => Ok(mib << 20),
        _ => Err("between 1M and 4095M".into()),
    }
}
