use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::overview::findings::Overview;
use crate::overview::sheet::{Sheet, SheetSettings};
use crate::overview::subject::Subject;

/// Images of 2×1 pixels.
fn samples(images: &[[u8; 2]], labels: &[u32], file: &str) -> Samples {
    Samples {
        inputs: Inputs::Pixels(images.concat()),
        labels: labels.to_vec(),
        origins: Origins::rows_of(file, labels.len()),
    }
}

fn subject() -> Subject {
    let train = samples(
        &[[1, 2], [3, 4], [1, 2], [5, 6], [1, 2], [5, 6], [5, 6]],
        &[0, 1, 2, 1, 0, 1, 2],
        "train",
    );
    let names = ["ant", "bee", "cow"].map(str::to_owned).to_vec();
    Subject {
        given: train.labels.clone(),
        truth: None,
        mislabeled: None,
        dataset: Dataset {
            name: "insects".to_owned(),
            class_names: names,
            sample_shape: [1, 1, 2],
            standardisation: Standardisation::measure(&train, 1),
            test: samples(&[[3, 4], [1, 2], [9, 9]], &[0, 2, 1], "test"),
            train,
            validation: None,
            unreadable: 0,
            feature_offsets: Vec::new(),
            reading: ReadingReport::default(),
            notes: Vec::new(),
        },
    }
}

#[test]
fn samples_are_counted_by_given_label_and_part() {
    let overview = Overview::of(&subject()).unwrap();
    let counts: Vec<(usize, usize)> = overview
        .classes
        .iter()
        .map(|class| (class.training, class.test))
        .collect();
    assert_eq!(counts, [(2, 1), (3, 1), (2, 1)]);
    // 1 + 2 + 3 + 4 + 1 + 2 + 5 + 6 + 1 + 2 + 5 + 6 + 5 + 6 = 49 of 14 values.
    assert_eq!(overview.channel_means, [3.5]);
    assert_eq!(overview.sizes.unwrap().median, [2, 1]);
}

#[test]
fn equal_samples_under_different_labels_are_found_with_their_places() {
    let duplicates = Overview::of(&subject()).unwrap().duplicates;
    let ids: Vec<Vec<usize>> = duplicates
        .conflicts
        .iter()
        .map(|group| group.iter().map(|place| place.sample_id).collect())
        .collect();
    assert_eq!(ids, [vec![0, 2, 4], vec![3, 5, 6]]);
    // Samples 2, 4, 5 and 6 were there before.
    assert_eq!(duplicates.repeated, 4);
    let pairs: Vec<String> = duplicates
        .pairs
        .iter()
        .map(|pair| format!("{} {}", pair.classes.join("-"), pair.groups))
        .collect();
    assert_eq!(pairs, ["ant-cow 1", "bee-cow 1"]);
    let place = &duplicates.conflicts[1][2];
    assert_eq!((place.file.as_str(), place.row), ("train", 6));
    assert_eq!(place.given_label, "cow");
    // [3, 4] is a bee in training and an ant in the test; [1, 2] is a cow in both.
    assert_eq!(duplicates.test_in_training, 2);
    assert_eq!(duplicates.test_under_other_label, 1);
}

#[test]
fn the_labels_under_suspicion_decide_not_those_of_the_data_set() {
    let mut subject = subject();
    subject.truth = Some(subject.given.iter().copied().map(Some).collect());
    subject.given = vec![0, 1, 0, 1, 0, 1, 1];
    let overview = Overview::of(&subject).unwrap();
    assert!(overview.duplicates.conflicts.is_empty());
    assert_eq!(overview.mislabeled, Some(2));
    let text = overview.to_text(10);
    assert!(
        text.contains("Mislabeled            2 training samples (28.6 %)"),
        "{text}"
    );
    assert!(
        text.contains("true cow: 2 of 2 mislabeled, given ant (1), bee (1)"),
        "{text}"
    );
}

#[test]
fn a_list_is_cut_and_says_so() {
    let text = Overview::of(&subject()).unwrap().to_text(1);
    assert!(
        text.contains("  0 ant (train row 0) = 2 cow (train row 2) = 4 ant"),
        "{text}"
    );
    assert!(text.contains("and 1 more groups; `list` N"), "{text}");
}

#[test]
fn features_have_ranges_and_constant_columns() {
    let mut subject = subject();
    let values = [
        1.0, 7.0, 2.0, 7.0, -3.5, 7.0, 0.0, 7.0, 1.0, 7.0, 4.0, 7.0, 5.0, 7.0,
    ];
    subject.dataset.train.inputs = Inputs::Values(values.to_vec());
    subject.dataset.test = subject.dataset.train.select(&[]);
    let overview = Overview::of(&subject).unwrap();
    let values = overview.values.clone().unwrap();
    assert_eq!((values.smallest, values.largest), (-3.5, 7.0));
    assert_eq!((values.dimension, values.constant_columns), (2, vec![1]));
    // Samples 0 and 4 are both (1, 7), and both ants.
    assert_eq!(overview.duplicates.repeated, 1);
    assert!(overview.sizes.is_none() && overview.duplicates.conflicts.is_empty());
    assert!(
        overview
            .to_text(1)
            .contains("Constant columns      1: 1 (from 0)")
    );
    let reason = Sheet::draw(&subject, &sheet()).unwrap_err().to_string();
    assert!(reason.contains("are no images"), "{reason}");
}

fn sheet() -> SheetSettings {
    SheetSettings {
        examples: 2,
        classes: Vec::new(),
        samples: Vec::new(),
        data_seed: 0,
    }
}

fn size(subject: &Subject, settings: &SheetSettings) -> (u32, u32) {
    let png = Sheet::draw(subject, settings).unwrap().to_png().unwrap();
    let image = image::load_from_memory(&png).unwrap();
    (image.width(), image.height())
}

#[test]
fn a_sheet_has_a_row_a_class_and_a_red_frame_where_the_label_is_wrong() {
    let mut subject = subject();
    let (width, height) = size(&subject, &sheet());
    let settings = SheetSettings {
        classes: vec!["bee".to_owned(), "2".to_owned()],
        ..sheet()
    };
    let (same, less) = size(&subject, &settings);
    // A gap, and a row of as many pixels for each class.
    assert_eq!((same, (less - 8) * 3), (width, (height - 8) * 2));
    let reds = |subject: &Subject| {
        let png = Sheet::draw(subject, &sheet()).unwrap().to_png().unwrap();
        let image = image::load_from_memory(&png).unwrap().into_rgb8();
        image
            .pixels()
            .filter(|pixel| pixel.0 == [210, 30, 30])
            .count()
    };
    assert_eq!(reds(&subject), 0);
    subject.truth = Some([1, 1, 2, 1, 0, 1, 2].map(Some).to_vec());
    assert!(reds(&subject) > 100);
}

#[test]
fn what_is_not_there_cannot_be_drawn() {
    let refusal = |settings: SheetSettings| {
        let refused = Sheet::draw(&subject(), &settings);
        refused.unwrap_err().to_string()
    };
    let class = refusal(SheetSettings {
        classes: vec!["dog".to_owned()],
        ..sheet()
    });
    assert!(class.contains("no class dog in insects"), "{class}");
    let sample = refusal(SheetSettings {
        samples: vec![6, 7],
        ..sheet()
    });
    assert!(
        sample.contains("no training sample 7 in insects, the last one is 6"),
        "{sample}"
    );
}
