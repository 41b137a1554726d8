//! Writes files so that a failure leaves the old file whole: a full disk, a crash, Ctrl-C.
//!
//! Invariant: under its final name a file is complete. Readers see the old content or the new one.
//!
//! ```text
//! content ──► temporary file in the same folder ──rename──► path
//! ```

use std::fs::{File, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Replaces a file by the output of `write`, and makes its folder.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<()>,
) -> Result<()> {
    write_beside(path, write).with_context(|| format!("cannot write {}", path.display()))
}

/// Replaces a file by these bytes.
pub fn replace_with(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |file| Ok(file.write_all(bytes)?))
}

fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<()>,
) -> Result<()> {
    let path = target(path);
    let folder = path.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut file = tempfile::Builder::new()
        .prefix(".memviz-")
        // As for any new file; the user's umask removes bits.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    // Some file systems report a full disk only here.
    file.as_file().sync_data()?;
    file.persist(&path)?;
    Ok(())
}

/// Returns the file that a path leads to, so that a link stays a link.
fn target(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.into());
    path.canonicalize().unwrap_or_else(|_| absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace_with(&path, b"old").unwrap();
        let error = replace(&path, |file| {
            file.write_all(&[0; 100_000])?;
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into())
        });
        let message = format!("{:#}", error.unwrap_err());
        assert!(message.starts_with("cannot write ") && message.contains("/a: "));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn new_folders_are_made_and_permissions_are_usual() {
        let folder = tempfile::tempdir().unwrap();
        let usual = folder.path().join("usual");
        std::fs::write(&usual, "").unwrap();
        let path = folder.path().join("new/folder/a");
        replace_with(&path, b"1").unwrap();
        replace_with(&path, b"2").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&usual));
        assert_eq!(std::fs::read(&path).unwrap(), b"2");
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        replace_with(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }
}
