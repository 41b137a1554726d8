//! A million random system calls with random arguments: wild pointers, small numbers, and addresses
//! that the process really owns. The seed is fixed.
//!
//! ```text
//! rbx  state of the generator (xorshift64)      r12  calls left
//! r13  the last address that a call returned    r14  kind of the next argument
//! ```

use super::program::program;

program!(
    "program_chaos",
    "program_chaos_end",
    "movabs rbx, 0x9e3779b97f4a7c15",
    "mov r12d, 1000000",
    "xor r13d, r13d",
    // At first and now and then the table of regions is filled, so that calls meet its limit.
    "1:",
    "mov edi, 4096",
    "system {map}",
    "test rax, rax",
    "jns 1b",
    "2:",
    "test r12d, 0x3ff",
    "jnz 22f",
    "dec r12d",
    "jmp 1b",
    "22:",
    "call 7f",
    "mov rdi, rax",
    "call 7f",
    "mov rsi, rax",
    "call 7f",
    "mov rdx, rax",
    "call 8f",
    "and eax, 15",
    // Not `exit`, while calls are left.
    "jz 2b",
    // Not `sleep`: random arguments would mean hours.
    "cmp eax, {sleep}",
    "je 2b",
    // Not `wait`: no other process would wake it.
    "cmp eax, {wait}",
    "je 2b",
    // A fork costs as much as a thousand other calls, so only one in 32 is made.
    "cmp eax, {fork}",
    "jne 35f",
    "test ebx, 0x1f00",
    "jnz 2b",
    "35:",
    "cmp eax, {write}",
    "jne 3f",
    // Half of the writes are short, so that some succeed.
    "test ebx, 0x100",
    "jz 3f",
    "and esi, 127",
    "3:",
    // Most limits are small, so that pages leave their frames.
    "cmp eax, {limit}",
    "jne 36f",
    "test ebx, 0x700",
    "jz 36f",
    "and edi, 15",
    "36:",
    "mov r15d, eax",
    "int 0x80",
    "cmp r15d, {fork}",
    "jne 4f",
    "test rax, rax",
    "jz 6f", // a child ends at once: it would do the same again
    "jmp 5f",
    "4:",
    "cmp rax, 4096",
    "jl 5f",
    "mov r13, rax",
    // The program touches some of the returned memory, so that frames are allocated and must be
    // freed.
    "cmp r15d, {map}",
    "jne 5f",
    "mov qword ptr [r13], 1",
    "5:",
    "dec r12d",
    "jnz 2b",
    "6:",
    "xor edi, edi",
    "system {exit}",
    // Returns an argument in rax.
    "7:",
    "call 8f",
    "mov r14d, eax",
    "and r14d, 7",
    "cmp r14d, 3",
    "jb 9f", // any number
    "je 32f",
    "cmp r14d, 5",
    "jb 33f",
    "je 34f",
    "and eax, 0xffff", // a small number
    "ret",
    "32:",
    "lea rax, [rip]", // an address of its code
    "ret",
    "33:",
    "mov rax, r13", // the last returned address
    "ret",
    "34:",
    "mov rax, rsp", // an address of its stack
    "9:",
    "ret",
    // Returns the next random number in rax.
    "8:",
    "mov rax, rbx",
    "shl rax, 13",
    "xor rbx, rax",
    "mov rax, rbx",
    "shr rax, 7",
    "xor rbx, rax",
    "mov rax, rbx",
    "shl rax, 17",
    "xor rbx, rax",
    "mov rax, rbx",
    "ret",
);
