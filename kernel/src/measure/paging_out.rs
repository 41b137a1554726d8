//! The costs of paging out: choosing a victim among many pages, and a fault that reads a page back.

use super::cost::{Unit, cost, ticks};
use super::violation::Violation;
use crate::memory::physical::slices::Slices;
use crate::memory::swap;
use crate::memory::trace;
use crate::process::programs::Program;
use crate::process::{self, End, TABLE};
use log::LevelFilter;
use mm::event::Payload;
use mm::paging::FaultCause;
use mm::reclaim::{FrameIndex, Record, Reference, ResidentSet, named};
use mm::tag::Tag;

/// The pages among which a victim is chosen.
const PAGES: usize = 100_000;
/// The victims that are chosen.
const VICTIMS: u64 = 1000;
/// The most instructions of choosing a victim.
const VICTIM_LIMIT: u64 = 200;
/// The turns after which the program counts as stuck.
const TURNS: u64 = 100_000;

/// Measures the costs, and logs them.
///
/// # Errors
/// When instructions are counted, and choosing a victim costs more than its limit.
pub fn measure(unit: Unit, zeroing: u64) -> Result<(), Violation> {
    for name in ["fifo", "lru", "clock"] {
        let of_victim = victim(name)?;
        log::info!(
            "victim: {name} chooses one of {PAGES} pages in {of_victim} {}",
            unit.words()
        );
        cost(name, of_victim);
        if unit == Unit::Instructions && of_victim > VICTIM_LIMIT {
            return Err(Violation::new(format_args!(
                "{name} chooses a victim in {of_victim} instructions, more than {VICTIM_LIMIT}"
            )));
        }
    }
    if !swap::is_on() {
        log::info!("hard fault: not measured, because swap is off");
        return Ok(());
    }
    let had_tables = swap::statistics().slots > 0;
    // The first pages that are stored would make the tables, which is no cost of a fault.
    swap::make_tables()?;
    let measured = hard_faults();
    if !had_tables {
        swap::free_table();
    }
    let (faults, handling, device) = measured?;
    let of_fault = (handling / faults).saturating_sub(device / faults + zeroing);
    log::info!(
        "hard fault: {of_fault} {} without the device ({}) and zeroing ({zeroing}), mean of {faults}",
        unit.words(),
        device / faults
    );
    cost("a hard fault", of_fault);
    Ok(())
}

/// The mean ticks of choosing a victim. A third of the pages was used since the policy saw them.
fn victim(name: &str) -> Result<u64, Violation> {
    let missing = || Violation::new(format_args!("no policy is called {name}"));
    let policy = named(name).ok_or_else(missing)?;
    let mut memory = Slices::new(Tag::KERNEL);
    // SAFETY: a record may be zeros, and a resident set overwrites it; the slices live as long as
    // `memory`.
    let (records, used) = unsafe { (memory.add::<Record>(PAGES)?, memory.add::<u8>(PAGES)?) };
    let mut set = ResidentSet::new(records, policy, 1);
    for (page, used) in used.iter_mut().enumerate() {
        set.load(Reference::new(false))?;
        *used = u8::from(page % 3 == 0);
    }
    // The first victim of the clock clears the bits that loading has set.
    replace(&mut set, used)?;
    let mut sum = 0;
    for _ in 0..VICTIMS {
        let mut chosen = None;
        sum += ticks(|| chosen = choose(&mut set, used));
        let frame = chosen.ok_or_else(missing)?;
        set.remove(frame);
        set.load(Reference::new(false))?;
    }
    Ok(sum / VICTIMS)
}

fn replace(set: &mut ResidentSet<'_>, used: &mut [u8]) -> Result<(), Violation> {
    if let Some(frame) = choose(set, used) {
        set.remove(frame);
        set.load(Reference::new(false))?;
    }
    Ok(())
}

fn choose(set: &mut ResidentSet<'_>, used: &mut [u8]) -> Option<FrameIndex> {
    set.choose(|frame| {
        let was_used = core::mem::take(&mut used[frame.number()]);
        (was_used > 0).then_some(false)
    })
}

/// Runs a program over more pages than frames. Returns the number of faults that read a page back,
/// and the ticks of their handler and of the device.
fn hard_faults() -> Result<(u64, u64, u64), Violation> {
    let level = log::max_level();
    log::set_max_level(LevelFilter::Warn);
    let number = process::spawn(Program::Limited)?;
    // Its turns end after each of its 16 first touches, which store pages but read none back.
    for _ in 0..16 {
        process::run_slice();
    }
    let mut events = trace::RING.reader();
    while events.pop().is_some() {}
    let before = swap::statistics().device_ticks;
    let ended = process::run_all(TURNS);
    log::set_max_level(level);
    let end = TABLE.lock().end_of(number);
    if !ended || end != Some(End::Exit(0)) {
        process::kill_all();
        return Err(Violation::new(format_args!("the program ended by {end:?}")));
    }
    let device = swap::statistics().device_ticks - before;
    let (mut faults, mut handling) = (0, 0);
    while let Some(event) = events.pop() {
        if let Payload::FaultEnd {
            nanoseconds,
            cause: FaultCause::Swapped,
            ..
        } = event.payload
        {
            faults += 1;
            handling += nanoseconds;
        }
    }
    match faults {
        0 => Err(Violation::new(format_args!("no page was read back"))),
        _ => Ok((faults, handling, device)),
    }
}
