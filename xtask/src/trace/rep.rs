//! Traces of the malloc lab.

use super::request::{Trace, number, size};
use crate::references::BadInput;

/// The numbers at the start: the suggested heap size, blocks, requests, the weight.
const HEADER: usize = 4;
/// The index of the number of requests.
const REQUESTS: usize = 2;

pub(super) fn read(lines: &[(usize, &str)]) -> Result<Trace, BadInput> {
    let mut trace = Trace::default();
    let last = lines.last().map_or(1, |line| line.0);
    if lines.len() < HEADER {
        let reason = "four numbers are expected first: heap size, blocks, requests, weight";
        return Err(BadInput::new(last, reason));
    }
    let (header, body) = lines.split_at(HEADER);
    let mut numbers = [0; HEADER];
    for (value, &(line, text)) in numbers.iter_mut().zip(header) {
        *value = number(text).map_err(|reason| BadInput::new(line, reason))?;
    }
    for &(line, text) in body {
        request(&mut trace, text).map_err(|reason| BadInput::new(line, reason))?;
    }
    let found = trace.requests.len() as u64;
    if found != numbers[REQUESTS] {
        let announced = numbers[REQUESTS];
        let reason = format!("{announced} requests are announced, and {found} follow");
        return Err(BadInput::new(header[REQUESTS].0, reason));
    }
    Ok(trace)
}

fn request(trace: &mut Trace, text: &str) -> Result<(), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match *words {
        ["a", id, bytes] => match size(bytes)? {
            Some(bytes) => trace.allocate(number(id)?, bytes),
            None => trace.overflow(),
        },
        ["r", id, bytes] => match size(bytes)? {
            Some(bytes) => trace.resize(number(id)?, number(id)?, bytes),
            None => trace.overflow(),
        },
        ["f", id] => trace.free(number(id)?),
        _ => return Err("“a ID BYTES”, “r ID BYTES” or “f ID” is expected".into()),
    }
    Ok(())
}
