//! The macro that declares a program.

/// Declares a program: its two labels and its code. In the code, `system {exit}`, `system {write}`,
/// … are system calls, with arguments in `rdi` and `rsi`.
macro_rules! program {
    ($start:literal, $end:literal, $($line:expr),* $(,)?) => {
        core::arch::global_asm!(
            ".pushsection .rodata.programs, \"a\", @progbits",
            concat!(".global ", $start),
            concat!(".global ", $end),
            ".macro system call",
            "mov eax, \\call",
            "int 0x80",
            ".endm",
            concat!($start, ":"),
            $($line,)*
            concat!($end, ":"),
            ".purgem system",
            ".popsection",
            // A comment with all operands, because a program need not use every call.
            "/* {exit} {write} {yield} {fork} {heap} {map} {unmap} {number} {alive} {sleep} {wait} {reference} {request} {limit} */",
            exit = const $crate::process::call::Call::Exit as u64,
            write = const $crate::process::call::Call::Write as u64,
            yield = const $crate::process::call::Call::Yield as u64,
            fork = const $crate::process::call::Call::Fork as u64,
            heap = const $crate::process::call::Call::Heap as u64,
            map = const $crate::process::call::Call::Map as u64,
            unmap = const $crate::process::call::Call::Unmap as u64,
            number = const $crate::process::call::Call::Number as u64,
            alive = const $crate::process::call::Call::Alive as u64,
            sleep = const $crate::process::call::Call::Sleep as u64,
            wait = const $crate::process::call::Call::Wait as u64,
            reference = const $crate::process::call::Call::Reference as u64,
            request = const $crate::process::call::Call::Request as u64,
            limit = const $crate::process::call::Call::Limit as u64,
        );
    };
}
pub(super) use program;
