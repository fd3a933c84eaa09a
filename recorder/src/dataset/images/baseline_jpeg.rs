//! Decodes the JPEG files that most are, to the bit as libjpeg does: what pretrained networks saw, and what Python's
//! programs see, was decoded by it. Others round the colours of subsampled images (4:2:0) twice where it rounds once;
//! in small images that are enlarged a network notices.
//!
//! Baseline files of one scan (ITU-T T.81), gray or YCbCr, colours as wide as the image, half as wide, or half as
//! wide and high. The inverse transform is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) in 13-bit integers;
//! colours are interpolated as triangles.

use image::metadata::Orientation;

use crate::dataset::images::picture::Picture;

/// Larger images are made smaller before a network sees them, which leaves nothing of the difference, and the other
/// decoder is faster.
const MOST_PIXELS: usize = 512 * 512;

/// A colour component.
#[derive(Clone, Default)]
struct Component {
    id: u8,
    /// Blocks of it in a unit, across and down.
    blocks: [usize; 2],
    quantisation: usize,
    tables: [usize; 2],
    last_dc: i32,
    /// Values of a row of the plane, whole units.
    pitch: usize,
    plane: Vec<u8>,
}

#[derive(Default)]
struct Decoder {
    quantisation: [Option<[i32; 64]>; 4],
    /// Of DC and AC coefficients.
    huffman: [[Option<Huffman>; 4]; 2],
    components: Vec<Component>,
    /// height, width
    size: [usize; 2],
    restart: usize,
    /// What Adobe's programs say of the colours.
    adobe: Option<u8>,
    is_jfif: bool,
    orientation: Option<Orientation>,
}

/// `None` for files of other kinds and damaged ones, which another decoder refuses or reads.
pub(crate) fn decode(bytes: &[u8]) -> Option<(Picture, Orientation)> {
    let mut decoder = Decoder::default();
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (marker, segment, after) = next_segment(rest)?;
        rest = after;
        match marker {
            0xc0 | 0xc1 => decoder.frame(segment)?,
            0xc4 => decoder.huffman_tables(segment)?,
            0xdb => decoder.quantisation_tables(segment)?,
            0xdd => decoder.restart = usize::from(number(segment, 0)?),
            0xe1 => {
                let exif = segment.strip_prefix(b"Exif\0\0");
                let told = exif.and_then(Orientation::from_exif_chunk);
                decoder.orientation = decoder.orientation.or(told);
            }
            0xe0 => decoder.is_jfif |= segment.starts_with(b"JFIF\0"),
            0xee if segment.starts_with(b"Adobe") => decoder.adobe = segment.get(11).copied(),
            0xda => {
                decoder.scan(segment, rest)?;
                let orientation = decoder.orientation.unwrap_or(Orientation::NoTransforms);
                return Some((decoder.picture()?, orientation));
            }
            // Other processes, and the end.
            0xc2..=0xcf | 0xd9 => return None,
            _ => {}
        }
    }
}

/// A marker, what it has, and what is behind.
fn next_segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let mut rest = bytes.strip_prefix(&[0xff])?;
    while let [0xff, more @ ..] = rest {
        rest = more;
    }
    let (&marker, rest) = rest.split_first()?;
    if marker == 0xd9 {
        return Some((marker, &[], rest));
    }
    let length = usize::from(number(rest, 0)?);
    let segment = rest.get(2..length)?;
    Some((marker, segment, &rest[length..]))
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

impl Decoder {
    fn quantisation_tables(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = segment.split_first() {
            let (is_wide, index) = (kind >> 4 != 0, usize::from(kind & 15));
            let bytes = if is_wide { 128 } else { 64 };
            let (values, rest) = rest.split_at_checked(bytes)?;
            let mut table = [0; 64];
            for (at, place) in ZIGZAG.into_iter().enumerate() {
                table[place] = match is_wide {
                    true => i32::from(number(values, 2 * at)?),
                    false => i32::from(values[at]),
                };
            }
            *self.quantisation.get_mut(index)? = Some(table);
            segment = rest;
        }
        Some(())
    }

