//! `faults`: the last page faults, or one of them in full.

use super::answer::say;
use super::command::{Command, Context, Misused, cell, none, number};
use crate::interrupts::page_fault;
use crate::interrupts::page_fault::log::Record;
use crate::machine::{clock, symbols};
use mm::paging::FaultCause;
use mm::paging::walk::FlagWords;
use mm::units::{Count, Moment, Nanoseconds};

/// The maximum number of faults that are listed.
const LISTED: usize = 12;

pub const FAULTS: Command = Command {
    name: "faults",
    arguments: "[NUMBER]",
    summary: "lists the last page faults, newest first; with a number, prints that one in full",
    run: |_, context, mut arguments| {
        let wanted = arguments.next().map(number).transpose()?;
        none(arguments)?;
        match wanted {
            Some(wanted) => explain(wanted),
            None => list(context),
        }
    },
};

fn list(context: &mut Context<'_>) -> Result<(), Misused> {
    let mut listed = 0;
    say!(
        "  number       time             address  cause                outcome             cost  by"
    );
    page_fault::log::for_each(|fault| {
        listed += 1;
        if listed <= LISTED {
            say!(
                "  {:>6} {:>10}  {:#018x}  {:<19}  {:<14} {:>9}  {}",
                fault.number,
                cell(Moment(clock::since_boot(fault.begin))),
                fault.address,
                fault.cause.words(),
                fault
                    .outcome
                    .map_or("in the handler", |outcome| outcome.words()),
                cell(Nanoseconds(fault.nanoseconds)),
                Source(fault)
            );
        }
    });
    say!(
        "{} faults since boot; the log holds the last {listed}",
        Count(page_fault::count())
    );
    if let Some(session) = &mut context.session {
        session.drain();
        let faults = &session.model().faults;
        for &cause in FaultCause::ALL
            .iter()
            .filter(|&&cause| faults.by_cause(cause) > 0)
        {
            say!(
                "  {:<19} {:>10}",
                cause.words(),
                cell(Count(faults.by_cause(cause)))
            );
        }
        let mean = Nanoseconds(faults.mean_nanoseconds().unwrap_or_default());
        say!("  {mean} in the handler on average");
    }
    Ok(())
}

/// Prints one fault in full: registers, walk and callers.
fn explain(wanted: u64) -> Result<(), Misused> {
    let mut found = false;
    page_fault::log::for_each(|fault| {
        if fault.number == wanted {
            found = true;
            say!("{fault}");
            let frame = &fault.frame;
            say!(
                "  rip {:#018x}  rsp {:#018x}  rbp {:#018x}  flags {:#x}  code {:#x}",
                frame.rip,
                frame.rsp,
                frame.rbp,
                frame.rflags,
                frame.error_code
            );
            for step in fault.walk.iter().flat_map(|walk| walk.steps()) {
                let name = cell(format_args!("{}[{}]", step.table_name(), step.index));
                say!(
                    "  {name:<10} {:#018x}  {}",
                    step.entry.0,
                    FlagWords(step.entry.flags())
                );
            }
            for &address in &fault.callers {
                say!("  at {address:#018x} {}", symbols::name(address));
            }
        }
    });
    if !found {
        say!("fault {wanted} is not in the log; \"faults\" lists the last ones");
    }
    Ok(())
}

/// The process or the kernel function whose instruction faulted.
struct Source<'f>(&'f Record);

impl core::fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0.process.filter(|_| self.0.frame.is_from_user()) {
            Some(number) => write!(f, "process {number}"),
            None => write!(f, "{}", symbols::name(self.0.frame.rip)),
        }
    }
}
