//! QEMU's command line: the machine, the way to boot, the accelerator, the window.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::capture::{Capture, MEMORY_FILE};
use crate::options::{AcceleratorChoice, Memory};

pub const PROGRAM: &str = "qemu-system-x86_64";

/// A file that the kernel reads as `opt/memviz/NAME`. It lies in the folder in which QEMU runs.
#[derive(Clone)]
pub struct GuestFile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// The description of a machine.
#[derive(Clone)]
pub struct Machine {
    pub boot: Boot,
    /// Files for the kernel.
    pub files: Vec<GuestFile>,
    pub memory: Memory,
    pub clock: Clock,
    pub window: Option<Window>,
    pub hardware: Hardware,
    /// The trace file to write, if there is one.
    pub capture: Option<Capture>,
    /// The bytes of the disk for swap, if there is one.
    pub swap: Option<u64>,
}

/// The window that shows the machine's screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// As QEMU calls it.
    pub kind: &'static str,
    /// True if the picture fills the window at any size of the machine's screen.
    pub zoom: bool,
}

/// The parts of a machine, by QEMU's names.
#[derive(Clone, Copy, Debug)]
pub struct Hardware {
    /// The CPU model and its switches.
    pub cpu: &'static str,
    /// The type of the machine and its options.
    pub machine: &'static str,
    /// The display adapter, a device on the PCI bus; None means no display.
    pub display: Option<&'static str>,
    /// Rules of QEMU's block driver `blkdebug`, by which requests of the swap disk fail.
    pub disk_errors: &'static [&'static str],
}

impl Hardware {
    /// The default machine.
    pub const USUAL: Self = Self {
        cpu: "max",
        machine: "pc",
        display: Some("VGA,vgamem_mb=64"),
        disk_errors: &[],
    };
}

/// The way to boot.
#[derive(Clone)]
pub enum Boot {
    /// QEMU loads the kernel itself.
    Direct {
        kernel: PathBuf,
        module: PathBuf,
        cmdline: String,
    },
    /// A disc, through BIOS or the given UEFI.
    Disc {
        image: PathBuf,
        firmware: Option<Firmware>,
    },
}

/// UEFI for QEMU.
#[derive(Clone)]
pub struct Firmware {
    pub code: PathBuf,
    /// The file of the firmware's variables, which the firmware writes.
    pub variables: PathBuf,
}

/// The source of the guest's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    /// An instruction is one nanosecond; idle time is skipped. Runs repeat exactly.
    Instructions,
    /// An instruction is one nanosecond; idle time lasts as long on the host.
    IdleInstructions,
    /// The wall clock, software emulation.
    Tcg,
    /// The wall clock, hardware virtualisation.
    Kvm,
}

impl Machine {
    /// Returns QEMU's arguments. The machine starts stopped at its first instruction. The serial
    /// line is on standard input and output, QMP on this socket, which QEMU inherits. The records
    /// of the dashboard go to another socket, if the run is traced.
    pub fn arguments(&self, qmp: RawFd, records: Option<RawFd>) -> Vec<OsString> {
        let mut arguments = Vec::<OsString>::new();
        let mut add = |text: &str| arguments.extend(text.split(' ').map(OsString::from));
        add("-nodefaults -no-user-config -no-reboot -S -net none -rtc base=2026-01-01,clock=vm");
        let Hardware {
            cpu,
            machine,
            display,
            disk_errors,
        } = self.hardware;
        add(&format!("-cpu {cpu} -vga none"));
        if let Some(display) = display {
            add(&format!("-device {display}"));
        }
        add("-device isa-debug-exit,iobase=0xf4,iosize=4 -device pvpanic -action panic=pause");
        add("-chardev stdio,id=serial,signal=off -serial chardev:serial");
        add(&match self.window {
            None => "-display none".to_string(),
            Some(Window { kind, zoom: false }) => format!("-display {kind}"),
            Some(Window { kind, zoom: true }) => format!("-display {kind},zoom-to-fit=on"),
        });
        add(match self.clock {
            Clock::Instructions => "-accel tcg -icount shift=0,sleep=off",
            Clock::IdleInstructions => "-accel tcg -icount shift=0,sleep=on",
            Clock::Tcg => "-accel tcg",
            Clock::Kvm => "-accel kvm",
        });
        add(&format!("-m {}", self.memory));
        if let Some(socket) = records {
            // The host reads the events in the machine's memory.
            add(&format!(
                "-object memory-backend-file,id=ram,size={},mem-path={MEMORY_FILE},share=on",
                self.memory
            ));
            add(&format!("-machine {machine},memory-backend=ram"));
            add(&format!("-chardev socket,id=records,fd={socket}"));
            add("-device isa-debugcon,iobase=0xe9,chardev=records");
        } else if host_memory().is_some_and(|bytes| self.memory.bytes() > bytes / 2) {
            // The host allocates only what the guest touches.
            add(&format!(
                "-object memory-backend-ram,id=ram,size={},reserve=off",
                self.memory
            ));
            add(&format!("-machine {machine},memory-backend=ram"));
        } else {
            add(&format!("-machine {machine}"));
        }
        add(&format!("-chardev socket,id=qmp,fd={qmp}"));
        add("-mon chardev=qmp,mode=control");
        for GuestFile { name, .. } in &self.files {
            add(&format!("-fw_cfg name=opt/memviz/{name},file={name}"));
        }
        if self.swap.is_some() {
            add(&format!("-drive {}", drive(disk_errors)));
            // QEMU would stop the machine for some errors, instead of reporting them to the guest.
            add("-device virtio-blk-pci,drive=swap,disable-legacy=on,werror=report,rerror=report");
        }
        self.boot.arguments(&mut arguments);
        arguments
    }
}

