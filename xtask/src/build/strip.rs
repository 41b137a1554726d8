//! The kernel without the sections that only debuggers read.
//!
//! ```text
//! | ELF header | segments … | debug sections, symbols, section table |
//! |<-------- a loader reads this ------>|<- three quarters of it -->|
//! ```
//! A boot loader reads the whole file into memory and leaves it there. On a small machine that
//! memory matters.

use anyhow::{Context, Result};
use object::elf::{FileHeader64, SHN_UNDEF};
use object::pod;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{LittleEndian, U16, U64};

type Header = FileHeader64<LittleEndian>;

/// Returns this ELF up to the end of its last segment.
pub fn strip(elf: &[u8]) -> Result<Vec<u8>> {
    let endian = LittleEndian;
    let segments = Header::parse(elf)?.program_headers(endian, elf)?;
    let ends = segments.iter().map(|segment| {
        let (offset, bytes) = segment.file_range(endian);
        offset.saturating_add(bytes)
    });
    let end = ends.max().context("the ELF has no segments")?;
    let kept = elf
        .get(..usize::try_from(end)?)
        .context("the ELF ends within a segment")?;
    let mut kept = kept.to_vec();
    let Ok((header, _)) = pod::from_bytes_mut::<Header>(&mut kept) else {
        anyhow::bail!("no segment holds the ELF header");
    };
    header.e_shoff = U64::new(endian, 0);
    header.e_shnum = U16::new(endian, 0);
    header.e_shstrndx = U16::new(endian, SHN_UNDEF);
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::read::elf::ElfFile64;
    use object::{Object, ObjectSegment};

    #[test]
    fn segments_stay_and_sections_go() {
        // This test itself is an ELF with debug sections.
        let whole = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let stripped = strip(&whole).unwrap();
        assert!(stripped.len() < whole.len());
        let parse = |bytes| ElfFile64::<LittleEndian>::parse(bytes).unwrap();
        let (before, after) = (parse(&whole[..]), parse(&stripped[..]));
        let contents = |elf: &ElfFile64<LittleEndian>| -> Vec<(u64, u64, Vec<u8>)> {
            let parts = elf.segments().map(|segment| {
                let data = segment.data().unwrap().to_vec();
                (segment.address(), segment.size(), data)
            });
            parts.collect()
        };
        assert!(after.sections().next().is_none());
        assert_eq!(before.entry(), after.entry());
        // The first segment of a program begins with the header, which has the number of sections.
        assert_eq!(contents(&before)[1..], contents(&after)[1..]);
        assert!(strip(b"no ELF").is_err());
        assert!(strip(&whole[..stripped.len() - 1]).is_err());
    }
}
