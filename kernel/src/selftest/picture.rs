//! The picture: after a stretch of the demo it must agree with the machine, with no event lost; and
//! an overload must be counted and healed.

use super::{Outcome, check};
use crate::dashboard::{self, Live};
use crate::lessons::Player;
use crate::machine::clock::{self, SECOND};
use crate::measure::Unit;
use crate::memory::checks::balance::Balance;
use crate::memory::heap::kernel_heap;
use crate::memory::physical::{frames, heat};
use crate::memory::trace::CAPACITY;
use crate::process;
use alloc::vec::Vec;
use memviz::dashboard::actions::Action;
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// Events a second that are recorded, applied and drawn for some seconds, with pictures as often as
/// in the demo.
const SUSTAINED: u64 = 100_000;
const SUSTAINED_SECONDS: u64 = 3;
const PICTURES_A_SECOND: u64 = 60;
/// Frames that are held at most meanwhile.
const HELD: usize = 4096;

/// Beats of the demo that are played: most of its first lesson, a busy machine.
const BEATS: u64 = 520;
/// Beats between two pictures, as when 60 pictures and 30 beats a second are made.
const BEATS_A_PICTURE: u64 = 2;

/// Beats in a period of heat, half a second.
const BEATS_A_PERIOD: u64 = 15;

/// A beat of the demo makes fewer requests than this, most of the time.
const REFUSED_AFTER: u64 = 97;

/// Places that are looked at in the past, and the beats between two of them.
const PLACES: usize = 8;
const BEATS_A_PLACE: u64 = 12;

/// A test that looks at the picture.
type PictureTest = fn(&mut Live) -> Outcome;

/// Runs the tests that need a picture, and measures what drawing costs. True if all passed.
pub fn run(live: Option<&mut Live>) -> bool {
    all_pass(
        live,
        &[
            ("picture: agrees with the machine after all tests", agrees),
            (
                "picture: no event lost and no disagreement in a round of the demo",
                demo,
            ),
            ("picture: the past looks as it did, to the pixel", past),
            (
                "out of memory: the demo continues while requests are refused at every beat",
                hungry_demo,
            ),
            OVERLOAD,
        ],
    )
}

