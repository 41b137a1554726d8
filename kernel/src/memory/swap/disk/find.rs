//! The search for the disk on the PCI bus.

use super::error::NoDisk;
use super::hal::{Kernel, map_registers};
use crate::machine::pci::ConfigurationSpace;
use virtio_drivers::transport::DeviceType;
use virtio_drivers::transport::pci::bus::{
    Command, ConfigurationAccess, DeviceFunction, PCI_CAP_ID_VNDR, PciRoot,
};
use virtio_drivers::transport::pci::{PciTransport, virtio_device_type};
use x86_64::PhysAddr;

/// The kinds of virtio capabilities that describe registers, by their numbers: common, notify,
/// interrupt status, device.
const REGISTERS: core::ops::RangeInclusive<u16> = 1..=4;
/// Where a capability names its base address register.
const BAR: u8 = 4;

/// Finds the first virtio block device of bus 0, and maps its registers.
///
/// # Errors
/// When there is none, or it cannot be used.
pub fn find() -> Result<PciTransport, NoDisk> {
    // SAFETY: the kernel has no other driver for a virtio device. The writes below enable what the
    // firmware has set up; the crate writes base address registers to find their size, and restores
    // them.
    let mut root = PciRoot::new(unsafe { ConfigurationSpace::new() });
    let mut functions = root.enumerate_bus(0);
    let is_disk = |info: &_| virtio_device_type(info) == Some(DeviceType::Block);
    let (function, _) = functions
        .find(|(_, info)| is_disk(info))
        .ok_or(NoDisk::Absent)?;
    let (_, command) = root.get_status_command(function);
    let needed = Command::MEMORY_SPACE | Command::BUS_MASTER | Command::INTERRUPT_DISABLE;
    root.set_command(function, command | needed);
    let bar = register_bar(&root, function).ok_or(NoDisk::Registers)?;
    let info = root.bar_info(function, bar);
    let info = info.map_err(|error| NoDisk::Description(error.into()))?;
    let range = info.and_then(|info| info.memory_address_size());
    let (start, bytes) = range.ok_or(NoDisk::Registers)?;
    let start = PhysAddr::try_new(start).map_err(|_| NoDisk::Registers)?;
    map_registers(start, bytes)?;
    PciTransport::new::<Kernel, _>(&mut root, function).map_err(NoDisk::Description)
}

/// Returns the base address register of all registers, if it is one for all.
fn register_bar(root: &PciRoot<ConfigurationSpace>, function: DeviceFunction) -> Option<u8> {
    // SAFETY: this value only reads.
    let space = unsafe { ConfigurationSpace::new() };
    let mut bars = root
        .capabilities(function)
        .filter(|capability| {
            capability.id == PCI_CAP_ID_VNDR
                && REGISTERS.contains(&(capability.private_header >> 8))
        })
        .map(|capability| space.read_word(function, capability.offset + BAR) as u8);
    let first = bars.next()?;
    bars.all(|other| other == first).then_some(first)
}
