//! The absolute pointer of virtual machines: VMware's `vmmouse`, which QEMU emulates.
//!
//! ```text
//! in eax, 0x5658    eax = magic number, ecx = command, ebx = argument ──► eax to edx = answer
//! ```
//! The guest uses the host's pointer, so the window does not capture it. The device stores packets
//! until they are read; the kernel polls it once a picture. It also sends the PS/2 mouse's
//! interrupt, with an empty packet.
//!
//! On other machines no device answers at this port. Source: Linux,
//! `drivers/input/mouse/vmmouse.c`.

use core::arch::asm;
use memviz::input::absolute::{AbsolutePackets, WORDS};
use memviz::input::mouse::Movement;

const PORT: u32 = 0x5658;
const MAGIC: u32 = 0x564d_5868;

/// Commands of the port.
const GET_VERSION: u32 = 10;
const DATA: u32 = 39;
const STATUS: u32 = 40;
const COMMAND: u32 = 41;

/// Arguments of [`COMMAND`].
const READ_ID: u32 = 0x4541_4552;
const REQUEST_ABSOLUTE: u32 = 0x5342_4152;
const DISABLE: u32 = 0xf5;

/// The answer to [`READ_ID`].
const ID: u32 = 0x3442_554a;
/// The upper half of the status of a device that lost its packets.
const ERROR: u32 = 0xffff_0000;

/// A pointer that reports positions.
pub struct AbsolutePointer {
    packets: AbsolutePackets,
}

impl AbsolutePointer {
    /// Detects the device and enables it.
    pub fn find() -> Option<AbsolutePointer> {
        let [_, magic, ..] = call(GET_VERSION, 0);
        if magic != MAGIC {
            return None;
        }
        enable()?;
        log::info!("absolute pointer (vmmouse): the pointer of the host is that of the machine");
        Some(AbsolutePointer {
            packets: AbsolutePackets::default(),
        })
    }

    /// Returns the next movement. Call it until it returns None.
    pub fn next(&mut self) -> Option<Movement> {
        loop {
            let [status, ..] = call(STATUS, 0);
            if status & ERROR == ERROR {
                // Too many packets came at once, and the device dropped them.
                enable()?;
                return None;
            }
            if (status & !ERROR) < WORDS as u32 {
                return None;
            }
            let movement = self.packets.take(call(DATA, WORDS as u32));
            if movement.is_some() {
                return movement;
            }
        }
    }
}

/// Enables the device in absolute mode. Returns None if there is none.
fn enable() -> Option<()> {
    call(COMMAND, READ_ID);
    let [id, ..] = call(DATA, 1);
    if id != ID {
        call(COMMAND, DISABLE);
        return None;
    }
    call(COMMAND, REQUEST_ABSOLUTE);
    Some(())
}

/// Sends a command. Returns EAX, EBX, ECX and EDX.
fn call(command: u32, argument: u32) -> [u32; 4] {
    let (a, b, c, d);
    // SAFETY: a read of this port changes only the registers that are named here. The device also
    // writes the lower halves of RSI and RDI. RBX is restored, because the compiler reserves it.
    unsafe {
        asm!(
            "xchg {b}, rbx",
            "in eax, dx",
            "xchg {b}, rbx",
            b = inout(reg) u64::from(argument) => b,
            inout("eax") MAGIC => a,
            inout("ecx") command => c,
            inout("edx") PORT => d,
            out("rsi") _,
            out("rdi") _,
            options(nomem, nostack, preserves_flags)
        );
    }
    let b: u64 = b;
    [a, b as u32, c, d]
}
