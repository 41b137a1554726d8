//! `release`: the files of a release.
//!
//! ```text
//! target/release-files/
//!     memviz-VERSION.iso    boots on BIOS and UEFI, from a disc or a stick
//!     site/                 a page for each lesson, and index.html
//!     SHA256SUMS            of all of them: sha256sum --check SHA256SUMS
//! ```
//! Invariant: under this name the folder is complete. It is filled under another name first.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{boot, build, web};

const SUMS: &str = "SHA256SUMS";

/// Makes the files.
pub fn release() -> Result<()> {
    // The image first: without the files of Limine there is none, and the pages take minutes.
    let image = boot::iso()?;
    let pages = web::make_site()?;
    let name = concat!("memviz-", env!("CARGO_PKG_VERSION"), ".iso").to_string();
    let mut files = vec![(name, image)];
    for page in pages {
        let name = page.file_name().context("a page has a name")?;
        files.push((format!("site/{}", name.to_string_lossy()), page));
    }
    let new = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o755))
        .tempdir_in(build::target())?;
    for (name, path) in &files {
        copy(path, &new.path().join(name))?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    fs::write(new.path().join(SUMS), sums(new.path(), &names)?)?;
    let folder = build::target().join("release-files");
    // The old folder goes away with `old`, after the new one has taken its name.
    let old = tempfile::tempdir_in(build::target())?;
    if folder.exists() {
        fs::rename(&folder, old.path().join("files"))
            .with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    fs::rename(new.keep(), &folder)?;
    println!("{}: {} files and {SUMS}", folder.display(), files.len());
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Returns the checksums of these files of a folder, in the format of `sha256sum`.
fn sums(folder: &Path, names: &[&str]) -> Result<String> {
    let mut lines = String::new();
    for name in names {
        let bytes = fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
        let digest = Sha256::digest(&bytes);
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        lines += &format!("{digits}  {name}\n");
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn sha256sum_accepts_the_checksums_and_finds_a_changed_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("site")).unwrap();
        fs::write(path("site/a b.html"), "abc").unwrap();
        fs::write(path("image.iso"), [0; 5000]).unwrap();
        let lines = sums(folder.path(), &["image.iso", "site/a b.html"]).unwrap();
        // FIPS 180-2, appendix B.1.
        let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(lines.ends_with(&format!("{of_abc}  site/a b.html\n")));
        fs::write(path(SUMS), lines).unwrap();
        let check = || {
            let mut command = Command::new("sha256sum");
            command.args(["--check", "--status", SUMS]);
            command
                .current_dir(folder.path())
                .status()
                .unwrap()
                .success()
        };
        assert!(check());
        fs::write(path("image.iso"), [1; 5000]).unwrap();
        assert!(!check());
    }
}
