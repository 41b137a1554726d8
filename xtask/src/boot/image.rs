//! A disk image with Limine. It boots on BIOS and UEFI, from a disc, a USB stick or in QEMU.
//!
//! ```text
//! boot/kernel, kernel.symbols                           the kernel and the names of its functions
//! boot/limine/limine.conf                               the menu
//! boot/limine/limine-bios.sys, limine-bios-cd.bin       Limine on BIOS
//! boot/limine/limine-uefi-cd.bin                        Limine on UEFI, from a disc
//! EFI/BOOT/BOOTX64.EFI                                  Limine on UEFI, from a stick
//! ```
//!
//! Limine's release files (branch `v8.x-binary` of its repository, or a system's package) are not
//! part of this project. Without them, the kernel boots straight from QEMU.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::build::{self, Kernel, strip};
use crate::setup::{self, Package};

/// The folder with Limine's release files.
#[derive(Clone)]
pub struct Limine(PathBuf);

impl Limine {
    const BOOT_FILES: [&str; 3] = [
        "limine-bios.sys",
        "limine-bios-cd.bin",
        "limine-uefi-cd.bin",
    ];
    const EFI_FILE: &str = "BOOTX64.EFI";
    /// The major version of Limine that understands `limine.conf`. Others boot and print nothing.
    const MAJOR: u32 = 8;
    const HOW: &str =
        "unpack Limine's binary release (8.x) somewhere and set LIMINE_DIR to that folder";

    /// Finds the files: in `$LIMINE_DIR`, in the folders of packages, or in the cache. The error
    /// says what to do.
    pub fn find() -> Result<Self> {
        if let Some(folder) = std::env::var_os("LIMINE_DIR").filter(|folder| !folder.is_empty()) {
            let folder = PathBuf::from(folder);
            return Self::at(&folder)
                .with_context(|| format!("LIMINE_DIR is {}", folder.display()));
        }
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        let packages = [
            "/usr/share/limine",
            "/usr/local/share/limine",
            "/opt/homebrew/share/limine",
        ];
        let folders = packages.into_iter().map(PathBuf::from);
        let mut unfit = None;
        for folder in folders.chain(cache.map(|cache| cache.join("memviz/limine"))) {
            match Self::at(&folder) {
                Ok(limine) => return Ok(limine),
                // The error about an unsuitable release says more than one about a missing folder.
                Err(error) if folder.join(Self::EFI_FILE).is_file() => unfit = Some(error),
                Err(_) => {}
            }
        }
        let missing = || anyhow!("Limine's files are missing: {}", Self::HOW);
        Err(unfit.unwrap_or_else(missing))
    }

    /// Returns the files of this folder, if all of them exist and have the required version.
    fn at(folder: &Path) -> Result<Self> {
        let mut files = Self::BOOT_FILES.into_iter().chain([Self::EFI_FILE]);
        if let Some(missing) = files.find(|file| !folder.join(file).is_file()) {
            bail!("there is no {missing} in {}", folder.display());
        }
        for file in [Self::BOOT_FILES[0], Self::EFI_FILE] {
            let path = folder.join(file);
            let bytes =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let version = version(&bytes).unwrap_or("of an unknown version".into());
            let major = version.split('.').next().unwrap_or_default();
            ensure!(
                major.parse() == Ok(Self::MAJOR),
                "{} is Limine {version}, and memviz needs {}.x: {}",
                path.display(),
                Self::MAJOR,
                Self::HOW
            );
        }
        Ok(Self(folder.into()))
    }

    /// Makes the image bootable from a stick on BIOS, with Limine's own installer: an installed
    /// program, or a C source in the release files.
    fn install(&self, image: &Path) -> Result<()> {
        let installer = match setup::find("limine") {
            Some(program) => program,
            None => self.compile_installer()?,
        };
        let output = Command::new(installer)
            .arg("bios-install")
            .arg(image)
            .output()?;
        ensure!(
            output.status.success(),
            "limine bios-install: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    fn compile_installer(&self) -> Result<PathBuf> {
        let source = self.0.join("limine.c");
        ensure!(
            source.is_file(),
            "neither the program limine nor its source limine.c is there"
        );
        ensure!(
            setup::find("cc").is_some(),
            "compiling limine.c takes a C compiler (cc), and there is none"
        );
        let program = build::target().join("limine-install");
        let status = Command::new("cc")
            .arg("-O2")
            .arg("-o")
            .arg(&program)
            .arg(&source)
            .status()?;
        ensure!(status.success(), "{} does not compile", source.display());
        Ok(program)
    }
}

/// Returns the version that a part of Limine names in its greeting: `Limine 8.2.0`.
fn version(bytes: &[u8]) -> Option<String> {
    const GREETING: &[u8] = b"Limine ";
    let after = |at: usize| bytes.get(at + GREETING.len()..);
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let positions = bytes.windows(GREETING.len()).enumerate();
    positions
        .filter(|(_, word)| *word == GREETING)
        .filter_map(|(at, _)| after(at))
        .map(|rest| {
            rest.iter()
                .copied()
                .take_while(is_number)
                .collect::<Vec<u8>>()
        })
        .find(|number| number.contains(&b'.') && number[0] != b'.')
        .map(|number| String::from_utf8_lossy(&number).into_owned())
}

/// `iso`: makes the image with the whole menu, and returns its path.
pub fn iso() -> Result<PathBuf> {
    let limine = Limine::find()?;
    setup::require(&XORRISO)?;
    let kernel = build::kernel()?;
    let menu = std::fs::read_to_string(build::root().join("limine.conf"))?;
    let image = build::target().join("memviz.iso");
    make(&limine, &kernel, &menu, &image)?;
    let from = match limine.install(&image) {
        Ok(()) => "by BIOS and UEFI, from a disc or a stick".to_string(),
        Err(error) => {
            format!("by UEFI from a disc or a stick, by BIOS only from a disc ({error:#})")
        }
    };
    println!("{}: boots {from}", image.display());
    Ok(image)
}

pub const XORRISO: Package<'static> = Package {
    name: "xorriso",
    is_there: || setup::find("xorriso").is_some(),
    packages: &[
        ("apt-get", "xorriso"),
        ("dnf", "xorriso"),
        ("pacman", "libisoburn"),
        ("zypper", "xorriso"),
        ("brew", "xorriso"),
    ],
};

