//! Optional parts of the kernel: each has a Cargo feature that includes it in the build, and
//! `NAME=off` on the command line switches it off at boot.
//!
//! Feature and option have the same name. `docs/enhancements/` has a page for each.

use bitflags::bitflags;
use core::fmt;

bitflags! {
    /// Optional parts of the kernel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Enhancements: u8 {
        /// Shows memory on the screen.
        const DASHBOARD = 1 << 0;
        /// Runs commands on the serial line.
        const SHELL = 1 << 1;
        /// Attributes of a frame in addition to its owner.
        const TAGS = 1 << 2;
        /// The log of the last page faults.
        const FAULT_LOG = 1 << 3;
        /// Unmapped pages beside stacks and heap.
        const GUARD_PAGES = 1 << 4;
        /// Redzones, poison and quarantine in the heap.
        const CORRUPTION_DETECTION = 1 << 5;
        /// How recently each frame was used.
        const USE_COUNTERS = 1 << 6;
    }
}

/// The enhancements with their names, and whether this kernel was built with each.
const ALL: [(Enhancements, &str, bool); 7] = [
    (
        Enhancements::DASHBOARD,
        "dashboard",
        cfg!(feature = "dashboard"),
    ),
    (Enhancements::SHELL, "shell", cfg!(feature = "shell")),
    (Enhancements::TAGS, "tags", cfg!(feature = "tags")),
    (
        Enhancements::USE_COUNTERS,
        "use-counters",
        cfg!(feature = "use-counters"),
    ),
    (
        Enhancements::FAULT_LOG,
        "fault-log",
        cfg!(feature = "fault-log"),
    ),
    (
        Enhancements::GUARD_PAGES,
        "guard-pages",
        cfg!(feature = "guard-pages"),
    ),
    (
        Enhancements::CORRUPTION_DETECTION,
        "corruption-detection",
        cfg!(feature = "corruption-detection"),
    ),
];

/// The reason why a word about an enhancement has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchError {
    /// There is no such enhancement.
    Unknown,
    /// The value is neither `on` nor `off`.
    Value,
    /// This kernel was built without it.
    Absent,
}

impl Enhancements {
    /// Returns all enhancements that this kernel was built with.
    pub fn built() -> Enhancements {
        let built = ALL.into_iter().filter(|(_, _, built)| *built);
        built.map(|(flag, _, _)| flag).collect()
    }

    /// Switches an enhancement on or off by its name.
    ///
    /// # Errors
    /// See [`SwitchError`]; nothing changes then.
    pub fn switch(&mut self, name: &str, value: &str) -> Result<(), SwitchError> {
        let mut all = ALL.into_iter();
        let (flag, _, built) = all
            .find(|(_, known, _)| *known == name)
            .ok_or(SwitchError::Unknown)?;
        let on = match value {
            "on" => true,
            "off" => false,
            _ => return Err(SwitchError::Value),
        };
        if !built {
            return Err(SwitchError::Absent);
        }
        self.set(flag, on);
        Ok(())
    }
}

/// `tags, shell; off: dashboard; not built: fault-log`
impl fmt::Display for Enhancements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let built = Enhancements::built();
        let groups = [
            ("", *self),
            ("off: ", built.difference(*self)),
            ("not built: ", built.complement()),
        ];
        let mut separator = "";
        for (title, group) in groups.into_iter().filter(|(_, group)| !group.is_empty()) {
            write!(f, "{separator}{title}")?;
            let mut comma = "";
            for (_, name, _) in ALL.into_iter().filter(|(flag, ..)| group.contains(*flag)) {
                write!(f, "{comma}{name}")?;
                comma = ", ";
            }
            separator = "; ";
        }
        Ok(())
    }
}
