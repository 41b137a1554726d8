//! The program that uses the blocks of a workload: see `process::workload`.

use super::program::program;

program!(
    "program_workload",
    "program_workload_end",
    // r12 counts written blocks: the first word of each of their pages is the block's number.
    "xor r12d, r12d",
    "xor edi, edi",
    "2:",
    "system {request}",
    "test rax, rax",
    "js 9f",
    "jz 5f",
    "cmp rax, 1",
    "je 2b",
    "test al, 1",
    "jnz 3f",
    "mov rdi, [rax]",
    "jmp 2b",
    "3:",
    "inc r12d",
    "dec rax",
    "4:",
    "mov [rax], r12",
    "or rax, 4095",
    "inc rax",
    "cmp rax, rdx",
    "jb 4b",
    "jmp 2b",
    "5:",
    "xor edi, edi",
    "system {exit}",
    "9:",
    "mov edi, 1",
    "system {exit}",
);
