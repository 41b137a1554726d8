//! Measures rows Q1 to Q5 of the requirements, and checks the counted figures.

use super::test::Test;
use crate::measure;
use crate::measure::cost::Unit;

/// The costs of operations.
pub const COSTS: &[Test] = &[
    Test {
        name: "figures: the cost of recording is measured, and no memory leaks",
        run: || Ok(measure::recording::measure(Unit::find(), &mut || {})?),
    },
    Test {
        name: "figures: every first touch is one fault, and its cost is measured",
        run: || Ok(measure::demand_zero::measure(Unit::find(), &mut || {})?),
    },
    Test {
        name: "figures: a victim costs under 200 instructions, and a hard fault is measured",
        run: || {
            let zeroing = measure::demand_zero::zeroing()?;
            Ok(measure::paging_out::measure(Unit::find(), zeroing)?)
        },
    },
];

pub const LONG: &[Test] = &[
    Test {
        name: "figures: metadata takes under 5 % of memory",
        run: || Ok(measure::metadata::measure()?),
    },
    Test {
        name: "figures: the stress tests leak nothing, and under 25 % of the free heap is unusable",
        run: || Ok(measure::stress::measure(&mut || {})?),
    },
];
