//! `faults`: the last page faults; one of them with everything that explains it.

use super::{Command, Context, Misused, cell, none, number, say};
use crate::interrupts::page_fault::{self, Record};
use crate::machine::{clock, symbols};
use memviz::units::{Count, Moment, Nanoseconds};
use mm::paging::FaultCause;
use mm::paging::walk::FlagWords;

/// How many are listed.
const LISTED: usize = 12;

pub const FAULTS: Command = Command {
    name: "faults",
    arguments: "[NUMBER]",
    what: "the last page faults, newest first; with a number: all about that one",
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
    page_fault::for_each_record(|fault| {
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
                Culprit(fault)
            );
        }
    });
    say!(
        "{} faults since boot, the last {listed} are kept",
        Count(page_fault::count())
    );
    if let Some(live) = &mut context.live {
        live.drain();
        let faults = &live.model().faults;
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

/// The whole story of one fault.
fn explain(wanted: u64) -> Result<(), Misused> {
    let mut found = false;
    page_fault::for_each_record(|fault| {
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
        say!("fault {wanted} is not kept; \"faults\" lists the last ones");
    }
    Ok(())
}

/// Whose instruction it was.
struct Culprit<'f>(&'f Record);

impl core::fmt::Display for Culprit<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0.process.filter(|_| self.0.frame.is_from_user()) {
            Some(number) => write!(f, "process {number}"),
            None => write!(f, "{}", symbols::name(self.0.frame.rip)),
        }
    }
}
