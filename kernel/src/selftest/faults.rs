//! Page faults: what can be mended is mended, the rest is told.

use super::{Outcome, Test, check, count_faults};
use crate::memory::{demand, layout, probe};

pub const QUICK: &[Test] = &[
    Test {
        name: "faults: a first touch maps a zeroed frame, a second one does not fault",
        run: demand_zero,
    },
    Test {
        name: "faults: guard pages of stacks, heap and windows are caught",
        run: guards,
    },
];

fn demand_zero() -> Outcome {
    let mut seen = [u64::MAX; 2];
    let first = count_faults(|| seen[0] = demand::touch(3));
    let second = count_faults(|| seen[1] = demand::touch(3));
    demand::give_back(3);
    check!(seen == [0, 1], "the page held {seen:?}");
    check!((first, second) == (1, 0), "{first} and {second} faults");
    check!(!demand::is_present(3), "the page is still there");
    Ok(())
}

fn guards() -> Outcome {
    let guards = [
        layout::STACKS,
        layout::HEAP - 1,
        demand::page(0) - 1,
        demand::page(demand::PAGES - 1) + 4096,
    ];
    for guard in guards {
        let mut refused = false;
        let faults = count_faults(|| refused = probe::read(guard).is_err());
        check!(refused && faults == 1, "{guard:#x} is not guarded");
    }
    Ok(())
}
