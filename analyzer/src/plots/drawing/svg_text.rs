//! The part of an SVG file that is not shapes: its frame, what it says to a screen reader, texts
//! with the width that they were given room for, pictures, and places that a pointer finds.

use std::fmt::Write;

use crate::plots::drawing::geometry::{Align, Point, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::lettering::FONT_FAMILY;
use crate::plots::drawing::pen::Text;
use crate::plots::drawing::picture::Picture;

/// Texts and pictures, collected while the shapes are drawn.
pub(crate) struct SvgOverlay {
    elements: String,
    units: f64,
}

impl SvgOverlay {
    /// `units` is how many units of the drawing a pixel has.
    pub(crate) fn new(units: f64) -> Self {
        Self {
            elements: String::new(),
            units,
        }
    }

    pub(crate) fn text(&mut self, text: &Text<'_>) {
        if text.text.trim().is_empty() {
            return;
        }
        let number = |pixels: f64| (pixels * self.units).round();
        let (x, y) = (number(text.at.0), number(text.at.1));
        let base = number(text.lettering.capital() / 2.0);
        let anchor = match text.align {
            Align::Start => "start",
            Align::Middle => "middle",
            Align::End => "end",
        };
        let weight = if text.lettering.bold {
            r#" font-weight="bold""#
        } else {
            ""
        };
        let (place, turned) = if text.upwards {
            (
                format!(r#"x="0" y="{base}""#),
                format!(r#" transform="translate({x} {y}) rotate(-90)""#),
            )
        } else {
            (format!(r#"x="{x}" y="{}""#, y + base), String::new())
        };
        // Scripts that join or reorder letters are left to the viewer's own font and widths.
        let length = if text.text.chars().all(is_plain) {
            let width = number(lettering::width(text.text, text.lettering));
            format!(r#" textLength="{width}" lengthAdjust="spacingAndGlyphs""#)
        } else {
            String::new()
        };
        writeln!(
            self.elements,
            r#"<text {place}{turned} font-size="{}"{weight} text-anchor="{anchor}" fill="{}"{length}>{}</text>"#,
            number(text.lettering.size),
            text.colour.css(),
            escaped(text.text),
        )
        .expect("a string takes every text");
    }

    pub(crate) fn picture(&mut self, rect: Rect, picture: &Picture) {
        let number = |pixels: f64| (pixels * self.units).round();
        writeln!(
            self.elements,
            r#"<image x="{}" y="{}" width="{}" height="{}" preserveAspectRatio="none" style="image-rendering:pixelated" href="{}"/>"#,
            number(rect.left),
            number(rect.top),
            number(rect.width()),
            number(rect.height()),
            picture.data_url(),
        )
        .expect("a string takes every text");
    }

    /// A place that says `title` where a pointer rests on it, and that a page can know by its `data`.
    pub(crate) fn spot(&mut self, rect: Rect, title: &str, data: &[(&str, u32)]) {
        let number = |pixels: f64| (pixels * self.units).round();
        let data: String = data
            .iter()
            .map(|(name, value)| format!(r#" data-{name}="{value}""#))
            .collect();
        writeln!(
            self.elements,
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="black" fill-opacity="0"{data}><title>{}</title></rect>"#,
            number(rect.left),
            number(rect.top),
            number(rect.width()),
            number(rect.height()),
            escaped(title),
        )
        .expect("a string takes every text");
    }

    /// The file: `shapes` as plotters wrote them, in a frame of ours, below the texts and pictures.
    pub(crate) fn around(self, shapes: &str, (width, height): Point, title: &str) -> String {
        let inside = shapes
            .split_once('\n')
            .map_or("", |(_frame, inside)| inside);
        let inside = inside.trim_end().trim_end_matches("</svg>");
        let title = escaped(title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\" font-family=\"{FONT_FAMILY}\">\n<title>{title}</title>\n{inside}{}</svg>\n",
            width * self.units,
            height * self.units,
            self.elements,
        )
    }
}

/// Latin, Greek, Cyrillic and signs: one glyph after the other, left to right.
fn is_plain(letter: char) -> bool {
    letter < '\u{0300}'
        || ('\u{0370}'..'\u{0530}').contains(&letter)
        || "–—−…→×≥≤“”‘’·".contains(letter)
}

/// Fit for the text of an element and for an attribute; what XML does not know is left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{FFFE}' | '\u{FFFF}' => {}
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_data_stays_text() {
        assert_eq!(
            escaped("<script>\"a\" & 'b'\u{0}</script>\u{FFFF}"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39; &lt;/script&gt;"
        );
    }
}
