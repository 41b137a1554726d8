//! Requests as comma-separated values. Arenas align to 16 B: a larger alignment is refused.

use super::request::{Trace, number, size};
use crate::references::BadInput;

/// The beginning that only this format has.
pub(super) const HEADER_START: &str = "time,";
const HEADER: &str = "time,op,id,bytes,align,tag";
const ALIGN: u64 = 16;

pub(super) fn read(lines: &[(usize, &str)]) -> Result<Trace, BadInput> {
    let mut trace = Trace::default();
    let (header, body) = (lines[0], &lines[1..]);
    if header.1 != HEADER {
        return Err(BadInput::new(header.0, format!("“{HEADER}” is expected")));
    }
    for &(line, text) in body {
        let result = request(&mut trace, text);
        result.map_err(|reason| BadInput::new(line, reason))?;
    }
    Ok(trace)
}

fn request(trace: &mut Trace, text: &str) -> Result<(), String> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let [time, op, id, bytes, align, _tag] = *fields else {
        return Err(format!("six values are expected: {HEADER}"));
    };
    let time = number(time)?;
    if !trace.set_time(time) {
        return Err(format!("the time {time} is before that of the last line"));
    }
    let align = if align.is_empty() { 1 } else { number(align)? };
    if !align.is_power_of_two() || align > ALIGN {
        return Err(format!(
            "the alignment {align} is not a power of two up to {ALIGN}"
        ));
    }
    let id = number(id)?;
    match op {
        "malloc" => match size(bytes)? {
            Some(bytes) => trace.allocate(id, bytes),
            None => trace.overflow(),
        },
        "realloc" => match size(bytes)? {
            Some(bytes) => trace.resize(id, id, bytes),
            None => trace.overflow(),
        },
        "free" => trace.free(id),
        _ => return Err(format!("“{op}” is not malloc, realloc or free")),
    }
    Ok(())
}
