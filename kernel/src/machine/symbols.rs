//! Names for code addresses, from the symbol table in the first boot module.
//!
//! One line a function, sorted: `ffffffff80101230 kernel::memory::paging::map`. Lookups
//! are binary searches in this text: the kernel parses and allocates nothing.

use core::fmt;
use core::str;
use spin::Once;

/// The number of digits of an address.
const DIGITS: usize = 16;
/// The name of the entry past the last function.
const UNKNOWN: &str = "?";

static TABLE: Once<&'static [u8]> = Once::new();

/// Sets the symbol table.
pub fn init(text: &'static [u8]) {
    TABLE.call_once(|| text);
}

/// Returns `function + offset`, or `?` if unknown.
pub fn name(address: u64) -> Name {
    Name(find(TABLE.get().copied().unwrap_or_default(), address))
}

/// The result of [`name`], which formats itself.
pub struct Name(Option<(&'static str, u64)>);

impl Name {
    /// Returns the function without the offset, or `?`.
    pub fn function(&self) -> &'static str {
        self.known().unwrap_or(UNKNOWN)
    }

    /// Returns the function, if it is known.
    pub fn known(&self) -> Option<&'static str> {
        self.0.map(|(name, _)| name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((name, offset)) => write!(f, "{name} + {offset:#x}"),
            None => f.write_str(UNKNOWN),
        }
    }
}

/// Returns the last line whose address is not above `address`.
fn find(text: &'static [u8], address: u64) -> Option<(&'static str, u64)> {
    let (mut low, mut high) = (0, text.len());
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        let start = text[..middle]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let end = text[middle..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(text.len(), |at| middle + at);
        let line = str::from_utf8(&text[start..end]).ok()?;
        let (digits, name) = line.split_at_checked(DIGITS)?;
        let begin = u64::from_str_radix(digits, 16).ok()?;
        if begin <= address {
            let name = name.trim_start();
            // The table has an entry for the end of the last function.
            found = (name != UNKNOWN).then_some((name, address - begin));
            low = end + 1;
        } else {
            high = start;
        }
    }
    found
}
