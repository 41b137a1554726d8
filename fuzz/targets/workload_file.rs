//! Any bytes as the requests of a program: refused with the number of a line, or read by the kernel
//! as the host wrote them. Any bytes as a workload of the kernel: refused, or each block is known.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mm::heap::workload::Workload;

#[allow(dead_code, reason = "a part of the host tool")]
#[path = "../../xtask/src/references.rs"]
mod references;
#[allow(dead_code, reason = "a part of the host tool")]
#[path = "../../xtask/src/trace/mod.rs"]
mod trace;

fuzz_target!(|bytes: &[u8]| {
    match trace::read(bytes) {
        Ok(trace) => {
            let encoded = trace.to_kernel(trace.usual_arena());
            let workload = Workload::read(&encoded).expect("the kernel reads what the host writes");
            assert!(workload.requests().eq(trace.requests.iter().copied()));
            assert!(workload.blocks <= workload.len);
        }
        Err(error) => {
            let lines = bytes.split(|&byte| byte == b'\n').count();
            assert!((1..=lines).contains(&error.line), "line {}", error.line);
        }
    }
    if let Ok(workload) = Workload::read(bytes) {
        assert_eq!(workload.requests().count(), workload.len);
        let mut blocks = workload.requests().filter_map(|request| request.block());
        assert!(blocks.all(|block| block < workload.blocks));
    }
});
