//! `swap`: prints the content of swap.

use super::answer::say;
use super::command::{Command, none};
use crate::memory::swap;
use mm::units::Bytes;

pub const SWAP: Command = Command {
    name: "swap",
    arguments: "",
    summary: "prints how many pages are in swap, and their compressed size",
    run: |_, _, arguments| {
        none(arguments)?;
        let swap::Statistics {
            slots,
            used,
            compressed_bytes,
            written,
            read,
        } = swap::statistics();
        match slots {
            0 => say!("swap: compressed memory; no page was stored yet"),
            _ => say!(
                "swap: compressed memory; {used} of {slots} slots used, {} for {}; {written} pages written, {read} read",
                Bytes(compressed_bytes),
                Bytes(used as u64 * swap::PAGE as u64)
            ),
        }
        Ok(())
    },
};
