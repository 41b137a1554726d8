//! The output of `ltrace -f`, with or without `-ttt` for time stamps. It has the calls of a program
//! (`-e malloc+calloc+realloc+free`) or those that reach the C library (`-x malloc@libc.so*+…`).
//! Calls of other functions are ignored. A call inside another one of the same process is a part of
//! it: the C library's `realloc` calls `malloc`.

use std::collections::HashMap;

use super::request::{Trace, number, size};
use crate::references::BadInput;

const FUNCTIONS: [&str; 4] = ["malloc", "calloc", "realloc", "free"];

/// For each process, its calls that have not returned: function and arguments, the outer one first.
type Unfinished<'t> = HashMap<&'t str, Vec<(&'t str, &'t str)>>;

pub(super) fn read(lines: &[(usize, &str)]) -> Result<Trace, BadInput> {
    let mut trace = Trace::default();
    let mut unfinished = Unfinished::new();
    for &(line, text) in lines {
        let result = call(&mut trace, &mut unfinished, text);
        result.map_err(|reason| BadInput::new(line, reason))?;
    }
    Ok(trace)
}

fn call<'t>(
    trace: &mut Trace,
    unfinished: &mut Unfinished<'t>,
    text: &'t str,
) -> Result<(), String> {
    const EXPECTED: &str = "a call is expected: malloc(32) = 0x…";
    if text.starts_with("---") || text.starts_with("+++") {
        return Ok(());
    }
    let (process, text) = match text.strip_prefix("[pid ") {
        Some(rest) => rest.split_once("] ").ok_or(EXPECTED)?,
        None => number_before(text).unwrap_or(("", text)),
    };
    let text = text.trim_start();
    let (time, text) = time_before(text).unwrap_or((0, text));
    // A process that ltrace followed late can have a time before that of the last line.
    trace.set_time(time);
    if text.starts_with("---") || text.starts_with("+++") {
        return Ok(());
    }
    if let Some(rest) = text.strip_prefix("<... ") {
        let (function, rest) = rest.split_once(" resumed>").ok_or(EXPECTED)?;
        let function = function.split('@').next().unwrap_or(function);
        if !FUNCTIONS.contains(&function) {
            return Ok(());
        }
        let calls = unfinished.entry(process).or_default();
        let found = calls.iter().rposition(|call| call.0 == function);
        let at =
            found.ok_or_else(|| format!("{function} resumes, and no call of it is unfinished"))?;
        let (_, arguments) = calls[at];
        calls.truncate(at);
        let (_, result) = rest.rsplit_once('=').ok_or(EXPECTED)?;
        return match at {
            0 => request(trace, function, arguments, result.trim()),
            _ => Ok(()),
        };
    }
    let (function, rest) = text.split_once('(').ok_or(EXPECTED)?;
    let function = function.rsplit("->").next().unwrap_or(function);
    let function = function.split('@').next().unwrap_or(function);
    if !FUNCTIONS.contains(&function) {
        return Ok(());
    }
    if let Some(arguments) = rest.strip_suffix("<unfinished ...>") {
        let arguments = arguments.trim().trim_end_matches(',');
        let calls = unfinished.entry(process).or_default();
        calls.push((function, arguments));
        return Ok(());
    }
    let (arguments, result) = rest.rsplit_once('=').ok_or(EXPECTED)?;
    let arguments = arguments.trim_end().strip_suffix(')').ok_or(EXPECTED)?;
    if unfinished
        .get(process)
        .is_some_and(|calls| !calls.is_empty())
    {
        return Ok(());
    }
    request(trace, function, arguments, result.trim())
}

/// Returns the number of the process before a call, in a file that ltrace wrote.
fn number_before(text: &str) -> Option<(&str, &str)> {
    let (process, rest) = text.split_once(' ')?;
    let is_number = process.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((process, rest))
}

/// Returns the microseconds before a call, of `1796066159.024187` for example.
fn time_before(text: &str) -> Option<(u64, &str)> {
    const DIGITS: usize = 6;
    let (time, rest) = text.split_once(' ')?;
    let (seconds, fraction) = time.split_once('.')?;
    let number = |digits: &str| number(digits).ok();
    let microseconds = number(fraction).filter(|_| fraction.len() == DIGITS)?;
    let time = number(seconds)?.checked_mul(1_000_000)?;
    Some((time.checked_add(microseconds)?, rest.trim_start()))
}

fn request(trace: &mut Trace, function: &str, arguments: &str, result: &str) -> Result<(), String> {
    let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
    let bytes = match (function, &*arguments) {
        ("malloc", &[bytes]) | ("realloc", &[_, bytes]) => size(bytes)?,
        ("calloc", &[count, bytes]) => match (size(count)?, size(bytes)?) {
            (Some(count), Some(bytes)) => count.checked_mul(bytes),
            _ => None,
        },
        ("free", &[address]) => {
            if let Some(address) = pointer(address)? {
                trace.free(address);
            }
            return Ok(());
        }
        _ => return Err(format!("{function} has other arguments than these")),
    };
    let Some(bytes) = bytes else {
        trace.overflow();
        return Ok(());
    };
    let old = match function {
        "realloc" => pointer(arguments[0])?,
        _ => None,
    };
    match (old, pointer(result)?) {
        (Some(old), None) if bytes == 0 => trace.free(old),
        // The traced program was refused: the blocks stay as they are.
        (_, None) => {}
        (Some(old), Some(new)) => trace.resize(old, new, bytes),
        (None, Some(new)) => trace.allocate(new, bytes),
    }
    Ok(())
}

/// Returns an address, or `None` for a null pointer.
fn pointer(text: &str) -> Result<Option<u64>, String> {
    if matches!(text, "0" | "nil" | "NULL" | "(nil)") {
        return Ok(None);
    }
    let digits = text
        .strip_prefix("0x")
        .filter(|text| !text.starts_with('+'));
    let address = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    match address {
        Some(0) => Ok(None),
        Some(address) => Ok(Some(address)),
        None => Err(format!("“{text}” is not an address: 0x… is expected")),
    }
}
