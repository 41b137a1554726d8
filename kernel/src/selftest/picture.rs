//! Tests of the picture: after a part of the demo it agrees with the machine and no event is lost.
//! After an overload the lost events are counted, and the picture is rebuilt.

use super::test::{Outcome, broken, check};
use crate::dashboard::{self, DashboardSession};
use crate::lessons::Player;
use crate::machine::clock::{self, SECOND};
use crate::measure::cost::Unit;
use crate::memory::checks::balance::Balance;
use crate::memory::heap::{kernel_heap, kmalloc};
use crate::memory::physical::frames;
use crate::memory::trace::CAPACITY;
use crate::process;
use alloc::vec::Vec;
use memviz::dashboard::actions::Action;
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// Events a second that the kernel must record, apply and draw for some seconds, with as many
/// pictures a second as in the demo.
const SUSTAINED: u64 = 100_000;
const SUSTAINED_SECONDS: u64 = 3;
const PICTURES_A_SECOND: u64 = 60;
/// The maximum number of frames that the test holds meanwhile.
const HELD: usize = 4096;

/// Beats of the demo that the test plays: most of its first lesson, `busy-machine`.
const BEATS: u64 = 520;
/// Beats between two pictures.
const BEATS_A_PICTURE: u64 = 2;

/// Beats in a heat period, which is half a second.
const BEATS_A_PERIOD: u64 = 15;

/// The maximum number of requests that are served before one is refused; most beats make fewer.
const REFUSED_AFTER: u64 = 97;

/// Moments whose pictures are compared in the past, and the beats between two of them.
const MOMENTS: usize = 8;
const BEATS_A_MOMENT: u64 = 12;

/// A test that needs a picture.
type PictureTest = fn(&mut DashboardSession) -> Outcome;

/// Runs the tests that need a picture, and measures the cost of drawing. Returns whether all
/// passed.
pub fn run(session: Option<&mut DashboardSession>) -> bool {
    all_pass(
        session,
        &[
            ("picture: agrees with the machine after all tests", agrees),
            (
                "picture: no event lost and no mismatch in a round of the demo",
                demo,
            ),
            ("picture: the past looks as it did, to the pixel", past),
            (
                "out of memory: the demo continues while requests are refused at every beat",
                demo_with_refusals,
            ),
            OVERLOAD,
        ],
    )
}

/// Runs the tests that depend on the rate of events and the size of memory, and measures the cost
/// of drawing. Returns whether all passed.
pub fn bench(session: Option<&mut DashboardSession>) -> bool {
    let sustained: PictureTest = sustained;
    all_pass(
        session,
        &[
            ("picture: 100,000 events a second and none lost", sustained),
            OVERLOAD,
        ],
    )
}

const OVERLOAD: (&str, PictureTest) = (
    "picture: lost events are counted, and the picture is rebuilt from the machine",
    overload,
);

/// Runs these tests, then measures the cost of drawing. Returns whether all passed.
fn all_pass(session: Option<&mut DashboardSession>, tests: &[(&str, PictureTest)]) -> bool {
    let Some(session) = session else {
        log::info!("- picture: skipped: there is no dashboard");
        return true;
    };
    let mut passed = true;
    for (name, test) in tests {
        match test(session) {
            Ok(()) => log::info!("✓ {name}"),
            Err(failure) => {
                passed = false;
                log::error!("✗ {name}: {}", failure.why());
            }
        }
    }
    if let Err(error) = dashboard::costs::measure(session) {
        log::warn!("drawing is not measured: {error}");
    }
    passed
}

fn agrees(session: &mut DashboardSession) -> Outcome {
    let wrong = session.verify_all();
    check!(wrong == 0, "{wrong} mismatches");
    Ok(())
}

fn demo(session: &mut DashboardSession) -> Outcome {
    play(session, |_| ())
}

/// Two positions in the history, a beat apart, and the pictures of the present there. The second
/// one has a bookmark.
#[derive(Clone, Copy, Default)]
struct Moment {
    early: (u64, u64),
    late: (u64, u64),
}

/// Compares pictures of the present with those of the same moments in the past: after a jump to a
/// bookmark, after single steps back from it, and after single steps forward to it.
fn past(session: &mut DashboardSession) -> Outcome {
    // A picture of the present fades, one of the past is settled.
    session.travel(Action::PlayPause);
    let mut player = Player::new(false, 2, 0);
    let mut seen = [Moment::default(); MOMENTS];
    for moment in &mut seen {
        for _ in 0..BEATS_A_MOMENT {
            beat(&mut player, session);
        }
        process::end_heat_period(clock::now());
        moment.early = picture(session);
        beat(&mut player, session);
        process::end_heat_period(clock::now());
        moment.late = picture(session);
        session.travel(Action::Bookmark);
    }
    while player.wind_down() {
        session.show();
    }
    let present = session.fingerprint();
    log::info!("cost to-the-first {}", session.travel(Action::First));
    let mut maximum = 0;
    for moment in &seen {
        session.travel(Action::NextBookmark);
        expect(session, moment.late, "a jump")?;
        while session.place() > moment.early.0 {
            maximum = maximum.max(session.travel(Action::StepBack));
        }
        expect(session, moment.early, "steps back")?;
        while session.place() < moment.late.0 {
            session.travel(Action::Step);
        }
        expect(session, moment.late, "steps forward")?;
    }
    log::info!("cost step-back {maximum}");
    session.travel(Action::First);
    for _ in &seen {
        session.travel(Action::NextBookmark);
        session.travel(Action::Bookmark);
    }
    session.travel(Action::First);
    log::info!("cost to-the-present {}", session.travel(Action::Live));
    check!(
        session.fingerprint() == present,
        "the present looks different afterwards"
    );
    session.travel(Action::PlayPause);
    let wrong = session.verify_all();
    check!(wrong == 0, "{wrong} mismatches");
    Ok(())
}

