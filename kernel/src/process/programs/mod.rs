//! Small real programs for ring 3.
//!
//! Each program is position-independent machine code between two labels in a section of its own.
//! The kernel copies it into the pages of a process. `process::syscall` describes the system calls.

mod behave;
mod chaos;
mod lessons;
mod misbehave;
mod paging;
mod program;
mod references;
mod registers;
mod workload;

use core::slice;

/// Declares the programs: name, description, and the labels around the code.
macro_rules! programs {
    ($($variant:ident, $name:literal, $words:literal, $start:ident, $end:ident;)*) => {
        unsafe extern "C" {
            $(static $start: u8; static $end: u8;)*
        }

        /// A program that a process can run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Program { $(#[doc = $words] $variant,)* }

        impl Program {
            /// All programs.
            pub const ALL: &'static [Program] = &[$(Program::$variant),*];

            /// The name of the program.
            pub const fn name(self) -> &'static str {
                match self { $(Program::$variant => $name,)* }
            }

            /// The description of the program.
            pub const fn words(self) -> &'static str {
                match self { $(Program::$variant => $words,)* }
            }

            /// The machine code of the program.
            pub fn code(self) -> &'static [u8] {
                let (start, end) = match self {
                    $(Program::$variant => (&raw const $start, &raw const $end),)*
                };
                // SAFETY: the two labels enclose the program's code in read-only data.
                unsafe { slice::from_raw_parts(start, end.addr() - start.addr()) }
            }
        }
    };
}

programs! {
    Touch, "touch", "touches 64 pages of a mapping, unmaps it, and ends", program_touch, program_touch_end;
    Heap, "heap", "grows its heap to 1 MiB, uses it, and shrinks it", program_heap, program_heap_end;
    Fork, "fork", "forks; the child writes to shared pages, the parent sees its own values", program_fork, program_fork_end;
    Deep, "deep", "uses 100 KiB of stack, which grows at each touch", program_deep, program_deep_end;
    Eat, "eat", "touches 8 more pages of an 8 MiB mapping thirty times a second, then sleeps", program_eat, program_eat_end;
    Family, "family", "forks; parent and child write to 64 each of their 128 shared pages", program_family, program_family_end;
    Spin, "spin", "counts to ten million without a system call", program_spin, program_spin_end;
    Overflow, "overflow", "overflows its stack", program_overflow, program_overflow_end;
    ReadKernel, "read-kernel", "reads the kernel's memory", program_read_kernel, program_read_kernel_end;
    RunData, "run-data", "stores an instruction in its heap and jumps there", program_run_data, program_run_data_end;
    WriteText, "write-text", "writes to its own code", program_write_text, program_write_text_end;
    Null, "null", "reads through a null pointer", program_null, program_null_end;
    Privileged, "privileged", "tries to disable interrupts", program_privileged, program_privileged_end;
    Share, "share", "fills 8 pages, forks, and writes to shared pages, each when it is woken", program_share, program_share_end;
    Toucher, "toucher", "touches a page of a mapping each time it is woken", program_toucher, program_toucher_end;
    Isolated, "isolated", "stores its number at an address that another process uses too", program_isolated, program_isolated_end;
    Stain, "stain", "leaves values in x87, MMX, SSE and segment registers, and ends", program_stain, program_stain_end;
    Look, "look", "looks for values that others left in its registers", program_look, program_look_end;
    Keep, "keep", "forks, and parent and child keep values in their registers over 20 turns", program_keep, program_keep_end;
    References, "references", "touches the pages of a reference string, with a trap between them", program_references, program_references_end;
    Workload, "workload", "allocates, writes and frees the blocks of a workload", program_workload, program_workload_end;
    Chaos, "chaos", "makes a million random system calls", program_chaos, program_chaos_end;
    Limited, "limited", "limits itself to 4 frames, and uses 16 pages", program_limited, program_limited_end;
    Churn, "churn", "reads and writes 64 pages at random, checks them, and forks", program_churn, program_churn_end;
    Shrinking, "shrinking", "as churn, with pages that all become smaller in swap", program_shrinking, program_shrinking_end;
    Rounds, "rounds", "writes to all of its 64 pages each time it is woken", program_rounds, program_rounds_end;
    Push, "push", "pushes 16 pages onto its stack, waits, and overflows the stack", program_push, program_push_end;
}

impl Program {
    /// The program with this name.
    pub fn named(name: &str) -> Option<Program> {
        Program::ALL
            .iter()
            .copied()
            .find(|program| program.name() == name)
    }
}
