//! Any bytes as a trace file, and as the content of a block with a right checksum: refused, or read
//! to an end.
#![no_main]

use crc32fast::Hasher;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use libfuzzer_sys::fuzz_target;
use memviz::dashboard::record::VERSION;
use std::io::Write;
use tracefile::{MAGIC, Reader};

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    read(&file_of(bytes));
});

fn read(file: &[u8]) {
    if let Ok(mut reader) = Reader::new(file) {
        let _ = reader.for_each(|_| Ok(true));
    }
}

/// A file of one block with this content.
fn file_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("a vector takes all");
    let stored = encoder.finish().expect("a vector takes all");
    let length = (content.len() as u32).to_le_bytes();
    let mut checksum = Hasher::new();
    checksum.update(&length);
    checksum.update(&stored);
    let parts: [&[u8]; 6] = [
        &MAGIC,
        &VERSION.to_le_bytes(),
        &length,
        &(stored.len() as u32).to_le_bytes(),
        &checksum.finalize().to_le_bytes(),
        &stored,
    ];
    parts.concat()
}
