//! The kernel of memviz: from power-on to a live dashboard of its own memory.
//!
//! ```text
//! boot ──► start_kernel (boot stack) ──► kmain (guarded stack) ──► demo | classroom | self-test
//! ```
#![no_std]
#![no_main]
// Without the dashboard or the shell, some functions of the parts below are unused.
#![cfg_attr(
    not(all(feature = "dashboard", feature = "shell")),
    allow(dead_code, unused_imports)
)]

extern crate alloc;

mod boot;
mod churn;
#[cfg(feature = "dashboard")]
mod dashboard;
#[cfg(not(feature = "dashboard"))]
#[path = "absent/dashboard.rs"]
mod dashboard;
mod fatal;
mod interrupts;
#[cfg(feature = "demo")]
mod keys;
#[cfg(feature = "demo")]
mod lessons;
mod lock;
mod machine;
#[cfg(feature = "demo")]
mod main_loop;
mod measure;
mod memory;
mod process;
#[cfg(feature = "demo")]
mod references;
#[cfg(feature = "demo")]
mod replay;
mod selftest;
#[cfg(feature = "shell")]
mod shell;
#[cfg(all(feature = "demo", not(feature = "shell")))]
#[path = "absent/shell.rs"]
mod shell;
#[cfg(feature = "demo")]
mod unattended;
#[cfg(feature = "demo")]
mod workload;

use crate::memory::paging::stacks;
use boot::BootInfo;
use boot::enhancements::Enhancements;
use boot::options::{Mode, Options};
use dashboard::DashboardSession;
use interrupts::{page_fault, table};
use machine::power::Status;
use machine::{
    bochs, clock, interrupt_controller, logger, machine_check, power, segments, serial, symbols,
    user_registers,
};
use spin::Once;

/// The smallest readable size of the dashboard.
const SMALLEST: (u32, u32) = (800, 600);

static BOOT: Once<BootInfo> = Once::new();
static OPTIONS: Once<Options<'static>> = Once::new();
static SCREEN: Once<Option<boot::Framebuffer>> = Once::new();

/// Initializes memory on the boot stack. All three entries call it.
#[unsafe(no_mangle)]
extern "Rust" fn start_kernel(boot: BootInfo) -> ! {
    let boot = BOOT.call_once(|| boot);
    serial::init();
    logger::init();
    segments::init();
    table::init();
    clock::start();
    log::info!(target: "kernel::boot", "memviz by {}: \"{}\"", boot.way, boot.command_line);
    let options = options();
    let screen = *SCREEN.call_once(|| screen(boot, options));
    clock::init(options.counter_hertz);
    machine_check::init();
    user_registers::init();
    page_fault::log::switch(options.enhancements.contains(Enhancements::FAULT_LOG));
    if let Err(error) = memory::init(boot, screen, options) {
        log::error!(target: "kernel::memory", "{error}");
        power::off(Status::Failure);
    }
    name_functions(boot);
    boot::stack::check();
    match stacks::allocate(stacks::MAIN_STACK, stacks::Owner::Main) {
        Ok(stack) => stacks::enter(stack, kmain),
        Err(error) => panic!("no stack for the kernel: {error}"),
    }
}

/// Continues on the kernel's own stack, between its guard pages, after memory initialization.
extern "C" fn kmain() -> ! {
    interrupt_controller::enable();
    let options = options();
    if let Some(way) = options.fatal {
        fatal::end(way);
    }
    let screen = SCREEN.get().copied().flatten();
    if screen.is_some() && !options.trace {
        log::warn!(target: "kernel::dashboard", "no picture: trace=off, and pictures are drawn from events; the log continues on the serial line");
    }
    let mut session = screen.filter(|_| options.trace).and_then(|screen| {
        DashboardSession::new(screen, options)
            .inspect_err(|error| {
                log::warn!("no picture: {error}; the log continues on the serial line");
            })
            .ok()
    });
    if options.mode == Mode::Bench {
        power::off(status(selftest::bench(session.as_mut())));
    }
    if options.mode == Mode::Churn {
        power::off(status(churn::run_all(options.operations)));
    }
    let all = options.mode == Mode::SelfTest;
    let passed = selftest::run(session.as_mut(), all);
    log::info!("Hello from memviz ✨");
    if all {
        power::off(status(selftest::finish(session.as_mut(), passed)));
    }
    #[cfg(feature = "demo")]
    main_loop::run(session.as_mut(), options);
    #[cfg(not(feature = "demo"))]
    {
        log::info!("built without dashboard and shell: memory is initialized, nothing else to do");
        power::off(Status::Success)
    }
}

