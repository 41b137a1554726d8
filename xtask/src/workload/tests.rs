use super::*;

fn played(text: &str, arena: u64) -> Vec<(&'static str, Played)> {
    let trace = trace::read(text.as_bytes()).unwrap();
    let played = |&strategy: &Strategy| {
        let played = play::play(&trace, strategy, arena).unwrap();
        (strategy.key(), played)
    };
    Strategy::ALL.iter().map(played).collect()
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

#[test]
fn strategies_differ_on_the_trace_for_it() {
    let all = played(&shipped("strategies.rep"), MIB);
    for (at, (name, played)) in all.iter().enumerate() {
        for (other, others) in &all[..at] {
            assert_ne!(
                played.outcome.checksum, others.outcome.checksum,
                "{name} and {other}"
            );
        }
    }
}

#[test]
fn each_teaching_trace_fails_where_it_says() {
    for (file, fails, serves) in [
        ("first-fit.rep", "first-fit", "best-fit"),
        ("buddies.rep", "buddy", "first-fit"),
        ("size-classes.rep", "segregated", "first-fit"),
    ] {
        let all = played(&shipped(file), MIB);
        let failures = |name| {
            all.iter()
                .find(|row| row.0 == name)
                .unwrap()
                .1
                .outcome
                .failures
        };
        assert!(failures(fails) > 0 && failures(serves) == 0, "{file}");
    }
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