/// The file of the swap disk, in the folder in which QEMU runs.
pub const SWAP_FILE: &str = "swap";

/// Returns the value of QEMU's option `-drive` for the swap disk.
fn drive(errors: &[&str]) -> String {
    let file = match errors {
        [] => format!("file.driver=file,file.filename={SWAP_FILE}"),
        rules => format!(
            "file.driver=blkdebug,file.image.driver=file,file.image.filename={SWAP_FILE},{}",
            rules.join(",")
        ),
    };
    format!("if=none,id=swap,format=raw,{file}")
}

impl Boot {
    fn arguments(&self, arguments: &mut Vec<OsString>) {
        match self {
            Self::Direct {
                kernel,
                module,
                cmdline,
            } => arguments.extend([
                "-kernel".into(),
                kernel.into(),
                "-initrd".into(),
                module.into(),
                "-append".into(),
                cmdline.into(),
            ]),
            Self::Disc { image, firmware } => {
                arguments.extend(["-cdrom".into(), image.into(), "-boot".into(), "d".into()]);
                if let Some(firmware) = firmware {
                    let flash = |options: &str, path: &Path| {
                        let mut drive = OsString::from("if=pflash,format=raw,");
                        drive.push(options);
                        drive.push("file=");
                        drive.push(escaped(path));
                        ["-drive".into(), drive]
                    };
                    arguments.extend(flash("readonly=on,", &firmware.code));
                    arguments.extend(flash("", &firmware.variables));
                }
            }
        }
    }
}

/// Returns a path as the value of an option `key=value,key=value`: QEMU expects doubled commas, and
/// accepts all other characters.
///
/// The paths of `-kernel`, `-initrd`, `-append` and `-cdrom` are whole arguments and need no escape
/// if they are absolute. In a relative path, `-cdrom` treats the text before a colon as a protocol.
fn escaped(path: &Path) -> OsString {
    let doubled = |&byte: &u8| std::iter::repeat_n(byte, if byte == b',' { 2 } else { 1 });
    OsString::from_vec(
        path.as_os_str()
            .as_bytes()
            .iter()
            .flat_map(doubled)
            .collect(),
    )
}

/// The user of the machine, which determines its clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// No user: the machine runs as fast as it can, and repeats exactly.
    Repeatable,
    /// A user who types in the terminal, without a window.
    Typist,
    /// A user who watches the window.
    Watcher,
}

/// Returns the clock for this choice on this host.
pub fn clock(choice: AcceleratorChoice, pace: Pace) -> Result<Clock> {
    match choice {
        AcceleratorChoice::Kvm => match kvm_obstacle() {
            None => Ok(Clock::Kvm),
            Some(obstacle) => bail!("no KVM here: {obstacle}"),
        },
        _ if pace == Pace::Repeatable => Ok(Clock::Instructions),
        _ if pace == Pace::Typist => Ok(Clock::IdleInstructions),
        AcceleratorChoice::Auto if kvm_obstacle().is_none() => Ok(Clock::Kvm),
        AcceleratorChoice::Auto | AcceleratorChoice::Tcg => Ok(Clock::Tcg),
    }
}

