//! The machines of the matrix: every pair of values of two axes is in at least one of them.
//!
//! Values that cannot meet are named with the reason in [`impossible`]. The search is greedy and
//! has no chance in it, so the same axes give the same cells in the same order.

use std::fmt;

/// A CPU model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cpu {
    /// The model and its switches, as QEMU calls them.
    pub model: &'static str,
    has_long_mode: bool,
}

/// The way in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Firmware {
    /// QEMU loads the kernel.
    None,
    /// Limine, started by BIOS.
    Bios,
    /// Limine, started by UEFI.
    Uefi,
}

/// The memory of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Memory {
    name: &'static str,
    /// The size, as `--memory` takes it.
    pub size: &'static str,
    /// The file with the memory map of another machine.
    pub map: Option<&'static str>,
    /// Enough for UEFI and Limine, which need 128 MiB before the kernel begins.
    fits_uefi: bool,
    /// A 32-bit CPU cannot address it.
    needs_long_mode: bool,
}

/// The type of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    /// The type and its options, as QEMU calls them.
    pub kind: &'static str,
    pub has_display: bool,
    has_disc: bool,
}

/// One machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell {
    pub cpu: Cpu,
    pub memory: Memory,
    pub firmware: Firmware,
    pub machine: Kind,
}

const CPUS: [Cpu; 10] = [
    cpu("max"),
    cpu("qemu64"),
    cpu("core2duo"),
    cpu("Nehalem"),
    cpu("phenom"),
    cpu("max,-smep,-smap,-umip"),
    cpu("max,-nx"),
    cpu("qemu64,-nx"),
    cpu("max,-smap,-smep,-umip,-nx,-pge,-pat,-pdpe1gb"),
    Cpu {
        model: "qemu32",
        has_long_mode: false,
    },
];

const MEMORIES: [Memory; 7] = [
    small("24 MiB", "24M"),
    small("64 MiB", "64M"),
    Memory {
        fits_uefi: true,
        ..small("256 MiB", "256M")
    },
    large("4 GiB", "4G"),
    large("36 GiB", "36G"),
    large("512 GiB", "512G"),
    Memory {
        map: Some("docs/memory-maps/16-tib.txt"),
        fits_uefi: true,
        ..small("16 TiB described", "256M")
    },
];

const FIRMWARE: [Firmware; 3] = [Firmware::None, Firmware::Bios, Firmware::Uefi];

const MACHINES: [Kind; 5] = [
    machine("pc"),
    machine("q35"),
    machine("q35,pic=off"),
    machine("q35,i8042=off"),
    Kind {
        kind: "microvm",
        has_display: false,
        has_disc: false,
    },
];

const fn cpu(model: &'static str) -> Cpu {
    Cpu {
        model,
        has_long_mode: true,
    }
}

const fn small(name: &'static str, size: &'static str) -> Memory {
    Memory {
        name,
        size,
        map: None,
        fits_uefi: false,
        needs_long_mode: false,
    }
}

const fn large(name: &'static str, size: &'static str) -> Memory {
    Memory {
        name,
        size,
        map: None,
        fits_uefi: true,
        needs_long_mode: true,
    }
}

const fn machine(kind: &'static str) -> Kind {
    Kind {
        kind,
        has_display: true,
        has_disc: true,
    }
}

/// Returns why a machine cannot exist.
fn impossible(cell: &Cell) -> Option<&'static str> {
    let by_limine = cell.firmware != Firmware::None;
    if by_limine && !cell.machine.has_disc {
        return Some("the machine has no disc drive to boot from");
    }
    if by_limine && !cell.cpu.has_long_mode {
        return Some("Limine refuses a CPU without long mode, before the kernel begins");
    }
    if cell.firmware == Firmware::Uefi && !cell.memory.fits_uefi {
        return Some("OVMF and Limine need 128 MiB before the kernel begins");
    }
    if cell.memory.needs_long_mode && !cell.cpu.has_long_mode {
        return Some("QEMU refuses memory that a 32-bit CPU cannot address");
    }
    None
}

/// The machines of the matrix.
pub fn cells() -> Vec<Cell> {
    let all = possible();
    let mut uncovered: Vec<Pair> = all.iter().flat_map(pairs).collect();
    let mut chosen = Vec::new();
    while !uncovered.is_empty() {
        let gain = |cell: &&Cell| {
            let pairs = pairs(cell);
            pairs.iter().filter(|pair| uncovered.contains(pair)).count()
        };
        // The first of the best, so that the order of the axes decides.
        let best = all.iter().rev().max_by_key(gain);
        let best = best.expect("a pair that is left comes from a possible machine");
        let covered = pairs(best);
        uncovered.retain(|pair| !covered.contains(pair));
        chosen.push(*best);
    }
    chosen.sort_by_key(|cell| {
        let cpu = CPUS.iter().position(|cpu| *cpu == cell.cpu);
        let memory = MEMORIES.iter().position(|memory| *memory == cell.memory);
        (cpu, memory)
    });
    chosen
}

/// Every machine that can exist.
fn possible() -> Vec<Cell> {
    let mut cells = Vec::new();
    for cpu in CPUS {
        for memory in MEMORIES {
            for firmware in FIRMWARE {
                for machine in MACHINES {
                    cells.push(Cell {
                        cpu,
                        memory,
                        firmware,
                        machine,
                    });
                }
            }
        }
    }
    cells.retain(|cell| impossible(cell).is_none());
    cells
}

/// Two values of a machine, of different axes.
type Pair = [Option<&'static str>; 4];

/// The six pairs of values of a machine.
fn pairs(cell: &Cell) -> [Pair; 6] {
    let [cpu, memory, firmware, machine] = [
        cell.cpu.model,
        cell.memory.name,
        cell.firmware.name(),
        cell.machine.kind,
    ]
    .map(Some);
    [
        [cpu, memory, None, None],
        [cpu, None, firmware, None],
        [cpu, None, None, machine],
        [None, memory, firmware, None],
        [None, memory, None, machine],
        [None, None, firmware, machine],
    ]
}

impl Firmware {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "direct",
            Self::Bios => "BIOS",
            Self::Uefi => "UEFI",
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cell {
            cpu,
            memory,
            firmware,
            machine,
        } = self;
        let (firmware, memory) = (firmware.name(), memory.name);
        write!(f, "{} on {}, {memory}, {firmware}", cpu.model, machine.kind)
    }
}

impl Cell {
    /// The first cells of the cell's row.
    pub fn columns(&self) -> [&'static str; 4] {
        [
            self.cpu.model,
            self.machine.kind,
            self.memory.name,
            self.firmware.name(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_possible_pair_is_in_a_machine_and_there_are_at_most_80() {
        let cells = cells();
        assert!(cells.len() <= 80, "{} machines", cells.len());
        for pair in possible().iter().flat_map(pairs) {
            let is_covered = cells.iter().any(|cell| pairs(cell).contains(&pair));
            assert!(is_covered, "{pair:?}");
        }
    }
}
