use mm::heap::workload::{Request, Workload};

use super::*;
use Request::{Allocate, Free, FreeAgain, FreeUnknown, Resize, SizeOverflow};

fn requests(text: &str) -> Vec<Request> {
    read(text.as_bytes()).unwrap().requests
}

const SAME: [Request; 5] = [
    Allocate {
        block: 0,
        bytes: 32,
    },
    Allocate {
        block: 1,
        bytes: 24,
    },
    Resize {
        block: 0,
        bytes: 64,
    },
    Free { block: 1 },
    Free { block: 0 },
];

#[test]
fn the_three_formats_say_the_same() {
    let rep = "1000\n2\n5\n1\na 0 32\na 1 24\nr 0 64\nf 1\nf 0\n";
    let csv = "time,op,id,bytes,align,tag\n1,malloc,7,32,16,x\n1,malloc,8,24,,\n\
               2,realloc,7,64,,\n3,free,8,,,\n4,free,7,,,\n";
    let ltrace = "[pid 7] malloc(32 <unfinished ...>\n[pid 8] prog->calloc(3, 8) = 0x20\n\
                  [pid 7] <... malloc resumed> ) = 0x10\nputs(\"a(b)\") = 2\n\
                  [pid 7] realloc(0x10, 64) = 0x30\n--- SIGCHLD (Child exited) ---\n\
                  free(0x20) = <void>\nfree(0x30) = <void>\nfree(nil) = <void>\n\
                  +++ exited (status 0) +++\n";
    assert_eq!(requests(rep), SAME);
    assert_eq!(requests(csv), SAME);
    // Block numbers follow the order in which calls return.
    let swapped = requests(ltrace);
    assert_eq!(
        swapped[0],
        Allocate {
            block: 0,
            bytes: 24
        }
    );
    assert_eq!(
        swapped[2],
        Resize {
            block: 1,
            bytes: 64
        }
    );
    assert_eq!(swapped[3..], [Free { block: 0 }, Free { block: 1 }]);
}

#[test]
fn a_file_of_ltrace_has_a_number_before_each_call() {
    let text = "7 a->malloc(32)      = 0x10\n8 a->malloc(24 <unfinished ...>\n\
        7 a->free(0x10)      = <void>\n8 <... malloc resumed> )      = 0x20\n\
        7 +++ exited (status 0) +++\n";
    let expected = [
        Allocate {
            block: 0,
            bytes: 32,
        },
        Free { block: 0 },
        Allocate {
            block: 1,
            bytes: 24,
        },
    ];
    assert_eq!(requests(text), expected);
}

#[test]
fn the_kernel_gets_the_pauses_between_time_stamps() {
    let csv = "time,op,id,bytes,align,tag\n100,malloc,7,32,,\n100,malloc,8,24,,\n350,free,8,,,\n";
    let ltrace = "[pid 7] 12.000100 malloc(32) = 0x10\n7 12.000099 a->malloc(24) = 0x20\n\
        7 12.000350 free(0x20 <unfinished ...>\n7 13.000000 <... free resumed> ) = <void>\n";
    for (text, last) in [(csv, 250), (ltrace, 999_900)] {
        let trace = read(text.as_bytes()).unwrap();
        assert!(trace.has_times());
        let bytes = trace.to_kernel(1 << 20);
        let mut requests = Workload::read(&bytes).unwrap().requests();
        for pause in [0, 0, last] {
            assert_eq!(requests.pause(), pause);
            requests.next().unwrap();
        }
    }
    assert!(
        !read(b"malloc(32) = 0x10\nfree(0x10) = <void>\n")
            .unwrap()
            .has_times()
    );
}

#[test]
fn corruption_is_a_request_and_not_malformed() {
    let huge = "99999999999999999999";
    let rep = format!("0\n1\n6\n1\na 0 8\nf 0\nf 0\nf 5\nr 0 9\na 1 {huge}\n");
    let expected = [FreeAgain, FreeUnknown, FreeAgain, SizeOverflow];
    assert_eq!(requests(&rep)[2..], expected);
    let calloc = "calloc(9223372036854775807, 3) = 0\nfree(0x10) = <void>\n";
    assert_eq!(requests(calloc), [SizeOverflow, FreeUnknown]);
}

#[test]
fn a_malformed_line_is_refused_with_its_number() {
    for (text, line, part) in [
        ("", 1, "no request"),
        ("1\n2\n", 2, "four numbers"),
        (
            "1\n1\n2\n1\na 0 8\n",
            3,
            "2 requests are announced, and 1 follow",
        ),
        ("1\n1\n1\n1\na 0\n", 5, "expected"),
        ("1\n1\n1\n1\n\na 0 -8\n", 6, "“-8”"),
        ("time,op\n", 1, "expected"),
        ("time,op,id,bytes,align,tag\n1,grow,1,1,1,\n", 2, "“grow”"),
        (
            "time,op,id,bytes,align,tag\n2,free,1,,,\n1,free,1,,,\n",
            3,
            "before",
        ),
        (
            "time,op,id,bytes,align,tag\n2,malloc,1,8,4096,\n",
            2,
            "alignment 4096",
        ),
        ("malloc(8) = 0x10\nmalloc(x) = 0x10\n", 2, "“x”"),
        ("malloc(8) = 0xg\n", 1, "“0xg”"),
        ("<... malloc resumed> ) = 0x10\n", 1, "unfinished"),
        ("hello\n", 1, "expected"),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {}", error.reason);
        assert!(error.reason.contains(part), "{text:?}: {}", error.reason);
    }
}

#[test]
fn a_call_inside_a_call_of_the_same_process_is_a_part_of_it() {
    let text = "7 realloc@libc.so.6(0, 1600 <unfinished ...>\n\
                7 malloc@libc.so.6(1600 <unfinished ...>\n\
                8 malloc@libc.so.6(5) = 0x20\n\
                7 <... malloc resumed> ) = 0x10\n\
                7 free@libc.so.6(0x99) = <void>\n\
                7 <... realloc resumed> ) = 0x10\n\
                7 free@libc.so.6(0x10) = <void>\n";
    let expected = [
        Request::Allocate { block: 0, bytes: 5 },
        Request::Allocate {
            block: 1,
            bytes: 1600,
        },
        Request::Free { block: 1 },
    ];
    assert_eq!(requests(text), expected);
}
