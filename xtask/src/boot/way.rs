//! The three ways to boot, and the choice of one that this host can use.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::image::{self, Limine};
use super::menu;
use crate::build::{self, Kernel};
use crate::files;
use crate::machine::{Boot, Firmware};
use crate::options::BootChoice;
use crate::setup::{self, Package};

/// A way to boot whose files are present.
#[derive(Clone)]
pub enum Way {
    Direct,
    Bios(Limine),
    Uefi(Limine, Firmware),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Bios(_) => "bios",
            Self::Uefi(..) => "uefi",
        })
    }
}

impl Way {
    /// Returns the requested way. Installs missing packages where possible.
    pub fn choose(choice: BootChoice) -> Result<Self> {
        match choice {
            BootChoice::Direct => Ok(Self::Direct),
            BootChoice::Bios => {
                let limine = Limine::find()?;
                setup::require(&image::XORRISO)?;
                Ok(Self::Bios(limine))
            }
            BootChoice::Uefi => {
                let limine = Limine::find()?;
                setup::require(&image::XORRISO)?;
                setup::require(&OVMF)?;
                Ok(Self::Uefi(
                    limine,
                    firmware().context("OVMF's files are not in their usual folders")?,
                ))
            }
            BootChoice::Auto => Ok(Self::automatic()),
        }
    }

    /// Returns Limine on BIOS if its files are present, else direct boot. Prints the choice.
    fn automatic() -> Self {
        match Self::available(BootChoice::Bios) {
            Ok(way) => {
                println!(
                    "boot: Limine on BIOS (its files were found; --boot direct|uefi are the other ways)"
                );
                way
            }
            Err(reason) => {
                println!("boot: direct, without a boot loader ({reason:#})");
                Self::Direct
            }
        }
    }

    /// Returns a way without installing anything; the error names what is missing.
    pub fn available(choice: BootChoice) -> Result<Self> {
        if choice == BootChoice::Direct {
            return Ok(Self::Direct);
        }
        let limine = Limine::find()?;
        (image::XORRISO.is_there)()
            .then_some(())
            .context("xorriso is missing")?;
        if choice == BootChoice::Bios {
            return Ok(Self::Bios(limine));
        }
        Ok(Self::Uefi(
            limine,
            firmware().context("OVMF (UEFI for QEMU) is missing")?,
        ))
    }

    /// Returns whether the way can use the instruction clock. UEFI polls its timers for seconds of
    /// guest time, which takes most of a minute by instructions.
    pub fn repeats(&self) -> bool {
        !matches!(self, Self::Uefi(..))
    }

    /// Makes the files that QEMU boots, for this command line of the kernel.
    pub fn boot(&self, kernel: &Kernel, cmdline: &str) -> Result<Boot> {
        let image = |limine| {
            let menu = std::fs::read_to_string(build::root().join("limine.conf"))?;
            let menu = menu::start_at_once(&menu, cmdline)?;
            let path = build::target().join("memviz-run.iso");
            image::make(limine, kernel, &menu, &path)?;
            Ok::<_, anyhow::Error>(path)
        };
        Ok(match self {
            Self::Direct => Boot::Direct {
                kernel: kernel.elf.clone(),
                module: kernel.symbols.clone(),
                cmdline: cmdline.into(),
            },
            Self::Bios(limine) => Boot::Disc {
                image: image(limine)?,
                firmware: None,
            },
            Self::Uefi(limine, firmware) => Boot::Disc {
                image: image(limine)?,
                firmware: Some(firmware.fresh()?),
            },
        })
    }
}

impl Firmware {
    /// Returns the firmware with its original variables, so that no run depends on an earlier one.
    fn fresh(&self) -> Result<Self> {
        let variables = build::target().join("memviz-run.vars");
        let bytes = std::fs::read(&self.variables).context("OVMF's variables")?;
        // Atomically: a running machine keeps its own variables.
        files::replace_with(&variables, &bytes)?;
        Ok(Self {
            code: self.code.clone(),
            variables,
        })
    }
}

const OVMF: Package<'static> = Package {
    name: "OVMF (UEFI for QEMU)",
    is_there: || firmware().is_some(),
    packages: &[
        ("apt-get", "ovmf"),
        ("dnf", "edk2-ovmf"),
        ("pacman", "edk2-ovmf"),
        ("zypper", "qemu-ovmf-x86_64"),
        ("brew", "qemu"),
    ],
};

/// Finds UEFI for QEMU in the folders of the systems' packages.
fn firmware() -> Option<Firmware> {
    const PLACES: [(&str, &str); 8] = [
        (
            "/usr/share/OVMF/OVMF_CODE_4M.fd",
            "/usr/share/OVMF/OVMF_VARS_4M.fd",
        ),
        (
            "/usr/share/OVMF/OVMF_CODE.fd",
            "/usr/share/OVMF/OVMF_VARS.fd",
        ),
        (
            "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
            "/usr/share/edk2/x64/OVMF_VARS.4m.fd",
        ),
        (
            "/usr/share/edk2/ovmf/OVMF_CODE.fd",
            "/usr/share/edk2/ovmf/OVMF_VARS.fd",
        ),
        (
            "/usr/share/qemu/ovmf-x86_64-code.bin",
            "/usr/share/qemu/ovmf-x86_64-vars.bin",
        ),
        (
            "/usr/share/qemu/edk2-x86_64-code.fd",
            "/usr/share/qemu/edk2-i386-vars.fd",
        ),
        (
            "/opt/homebrew/share/qemu/edk2-x86_64-code.fd",
            "/opt/homebrew/share/qemu/edk2-i386-vars.fd",
        ),
        (
            "/usr/local/share/qemu/edk2-x86_64-code.fd",
            "/usr/local/share/qemu/edk2-i386-vars.fd",
        ),
    ];
    let are_there = |(code, variables): &(&str, &str)| {
        Path::new(code).is_file() && Path::new(variables).is_file()
    };
    let (code, variables) = PLACES.into_iter().find(are_there)?;
    Some(Firmware {
        code: PathBuf::from(code),
        variables: PathBuf::from(variables),
    })
}
