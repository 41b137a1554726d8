//! A lesson from its first phase to its last, without anybody: a picture of each phase, the state
//! as a line of JSON, and power off.
//!
//! ```text
//! phase ─► the picture is drawn ─► "picture NAME" (the host takes it) ─► state ─► the next phase
//! ```
//! `mode=lesson lesson=NAME`. Success means: every fact held, memory is as it was, the picture
//! agrees with the machine and no event was lost.

use super::player::{BEAT, Phase};
use super::{Part, Player, caption, number};
use crate::boot::options::Options;
use crate::dashboard::Live;
use crate::machine::clock;
use crate::machine::power::{self, Status};
use crate::memory::physical::heat;
use crate::process;
use crate::shell;

/// Plays the lesson that the command line names, and powers off.
pub fn give(live: Option<Live>, options: &Options<'_>) -> ! {
    let Some(mut live) = live else {
        log::error!("a lesson without a picture: see above why there is none");
        power::off(Status::Failure);
    };
    let mut player = Player::new(true, options.seed, clock::now());
    let found = number(options.lesson).is_some_and(|lesson| player.go_to(lesson));
    if !found {
        super::complain_about(options.lesson);
        power::off(Status::Failure);
    }
    // Into the lesson.
    play_phase(&mut player, &mut live);
    while play_phase(&mut player, &mut live) != Phase::Done {
        tell(&mut live);
    }
    let wrong = live.verify_all();
    let (lost, ever_wrong) = live.troubles();
    let failures = player.failures();
    log::info!(
        target: "kernel::lessons",
        "lesson over: {failures} failures, {lost} events lost, {wrong} disagreements between picture and machine, {ever_wrong} ever"
    );
    power::off(match failures + lost + ever_wrong {
        0 => Status::Success,
        _ => Status::Failure,
    })
}

/// Plays a phase to its end, with a picture after each beat.
fn play_phase(player: &mut Player, live: &mut Live) -> Phase {
    heat::end_period(clock::now());
    loop {
        let until = clock::now() + BEAT;
        let phase = player.beat();
        live.show();
        if phase != Phase::Goes {
            return phase;
        }
        // Processes have the time that they have in the demo.
        while clock::now() < until {
            if !process::run_slice() {
                clock::idle();
            }
        }
    }
}

/// Tells what is on the screen, in a picture and in words.
fn tell(live: &mut Live) {
    let Some(caption) = caption(live.model().caption) else {
        return;
    };
    let part = match caption.part {
        Part::Question => "-question",
        Part::Meanwhile | Part::Answer | Part::Between => "",
    };
    live.picture(format_args!("{}-{:02}{part}", caption.lesson, caption.step));
    shell::write_state(live);
}
