//! Files that the host passes through QEMU's firmware configuration device.
//!
//! Source: QEMU's docs/specs/fw_cfg. A number written to the first port chooses an item, each read
//! of the second one gives its next byte. Item 0x19 lists the files:
//!
//! ```text
//! count: u32   { bytes: u32   item: u16   reserved: u16   name: [u8; 56] } …   big-endian
//! ```
//! Invariant: the device has one read position, so that one [`File`] is read at a time.

use x86_64::instructions::port::Port;

const CHOOSE: u16 = 0x510;
const DATA: u16 = 0x511;

const SIGNATURE: u16 = 0;
const FILES: u16 = 0x19;
const NAME_BYTES: usize = 56;

/// A file, with its read position.
pub struct File {
    left: u32,
}

impl File {
    /// Returns the file of this name, from its first byte; None if the file or the device does not
    /// exist.
    pub fn open(name: &str) -> Option<File> {
        choose(SIGNATURE);
        if read_bytes() != *b"QEMU" {
            return None;
        }
        choose(FILES);
        let count = u32::from_be_bytes(read_bytes());
        for _ in 0..count {
            let bytes = u32::from_be_bytes(read_bytes());
            let item = u16::from_be_bytes(read_bytes());
            let _reserved = read_bytes::<2>();
            let found: [u8; NAME_BYTES] = read_bytes();
            let end = found.iter().position(|&byte| byte == 0);
            if found[..end.unwrap_or(NAME_BYTES)] == *name.as_bytes() {
                choose(item);
                return Some(File { left: bytes });
            }
        }
        None
    }

    /// Returns the number of bytes that are left.
    pub fn len(&self) -> usize {
        self.left as usize
    }

    /// Returns the next byte.
    pub fn read(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        let [byte] = read_bytes();
        Some(byte)
    }
}

fn choose(item: u16) {
    // SAFETY: the port belongs to the device, or to nothing; choosing an item only moves the
    // position of reading.
    unsafe { Port::<u16>::new(CHOOSE).write(item) };
}

fn read_bytes<const N: usize>() -> [u8; N] {
    let mut port = Port::<u8>::new(DATA);
    // SAFETY: as for `choose`; a read only moves the read position.
    core::array::from_fn(|_| unsafe { port.read() })
}
