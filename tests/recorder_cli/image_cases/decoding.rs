//! What a file's pixels are: none of a cut file, the background where they are transparent, and turned as
//! EXIF says; in folders and in tables, from memory and from the disk.

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};

use crate::image_cases::place::{Place, encoded, picture};

/// Two classes in a folder and, the same images, in a table; `image` makes one of a class and a number.
fn folder_and_table(count: usize, image: impl Fn(u8, usize) -> (Vec<u8>, &'static str)) -> Place {
    let place = Place::new();
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for (class, name) in [(0, "a"), (1, "b")] {
        for number in 0..count {
            let (bytes, suffix) = image(class, number);
            place.write(&format!("set/{name}/{number:02}.{suffix}"), &bytes);
            images.push(bytes);
            labels.push(class.into());
        }
    }
    place.table("set.parquet", &images, &labels);
    place
}

const FOLDER: &str = "--dataset=images --data=set";
const TABLE: &str = "--dataset=parquet --data=set.parquet";

#[test]
fn half_a_picture_is_none_in_any_format() {
    let formats = [
        (ImageFormat::Jpeg, "jpg"),
        (ImageFormat::Png, "png"),
        (ImageFormat::Gif, "gif"),
        (ImageFormat::WebP, "webp"),
        (ImageFormat::Bmp, "bmp"),
    ];
    // The second of each format is cut, and there are two classes.
    let place = folder_and_table(10, |class, number| {
        let (format, suffix) = formats[number / 2];
        let mut bytes = encoded(&picture(class, number), format);
        if number % 2 == 1 {
            bytes.truncate(bytes.len() * 19 / 20);
        }
        (bytes, suffix)
    });
    place.refuses(
        FOLDER,
        &["set/a/01.jpg", "the file was cut", "--skip-unreadable"],
    );
    place.refuses(
        TABLE,
        &["set.parquet: the image of row 1 cannot", "the file was cut"],
    );
    for set in [FOLDER, TABLE] {
        let arguments = format!("{set} --skip-unreadable");
        let data = place.data(&arguments);
        assert_eq!(data.unreadable(), 10);
        assert_eq!(data.counts().iter().sum::<u64>(), 10);
        assert!(
            data.notes().contains("left out 10 images"),
            "{}",
            data.notes()
        );
        place.is_the_same_from_the_disk(&arguments);
    }
}

#[test]
fn icons_drawn_in_the_alpha_channel_alone_are_seen() {
    // Black squares of 4 + class pixels on nothing.
    let place = folder_and_table(4, |class, number| {
        let pixel = |x: u32, y: u32| {
            let is_drawn = x < 4 + u32::from(class) && y == number as u32;
            Rgba([0, 0, 0, 255 * u8::from(is_drawn)])
        };
        let icon = RgbaImage::from_fn(8, 8, pixel);
        let suffix = if number % 2 == 0 { "png" } else { "webp" };
        (
            encoded(
                &icon.into(),
                if number % 2 == 0 {
                    ImageFormat::Png
                } else {
                    ImageFormat::WebP
                },
            ),
            suffix,
        )
    });
    for set in [FOLDER, TABLE] {
        let data = place.data(set);
        // 4 or 5 black pixels of 64, on white.
        assert!((235.0..240.0).contains(&data.mean()), "{}", data.mean());
        assert!(
            data.notes()
                .contains("8 of the images have transparent pixels and were laid on white")
        );
        assert!(!data.notes().contains("equal"), "{}", data.notes());
        place.is_the_same_from_the_disk(set);
        let gray = place.data(&format!("{set} --background=#404040"));
        assert!((59.0..60.0).contains(&gray.mean()), "{}", gray.mean());
        let black = place.data(&format!("{set} --background=black")).notes();
        assert!(black.contains("all 8 images are equal"), "{black}");
        assert!(
            black.contains("laid on black: choose another `background`"),
            "{black}"
        );
    }
}

#[test]
fn animations_are_said_to_be_read_by_their_first_picture() {
    let place = folder_and_table(4, |class, number| {
        let pictures = if number == 0 { 3 } else { 1 };
        let frame = |at| Frame::new(picture(class, number + at).into_rgba8());
        let mut bytes = Vec::new();
        let mut gif = GifEncoder::new(&mut bytes);
        gif.encode_frames((0..pictures).map(frame)).unwrap();
        drop(gif);
        (bytes, "gif")
    });
    for set in [FOLDER, TABLE] {
        let notes = place.data(set).notes();
        let told = "2 of the images are animations, of which the first picture is taken";
        assert!(notes.contains(told), "{notes}");
        place.is_the_same_from_the_disk(set);
    }
}

/// EXIF with the orientation alone: an entry 0x0112 of one short.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let exif = [
        &b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..],
        &[orientation, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

#[test]
fn photos_are_turned_as_the_camera_was_held() {
    // 16×24 pixels, dark above in class a and below in b; every other one is stored upside down.
    let place = folder_and_table(6, |class, number| {
        let is_stored_turned = number % 2 == 1;
        let is_dark_above = (class == 0) != is_stored_turned;
        let pixel = |_, y: u32| {
            let is_dark = (y < 12) == is_dark_above;
            Luma([if is_dark { 10 + number as u8 } else { 200 }])
        };
        let photo: DynamicImage = GrayImage::from_fn(16, 24, pixel).into();
        let jpeg = encoded(&photo, ImageFormat::Jpeg);
        (
            with_exif(&jpeg, if is_stored_turned { 3 } else { 1 }),
            "jpg",
        )
    });
    // On the side: of each, the left is what was above.
    let sideways = folder_and_table(3, |class, number| {
        let pixel = |x: u32, _| {
            Luma([if (x < 12) == (class == 0) {
                10 + number as u8
            } else {
                200
            }])
        };
        let photo: DynamicImage = GrayImage::from_fn(24, 16, pixel).into();
        (with_exif(&encoded(&photo, ImageFormat::Jpeg), 6), "jpg")
    });
    for set in [FOLDER, TABLE] {
        assert!(
            place
                .data(set)
                .notes()
                .contains("6 of the images were turned or mirrored")
        );
        place.is_the_same_from_the_disk(set);
        let sheet = sideways.data(&format!("{set} --sheet=sheet-{}.png", set.len()));
        assert!(
            sheet.notes().contains("6 of the images were turned"),
            "{}",
            sheet.notes()
        );
        sideways.is_the_same_from_the_disk(set);
    }
}
