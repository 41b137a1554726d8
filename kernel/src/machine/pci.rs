//! The PCI configuration space of bus 0, by its two ports.

use x86_64::instructions::port::Port;

const ADDRESS: u16 = 0xcf8;
const DATA: u16 = 0xcfc;
/// The offset of the command register.
const COMMAND: u32 = 0x04;

/// A function of a device on bus 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Device and function, as the address register has them.
    bits: u32,
}

impl Function {
    pub const fn new(device: u32, function: u32) -> Function {
        Function {
            bits: device << 11 | function << 8,
        }
    }

    /// Reads a register of four bytes. All registers of an absent function read as all ones.
    pub fn read(self, register: u32) -> u32 {
        self.select(register);
        // SAFETY: a read of the configuration space has no side effects.
        unsafe { Port::<u32>::new(DATA).read() }
    }

    /// Lets the function decode memory addresses.
    pub fn enable_memory(self) {
        let command = self.read(COMMAND) | 0b10;
        self.select(COMMAND);
        // SAFETY: the bit only enables what the firmware has set up.
        unsafe { Port::<u32>::new(DATA).write(command) };
    }

    fn select(self, register: u32) {
        // SAFETY: an index register without side effects.
        unsafe { Port::<u32>::new(ADDRESS).write(1 << 31 | self.bits | register) };
    }
}
