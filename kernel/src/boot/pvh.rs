//! The entry without a boot loader: the emulator loads the ELF and jumps here.
//!
//! PVH enters in 32-bit protected mode without paging, with the physical address of the start info
//! in EBX. On a CPU without long mode, the code below prints one line and ends the run. Otherwise
//! it builds tables, switches to 64-bit mode, and calls [`pvh_main`]:
//!
//! ```text
//! PML4[0]   ─┐
//! PML4[256] ─┴─► 4 GiB of 2 MiB pages, physical = virtual − 0xffff_8000_0000_0000 (or 0)
//! PML4[511] ───► 2 GiB of 2 MiB pages, physical = virtual − 0xffff_ffff_8000_0000
//! ```
//! The identity map in entry 0 exists only until the kernel has its own tables.
//! Source: Xen's PVH boot ABI (docs/misc/pvh), `struct hvm_start_info`.

use super::exit_code::{DEBUG_EXIT, Status};
use super::info::{BootInfo, Module, Way, start_kernel};
use super::{image, stack};
use core::arch::global_asm;
use mm::memory_map::{FirmwareEntry, MemoryKind};
use x86_64::{PhysAddr, VirtAddr};

/// The virtual address at which the boot tables map physical memory.
const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;
/// The number of bytes of physical memory that the boot tables map.
const REACHABLE: u64 = 4 << 30;
/// The first word of the start info.
const MAGIC: u32 = 0x336e_c578;

global_asm!(
    r#"
    .section .note.pvh, "a", @note
    .align 4
    .long 4                     // bytes of the name
    .long 8                     // bytes of the address
    .long 18                    // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad pvh_entry - {vma}

    .section .boot.text, "ax"
    .code32
    .global pvh_entry
pvh_entry:
    cli
    cld
    mov esp, offset {stack} + {stack_bytes} - {vma}
    mov esi, ebx                // cpuid and rdmsr may change EBX, where the start info is

    // Long mode is bit 29 of EDX in CPUID leaf 0x80000001; CPUID is there if EFLAGS.ID can change.
    pushfd
    pop eax
    mov ecx, eax
    xor eax, 0x200000
    push eax
    popfd
    pushfd
    pop eax
    xor eax, ecx
    test eax, 0x200000
    jz no_long_mode
    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001
    jb no_long_mode
    mov eax, 0x80000001
    cpuid
    test edx, 0x20000000
    jz no_long_mode

    // 2048 entries of 2 MiB: present, writable, large.
    mov edi, offset boot_directories - {vma}
    mov eax, 0x83
    mov ecx, 2048
2:  mov [edi], eax
    mov dword ptr [edi + 4], 0
    add eax, 0x200000
    add edi, 8
    dec ecx
    jnz 2b

    mov eax, offset boot_directories - {vma} + 3
    mov edi, offset boot_pdpt_low - {vma}
    mov [edi], eax
    mov edx, offset boot_pdpt_high - {vma}
    mov [edx + 510 * 8], eax
    add eax, 4096
    mov [edi + 8], eax
    mov [edx + 511 * 8], eax
    add eax, 4096
    mov [edi + 16], eax
    add eax, 4096
    mov [edi + 24], eax

    mov edi, offset boot_pml4 - {vma}
    mov eax, offset boot_pdpt_low - {vma} + 3
    mov [edi], eax
    mov [edi + 256 * 8], eax
    mov eax, offset boot_pdpt_high - {vma} + 3
    mov [edi + 511 * 8], eax
    mov cr3, edi

    mov eax, cr4
    or eax, 0x20                // PAE
    mov cr4, eax
    mov ecx, 0xc0000080         // EFER
    rdmsr
    or eax, 0x100               // LME
    wrmsr
    mov eax, cr0
    or eax, 0x80010000          // PG, WP
    mov cr0, eax

    lgdt [boot_gdt_pointer - {vma}]
    push 8
    lea eax, [pvh_long_mode - {vma}]
    push eax
    retf

    // COM1 at 115,200 baud, 8N1; each byte goes there and to QEMU's debug port.
no_long_mode:
    mov esi, offset no_long_mode_setup - {vma}
    mov ecx, 5
2:  movzx edx, word ptr [esi]
    mov al, [esi + 2]
    out dx, al
    add esi, 3
    dec ecx
    jnz 2b
    mov esi, offset no_long_mode_text - {vma}
3:  mov bl, [esi]
    test bl, bl
    jz 5f
    mov ecx, 100000             // an absent port must not stop the kernel
4:  mov edx, 0x3fd
    in al, dx
    test al, 0x20
    jnz 6f
    dec ecx
    jnz 4b
6:  mov al, bl
    mov edx, 0x3f8
    out dx, al
    out 0xe9, al
    inc esi
    jmp 3b
5:  mov eax, {failure}
    mov edx, {debug_exit}
    out dx, eax
7:  hlt
    jmp 7b
no_long_mode_setup:             // port, value
    .word 0x3f9
    .byte 0
    .word 0x3fb
    .byte 0x80
    .word 0x3f8
    .byte 1
    .word 0x3f9
    .byte 0
    .word 0x3fb
    .byte 3
no_long_mode_text:
    .asciz "[boot] error: memviz needs a 64-bit CPU (x86-64); this one has no long mode\r\n"

    .code64
pvh_long_mode:
    mov ax, 16
    mov ds, ax
    mov es, ax
    mov ss, ax
    xor eax, eax
    mov fs, ax
    mov gs, ax
    movabs rax, offset pvh_high_half
    jmp rax
pvh_high_half:
    movabs rsp, offset {stack} + {stack_bytes}
    mov edi, esi
    xor ebp, ebp
    call {main}

    .section .data.boot_gdt, "aw"
    .align 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff    // 64-bit code
    .quad 0x00cf93000000ffff    // data
boot_gdt_pointer:
    .word 23
    .quad boot_gdt - {vma}

    .section .bss.boot, "aw", @nobits
    .align 4096
    .global boot_pml4
boot_pml4:        .skip 4096
boot_pdpt_low:    .skip 4096
boot_pdpt_high:   .skip 4096
boot_directories: .skip 4 * 4096
    .text
    "#,
    vma = const image::IMAGE_BASE,
    stack = sym stack::STACK,
    stack_bytes = const stack::BYTES,
    main = sym pvh_main,
    failure = const Status::Failure as u32,
    debug_exit = const DEBUG_EXIT,
);