/// Returns the exit status for the host.
fn status(passed: bool) -> Status {
    match passed {
        true => Status::Success,
        false => Status::Failure,
    }
}

/// Returns the options of the command line. Warns once about each word without effect.
///
/// # Panics
/// If `start_kernel` has not stored the boot information yet.
fn options() -> &'static Options<'static> {
    OPTIONS.call_once(|| {
        let boot = BOOT.get().expect("the options are read before boot");
        if boot.command_line_cut {
            log::warn!(target: "kernel::boot", "command line cut to {} bytes", boot::COMMAND_LINE_BYTES);
        }
        let options = Options::parse(&boot.command_line, |word, why| {
            log::warn!(target: "kernel::boot", "\"{word}\" on the command line has no effect: {why}");
        });
        if options.debug {
            log::set_max_level(log::LevelFilter::Debug);
        }
        options
    })
}

/// Returns the framebuffer of the firmware, or else of the emulated display in the requested mode,
/// unless the dashboard is off.
fn screen(boot: &BootInfo, options: &Options<'_>) -> Option<boot::Framebuffer> {
    let (width, height) = options.resolution;
    if !options.enhancements.contains(Enhancements::DASHBOARD) {
        return None;
    }
    let has_mode = |screen: &boot::Framebuffer| (screen.width, screen.height) == (width, height);
    let emulated = || match bochs::set_mode(width, height) {
        Ok(screen) => Some(screen),
        Err(error) => {
            log::warn!(target: "kernel::machine", "no picture: {error}; the log continues on the serial line");
            None
        }
    };
    let screen = match boot.framebuffer {
        // A BIOS has a fixed list of modes, from which the boot loader takes another one.
        Some(screen) if !has_mode(&screen) && bochs::shows(&screen) => emulated()
            // A refused mode may have replaced the one that the boot loader set.
            .or_else(|| bochs::set_mode(screen.width, screen.height).ok()),
        Some(screen) => Some(screen),
        None => emulated(),
    }?;
    if screen.width < SMALLEST.0 || screen.height < SMALLEST.1 {
        log::warn!(
            target: "kernel::machine",
            "no picture: {}x{} pixels are too few, {}x{} are needed; the log continues on the serial line",
            screen.width, screen.height, SMALLEST.0, SMALLEST.1
        );
        return None;
    }
    log::info!(
        target: "kernel::machine",
        "framebuffer {}x{} at {:#x}", screen.width, screen.height, screen.start
    );
    Some(screen)
}

/// Loads the symbol table, if it is a boot module: code addresses have names from now on.
fn name_functions(boot: &BootInfo) {
    if let Some(unused @ 1..) = boot.modules.checked_sub(1) {
        log::warn!("the kernel uses one boot module: {unused} more have no effect");
    }
    match boot.symbols {
        Some(module) => {
            // SAFETY: the frame allocator never hands out the frames of modules, the direct map
            // maps them, and no code writes there.
            symbols::init(unsafe {
                core::slice::from_raw_parts(
                    crate::memory::physical::frames::pointer(module.start),
                    module.bytes as usize,
                )
            });
        }
        None => log::warn!(target: "kernel::boot", "no symbol table: stack traces have no names"),
    }
}