    fn huffman_tables(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_at_checked(16)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(total)?;
            let class = self.huffman.get_mut(usize::from(kind >> 4))?;
            *class.get_mut(usize::from(kind & 15))? = Some(Huffman::new(counts, symbols)?);
            segment = rest;
        }
        Some(())
    }

    fn frame(&mut self, segment: &[u8]) -> Option<()> {
        let count = usize::from(*segment.get(5)?);
        let size = [number(segment, 1)?, number(segment, 3)?].map(usize::from);
        let is_sound = segment[0] == 8
            && self.components.is_empty()
            && matches!(count, 1 | 3)
            && size[0] > 0
            && size[1] > 0
            && size[0] * size[1] <= MOST_PIXELS;
        if !is_sound {
            return None;
        }
        self.size = size;
        for told in segment.get(6..6 + 3 * count)?.chunks_exact(3) {
            let blocks = [told[1] >> 4, told[1] & 15].map(usize::from);
            self.components.push(Component {
                id: told[0],
                // A single component is not interleaved, whatever it says.
                blocks: if count == 1 { [1, 1] } else { blocks },
                quantisation: usize::from(told[2]),
                ..Component::default()
            });
        }
        let fits = match &self.components[..] {
            [_] => true,
            [luma, colours @ ..] => {
                matches!(luma.blocks, [1, 1] | [2, 1] | [2, 2])
                    && colours.iter().all(|colour| colour.blocks == [1, 1])
            }
            [] => false,
        };
        fits.then_some(())
    }

    /// Of colours that are not Y, Cb and Cr.
    fn has_other_colours(&self) -> bool {
        let ids: Vec<u8> = self
            .components
            .iter()
            .map(|component| component.id)
            .collect();
        self.components.len() == 3
            && match (self.is_jfif, self.adobe) {
                (true, _) => false,
                (false, Some(transform)) => transform != 1,
                (false, None) => ids != [1, 2, 3],
            }
    }

    fn scan(&mut self, segment: &[u8], data: &[u8]) -> Option<()> {
        let count = self.components.len();
        if usize::from(*segment.first()?) != count || self.has_other_colours() {
            return None;
        }
        let told = segment.get(1..1 + 2 * count)?.chunks_exact(2);
        for (component, told) in self.components.iter_mut().zip(told) {
            if component.id != told[0] {
                return None;
            }
            component.tables = [told[1] >> 4, told[1] & 15].map(usize::from);
        }
        let unit = self.components.first()?.blocks;
        let [across, down] = [
            self.size[1].div_ceil(8 * unit[0]),
            self.size[0].div_ceil(8 * unit[1]),
        ];
        for component in &mut self.components {
            component.pitch = across * component.blocks[0] * 8;
            component.plane = vec![0; component.pitch * down * component.blocks[1] * 8];
        }
        let mut bits = Bits {
            data,
            held: 0,
            count: 0,
        };
        for at in 0..across * down {
            if self.restart > 0 && at > 0 && at % self.restart == 0 {
                bits.restart()?;
                self.components
                    .iter_mut()
                    .for_each(|component| component.last_dc = 0);
            }
            self.unit(&mut bits, [at % across, at / across])?;
        }
        Some(())
    }

    fn unit(&mut self, bits: &mut Bits, [x, y]: [usize; 2]) -> Option<()> {
        for component in &mut self.components {
            let [across, down] = component.blocks;
            let quantisation = self.quantisation.get(component.quantisation)?.as_ref()?;
            let [dc, ac] = component.tables;
            let dc = self.huffman[0].get(dc)?.as_ref()?;
            let ac = self.huffman[1].get(ac)?.as_ref()?;
            for block in 0..across * down {
                let mut coefficients = [0; 64];
                let length = usize::from(dc.symbol(bits)?);
                component.last_dc = component.last_dc.wrapping_add(bits.signed(length)?);
                coefficients[0] = component.last_dc.wrapping_mul(quantisation[0]);
                let mut at = 1;
                while at < 64 {
                    let symbol = ac.symbol(bits)?;
                    let (zeros, length) = (usize::from(symbol >> 4), usize::from(symbol & 15));
                    match (zeros, length) {
                        (15, 0) => at += 16,
                        (_, 0) => break,
                        _ => {
                            at += zeros;
                            let place = *ZIGZAG.get(at)?;
                            coefficients[place] =
                                bits.signed(length)?.wrapping_mul(quantisation[place]);
                            at += 1;
                        }
                    }
                }
                let left = (x * across + block % across) * 8;
                let top = (y * down + block / across) * 8;
                inverse_transform(
                    &coefficients,
                    &mut component.plane[top * component.pitch + left..],
                    component.pitch,
                );
            }
        }
        Some(())
    }

    fn picture(&self) -> Option<Picture> {
        let [height, width] = self.size;
        let channels = self.components.len();
        let luma = self.components.first()?;
        let mut values = Vec::with_capacity(width * height * channels);
        if channels == 1 {
            for row in luma.plane.chunks_exact(luma.pitch).take(height) {
                values.extend_from_slice(&row[..width]);
            }
        } else {
            let mut colours = [vec![0; width + 1], vec![0; width + 1]];
            for y in 0..height {
                for (row, component) in colours.iter_mut().zip(&self.components[1..]) {
                    self.colour_row(component, y, row);
                }
                let luma = &luma.plane[y * luma.pitch..][..width];
                for ((&y, &cb), &cr) in luma.iter().zip(&colours[0]).zip(&colours[1]) {
                    values.extend(rgb(y, cb, cr));
                }
            }
        }
        Some(Picture {
            size: self.size,
            channels,
            values,
        })
    }

    /// One row of a colour, as wide as the image.
    fn colour_row(&self, component: &Component, y: usize, to: &mut [u8]) {
        let [across, down] = self.components[0].blocks;
        let (rows, columns) = (self.size[0].div_ceil(down), self.size[1].div_ceil(across));
        let row = |y: usize| &component.plane[y * component.pitch..][..columns];
        let near = row(y / down);
        if across == 1 {
            to[..columns].copy_from_slice(near);
        } else if columns <= 2 {
            // Too narrow for triangles.
            for (x, to) in to.iter_mut().enumerate() {
                *to = near[(x / 2).min(columns - 1)];
            }
        } else if down == 1 {
            let near: Vec<u32> = near.iter().map(|&value| u32::from(value)).collect();
            triangles(&near, 4, [1, 2], to);
        } else {
            let other = match y % 2 {
                0 => (y / 2).saturating_sub(1),
                _ => (y / 2 + 1).min(rows - 1),
            };
            let sums = near.iter().zip(row(other));
            let sums: Vec<u32> = sums
                .map(|(&near, &far)| 3 * u32::from(near) + u32::from(far))
                .collect();
            triangles(&sums, 16, [8, 7], to);
        }
    }
}