/// Plays a beat of the demo, and makes a picture.
fn beat(player: &mut Player, session: &mut DashboardSession) {
    player.beat();
    for _ in 0..4 {
        process::run_slice();
    }
    session.show();
}

/// Returns the position in the history, and the fingerprint of its picture.
fn picture(session: &mut DashboardSession) -> (u64, u64) {
    let fingerprint = session.fingerprint();
    (session.place(), fingerprint)
}

fn expect(session: &mut DashboardSession, expected: (u64, u64), way: &str) -> Outcome {
    let found = picture(session);
    check!(
        found.0 == expected.0,
        "{way} led to event {}, not {}",
        found.0,
        expected.0
    );
    check!(
        found.1 == expected.1,
        "event {} looks different after {way}",
        expected.0
    );
    Ok(())
}

fn demo_with_refusals(session: &mut DashboardSession) -> Outcome {
    process::kill_all();
    kmalloc::shrink();
    let before = Balance::now();
    let played = play(session, |beat| {
        // One request is refused, or all the rest, after a growing number of served ones.
        let count = if beat % 5 == 0 { u64::MAX } else { 1 };
        frames::lock().inject_failures(beat % REFUSED_AFTER, count);
    });
    frames::lock().inject_failures(0, 0);
    played?;
    process::kill_all();
    kmalloc::shrink();
    let after = Balance::now();
    check!(after == before, "{}", after.leaked_since(&before));
    frames::lock().validate().map_err(broken)?;
    kernel_heap::lock().validate().map_err(broken)
}

/// Plays a part of the demo; calls `before` before each beat.
fn play(session: &mut DashboardSession, before: impl Fn(u64)) -> Outcome {
    let lost = session.troubles().0;
    let mut player = Player::new(false, 1, 0);
    for beat in 0..BEATS {
        before(beat);
        player.beat();
        // Enough turns for all ready processes; sleeping ones get no turn.
        for _ in 0..4 {
            process::run_slice();
        }
        if beat % BEATS_A_PERIOD == 0 {
            process::end_heat_period(clock::now());
        }
        if beat % BEATS_A_PICTURE == 0 {
            session.show();
        }
    }
    while player.wind_down() {
        session.show();
    }
    check!(player.failures() == 0, "{} failures", player.failures());
    let wrong = session.verify_all();
    check!(wrong == 0, "{wrong} mismatches");
    check!(
        session.troubles().0 == lost,
        "{} events lost",
        session.troubles().0 - lost
    );
    Ok(())
}

/// Allocates and frees far more frames than the demo does, and checks that every picture is in
/// time.
#[expect(
    clippy::disallowed_methods,
    reason = "the list has room for every frame"
)]
fn sustained(session: &mut DashboardSession) -> Outcome {
    session.show();
    let lost = session.troubles().0;
    let period = SECOND / PICTURES_A_SECOND;
    let mut held = Vec::<PhysFrame>::with_capacity(HELD);
    let mut random = fastrand::Rng::with_seed(1);
    let (mut due, mut late, mut done) = (clock::now() + period, 0, 0);
    for picture in 1..=SUSTAINED_SECONDS * PICTURES_A_SECOND {
        while done < picture * SUSTAINED / PICTURES_A_SECOND {
            let grows = held.is_empty() || held.len() < HELD && random.bool();
            if grows {
                held.push(frames::lock().allocate(Tag::CACHE)?);
            } else {
                let frame = held.swap_remove(random.usize(..held.len()));
                frames::lock().free(frame)?;
            }
            done += 1;
        }
        session.show();
        late += u64::from(clock::now() > due);
        while clock::now() < due {
            clock::idle();
        }
        due += period;
    }
    for &frame in &held {
        frames::lock().free(frame)?;
    }
    session.show();
    let lost = session.troubles().0 - lost;
    check!(lost == 0, "{lost} of {done} events lost");
    log::info!(target: "memviz", "cost late-pictures {late}");
    // With real time, the host's speed decides.
    check!(
        late == 0 || Unit::find() != Unit::Instructions,
        "{late} pictures were late"
    );
    let wrong = session.verify_all();
    check!(wrong == 0, "{wrong} mismatches");
    Ok(())
}

fn overload(session: &mut DashboardSession) -> Outcome {
    session.show();
    let lost = session.troubles().0;
    for _ in 0..CAPACITY {
        let frame = frames::allocate(Tag::CACHE)?;
        frames::free(frame)?;
    }
    session.show();
    let counted = session.troubles().0 - lost;
    check!(
        counted == CAPACITY as u64,
        "{CAPACITY} events were lost, {counted} counted"
    );
    let wrong = session.verify_all();
    check!(wrong == 0, "{wrong} mismatches after the rebuild");
    Ok(())
}