/// Returns the best kind of window that this QEMU can open.
pub fn window_kind() -> Result<&'static str> {
    let mut kinds = ["gtk", "sdl", "cocoa"].into_iter();
    let kind = kinds.find(|kind| says("-display", kind));
    kind.context("this QEMU opens no windows")
}

/// Returns whether this QEMU lists a value among those of an option. QEMU can load every listed
/// value: it lists a module in a package of its own only if that package is installed.
pub fn says(option: &str, value: &str) -> bool {
    let output = Command::new(PROGRAM).args([option, "help"]).output();
    let list = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&list)
        .lines()
        .any(|line| line.trim() == value)
}

/// Returns why KVM cannot be used. An accessible /dev/kvm is not enough: on a processor without
/// virtualisation the device can exist, but be thousands of times slower than software emulation.
fn kvm_obstacle() -> Option<&'static str> {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let device = || {
        std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/kvm")
            .is_ok()
    };
    if !virtualises(&processor) {
        Some("the processor shows neither vmx nor svm")
    } else if !device() {
        Some("/dev/kvm cannot be opened")
    } else {
        None
    }
}

fn virtualises(cpuinfo: &str) -> bool {
    cpuinfo
        .lines()
        .filter(|line| line.starts_with("flags"))
        .flat_map(str::split_whitespace)
        .any(|flag| flag == "vmx" || flag == "svm")
}

/// Returns the memory of the host in bytes, if the host has /proc/meminfo.
fn host_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?
        .trim()
        .strip_suffix(" kB")?;
    Some(kib.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(memory: &str, clock: Clock) -> Vec<String> {
        let boot = Boot::Direct {
            kernel: "k".into(),
            module: "s".into(),
            cmdline: "a=1 b,c".into(),
        };
        let machine = Machine {
            boot,
            files: Vec::new(),
            memory: memory.parse().unwrap(),
            clock,
            window: None,
            hardware: Hardware::USUAL,
            capture: None,
            swap: None,
        };
        machine
            .arguments(7, None)
            .into_iter()
            .map(|word| word.into_string().unwrap())
            .collect()
    }

    fn has(arguments: &[String], pair: [&str; 2]) -> bool {
        arguments.windows(2).any(|words| words == pair)
    }

    #[test]
    fn words_with_spaces_stay_whole() {
        let arguments = arguments("256M", Clock::Instructions);
        assert!(has(&arguments, ["-append", "a=1 b,c"]));
        assert!(has(&arguments, ["-chardev", "socket,id=qmp,fd=7"]));
        assert!(has(&arguments, ["-icount", "shift=0,sleep=off"]));
        assert!(has(&arguments, ["-m", "256M"]));
        assert!(has(&arguments, ["-machine", "pc"]));
    }

    #[test]
    fn commas_in_paths_are_doubled_and_nothing_else_changes() {
        let path = |text: &[u8]| PathBuf::from(OsString::from_vec(text.to_vec()));
        let same = b"/a b/c=d/e:f/g%h/i\"j/k\\l/m'n/[o]*?#$/\xff\xc3\xa9";
        assert_eq!(escaped(&path(same)).as_bytes(), same);
        assert_eq!(escaped(&path(b"/a,b,,c")).as_bytes(), b"/a,,b,,,,c");
    }

    #[test]
    fn more_memory_than_the_host_has_is_not_reserved() {
        if host_memory().is_some() {
            let arguments = arguments("512G", Clock::Tcg);
            assert!(has(&arguments, ["-machine", "pc,memory-backend=ram"]));
            assert!(has(
                &arguments,
                ["-object", "memory-backend-ram,id=ram,size=512G,reserve=off"]
            ));
            assert!(!arguments.contains(&"-icount".to_string()));
        }
    }

    #[test]
    fn only_whole_flags_count() {
        assert!(virtualises("processor\t: 0\nflags\t\t: fpu svm sse\n"));
        assert!(virtualises("flags : vmx"));
        assert!(!virtualises(
            "flags : svm_lock fpu\nvmx flags\t: vnmi\nmodel name : vmx"
        ));
        assert!(!virtualises(""));
    }
}
