//! Plays one lesson from its first phase to its last without input: a picture of each phase, the
//! state as a line of JSON, and power off.
//!
//! ```text
//! phase ─► the dashboard draws ─► "picture NAME" (the host saves it) ─► state ─► the next phase
//! ```
//! `mode=lesson lesson=NAME`. Success means: every fact held, memory is as it was, the picture
//! agrees with the machine, and no event was lost.

use crate::boot::options::Options;
use crate::dashboard::DashboardSession;
use crate::lessons::duration::BEAT;
use crate::lessons::player::Progress;
use crate::lessons::{self, Player};
use crate::machine::power::{self, Status};
use crate::machine::{clock, serial};
use crate::memory::paging::stacks;
use crate::process;
use crate::shell;
use core::fmt;
use memviz::view::caption::Part;

/// Plays the lesson that the command line names, and powers off.
pub fn run_lesson(session: Option<&mut DashboardSession>, options: &Options<'_>) -> ! {
    let Some(session) = session else {
        log::error!("a lesson needs a dashboard, and there is none: the reason is logged above");
        power::off(Status::Failure);
    };
    let mut player = Player::new(true, options.seed, clock::now());
    let found = lessons::number(options.lesson).is_some_and(|lesson| player.go_to(lesson));
    if !found {
        lessons::report_unknown(options.lesson);
        power::off(Status::Failure);
    }
    session.set_still(true);
    // The first phase only enters the lesson.
    play_phase(&mut player, session);
    while play_phase(&mut player, session) != Progress::LessonDone {
        save(session, options.svg);
    }
    let wrong = session.verify_all();
    let (lost, ever_wrong) = session.troubles();
    let failures = player.failures();
    log::info!(
        target: "kernel::lessons",
        "lesson over: {failures} failures, {lost} events lost, {wrong} mismatches between picture and machine, {ever_wrong} ever"
    );
    stacks::report_main();
    power::off(match failures + lost + ever_wrong {
        0 => Status::Success,
        _ => Status::Failure,
    })
}

/// Plays a phase to its end, with a picture after each beat.
fn play_phase(player: &mut Player, session: &mut DashboardSession) -> Progress {
    process::end_heat_period(clock::now());
    loop {
        let until = clock::now() + BEAT;
        let progress = player.beat();
        session.show();
        if progress != Progress::Running {
            return progress;
        }
        // Processes get as much time as they get in the demo.
        while clock::now() < until {
            if !process::run_slice() {
                clock::idle();
            }
        }
    }
}

/// Saves the screen as a picture, and writes the state.
fn save(session: &mut DashboardSession, svg: u8) {
    let Some(caption) = lessons::caption(session.model().caption) else {
        return;
    };
    let part = match caption.part {
        Part::Question => "-question",
        Part::Meanwhile | Part::Answer | Part::Between => "",
    };
    session.picture(format_args!("{}-{:02}{part}", caption.lesson, caption.step));
    shell::write_state(session);
    if caption.step == svg && session.write_svg(&mut SvgLines).is_err() {
        log::error!(target: "kernel::lessons", "the figure cannot be written as SVG");
    }
}

/// Writes lines of SVG to the serial line.
struct SvgLines;

impl fmt::Write for SvgLines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        serial::write(format_args!("{text}"));
        Ok(())
    }
}
