//! The kernel image: where the linker placed its sections.
//!
//! ```text
//! kernel_start │ text │ read-only data │ data │ kernel_end
//! ```
//! The addresses come from the linker script; the sections are whole pages.

/// The difference between link address and load address, when QEMU loads the image directly.
pub const IMAGE_BASE: u64 = 0xffff_ffff_8000_0000;
/// A part of the kernel image with one kind of access.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// The linker's name for it.
    pub name: &'static str,
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

unsafe extern "C" {
    static kernel_start: u8;
    static kernel_end: u8;
    static text_start: u8;
    static text_end: u8;
    static rodata_start: u8;
    static rodata_end: u8;
    static data_start: u8;
    static data_end: u8;
}

/// Returns the link address of the first byte of the image.
pub fn image_start() -> u64 {
    &raw const kernel_start as u64
}

/// Returns the size of the image in bytes, with the data that starts as zeros.
pub fn image_bytes() -> u64 {
    &raw const kernel_end as u64 - image_start()
}

/// Returns the code: read and execute.
pub fn text() -> Section {
    Section {
        name: "text",
        start: &raw const text_start as u64,
        end: &raw const text_end as u64,
    }
}

/// Returns the constants: read only.
pub fn read_only_data() -> Section {
    Section {
        name: "rodata",
        start: &raw const rodata_start as u64,
        end: &raw const rodata_end as u64,
    }
}

/// Returns the variables: read and write.
pub fn data() -> Section {
    Section {
        name: "data",
        start: &raw const data_start as u64,
        end: &raw const data_end as u64,
    }
}