/// `struct hvm_start_info`, version 1.
#[repr(C)]
struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    module_count: u32,
    modules: u64,
    command_line: u64,
    rsdp: u64,
    memory_map: u64,
    memory_map_entries: u32,
    reserved: u32,
}

/// `struct hvm_modlist_entry`.
#[repr(C)]
struct ModuleEntry {
    start: u64,
    bytes: u64,
    command_line: u64,
    reserved: u64,
}

/// `struct hvm_memmap_table_entry`; kinds as in an e820 map.
#[repr(C)]
struct MemoryMapEntry {
    start: u64,
    bytes: u64,
    kind: u32,
    reserved: u32,
}

/// Runs first of all Rust code after a PVH boot, in 64-bit mode, on the boot stack.
extern "C" fn pvh_main(start_info: u64) -> ! {
    start_kernel(boot_info(start_info))
}

/// Reads the start info at this physical address.
///
/// # Panics
/// If there is none.
fn boot_info(start_info: u64) -> BootInfo {
    let direct_map = VirtAddr::new(DIRECT_MAP);
    let kernel_start = image::image_start() - image::IMAGE_BASE;
    let mut info = BootInfo::new(
        Way::Direct,
        direct_map,
        PhysAddr::new(REACHABLE),
        PhysAddr::new(kernel_start),
    );

    // SAFETY: PVH promises a start info at the address in EBX, below 4 GiB, mapped by the code
    // above; the magic number is checked first.
    let start: &StartInfo = unsafe { &*at(start_info) };
    assert_eq!(start.magic, MAGIC, "no PVH start info at {start_info:#x}");

    add_memory_map(&mut info, start);
    add_modules(&mut info, start);
    if start.command_line != 0 {
        // SAFETY: the start info says that it is a C string.
        let line = unsafe { core::ffi::CStr::from_ptr(at(start.command_line)) };
        info.set_command_line(line.to_bytes());
    }
    // The map of the emulator does not list the kernel.
    info.add_region(FirmwareEntry {
        start: kernel_start,
        bytes: image::image_bytes(),
        kind: MemoryKind::KernelAndModules,
    });
    info
}

/// Adds the entries of the start info's memory map.
fn add_memory_map(info: &mut BootInfo, start: &StartInfo) {
    if start.version >= 1 && start.memory_map != 0 {
        // SAFETY: the start info says that this array has this many entries.
        let entries = unsafe {
            core::slice::from_raw_parts(
                at::<MemoryMapEntry>(start.memory_map),
                start.memory_map_entries as usize,
            )
        };
        for entry in entries {
            let kind = match entry.kind {
                1 => MemoryKind::Usable,
                3 => MemoryKind::AcpiReclaimable,
                4 => MemoryKind::AcpiNvs,
                5 => MemoryKind::Bad,
                _ => MemoryKind::Reserved,
            };
            info.add_region(FirmwareEntry {
                start: entry.start,
                bytes: entry.bytes,
                kind,
            });
        }
    }
}

/// Adds the modules, and an entry of the firmware map for each.
fn add_modules(info: &mut BootInfo, start: &StartInfo) {
    if start.modules != 0 {
        // SAFETY: the start info says that this array has this many entries.
        let modules = unsafe {
            core::slice::from_raw_parts(
                at::<ModuleEntry>(start.modules),
                start.module_count as usize,
            )
        };
        for module in modules {
            let kind = MemoryKind::KernelAndModules;
            info.add_region(FirmwareEntry {
                start: module.start,
                bytes: module.bytes,
                kind,
            });
            info.add_module(Module {
                start: PhysAddr::new(module.start),
                bytes: module.bytes,
            });
        }
    }
}

/// Returns the address at which the boot tables map this physical address.
fn at<T>(physical: u64) -> *const T {
    (DIRECT_MAP + physical) as *const T
}