/// The same for what depends on how much happens, and on how much memory there is.
pub fn bench(live: Option<&mut Live>) -> bool {
    let sustained: PictureTest = sustained;
    all_pass(
        live,
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

/// Whether all these pass; what drawing costs is measured after them.
fn all_pass(live: Option<&mut Live>, tests: &[(&str, PictureTest)]) -> bool {
    let Some(live) = live else {
        log::info!("- picture: skipped: there is none");
        return true;
    };
    let mut passed = true;
    for (name, test) in tests {
        match test(live) {
            Ok(()) => log::info!("✓ {name}"),
            Err(failure) => {
                passed = false;
                log::error!("✗ {name}: {}", failure.why());
            }
        }
    }
    if let Err(error) = dashboard::measure(live) {
        log::warn!("drawing not measured: {error}");
    }
    passed
}

fn agrees(live: &mut Live) -> Outcome {
    let wrong = live.verify_all();
    check!(wrong == 0, "{wrong} places disagree");
    Ok(())
}

fn demo(live: &mut Live) -> Outcome {
    play(live, |_| ())
}

/// Pictures of the present, and of the same places when they are past, on the way there and on the
/// way back.
fn past(live: &mut Live) -> Outcome {
    let mut seen = [(0, 0); PLACES];
    let mut player = Player::new(false, 2, 0);
    for place in &mut seen {
        for _ in 0..BEATS_A_PLACE {
            player.beat();
            for _ in 0..4 {
                process::run_slice();
            }
            live.show();
        }
        heat::end_period(clock::now());
        let look = live.fingerprint();
        *place = (live.place(), look);
    }
    while player.wind_down() {
        live.show();
    }
    let present = live.fingerprint();
    let mut dearest = 0;
    for &(place, look) in seen.iter().rev() {
        while live.place() > place {
            dearest = dearest.max(live.travel(Action::StepBack));
        }
        check!(
            live.fingerprint() == look,
            "event {place} looks different on the way back"
        );
    }
    log::info!("cost step-back {dearest}");
    log::info!("cost to-the-first {}", live.travel(Action::First));
    for &(place, look) in &seen {
        while live.place() < place {
            live.travel(Action::Step);
        }
        check!(
            live.fingerprint() == look,
            "event {place} looks different on the way forward"
        );
    }
    live.travel(Action::First);
    log::info!("cost to-the-present {}", live.travel(Action::Live));
    check!(
        live.fingerprint() == present,
        "the present looks different afterwards"
    );
    live.travel(Action::PlayPause);
    let wrong = live.verify_all();
    check!(wrong == 0, "{wrong} places disagree");
    Ok(())
}

fn hungry_demo(live: &mut Live) -> Outcome {
    process::kill_all();
    kernel_heap::shrink();
    let before = Balance::now();
    let played = play(live, |beat| {
        // One request or all the rest, after more and more that are served.
        let count = if beat % 5 == 0 { u64::MAX } else { 1 };
        frames::lock().refuse_requests(beat % REFUSED_AFTER, count);
    });
    frames::lock().refuse_requests(0, 0);
    played?;
    process::kill_all();
    kernel_heap::shrink();
    let after = Balance::now();
    check!(after == before, "{}", after.leaked_since(&before));
    frames::lock().validate().map_err(super::broken)?;
    kernel_heap::lock().validate().map_err(super::broken)
}

/// Plays a stretch of the demo; `before` is called before each beat.
fn play(live: &mut Live, before: impl Fn(u64)) -> Outcome {
    let lost = live.troubles().0;
    let mut player = Player::new(false, 1, 0);
    for beat in 0..BEATS {
        before(beat);
        player.beat();
        // Enough turns for everything that is due; sleeping processes have none.
        for _ in 0..4 {
            process::run_slice();
        }
        if beat % BEATS_A_PERIOD == 0 {
            heat::end_period(clock::now());
        }
        if beat % BEATS_A_PICTURE == 0 {
            live.show();
        }
    }
    while player.wind_down() {
        live.show();
    }
    check!(player.failures() == 0, "{} failures", player.failures());
    let wrong = live.verify_all();
    check!(wrong == 0, "{wrong} places disagree");
    check!(
        live.troubles().0 == lost,
        "{} events lost",
        live.troubles().0 - lost
    );
    Ok(())
}

/// Frames come and go, far more than in any demo, and every picture is ready in time.
fn sustained(live: &mut Live) -> Outcome {
    live.show();
    let lost = live.troubles().0;
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
        live.show();
        late += u64::from(clock::now() > due);
        while clock::now() < due {
            clock::idle();
        }
        due += period;
    }
    for &frame in &held {
        frames::lock().free(frame)?;
    }
    live.show();
    let lost = live.troubles().0 - lost;
    check!(lost == 0, "{lost} of {done} events lost");
    log::info!(target: "memviz", "cost late-pictures {late}");
    // Elsewhere time is the host's, and not ours to promise.
    check!(
        late == 0 || Unit::find() != Unit::Instructions,
        "{late} pictures were late"
    );
    let wrong = live.verify_all();
    check!(wrong == 0, "{wrong} places disagree");
    Ok(())
}

fn overload(live: &mut Live) -> Outcome {
    live.show();
    let lost = live.troubles().0;
    for _ in 0..CAPACITY {
        let frame = frames::allocate(Tag::CACHE)?;
        frames::free(frame)?;
    }
    live.show();
    let counted = live.troubles().0 - lost;
    check!(
        counted == CAPACITY as u64,
        "{CAPACITY} events were lost, {counted} counted"
    );
    let wrong = live.verify_all();
    check!(wrong == 0, "{wrong} places disagree after the rebuild");
    Ok(())
}
