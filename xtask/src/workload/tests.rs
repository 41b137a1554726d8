use super::*;

const MIB: u64 = 1 << 20;

fn played(text: &str, arena: u64) -> Vec<(&'static str, Played)> {
    let trace = trace::read(text.as_bytes()).unwrap();
    let played = |&strategy: &Strategy| {
        let played = play::play(&trace, strategy, arena).unwrap();
        (strategy.key(), played)
    };
    Strategy::SHIPPED.iter().map(played).collect()
}

fn shipped(name: &str) -> String {
    let path = crate::build::root().join("traces").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn figures_of_a_small_trace_are_those_by_hand() {
    let text = "0\n2\n5\n1\na 0 100\na 1 1000\nf 0\nf 0\na 0 2000000\n";
    for (name, played) in played(text, MIB) {
        let outcome = played.outcome;
        let found = (outcome.failures, outcome.first_failure, outcome.corruptions);
        assert_eq!(found, (1, 5, 1), "{name}");
        assert_eq!(outcome.peak_requested, 1100, "{name}");
        if name == "first-fit" {
            // 7 units and 63 units.
            assert_eq!(outcome.peak_heap, 1120);
            assert_eq!(played.internal, Thousandths(18));
            assert_eq!(played.free.largest, MIB - 1120);
        }
    }
}

/// The first request of `strategies.rep` that each two strategies place differently, by their
/// numbers: the second block if their units differ, else a request for which they choose another
/// hole.
const DIFFERENCES: [[usize; 9]; 9] = [
    [0, 2, 2, 2, 2, 2, 2, 2, 2],
    [2, 0, 2, 2, 2, 2, 2, 2, 2],
    [2, 2, 0, 10, 10, 10, 2, 10, 2],
    [2, 2, 10, 0, 10, 10, 2, 11, 2],
    [2, 2, 10, 10, 0, 10, 2, 10, 2],
    [2, 2, 10, 10, 10, 0, 2, 10, 2],
    [2, 2, 2, 2, 2, 2, 0, 2, 2],
    [2, 2, 10, 11, 10, 10, 2, 0, 2],
    [2, 2, 2, 2, 2, 2, 2, 2, 0],
];

#[test]
fn strategies_differ_on_the_trace_for_it() {
    let all = played(&shipped("strategies.rep"), MIB);
    assert_eq!(
        DIFFERENCES.len(),
        Strategy::SHIPPED.len(),
        "a row is missing"
    );
    for (row, (key, one)) in DIFFERENCES.iter().zip(&all) {
        assert_eq!(row.len(), Strategy::SHIPPED.len(), "a column is missing");
        for (&request, (other_key, other)) in row.iter().zip(&all) {
            let found = one.first_difference(other);
            let found = found.map_or(0, |(number, _)| number);
            assert_eq!(found, request, "{key} and {other_key}");
        }
    }
}

#[test]
fn each_teaching_trace_fails_with_the_strategies_that_it_is_about_and_no_other() {
    for (file, failing) in [
        ("first-fit.rep", &["first-fit"][..]),
        ("buddies.rep", &["buddy", "buddy-trimmed"]),
        ("size-classes.rep", &["segregated"]),
    ] {
        let all = played(&shipped(file), MIB);
        let failed = all.iter().filter(|(_, played)| played.outcome.failures > 0);
        let failed: Vec<&str> = failed.map(|(name, _)| *name).collect();
        assert_eq!(failed, failing, "{file}");
    }
}

#[test]
fn a_block_that_grows_by_little_ends_with_high_utilisation_where_it_grows_in_place() {
    let all = played(&shipped("realloc.rep"), MIB);
    let utilisation = |(_, played): &&(&str, Played)| {
        let outcome = played.outcome;
        Thousandths::of(outcome.peak_requested, outcome.peak_heap) > Thousandths(900)
    };
    let high: Vec<&str> = all
        .iter()
        .filter(utilisation)
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(high, ["first-fit", "best-fit", "tlsf", "slab"]);
    let moves = |name| {
        all.iter()
            .find(|row| row.0 == name)
            .unwrap()
            .1
            .outcome
            .moves
    };
    assert_eq!((moves("tlsf"), moves("segregated")), (1, 24));
}

#[test]
fn a_million_requests_are_played() {
    let mut text = String::from("0\n500000\n1000000\n1\n");
    for id in 0..500_000 {
        text += &format!("a {id} {}\nf {id}\n", id % 5000);
    }
    let trace = trace::read(text.as_bytes()).unwrap();
    assert_eq!(trace.requests.len(), 1_000_000);
    let outcome = play::play(&trace, Strategy::Tlsf, MIB).unwrap().outcome;
    assert_eq!((outcome.failures, outcome.corruptions), (0, 0));
}

#[test]
fn life_times_are_counted_in_requests_by_the_size_of_the_block() {
    // Blocks of 20 B live for 2 and 4 requests, one of 100 B for 1, and one is not freed.
    let text = "0\n4\n7\n1\na 0 20\na 1 20\nf 0\na 2 100\nf 2\nf 1\na 3 9\n";
    for (name, played) in played(text, MIB) {
        let classes = played.lifetimes.classes();
        let classes: Vec<_> = classes
            .map(|(bytes, class)| (bytes, class.blocks, class.mean()))
            .collect();
        assert_eq!(classes, [(16, 2, 3), (64, 1, 1)], "{name}");
    }
}
