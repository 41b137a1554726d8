//! The page of a lesson: contents first, then one slide at a time on a screen, all slides on paper.
//!
//! ```text
//! ┌ picture of the panels ┐     the picture shrinks until the words fit, so that no line is cut
//! │                       │     in a window from 640×480 on; on paper, a slide fills a sheet
//! └───────────────────────┘
//! question, choices, answer, reason: once, as text that can be selected
//! ```
//! It needs only the pictures beside it: no network, and no script for reading and printing.

use std::fmt::{self, Write as _};

use super::slide::{Caption, Part, Slide};
use crate::html::Escaped;

const STYLE: &str = "
:root { color-scheme: dark; }
* { box-sizing: border-box; }
body { margin: 0; background: #0c0f14; color: #f0f3f7; font: clamp(.8rem, 1.9vmin, 3rem)/1.4 system-ui, sans-serif; }
section { display: grid; grid-template-rows: minmax(0, 1fr) auto; gap: 1vmin; min-height: 100vh; max-height: 100vh; padding: 2vmin; scroll-margin: 0; }
section.contents { display: block; max-height: none; }
img { width: 100%; height: 100%; min-height: 0; object-fit: contain; cursor: pointer; }
.words { border-left: .3em solid #ffda52; padding: 0 0 0 1em; max-width: 90em; }
.words p, .words ol, h2 { margin: 0 0 .3em; }
h2 { font-size: 1em; color: #aeb8c5; font-weight: 600; }
.asked, .because { color: #aeb8c5; }
.said { font-size: 1.35em; }
.choices { list-style: upper-alpha inside; padding: 0; display: flex; flex-wrap: wrap; gap: .5em; }
.choices li { border: 1px solid #687484; border-radius: 1em; padding: 0 .8em; }
.choices li.right { background: #ffda52; color: #0c0f14; font-weight: 600; }
.choices li.right::after { content: ' \\2713'; }
.contents li { margin: .3em 0; }
a { color: inherit; }
nav { position: fixed; right: 1em; bottom: .5em; color: #aeb8c5; font-size: .8rem; }
.one section { display: none; }
.one section.shown { display: grid; }
.one section.contents.shown { display: block; }
@page { size: landscape; margin: 10mm; }
@media print {
  :root { color-scheme: light; }
  body, body.one { background: none; color: #000; font-size: 11pt; }
  section, .one section { display: grid; min-height: 0; height: 180mm; max-height: 180mm; padding: 0; break-after: page; break-inside: avoid; }
  section.contents, .one section.contents { display: block; }
  section:last-of-type { break-after: auto; }
  h2, .asked, .because { color: #444; }
  .words { border-color: #0b57b8; }
  .choices li.right { background: #0b57b8; color: #fff; print-color-adjust: exact; }
  nav { display: none; }
}
";

/// Shows one slide at a time. Arrows, Space, a click on the picture and the page's address choose
/// it.
const SCRIPT: &str = "
const slides = [...document.querySelectorAll('section')];
const place = document.querySelector('nav');
let at = Math.max(0, slides.findIndex(slide => '#' + slide.id === location.hash));
function show(next) {
  slides[at].classList.remove('shown');
  at = Math.min(Math.max(next, 0), slides.length - 1);
  slides[at].classList.add('shown');
  place.textContent = at === 0 ? '\\u2192' : at + ' / ' + (slides.length - 1) + '   \\u2190 \\u2192';
  history.replaceState(null, '', '#' + slides[at].id);
}
document.body.classList.add('one');
addEventListener('hashchange', () => show(slides.findIndex(slide => '#' + slide.id === location.hash)));
document.addEventListener('keydown', event => {
  const next = { ArrowRight: at + 1, ArrowDown: at + 1, ' ': at + 1, PageDown: at + 1,
    ArrowLeft: at - 1, ArrowUp: at - 1, PageUp: at - 1, Home: 0, End: slides.length }[event.key];
  if (next !== undefined) { event.preventDefault(); show(next); }
});
for (const picture of document.querySelectorAll('img')) {
  picture.addEventListener('click', event => show(event.clientX < innerWidth / 3 ? at - 1 : at + 1));
}
show(at);
";

/// Returns the whole page.
pub fn page(slides: &[Slide]) -> String {
    let title = slides
        .first()
        .map_or("", |slide| &slide.state.caption.title);
    let title = Escaped(title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title} – memviz</title>\n<style>{STYLE}</style>\n<body>\n\
         <section id=\"contents\" class=\"contents\">\n<h1>{title}</h1>\n<ol>\n"
    );
    for (number, slide) in (1..).zip(slides) {
        let caption = &slide.state.caption;
        // Writing into a string does not fail.
        let _ = writeln!(
            page,
            "<li><a href=\"#slide-{number}\">{}: {}</a></li>",
            caption.place(),
            Escaped(&caption.words),
        );
    }
    page += "</ol>\n</section>\n";
    for (number, slide) in (1..).zip(slides) {
        let _ = write!(page, "{}", Section { number, slide });
    }
    page + "<nav></nav>\n<script>" + SCRIPT + "</script>\n</body>\n</html>\n"
}

/// A slide on the page.
struct Section<'s> {
    number: usize,
    slide: &'s Slide,
}

impl fmt::Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, slide } = self;
        let caption = &slide.state.caption;
        let class = match caption.part {
            Part::Question => "question",
            Part::Meanwhile | Part::Answer => "answer",
        };
        writeln!(f, "<section id=\"slide-{number}\" class=\"{class}\">")?;
        writeln!(
            f,
            "<img src=\"{}\" alt=\"{}\">",
            slide.figure_file(*number),
            Escaped(&slide.description()),
        )?;
        writeln!(f, "<div class=\"words\">")?;
        writeln!(
            f,
            "<h2>{} {}</h2>",
            Escaped(&caption.title),
            caption.place()
        )?;
        write!(f, "{}", Words(caption))?;
        writeln!(f, "</div>\n</section>")
    }
}

/// The words of a caption.
struct Words<'c>(&'c Caption);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(caption) = self;
        let paragraph = |f: &mut fmt::Formatter<'_>, class: &str, words: &str| {
            writeln!(f, "<p class=\"{class}\">{}</p>", Escaped(words))
        };
        if caption.part == Part::Question {
            paragraph(f, "said", &caption.words)?;
        } else if let Some(question) = &caption.question {
            paragraph(f, "asked", question)?;
        }
        if !caption.choices.is_empty() {
            writeln!(f, "<ol class=\"choices\">")?;
            for (index, choice) in caption.choices.iter().enumerate() {
                let class = match caption.right == Some(index) {
                    true => " class=\"right\"",
                    false => "",
                };
                writeln!(f, "<li{class}>{}</li>", Escaped(choice))?;
            }
            writeln!(f, "</ol>")?;
        }
        if caption.part != Part::Question {
            paragraph(f, "said", &caption.words)?;
        }
        match caption.because.is_empty() {
            true => Ok(()),
            false => paragraph(f, "because", &caption.because),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::slide;
    use super::*;

    #[test]
    fn every_slide_is_on_the_page_with_its_words_once_and_in_the_contents() {
        let mut slides = [
            slide(1, Part::Question, "is 1 < 2 & \"so\" on?"),
            slide(1, Part::Answer, "it is"),
        ];
        slides[1].state.caption.question = Some(slides[0].state.caption.words.clone());
        slides[1].state.caption.choices = vec!["yes & yes".into(), "no".into()];
        slides[1].state.caption.right = Some(0);
        slides[1].state.caption.because = "Not B: it is less.".into();
        let page = page(&slides);
        let words = "is 1 &lt; 2 &amp; &quot;so&quot; on?";
        assert_eq!(page.matches(words).count(), 3, "contents, question, answer");
        assert_eq!(page.matches("<p class=\"said\">it is</p>").count(), 1);
        assert!(page.contains("<h2>Frames 1/2 Question</h2>"));
        assert!(page.contains("<li class=\"right\">yes &amp; yes</li>\n<li>no</li>"));
        assert!(page.contains("Not B: it is less."));
        assert!(page.contains("src=\"02-frames-01-figure.png\""));
        assert!(page.contains("alt=\"Picture of frame map. In this step, frames: 1 allocated.\""));
        assert_eq!(page.matches("<section").count(), 3);
        assert!(!page.contains("http"), "no network");
    }
}
