//! The page of a lesson: one slide at a time on a screen, all slides on paper.
//!
//! It needs only the pictures beside it: no network, and no script for reading and printing.

use std::fmt::{self, Write as _};

use super::slide::{Part, Slide};

const STYLE: &str = "
:root { color-scheme: dark; }
body { margin: 0; background: #0a0d12; color: #e6e9ef; font: 1.25rem/1.5 system-ui, sans-serif; }
figure { margin: 0 auto; padding: 2vh 0; max-width: min(96vw, 140vh); scroll-margin: 0; }
img { display: block; width: 100%; height: auto; border: 1px solid #2b323c; }
figcaption { padding: .6em 0; }
figcaption b { color: #9db4ff; margin-right: .6em; }
figure.question figcaption { font-style: italic; }
nav { position: fixed; right: 1em; bottom: 1em; color: #98a2b1; font-size: 1rem; }
.one figure { display: none; }
.one figure.shown { display: block; }
@media print {
  :root { color-scheme: light; }
  body { background: none; color: #000; font-size: 14pt; }
  body.one figure { display: block; }
  figure { break-inside: avoid; break-after: page; max-width: none; padding: 0; }
  figcaption b { color: #000; }
  nav { display: none; }
}
";

/// Shows one slide at a time. Arrows, Space, a click and the address choose the slide.
const SCRIPT: &str = "
const slides = [...document.querySelectorAll('figure')];
const place = document.querySelector('nav');
let at = Math.max(0, slides.findIndex(slide => '#' + slide.id === location.hash));
function show(next) {
  slides[at].classList.remove('shown');
  at = Math.min(Math.max(next, 0), slides.length - 1);
  slides[at].classList.add('shown');
  place.textContent = (at + 1) + ' / ' + slides.length + '   \\u2190 \\u2192';
  history.replaceState(null, '', '#' + slides[at].id);
}
document.body.classList.add('one');
document.addEventListener('keydown', event => {
  const next = { ArrowRight: at + 1, ArrowDown: at + 1, ' ': at + 1, PageDown: at + 1,
    ArrowLeft: at - 1, ArrowUp: at - 1, PageUp: at - 1, Home: 0, End: slides.length }[event.key];
  if (next !== undefined) { event.preventDefault(); show(next); }
});
document.addEventListener('click', event => show(event.clientX < innerWidth / 3 ? at - 1 : at + 1));
show(at);
";

/// The whole page.
pub fn page(slides: &[Slide]) -> String {
    let title = slides.first().map_or("", |slide| &slide.caption.title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{0} – memviz</title>\n<style>{STYLE}</style>\n<body>\n",
        Escaped(title)
    );
    for (number, slide) in (1..).zip(slides) {
        let caption = &slide.caption;
        let class = match caption.part {
            Part::Question => "question",
            Part::Meanwhile | Part::Answer => "answer",
        };
        let words = Escaped(&caption.words);
        // Writing into a string does not fail.
        let _ = write!(
            page,
            "<figure id=\"slide-{number}\" class=\"{class}\">\n\
             <img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{words}\">\n\
             <figcaption><b>{} {}</b>{words}</figcaption>\n</figure>\n",
            slide.file(number),
            slide.picture.width,
            slide.picture.height,
            Escaped(&caption.title),
            caption.place(),
        );
    }
    page + "<nav></nav>\n<script>" + SCRIPT + "</script>\n</body>\n</html>\n"
}

/// Escapes text for HTML, also for attributes.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::slide;
    use super::*;

    #[test]
    fn every_slide_is_on_the_page_with_its_words() {
        let slides = [
            slide(1, Part::Question, "is 1 < 2 & \"so\" on?"),
            slide(1, Part::Answer, "yes"),
        ];
        let page = page(&slides);
        let words = "is 1 &lt; 2 &amp; &quot;so&quot; on?";
        assert_eq!(
            page.matches(words).count(),
            2,
            "beside the picture, and instead of it"
        );
        assert!(page.contains("<b>Frames 1/2 Predict</b>"));
        assert!(page.contains("src=\"02-frames-01.png\""));
        assert_eq!(page.matches("<figure").count(), 2);
        assert!(!page.contains("http"), "no network");
    }
}
