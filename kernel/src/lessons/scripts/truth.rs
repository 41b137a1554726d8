//! The picture and the machine: events that never happened, and the comparison that finds them.

use crate::boot::image;
use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, LessonStep, step};
use crate::lessons::stage::Stage;
use crate::memory::checks::falsify::{self, Place};
use crate::memory::paging::kernel_space;
use crate::memory::trace;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::Access;
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// Beats until a comparison of all memory is complete: it begins once a second.
const COMPARED: u32 = 60;

pub const LESSON: Lesson = Lesson {
    name: "truth",
    title: "Picture and machine",
    goal: "the picture comes from events, and is compared with the machine",
    steps: &[
        compared("From the events alone. Each change of memory is one event, and the dashboard draws what the events say.")
            .asks("The dashboard shows the owner of each frame. Where does it know the owners from?")
            .choices(&["From the bitmap", "From the events", "From the page tables"], 1)
            .because("Not A: the bitmap knows free frames, but no owners.")
            .beats(COMPARED)
            .acts(|stage| {
                if stage.beat == 0 {
                    let frame = stage.allocate_frame(Tag::KERNEL)?;
                    stage.frame("frame", frame);
                }
                Ok(())
            })
            .holds(|_| agrees()),
        compared("The comparison. Once a second it reads the machine's own data: the owner is cache in the picture, kernel in the machine.")
            .asks("A wrong event is recorded: a frame of the kernel went to the cache. It never happened. What finds the error?")
            .choices(&["Nothing", "A page fault", "The comparison"], 2)
            .because("Not B: the CPU uses page tables. It knows nothing of owners.")
            .beats(COMPARED)
            .acts(|stage| {
                let frame = PhysAddr::new(stage.get("frame"));
                wrong(stage, Place::Owner(frame))
            })
            .holds(|_| differs()),
        compared("Kernel. Only the picture was wrong: the opposite event corrects it, and the next comparison finds no difference.")
            .asks("The opposite event follows. Which owner do picture and machine show then?")
            .choices(&["Both cache", "Both kernel", "They still differ"], 1)
            .because("Not A: no event changes the machine. Events only report.")
            .beats(COMPARED)
            .acts(corrected)
            .holds(|_| agrees()),
        compared("It would never free the frame: at 1 reference it waits for another free. A count that is too low frees memory in use.")
            .asks("A wrong event says: this frame has one more reference. What would a kernel do that believes it?")
            .choices(&["Free it too early", "Never free it", "Copy it"], 1)
            .because("Not A: that follows from a count that is too low.")
            .beats(COMPARED)
            .acts(|stage| {
                let frame = PhysAddr::new(stage.get("frame"));
                wrong(stage, Place::References(frame))
            })
            .holds(|_| differs()),
        compared("Both show the same count again. The correction is an event too, so the steps of this lesson go back and forth.")
            .meanwhile("The opposite event corrects the count.")
            .beats(COMPARED)
            .acts(corrected)
            .holds(|_| agrees()),
        compared("No. The CPU reads the entry in memory, which still denies writes. Only the picture shows the right w.")
            .asks("A wrong event says: a page of the kernel's code is writable. Can the kernel write to its code now?")
            .choices(&["Yes", "No"], 1)
            .because("Not A: an event is a report. It changes no page table.")
            .beats(COMPARED)
            .acts(|stage| {
                let text = VirtAddr::new(image::text().start);
                wrong(stage, Place::Rights(text))
            })
            .holds(|_| {
                let text = VirtAddr::new(image::text().start);
                let mapping = kernel_space::peek(text);
                let may_write = mapping.is_some_and(|page| page.access.contains(Access::WRITE));
                fact!(!may_write, "the machine's entry allows writes");
                differs()
            }),
        compared("Both agree. Below stands the cost of watching: each event so far takes 32 B of the ring, and the dashboard has frames of its own.")
            .meanwhile("The opposite event corrects the rights.")
            .beats(COMPARED)
            .acts(corrected)
            .holds(|_| agrees()),
    ],
    is_possible: trace::is_on,
    prepare: |_| Ok(()),
};

/// A step with the figure of this lesson.
const fn compared(words: &'static str) -> LessonStep {
    step(words)
        .figure(Figure::Truth)
        .on(Board::Overview, MapMode::Tags)
}

/// Makes the picture wrong, in the first beat of the step.
fn wrong(stage: &mut Stage, place: Place) -> Outcome {
    if stage.beat == 0 {
        let falsified = falsify::falsify(place, None);
        fact!(falsified.is_ok(), "no wrong event: {falsified:?}");
    }
    Ok(())
}

/// Corrects the picture, in the first beat of the step.
fn corrected(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        falsify::correct();
    }
    Ok(())
}

fn differs() -> Outcome {
    fact!(
        falsify::is_found(),
        "no comparison has found the wrong event"
    );
    Ok(())
}

fn agrees() -> Outcome {
    fact!(!falsify::is_active(), "a wrong event is in effect");
    Ok(())
}