/// Writes an image with this kernel and this menu.
pub fn make(limine: &Limine, kernel: &Kernel, menu: &str, image: &Path) -> Result<()> {
    let content = tempfile::Builder::new().prefix("memviz").tempdir()?;
    let boot = content.path().join("boot");
    let efi = content.path().join("EFI/BOOT");
    std::fs::create_dir_all(boot.join("limine"))?;
    std::fs::create_dir_all(&efi)?;
    let elf = std::fs::read(&kernel.elf)
        .with_context(|| format!("cannot read {}", kernel.elf.display()))?;
    std::fs::write(boot.join("kernel"), strip(&elf)?)?;
    std::fs::copy(&kernel.symbols, boot.join("kernel.symbols"))?;
    std::fs::write(boot.join("limine/limine.conf"), menu)?;
    for file in Limine::BOOT_FILES {
        std::fs::copy(limine.0.join(file), boot.join("limine").join(file))?;
    }
    std::fs::copy(limine.0.join(Limine::EFI_FILE), efi.join(Limine::EFI_FILE))?;
    // Atomically: a machine that boots from the old image can still read it.
    let beside = tempfile::tempdir_in(build::target())?;
    let new = beside.path().join("new.iso");
    write_image(content.path(), &new)?;
    std::fs::rename(&new, image).with_context(|| format!("cannot write {}", image.display()))
}

fn write_image(content: &Path, image: &Path) -> Result<()> {
    const BIOS: &str =
        "-b boot/limine/limine-bios-cd.bin -no-emul-boot -boot-load-size 4 -boot-info-table";
    const UEFI: &str = "--efi-boot boot/limine/limine-uefi-cd.bin -efi-boot-part --efi-boot-image";
    let output = Command::new("xorriso")
        .args("-as mkisofs -quiet -R -J -V MEMVIZ".split(' '))
        .args(BIOS.split(' '))
        .args(UEFI.split(' '))
        .arg("--protective-msdos-label")
        .arg("-o")
        .args([image, content])
        .stdin(Stdio::null())
        .output()
        .context("cannot start xorriso")?;
    ensure!(
        output.status.success(),
        "xorriso: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a folder with files that look like Limine's of these versions.
    fn release(bios: &str, uefi: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in Limine::BOOT_FILES {
            std::fs::write(folder.path().join(file), bios).unwrap();
        }
        std::fs::write(folder.path().join(Limine::EFI_FILE), uefi).unwrap();
        folder
    }

    #[test]
    fn other_versions_of_limine_are_named() {
        let greeting = |number: &str| format!("\0Limine is free\0Limine {number} (x86-64)\0");
        let fits = release(&greeting("8.2.0"), &greeting("8.10.1"));
        assert!(Limine::at(fits.path()).is_ok());
        for (bios, uefi, named) in [
            ("7.13.3", "7.13.3", "limine-bios.sys is Limine 7.13.3"),
            ("8.2.0", "10.6.3", "BOOTX64.EFI is Limine 10.6.3"),
            ("5.20231006.0", "8.0.0", "is Limine 5.20231006.0"),
            ("x", "8.0.0", "is Limine of an unknown version"),
        ] {
            let unfit = release(&greeting(bios), &greeting(uefi));
            let message = format!("{:#}", Limine::at(unfit.path()).err().expect(bios));
            assert!(
                message.contains(named) && message.contains("8.x"),
                "{message}"
            );
        }
        std::fs::remove_file(fits.path().join("limine-uefi-cd.bin")).unwrap();
        let message = format!("{:#}", Limine::at(fits.path()).err().unwrap());
        assert!(
            message.contains("there is no limine-uefi-cd.bin in "),
            "{message}"
        );
    }
}
