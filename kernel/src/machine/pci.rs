//! The PCI configuration space, by its two ports.

use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction};
use x86_64::instructions::port::Port;

const ADDRESS: u16 = 0xcf8;
const DATA: u16 = 0xcfc;
/// The offset of the command register.
const COMMAND: u32 = 0x04;

/// A function of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Bus, device and function, as the address register has them.
    bits: u32,
}

impl Function {
    /// The function of a device on bus 0.
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
        // SAFETY: the bit only enables what the firmware has set up.
        unsafe { self.write(COMMAND, command) };
    }

    /// Writes a register of four bytes.
    ///
    /// # Safety
    /// The caller must own the function. The value must neither move its registers over memory nor
    /// let the device write to memory that is not the driver's.
    unsafe fn write(self, register: u32, value: u32) {
        self.select(register);
        // SAFETY: the caller guarantees that the value does no harm.
        unsafe { Port::<u32>::new(DATA).write(value) };
    }

    fn select(self, register: u32) {
        // SAFETY: an index register without side effects.
        unsafe { Port::<u32>::new(ADDRESS).write(1 << 31 | self.bits | register) };
    }
}

/// The configuration space, for the crate of device drivers.
#[derive(Debug)]
pub struct ConfigurationSpace {
    _private: (),
}

impl ConfigurationSpace {
    /// Access to the whole configuration space.
    ///
    /// # Safety
    /// The caller must own the functions whose registers it writes, and write only values that
    /// neither move registers over memory nor let a device write to the memory of others.
    pub unsafe fn new() -> ConfigurationSpace {
        ConfigurationSpace { _private: () }
    }
}

impl ConfigurationAccess for ConfigurationSpace {
    fn read_word(&self, function: DeviceFunction, register: u8) -> u32 {
        of(function).read(register.into())
    }

    fn write_word(&mut self, function: DeviceFunction, register: u8, value: u32) {
        // SAFETY: `ConfigurationSpace::new` has this contract.
        unsafe { of(function).write(register.into(), value) };
    }

    unsafe fn unsafe_clone(&self) -> ConfigurationSpace {
        ConfigurationSpace { _private: () }
    }
}

fn of(function: DeviceFunction) -> Function {
    let DeviceFunction {
        bus,
        device,
        function,
    } = function;
    Function {
        bits: u32::from(bus) << 16 | u32::from(device) << 11 | u32::from(function) << 8,
    }
}
