use super::super::tests::arenas::with_arena;
use super::*;
use crate::event::Payload;
use crate::vocabulary::order::CHUNK_BYTES;
use crate::vocabulary::strategy::Strategy;
use proptest::prelude::{any, prop, prop_oneof, proptest};
use proptest::strategy::Strategy as Strategies;
use x86_64::VirtAddr;

const BLOCKS: usize = 40;

fn request() -> impl Strategies<Value = Request> {
    let bytes = (0..64_u32, any::<u64>()).prop_map(|(shift, bytes)| bytes >> shift);
    let block = 0..BLOCKS;
    prop_oneof![
        (block.clone(), bytes.clone())
            .prop_map(|(block, bytes)| Request::Allocate { block, bytes }),
        (block.clone(), bytes).prop_map(|(block, bytes)| Request::Resize { block, bytes }),
        block.prop_map(|block| Request::Free { block }),
        prop::sample::select(vec![
            Request::FreeUnknown,
            Request::FreeAgain,
            Request::SizeOverflow
        ]),
    ]
}

fn encoded(requests: &[Request]) -> Vec<u8> {
    let mut bytes = header(CHUNK_BYTES, BLOCKS, requests.len()).to_vec();
    for &request in requests {
        encode(request, |byte| bytes.push(byte));
    }
    bytes
}

proptest! {
    #![proptest_config(crate::testing::cases(100))]
    #[test]
    fn the_encoding_keeps_all_requests(requests in prop::collection::vec(request(), 0..crate::testing::steps(50))) {
        let bytes = encoded(&requests);
        let workload = Workload::read(&bytes).unwrap();
        assert_eq!((workload.arena, workload.blocks), (CHUNK_BYTES, BLOCKS));
        assert_eq!(workload.requests().collect::<Vec<_>>(), requests);
    }

    #[test]
    fn pauses_stand_before_their_request(pauses in prop::collection::vec(any::<u32>(), 1..20)) {
        let mut bytes = header(CHUNK_BYTES, BLOCKS, pauses.len()).to_vec();
        for &pause in &pauses {
            encode_pause(pause.into(), |byte| bytes.push(byte));
            encode(Request::FreeAgain, |byte| bytes.push(byte));
        }
        let mut requests = Workload::read(&bytes).unwrap().requests();
        for &pause in &pauses {
            assert!(requests.has_next());
            assert_eq!(requests.pause(), u64::from(pause));
            assert_eq!(requests.next(), Some(Request::FreeAgain));
        }
        assert!(!requests.has_next());
    }

    #[test]
    fn no_bytes_are_a_workload_with_unknown_blocks(bytes in prop::collection::vec(0..9_u8, 0..60)) {
        if let Ok(workload) = Workload::read(&bytes) {
            let mut requests = workload.requests();
            assert!(requests.all(|request| request.block().is_none_or(|block| block < workload.blocks)));
        }
    }
}

#[test]
fn malformed_bytes_are_refused_with_their_offset() {
    let refused = |bytes: &[u8]| Workload::read(bytes).unwrap_err().offset;
    let whole = encoded(&[Request::Free { block: 3 }, Request::FreeAgain]);
    assert_eq!(refused(&whole[..20]), 0);
    assert_eq!(refused(&whole[..26]), 26, "a request is missing");
    assert_eq!(refused(&[&whole[..], &[0]].concat()), 27, "one too many");
    let unknown = encoded(&[Request::FreeAgain, Request::Free { block: BLOCKS }]);
    assert_eq!(refused(&unknown), 25);
    let mut endless = encoded(&[Request::FreeAgain]);
    endless.extend([0x80; 20]);
    endless[24] = 2;
    assert_eq!(refused(&endless), 24);
}

/// Plays the requests in an arena of 1 MiB.
fn played(strategy: Strategy, requests: &[Request]) -> (Vec<Step>, Outcome) {
    with_arena(strategy, CHUNK_BYTES, BLOCKS, |arena| {
        let mut held = [Held::default(); BLOCKS];
        let mut player = Player::new(arena, &mut held);
        let steps = requests.iter().map(|&request| player.request(request));
        (steps.collect(), player.outcome())
    })
}

#[test]
fn a_block_grows_into_free_space_and_moves_if_a_block_follows() {
    let [first, second] = [0, 1];
    let requests = [
        Request::Allocate {
            block: first,
            bytes: 1024,
        },
        Request::Resize {
            block: first,
            bytes: 2048,
        },
        Request::Allocate {
            block: second,
            bytes: 1024,
        },
        Request::Resize {
            block: first,
            bytes: 4096,
        },
        Request::Resize {
            block: first,
            bytes: 16,
        },
    ];
    for &strategy in Strategy::SHIPPED {
        let (steps, outcome) = played(strategy, &requests);
        let name = strategy.key();
        // Blocks with classes of sizes move, all others take what follows them.
        let has_classes = matches!(strategy, Strategy::Segregated | Strategy::Slab);
        assert_eq!(steps[1].left.is_none(), !has_classes, "{name}");
        assert!(
            steps[3].left.is_some() && steps[3].placed.is_some(),
            "{name}"
        );
        assert_eq!(steps[4].left.is_none(), !has_classes, "{name}");
        assert_eq!(outcome.moves, if has_classes { 3 } else { 1 }, "{name}");
        assert_eq!(outcome.peak_requested, 4096 + 1024, "{name}");
        assert_eq!(outcome.peak, 4, "{name}");
    }
}

/// The event of a request holds one more number: of a free the age of the block in requests, of a
/// refusal the largest free block in units, else the bytes.
#[test]
fn an_event_holds_the_detail_of_its_kind() {
    let requests = [
        Request::Allocate {
            block: 0,
            bytes: 100,
        },
        Request::Allocate {
            block: 1,
            bytes: 16,
        },
        Request::Allocate {
            block: 2,
            bytes: CHUNK_BYTES,
        },
        Request::Free { block: 0 },
    ];
    let details = with_arena(Strategy::FirstFit, CHUNK_BYTES, BLOCKS, |arena| {
        let mut held = [Held::default(); BLOCKS];
        let mut player = Player::new(arena, &mut held);
        requests.map(|request| {
            let step = player.request(request);
            match player.event(step, VirtAddr::zero(), 0) {
                Payload::ArenaRequest { detail, .. } => detail,
                other => panic!("{other:?}"),
            }
        })
    });
    // 100 bytes take 7 units, 16 bytes one.
    let largest = CHUNK_BYTES as u32 / 16 - 8;
    assert_eq!(details, [100, 16, largest, 3]);
}