/// Twice as many values: each three parts of its own and one of its neighbour, rounded by turns.
fn triangles(values: &[u32], whole: u32, rounding: [u32; 2], to: &mut [u8]) {
    let last = values.len() - 1;
    for (x, to) in to.iter_mut().take(2 * values.len()).enumerate() {
        let (at, is_right) = (x / 2, x % 2);
        let neighbour = match is_right {
            0 => at.saturating_sub(1),
            _ => (at + 1).min(last),
        };
        *to = ((3 * values[at] + values[neighbour] + rounding[is_right]) / whole) as u8;
    }
}

/// In 16-bit fractions.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let [y, cb, cr] = [i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128];
    let red = y + ((91_881 * cr + HALF) >> 16);
    let green = y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16);
    let blue = y + ((116_130 * cb + HALF) >> 16);
    [red, green, blue].map(|value| value.clamp(0, 255) as u8)
}

/// The places of coefficients in the order in which they come.
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Writes the 8×8 values of a block.
fn inverse_transform(coefficients: &[i32; 64], to: &mut [u8], pitch: usize) {
    if coefficients[1..]
        .iter()
        .all(|&coefficient| coefficient == 0)
    {
        let value = (coefficients[0].wrapping_add(4) >> 3)
            .saturating_add(128)
            .clamp(0, 255) as u8;
        to.chunks_mut(pitch)
            .take(8)
            .for_each(|row| row[..8].fill(value));
        return;
    }
    let mut columns = [0; 64];
    for x in 0..8 {
        let column = std::array::from_fn(|y| coefficients[8 * y + x]);
        for (y, value) in transform(column, 11).into_iter().enumerate() {
            columns[8 * y + x] = value;
        }
    }
    let (rows, _) = columns.as_chunks::<8>();
    for (row, to) in rows.iter().zip(to.chunks_mut(pitch)) {
        for (value, to) in transform(*row, 18).into_iter().zip(to) {
            *to = value.saturating_add(128).clamp(0, 255) as u8;
        }
    }
}

/// The one-dimensional transform in 13-bit fractions, of which `shift` bits are then rounded away.
#[inline(always)]
fn transform(input: [i32; 8], shift: u32) -> [i32; 8] {
    let times = |value: i32, factor: i32| value.wrapping_mul(factor);
    let sum = |a: i32, b: i32| a.wrapping_add(b);
    let shared = times(sum(input[2], input[6]), 4433); // 0.541196100
    let even2 = sum(shared, times(input[6], -15137)); // 1.847759065
    let even3 = sum(shared, times(input[2], 6270)); // 0.765366865
    let even0 = times(sum(input[0], input[4]), 1 << 13);
    let even1 = times(input[0].wrapping_sub(input[4]), 1 << 13);
    let even = [
        sum(even0, even3),
        sum(even1, even2),
        even1.wrapping_sub(even2),
        even0.wrapping_sub(even3),
    ];
    let [a, b, c, d] = [input[7], input[5], input[3], input[1]];
    let rotated = times(sum(sum(a, c), sum(b, d)), 9633); // 1.175875602
    let z1 = times(sum(a, d), -7373); // 0.899976223
    let z2 = times(sum(b, c), -20995); // 2.562915447
    let z3 = sum(times(sum(a, c), -16069), rotated); // 1.961570560
    let z4 = sum(times(sum(b, d), -3196), rotated); // 0.390180644
    let odd = [
        sum(times(d, 12299), sum(z1, z4)), // 1.501321110
        sum(times(c, 25172), sum(z2, z3)), // 3.072711026
        sum(times(b, 16819), sum(z2, z4)), // 2.053119869
        sum(times(a, 2446), sum(z1, z3)),  // 0.298631336
    ];
    let rounded = |value: i32| value.wrapping_add(1 << (shift - 1)) >> shift;
    std::array::from_fn(|at| {
        rounded(match at {
            0..4 => sum(even[at], odd[at]),
            _ => even[7 - at].wrapping_sub(odd[7 - at]),
        })
    })
}

