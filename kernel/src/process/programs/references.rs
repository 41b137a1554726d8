//! The program that touches the pages of a reference string: see `process::references`.

use super::program::program;

program!(
    "program_references",
    "program_references_end",
    // r12 counts references: a write stores the number of its reference, from 1.
    "xor r12d, r12d",
    "xor edi, edi",
    "2:",
    "system {reference}",
    "test rax, rax",
    "js 9f",
    "jz 4f",
    "inc r12d",
    "test al, 1",
    "jnz 3f",
    "mov rdi, [rax]",
    "jmp 2b",
    "3:",
    "dec rax",
    "mov [rax], r12",
    "mov rdi, r12",
    "jmp 2b",
    "4:",
    "xor edi, edi",
    "system {exit}",
    "9:",
    "mov edi, 1",
    "system {exit}",
);
