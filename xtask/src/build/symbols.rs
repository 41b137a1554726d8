//! The kernel's symbol file: names for its stack traces.
//!
//! ```text
//! ffffffff80101230 kernel::memory::paging::map
//! ffffffff80101460 kernel::memory::paging::unmap
//! ffffffff80101500 ?
//! ```
//!
//! One line for each function: the address of its first instruction in 16 hexadecimal digits, and
//! its name without the compiler's hash. Addresses ascend strictly, so that the kernel can use
//! binary search. The last line is the end of the last function.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSymbol, SymbolKind};

/// Returns the symbol file of a 64-bit ELF. Functions with identical code can share an address; the
/// file has the alphabetically first of their names.
pub fn extract(elf: &[u8]) -> Result<String> {
    let file = ElfFile64::<Endianness>::parse(elf).context("not an ELF file of 64 bits")?;
    let mut functions = BTreeMap::<u64, String>::new();
    let mut end = 0;
    for symbol in file.symbols() {
        if symbol.kind() != SymbolKind::Text || !symbol.is_definition() {
            continue;
        }
        end = end.max(symbol.address() + symbol.size());
        let name = format!("{:#}", rustc_demangle::demangle(symbol.name()?));
        let kept = functions
            .entry(symbol.address())
            .or_insert_with(|| name.clone());
        if name < *kept {
            *kept = name;
        }
    }
    ensure!(
        !functions.is_empty(),
        "no function has a name: was it stripped?"
    );
    functions.entry(end).or_insert_with(|| "?".into());
    Ok(functions
        .iter()
        .map(|(address, name)| format!("{address:016x} {name}\n"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test program is an ELF with functions whose names are known.
    #[cfg(target_os = "linux")]
    #[test]
    fn functions_are_named_and_sorted() {
        let elf = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let text = extract(&elf).unwrap();
        assert!(
            text.lines()
                .any(|line| line.ends_with(" xtask::build::symbols::extract"))
        );
        let addresses: Vec<u64> = text
            .lines()
            .map(|line| u64::from_str_radix(line.split_once(' ').unwrap().0, 16).unwrap())
            .collect();
        assert!(addresses.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_file_that_is_no_elf_is_refused() {
        assert!(extract(b"").is_err());
        assert!(extract(b"\x7fELF and then nonsense").is_err());
    }
}
