//! Text without the system's fonts: DejaVu Sans comes with the program. Its letters are measured for
//! both kinds of file and drawn for PNG; SVG keeps text as text, squeezed or stretched to the
//! measured width in whatever font the viewer has, so that nothing overlaps anywhere.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, OutlinedGlyph, ScaleFont, point};

/// The font of SVG files: ours where it is installed, else those with the same proportions.
pub(crate) const FONT_FAMILY: &str = "DejaVu Sans, Verdana, Bitstream Vera Sans, sans-serif";
/// Height of a capital over the size of the font.
const CAPITAL: f64 = 0.73;

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| font(dejavu::sans::regular()));
static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| font(dejavu::sans::bold()));

fn font(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the font that comes with the program is sound")
}

/// How letters look; the size is that of the em, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lettering {
    pub(crate) size: f64,
    pub(crate) bold: bool,
}

impl Lettering {
    /// Height of a capital letter.
    pub(crate) fn capital(self) -> f64 {
        self.size * CAPITAL
    }

    fn font(self) -> &'static FontRef<'static> {
        if self.bold { &BOLD } else { &REGULAR }
    }
}

/// How wide `text` is, in pixels.
pub(crate) fn width(text: &str, lettering: Lettering) -> f64 {
    let mut width = 0.0;
    for_each_glyph(text, lettering, |_, _, end| width = end);
    width
}

/// Walks along the glyphs, each with where it begins and ends.
fn for_each_glyph(text: &str, lettering: Lettering, mut f: impl FnMut(GlyphId, f64, f64)) {
    let font = lettering.font();
    let scaled = font.as_scaled(em_scale(font, lettering.size));
    let mut x = 0.0;
    let mut previous = None;
    for letter in text.chars() {
        let glyph = font.glyph_id(letter);
        if let Some(previous) = previous {
            x += f64::from(scaled.kern(previous, glyph));
        }
        let end = x + f64::from(scaled.h_advance(glyph));
        f(glyph, x, end);
        (x, previous) = (end, Some(glyph));
    }
}

/// `ab_glyph` wants the height from the deepest to the highest letter, everybody else the em.
fn em_scale(font: &FontRef<'_>, size: f64) -> f32 {
    let em = font.units_per_em().unwrap_or(1000.0);
    size as f32 * font.height_unscaled() / em
}

/// Draws `text` from the left end of its base line at (0, 0); `dot` gets each pixel, y downwards,
/// and how much of it is covered, 0 to 1.
pub(crate) fn draw(text: &str, lettering: Lettering, mut dot: impl FnMut(i32, i32, f64)) {
    let font = lettering.font();
    let scale = em_scale(font, lettering.size);
    for_each_glyph(text, lettering, |glyph, x, _| {
        let glyph = glyph.with_scale_and_position(scale, point(x as f32, 0.0));
        if let Some(outline) = font.outline_glyph(glyph) {
            draw_outline(&outline, &mut dot);
        }
    });
}

fn draw_outline(outline: &OutlinedGlyph, dot: &mut impl FnMut(i32, i32, f64)) {
    let corner = outline.px_bounds().min;
    outline.draw(|x, y, covered| {
        dot(
            corner.x as i32 + x as i32,
            corner.y as i32 + y as i32,
            f64::from(covered),
        );
    });
}

/// `text`, cut with an ellipsis where it is wider than `most` pixels.
pub(crate) fn fitted(text: &str, lettering: Lettering, most: f64) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if width(&text, lettering) <= most {
        return text;
    }
    let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).collect();
    let cut = |end: usize| text[..end].trim_end().to_owned() + "…";
    // The longest by halves: names can have thousands of letters.
    let fitting = ends.partition_point(|&end| width(&cut(end), lettering) <= most);
    let longest = fitting.checked_sub(1).map(|at| cut(ends[at]));
    longest.unwrap_or_default()
}

/// As [`fitted`], but cut at the start: of a path, the end tells more.
pub(crate) fn fitted_at_start(text: &str, lettering: Lettering, most: f64) -> String {
    if width(text, lettering) <= most {
        return fitted(text, lettering, most);
    }
    let starts: Vec<usize> = text
        .char_indices()
        .skip(1)
        .map(|(start, _)| start)
        .collect();
    let end = |start: usize| format!("…{}", text[start..].trim_start());
    let first = starts.partition_point(|&start| width(&end(start), lettering) > most);
    let longest = starts.get(first).map(|&start| end(start));
    fitted(&longest.unwrap_or_default(), lettering, most)
}

