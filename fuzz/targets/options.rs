//! Any command line: the kernel warns about each word that has no effect, and the host tool's
//! values are read as they are written.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "a part of the kernel")]
#[path = "../../kernel/src/boot/enhancements.rs"]
mod enhancements;
#[allow(dead_code, reason = "a part of the kernel")]
#[path = "../../kernel/src/boot/options.rs"]
mod options;
#[allow(dead_code, reason = "a part of the host tool")]
#[path = "../../xtask/src/options/values.rs"]
mod values;

use std::fmt::{Debug, Display};
use std::str::FromStr;

/// A value that is read from text, written and read again is the same.
fn survives<T: FromStr<Err = String> + Display + PartialEq + Debug>(text: &str) {
    match text.parse::<T>() {
        Ok(value) => assert_eq!(value.to_string().parse(), Ok(value)),
        Err(message) => assert!(!message.is_empty()),
    }
}

fuzz_target!(|line: &str| {
    let mut warnings = 0;
    let options = options::Options::parse(line, |word, reason| {
        assert!(line.contains(word) && !reason.is_empty());
        warnings += 1;
    });
    assert!(warnings <= line.split_ascii_whitespace().count());
    let (width, height) = options.resolution;
    assert!((1..=0xffff).contains(&width) && (1..=0xffff).contains(&height));
    for name in [options.keys, options.palette, options.lesson] {
        assert!(line.contains(name) && !name.contains(' '));
    }
    let _ = options.enhancements.to_string();
    survives::<values::Memory>(line);
    survives::<values::Resolution>(line);
    survives::<values::Keys>(line);
    // What the host tool passes on, the kernel understands.
    if values::kernel_words(line).is_ok() {
        assert!(
            options
                .seconds
                .is_none_or(|seconds| (1..=86_400).contains(&seconds))
        );
    }
});
