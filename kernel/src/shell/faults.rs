//! `faults`: the last page faults, as the dashboard's log has them.

use super::{Command, Misused, cell, none, number, say};
use crate::machine::symbols;
use memviz::units::{Count, Moment, Nanoseconds};
use mm::paging::FaultCause;

/// How many are shown unless somebody asks for more.
const SHOWN: u64 = 10;

pub const FAULTS: Command = Command {
    name: "faults",
    arguments: "[COUNT]",
    what: "the last page faults, newest first, and how many of each cause",
    run: |_, context, mut arguments| {
        let count = arguments.next().map_or(Ok(SHOWN), number)?;
        none(arguments)?;
        let Some(live) = &mut context.live else {
            say!("the log of faults is the dashboard's, and there is none");
            return Err(Misused);
        };
        live.drain();
        let faults = &live.model().faults;
        for fault in faults.newest_first().take(count as usize) {
            let (outcome, cost) = fault.end.map_or(("in the handler", 0), |end| {
                (end.outcome.words(), end.nanoseconds)
            });
            say!(
                "  {:>10}  {:#018x}  {:<19}  {outcome:<14} {:>8}  {}",
                cell(Moment(fault.time)),
                fault.address,
                fault.cause.words(),
                cell(Nanoseconds(cost)),
                symbols::name(fault.instruction.as_u64())
            );
        }
        for &cause in FaultCause::ALL {
            if faults.by_cause(cause) > 0 {
                say!(
                    "  {:<19} {:>10}",
                    cause.words(),
                    cell(Count(faults.by_cause(cause)))
                );
            }
        }
        let mean = Nanoseconds(faults.mean_nanoseconds().unwrap_or_default());
        say!(
            "{} faults, {mean} in the handler on average",
            Count(faults.total())
        );
        Ok(())
    },
};
