//! Writes PNG files: each pixel the mean of a square of finer ones.

/// Averages squares of `finer` × `finer` pixels (red, green, blue) and encodes the result.
pub(crate) fn averaged(pixels: &[u8], (width, height): (usize, usize), finer: usize) -> Vec<u8> {
    let (columns, rows) = (width / finer, height / finer);
    let mut mean = vec![0_u8; columns * rows * 3];
    let mut sums = vec![0_u32; columns * 3];
    for row in 0..rows {
        sums.fill(0);
        for line in pixels[row * finer * width * 3..]
            .chunks_exact(width * 3)
            .take(finer)
        {
            for (sum, square) in sums.chunks_exact_mut(3).zip(line.chunks_exact(finer * 3)) {
                for pixel in square.chunks_exact(3) {
                    for (sum, &channel) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(channel);
                    }
                }
            }
        }
        let area = (finer * finer) as u32;
        for (mean, &sum) in mean[row * columns * 3..].iter_mut().zip(&sums) {
            *mean = ((sum + area / 2) / area) as u8;
        }
    }
    encoded(&mean, columns as u32, rows as u32)
}

fn encoded(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels));
    debug_assert!(written.is_ok(), "memory takes every file");
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::drawing::picture::Picture;
    use crate::plots::drawing::theme::Colour;

    #[test]
    fn a_pixel_is_the_mean_of_its_square() {
        let pixels: Vec<u8> = [0, 10, 200, 200, 20, 30, 200, 200]
            .iter()
            .flat_map(|&grey| [grey; 3])
            .collect();
        let picture = Picture::from_png(&averaged(&pixels, (4, 2), 2)).unwrap();
        assert_eq!(picture.at(0.1, 0.5), Colour(15, 15, 15));
        assert_eq!(picture.at(0.9, 0.5), Colour(200, 200, 200));
    }
}
