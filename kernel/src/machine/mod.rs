//! The machine without its memory: CPU, devices, time, power.
//!
//! In here: drivers and CPU state that need neither page tables nor processes. It may use `boot`.
//! `interrupts` calls its handlers; `memory` gives `stack_trace` the function that decides what is
//! mapped.

pub mod bochs;
pub mod clock;
#[cfg(feature = "demo")]
pub mod console;
pub mod cpu;
pub mod framebuffer;
pub mod fw_cfg;
#[cfg(feature = "dashboard")]
pub mod host_port;
pub mod interrupt_controller;
pub mod logger;
pub mod machine_check;
pub mod memory_functions;
pub mod panic;
pub mod pci;
pub mod power;
#[cfg(feature = "demo")]
pub mod ps2;
pub mod segments;
pub mod serial;
pub mod stack_trace;
pub mod symbols;
pub mod trap_frame;
pub mod user_registers;
#[cfg(feature = "demo")]
mod vmmouse;

// Without dashboard and shell, the serial line is the console.
#[cfg(not(feature = "demo"))]
use serial as console;
