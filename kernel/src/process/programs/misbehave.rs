//! Programs that violate the rules. The kernel ends each of them; one that survives ends with
//! status 1.

use super::program::program;

program!(
    "program_overflow",
    "program_overflow_end",
    "2:",
    "push rax",
    "jmp 2b",
);

program!(
    "program_read_kernel",
    "program_read_kernel_end",
    "movabs rax, 0xffffffff80100000",
    "mov rax, [rax]",
    "mov edi, 1",
    "system {exit}",
);

program!(
    "program_run_data",
    "program_run_data_end",
    "mov edi, 4096",
    "system {heap}",
    "mov byte ptr [rax], 0xc3", // ret
    "call rax",
    "mov edi, 1",
    "system {exit}",
);

program!(
    "program_write_text",
    "program_write_text_end",
    "lea rax, [rip]",
    "mov byte ptr [rax], 0",
    "mov edi, 1",
    "system {exit}",
);

program!(
    "program_null",
    "program_null_end",
    "xor eax, eax",
    "mov rax, [rax + 8]",
    "mov edi, 1",
    "system {exit}",
);

program!(
    "program_privileged",
    "program_privileged_end",
    "cli",
    "mov edi, 1",
    "system {exit}",
);
