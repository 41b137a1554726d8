//! Segments (GDT) and the task state (TSS), whose interrupt stack table gives some faults
//! their own stacks.
//!
//! A page fault on a kernel stack's guard page could not push its frame on that stack. So page
//! faults, double faults and non-maskable interrupts each have their own stack: first one in the
//! image, later one between guard pages.

use core::cell::UnsafeCell;
use spin::Once;
use x86_64::VirtAddr;
use x86_64::instructions::segmentation::{CS, DS, ES, FS, GS, SS, Segment};
use x86_64::instructions::tables::load_tss;
use x86_64::structures::gdt::{Descriptor, GlobalDescriptorTable, SegmentSelector};
use x86_64::structures::tss::TaskStateSegment;

/// The stack of the interrupt stack table on which the handler of a fault runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum FaultStack {
    /// Double faults.
    DoubleFault = 0,
    /// Page faults.
    PageFault = 1,
    /// Non-maskable interrupts and machine checks.
    NonMaskable = 2,
}

impl FaultStack {
    /// All fault stacks.
    pub const ALL: [FaultStack; 3] = [
        FaultStack::DoubleFault,
        FaultStack::PageFault,
        FaultStack::NonMaskable,
    ];
}

/// Bytes of each stack in the image, which is used until memory initialization.
const EARLY_STACK_BYTES: usize = 32 << 10;

#[repr(C, align(16))]
struct EarlyStacks(UnsafeCell<[[u8; EARLY_STACK_BYTES]; FaultStack::ALL.len()]>);

// SAFETY: only the CPU writes there, while it handles a fault.
unsafe impl Sync for EarlyStacks {}

static EARLY_STACKS: EarlyStacks = EarlyStacks(UnsafeCell::new(
    [[0; EARLY_STACK_BYTES]; FaultStack::ALL.len()],
));

/// The task state, which the CPU reads at every fault.
struct TaskState(UnsafeCell<TaskStateSegment>);

// SAFETY: written only by `init` and `use_stack`, on the one CPU, with no fault in between that
// could use a half-written entry.
unsafe impl Sync for TaskState {}

static TASK_STATE: TaskState = TaskState(UnsafeCell::new(TaskStateSegment::new()));

struct Table {
    table: GlobalDescriptorTable,
    code: SegmentSelector,
    data: SegmentSelector,
    user_code: SegmentSelector,
    user_data: SegmentSelector,
    task: SegmentSelector,
}

static TABLE: Once<Table> = Once::new();

/// Loads the kernel's own segments and task state.
pub fn init() {
    let first = EARLY_STACKS.0.get() as u64;
    for stack in FaultStack::ALL {
        let end = first + (stack as u64 + 1) * EARLY_STACK_BYTES as u64;
        use_stack(stack, VirtAddr::new(end));
    }
    let loaded = TABLE.call_once(|| {
        let mut table = GlobalDescriptorTable::new();
        let code = table.append(Descriptor::kernel_code_segment());
        let data = table.append(Descriptor::kernel_data_segment());
        let user_data = table.append(Descriptor::user_data_segment());
        let user_code = table.append(Descriptor::user_code_segment());
        // SAFETY: the task state is static.
        let task = table.append(unsafe { Descriptor::tss_segment_unchecked(TASK_STATE.0.get()) });
        Table {
            table,
            code,
            data,
            user_code,
            user_data,
            task,
        }
    });
    loaded.table.load();
    // SAFETY: the selectors belong to the table that was loaded just now.
    unsafe {
        CS::set_reg(loaded.code);
        SS::set_reg(loaded.data);
        DS::set_reg(loaded.data);
        ES::set_reg(loaded.data);
        FS::set_reg(SegmentSelector::NULL);
        GS::set_reg(SegmentSelector::NULL);
        load_tss(loaded.task);
    }
}

/// Makes faults of this kind run on the stack that ends at `end`.
pub fn use_stack(stack: FaultStack, end: VirtAddr) {
    // SAFETY: one CPU, and a fault between the two halves of the store cannot happen: the
    // code here touches nothing that could fault.
    unsafe { (*TASK_STATE.0.get()).interrupt_stack_table[stack as usize] = end };
}

/// Makes the handler of a nested fault of this kind run `bytes` further down.
pub fn lower_stack(stack: FaultStack, bytes: u64) {
    // SAFETY: as in `use_stack`.
    unsafe {
        let end = (*TASK_STATE.0.get()).interrupt_stack_table[stack as usize];
        (*TASK_STATE.0.get()).interrupt_stack_table[stack as usize] = end - bytes;
    }
}

/// Reverses [`lower_stack`].
pub fn raise_stack(stack: FaultStack, bytes: u64) {
    // SAFETY: as in `use_stack`.
    unsafe {
        let end = (*TASK_STATE.0.get()).interrupt_stack_table[stack as usize];
        (*TASK_STATE.0.get()).interrupt_stack_table[stack as usize] = end + bytes;
    }
}

/// Makes handlers that interrupt ring 3 run on the stack that ends at `end`.
pub fn use_kernel_stack(end: VirtAddr) {
    // SAFETY: one CPU, in ring 0: the entry is read only when ring 3 is interrupted.
    unsafe { (*TASK_STATE.0.get()).privilege_stack_table[0] = end };
}

/// Returns the code and stack segments of ring 3.
///
/// # Panics
/// Before [`init`].
pub fn user() -> (u64, u64) {
    let table = TABLE
        .get()
        .expect("the segments are read before they are loaded");
    (table.user_code.0.into(), table.user_data.0.into())
}
