//! `recorder data`: what it says of digits and of a folder of images, the sheet that it draws, and that
//! it trains nothing and replaces nothing.

use std::fs;
use std::path::Path;
use std::process::Output;

use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::program::{names, said, text};

use crate::setup::command;

fn overview(folder: &Path, arguments: &[&str]) -> Output {
    let words = [&["data"], arguments].concat();
    command(folder, &words).output().unwrap()
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    said(&overview(folder, arguments)).0
}

/// The one line that says why not.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = overview(folder, arguments);
    assert!(!output.status.success() && output.stdout.is_empty());
    text(&output.stderr)
}

/// Cats of 20×10 and dogs of 12×12 pixels; one red square is among both and in the test as well, under
/// yet another label. One file of the dogs is no image.
fn pets() -> TempDir {
    let folder = TempDir::new().unwrap();
    let set = folder.path().join("pets");
    let save = |path: &str, [width, height]: [u32; 2], red: u8| {
        let path = set.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let image = RgbImage::from_pixel(width, height, Rgb([red, 0, 0]));
        image.save(path).unwrap();
    };
    save("train/cat/1.png", [20, 10], 10);
    save("train/cat/2.png", [12, 12], 200);
    save("train/dog/3.png", [12, 12], 30);
    save("train/dog/4.png", [12, 12], 200);
    save("train/emu/5.png", [12, 12], 50);
    save("test/cat/6.png", [12, 12], 60);
    save("test/dog/7.png", [12, 12], 70);
    save("test/emu/8.png", [12, 12], 200);
    fs::write(set.join("train/dog/9.png"), "no image").unwrap();
    folder
}

const PETS: [&str; 4] = ["--dataset", "images", "--data", "pets"];

#[test]
fn an_overview_for_programs_counts_what_is_in_a_folder() {
    let folder = pets();
    let text = printed(folder.path(), &[&PETS[..], &["--format=json"]].concat());
    let overview: Value = serde_json::from_str(&text).unwrap();
    let class = |class, name, training| {
        let test = 1;
        json!({"class": class, "name": name, "training": training, "test": test})
    };
    // The ninth image cannot be read.
    assert_eq!(
        overview["classes"],
        json!([class(0, "cat", 2), class(1, "dog", 2), class(2, "emu", 1)])
    );
    assert_eq!(overview["unreadable_images"], 1);
    // Of eight, seven have 144 pixels.
    assert_eq!(
        overview["sizes"],
        json!({"different": 2, "smallest": [12, 12], "median": [12, 12], "largest": [20, 10]})
    );
    // 10, 200, 30, 200 and 50 in the red channel.
    let mean = overview["channel_means"][0].as_f64().unwrap();
    assert!((mean - 98.0).abs() < 1e-9, "{mean}");
    let duplicates = &overview["duplicates"];
    assert_eq!(duplicates["repeated"], 1);
    assert_eq!(duplicates["test_in_training"], 1);
    assert_eq!(duplicates["test_under_other_label"], 1);
    let group = duplicates["conflicts"][0].as_array().unwrap();
    let files: Vec<&str> = group
        .iter()
        .map(|place| place["file"].as_str().unwrap())
        .collect();
    assert!(files[0].ends_with("cat/2.png"), "{files:?}");
    assert!(files[1].ends_with("dog/4.png"), "{files:?}");
    assert_eq!(files.len(), 2);
}

#[test]
fn an_overview_for_people_names_the_broken_file_and_the_equal_ones_and_trains_nothing() {
    let folder = pets();
    let text = printed(folder.path(), &PETS);
    for part in [
        "Data set images-pets: 5 training and 3 test samples in 3 classes",
        "9.png",
        "1 group of 2 training samples",
        "cat and dog: 1",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(names(folder.path()), ["pets"]);
}

#[test]
fn noise_shows_how_many_labels_it_changed() {
    let folder = TempDir::new().unwrap();
    let noise = ["--noise=0.25", "--noise-type=flip", "--format=json"];
    let overview: Value = serde_json::from_str(&printed(folder.path(), &noise)).unwrap();
    let samples = overview["training_samples"].as_f64().unwrap();
    let mislabeled = overview["mislabeled"].as_f64().unwrap();
    // Five standard deviations about the expectation.
    let deviation = (samples * 0.25 * 0.75).sqrt();
    let expected = samples * 0.25;
    assert!(
        (mislabeled - expected).abs() < 5.0 * deviation,
        "{mislabeled}"
    );
    assert_eq!(overview["confusions"].as_array().unwrap().len(), 10);
}

#[test]
fn a_sheet_shows_the_classes_or_the_samples_asked_for_and_is_replaced_only_where_that_is_said() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.png");
    let size = || {
        let image = image::open(&path).unwrap();
        (image.width(), image.height())
    };
    let sheet = ["--sheet", "a.png", "--examples", "4"];
    printed(folder.path(), &[&sheet[..], &["--class", "3"]].concat());
    let (width, height) = size();
    let drawn = fs::read(&path).unwrap();

    let refused = refusal(folder.path(), &sheet);
    assert!(refused.contains("a.png: it is there already"), "{refused}");
    assert!(refused.contains("--overwrite"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), drawn);

    printed(folder.path(), &[&sheet[..], &["--overwrite"]].concat());
    // Ten rows in place of one, and a margin.
    let margin = (10 * height - size().1) / 9;
    assert_eq!(
        (size().0, size().1 - margin),
        (width, 10 * (height - margin))
    );

    let samples = ["--overwrite", "--samples", "391,569,12"];
    printed(folder.path(), &[&sheet[..], &samples].concat());
    assert!(size().0 < width && size().1 < 2 * height);
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn a_sheet_goes_to_stdout_alone() {
    let folder = TempDir::new().unwrap();
    let class = ["--class", "3", "--sheet"];
    printed(folder.path(), &[&class[..], &["a.png"]].concat());
    let drawn = fs::read(folder.path().join("a.png")).unwrap();
    let output = overview(folder.path(), &[&class[..], &["-"]].concat());
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert_eq!(output.stdout, drawn);
    let refused = refusal(folder.path(), &["--sheet=-", "--format=json"]);
    assert!(refused.contains("leave --format json out"), "{refused}");
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn what_cannot_be_drawn_is_refused_in_a_line_that_says_what_to_change() {
    let folder = TempDir::new().unwrap();
    for (arguments, reason) in [
        (
            &["--sheet=a.png", "--class=dog"][..],
            "no class dog in digits",
        ),
        (
            &["--sheet=a.png", "--samples=3,99999"],
            "no training sample 99999 in digits",
        ),
        (&["--sheet=a.jpg"], "ends in .png"),
        (
            &["--sheet=none/a.png"],
            "none/a.png: there is no folder none",
        ),
        (&["--class=3"], "--sheet"),
        (&["--dataset=images", "--data=none"], "none"),
    ] {
        let refused = refusal(folder.path(), arguments);
        assert!(refused.contains(reason), "{arguments:?}: {refused}");
        assert!(names(folder.path()).is_empty());
    }
}