/// Whether [`draw`] cannot write this letter as it is read: the font lacks it, or it is of a script that joins
/// its letters or reads from right to left, Hebrew to Arabic.
pub(crate) fn cannot_write(letter: char) -> bool {
    let is_shown = !letter.is_whitespace() && !letter.is_control();
    let is_in_font = REGULAR.glyph_id(letter) != GlyphId(0);
    is_shown && (!is_in_font || ('\u{0590}'..='\u{08FF}').contains(&letter))
}

/// `text` in lines of at most `most` pixels, broken at spaces; a longer word, such as the name of a run, is broken
/// behind its last `-`, `_`, `.` or `/` that fits, or else anywhere.
pub(crate) fn wrapped(text: &str, lettering: Lettering, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let words = text.split_whitespace();
    for word in words.flat_map(|word| pieces(word, lettering, most)) {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer {
            Some(longer) if width(&longer, lettering) <= most => {
                *lines.last_mut().expect("it was just read") = longer;
            }
            _ => lines.push(fitted(word, lettering, most)),
        }
    }
    lines
}

/// A word in pieces of at most `most` pixels.
fn pieces(word: &str, lettering: Lettering, most: f64) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while width(rest, lettering) > most {
        let ends: Vec<usize> = rest.char_indices().skip(1).map(|(end, _)| end).collect();
        let fitting = ends.partition_point(|&end| width(&rest[..end], lettering) <= most);
        let Some(longest) = fitting.checked_sub(1).map(|at| ends[at]) else {
            break;
        };
        let joint = rest[..longest].rfind(['-', '_', '.', '/']);
        let (piece, behind) = rest.split_at(joint.map_or(longest, |joint| joint + 1));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Lettering = Lettering {
        size: 100.0,
        bold: false,
    };

    #[test]
    fn widths_are_those_of_the_font() {
        // DejaVu Sans: 1,303 units for each digit, of 2,048 in an em.
        assert!((width("00", PLAIN) - 2.0 * 100.0 * 1303.0 / 2048.0).abs() < 0.1);
        assert_eq!(width("", PLAIN), 0.0);
    }

    #[test]
    fn a_capital_stands_on_the_base_line() {
        let mut rows = Vec::new();
        draw("H", PLAIN, |_, y, covered| {
            if covered > 0.5 {
                rows.push(y);
            }
        });
        assert_eq!(rows.iter().max(), Some(&-1));
        assert_eq!(rows.iter().min(), Some(&-73));
    }

    #[test]
    fn long_texts_are_cut_and_never_wider_than_allowed() {
        let name = "a very long class name \u{1F600} \u{202E}abc".repeat(50);
        for most in [0.0, 5.0, 80.0, 400.0] {
            assert!(width(&fitted(&name, PLAIN, most), PLAIN) <= most);
        }
        assert_eq!(fitted("cat", PLAIN, 400.0), "cat");
        assert!(fitted(&name, PLAIN, 400.0).ends_with('…'));
    }

    #[test]
    fn of_a_long_path_the_end_is_kept() {
        let path = "train/n01440764/".repeat(20) + "7.png";
        let most = width("…/7.png", PLAIN);
        assert_eq!(fitted_at_start(&path, PLAIN, most), "…/7.png");
        assert_eq!(fitted_at_start("7.png", PLAIN, most), "7.png");
        assert_eq!(fitted_at_start(&path, PLAIN, 0.0), "");
    }

    #[test]
    fn lines_are_broken_at_spaces() {
        let most = width("one two", PLAIN);
        assert_eq!(wrapped("one two three", PLAIN, most), ["one two", "three"]);
    }

    #[test]
    fn long_names_are_broken_at_their_joints_and_nothing_of_them_is_lost() {
        let most = width("digits-cnn-0", PLAIN);
        let lines = wrapped("digits-cnn-noise0.4", PLAIN, most);
        assert_eq!(lines, ["digits-cnn-", "noise0.4"]);
        let letters = "m".repeat(50);
        let lines = wrapped(&letters, PLAIN, most);
        assert!(lines.len() > 1 && lines.concat() == letters);
        assert!(lines.iter().all(|line| width(line, PLAIN) <= most));
    }

    #[test]
    fn letters_that_the_font_lacks_or_that_join_cannot_be_written() {
        let cannot = |text: &str| text.chars().filter(|&letter| cannot_write(letter)).count();
        assert_eq!(cannot("Käse, ψ, Щ −1.5 → ạ"), 0);
        assert_eq!(cannot("日本"), 2);
        assert_eq!(cannot("\u{5D0}\u{5D1} \u{627}"), 3);
    }
}