/// A code of symbols by their lengths.
struct Huffman {
    /// Symbol and length of every code that begins the next eight bits; length 0 for longer ones.
    short: [(u8, u8); 256],
    /// For each length: one more than its last code, and what leads from a code to its symbol.
    ends: [i32; 17],
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Huffman {
    fn new(counts: &[u8], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            short: [(0, 0); 256],
            ends: [0; 17],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut at) = (0i32, 0usize);
        for (length, &count) in (1usize..).zip(counts) {
            table.offsets[length] = at as i32 - code;
            for _ in 0..count {
                if length <= 8 {
                    let first = (code as usize) << (8 - length);
                    let places = table.short.get_mut(first..first + (1 << (8 - length)))?;
                    places.fill((symbols[at], length as u8));
                }
                (code, at) = (code + 1, at + 1);
            }
            if code > 1 << length {
                return None;
            }
            table.ends[length] = code;
            code <<= 1;
        }
        Some(table)
    }

    fn symbol(&self, bits: &mut Bits) -> Option<u8> {
        let next = bits.peek16();
        let (symbol, length) = self.short[usize::from(next >> 8)];
        if length > 0 {
            return bits.skip(usize::from(length)).map(|()| symbol);
        }
        for length in 9..=16 {
            let code = i32::from(next >> (16 - length));
            if code < self.ends[length] {
                bits.skip(length)?;
                return self
                    .symbols
                    .get((code + self.offsets[length]) as usize)
                    .copied();
            }
        }
        None
    }
}

/// The bits of a scan, without the zeros that are stuffed behind 0xff.
struct Bits<'a> {
    data: &'a [u8],
    held: u64,
    count: usize,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match *self.data {
                [0xff, 0x00, ..] => {
                    self.data = &self.data[2..];
                    0xff
                }
                // A marker: nothing is behind it before a restart.
                [0xff, ..] | [] => return,
                [byte, ..] => {
                    self.data = &self.data[1..];
                    byte
                }
            };
            self.held = (self.held << 8) | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits, zeros where there are no more.
    fn peek16(&mut self) -> u16 {
        if self.count < 16 {
            self.fill();
        }
        match self.count {
            16.. => (self.held >> (self.count - 16)) as u16,
            _ => (self.held << (16 - self.count)) as u16,
        }
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        Some(())
    }

    /// A number of so many bits, of which the first says the sign.
    fn signed(&mut self, length: usize) -> Option<i32> {
        if length == 0 {
            return Some(0);
        }
        if length > 15 {
            return None;
        }
        let number = i32::from(self.peek16() >> (16 - length));
        self.skip(length)?;
        Some(match number < 1 << (length - 1) {
            true => number - (1 << length) + 1,
            false => number,
        })
    }

    /// Goes on behind a restart marker.
    fn restart(&mut self) -> Option<()> {
        (self.held, self.count) = (0, 0);
        match self.data {
            [0xff, 0xd0..=0xd7, rest @ ..] => {
                self.data = rest;
                Some(())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 13×11 pixels, by Pillow 13.0.0 (libjpeg-turbo), which also made the checksums of what it decodes: colours
    /// half as wide and high, half as wide with a restart behind every unit, and gray.
    const FILES: [(&[u8], u32); 3] = [
        (include_bytes!("baseline_jpeg/420.jpg"), 1_885_907_243),
        (include_bytes!("baseline_jpeg/422.jpg"), 3_399_075_372),
        (include_bytes!("baseline_jpeg/gray.jpg"), 40_848_636),
    ];

    #[test]
    fn pixels_are_those_of_libjpeg_to_the_bit() {
        for (bytes, pillow) in FILES {
            let (picture, _) = decode(bytes).unwrap();
            assert_eq!(picture.size, [11, 13]);
            assert_eq!(crc32fast::hash(&picture.values), pillow);
        }
    }

    #[test]
    fn damaged_files_are_left_to_others_or_decoded_but_never_end_the_program() {
        for (bytes, _) in FILES {
            for length in 0..bytes.len() - 2 {
                decode(&bytes[..length]);
            }
            for at in 0..bytes.len() {
                for bit in 0..8 {
                    let mut flipped = bytes.to_vec();
                    flipped[at] ^= 1 << bit;
                    decode(&flipped);
                }
            }
        }
    }
}
