//! Shards of WebDataset: an image and its label under one key in tar files.

use std::fs;

use crate::image_cases::place::{Place, png};

/// A tar file of these names and contents.
fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, name, &content[..])
            .unwrap();
    }
    archive.into_inner().unwrap()
}

/// Two shards of three samples each, whose labels are in files of this suffix.
fn place(suffix: &str, label: impl Fn(usize) -> String) -> Place {
    let place = Place::new();
    for shard in 0..2 {
        let mut files = Vec::new();
        for number in 3 * shard..3 * shard + 3 {
            files.push((format!("n/{number:04}.png"), png(number as u8 % 2, number)));
            files.push((
                format!("n/{number:04}.{suffix}"),
                label(number).into_bytes(),
            ));
        }
        let files: Vec<(&str, Vec<u8>)> = files
            .iter()
            .map(|(name, content)| (name.as_str(), content.clone()))
            .collect();
        place.write(&format!("set-{shard:03}.tar"), tar(&files));
    }
    place
}

const SHARDS: &str = "--dataset=webdataset --data=set-{000..001}.tar";

#[test]
fn labels_are_numbers_names_or_a_field() {
    let names = ["cat", "dog"];
    let cls = |number: usize| format!("{}\n", number % 2);
    let json = |number: usize| format!("{{\"width\": 3, \"label\": \"{}\"}}", names[number % 2]);
    let own = |number: usize| format!("{{\"label\": 7, \"kind\": {}}}", number % 2);
    for (suffix, label, option, class) in [
        ("cls", &cls as &dyn Fn(usize) -> String, "", "0 "),
        ("json", &json, "", "cat "),
        ("json", &own, " --label-column=kind", "0 "),
        ("kind", &cls, " --label-column=kind", "0 "),
    ] {
        let place = place(suffix, label);
        let arguments = format!("{SHARDS}{option}");
        let data = place.data(&arguments);
        assert_eq!(data.counts().iter().sum::<u64>(), 6, "{suffix}");
        assert!(data.classes().starts_with(class), "{}", data.classes());
        place.is_the_same_from_the_disk(&arguments);
    }
}

#[test]
fn where_labels_stand_is_told_and_other_ones_beside_them() {
    let place = place("json", |number| {
        format!("{{\"cls\": 3, \"label\": {}}}", number % 2)
    });
    let told = place.data(SHARDS).notes();
    assert!(
        told.contains("labels: the field label of files .json"),
        "{told}"
    );
    let mut files = vec![("0.png", png(0, 0)), ("0.cls", b"0".to_vec())];
    files.extend([("0.json", b"{\"label\": 0}".to_vec())]);
    files.extend([
        ("1.json", b"{\"label\": 0}".to_vec()),
        ("1.cls", b"1".to_vec()),
    ]);
    files.extend([
        ("1.png", png(1, 1)),
        ("2.png", png(0, 2)),
        ("2.json", b"{\"label\": 0}".to_vec()),
    ]);
    place.write("both.tar", tar(&files));
    let data = place.data("--dataset=webdataset --data=both.tar");
    assert_eq!(data.classes(), "0 2 0, 1 1 0");
    for part in [
        "labels: files .cls, and the field label of files .json",
        "1 keys have another label in files .json, such as 0 and not 1 of 1; ",
    ] {
        assert!(data.notes().contains(part), "{}", data.notes());
    }
}

#[test]
fn shards_are_a_pattern_a_file_or_a_folder_of_parts() {
    let place = place("cls", |number| (number % 2).to_string());
    assert_eq!(
        place
            .data("--dataset=webdataset --data=set-001.tar")
            .counts()
            .iter()
            .sum::<u64>(),
        3
    );
    // Without names of parts, a folder of shards is one part.
    for shard in 0..2 {
        let from = place.path(&format!("set-00{shard}.tar"));
        fs::copy(from, place.path(&format!("plain/0000{shard}.tar"))).unwrap();
    }
    let data = place.data("--dataset=webdataset --data=plain");
    assert_eq!(data.counts(), [6, 0]);
    fs::create_dir(place.path("set/.keep").parent().unwrap()).unwrap_or_default();
    fs::rename(place.path("set-000.tar"), place.path("set/train-0.tar")).unwrap();
    fs::rename(place.path("set-001.tar"), place.path("set/val-0.tar")).unwrap();
    assert_eq!(
        place.data("--dataset=webdataset --data=set").classes(),
        "0 2 1, 1 1 2"
    );
}

#[test]
fn a_shard_for_the_test_without_labels_gives_way_to_that_for_validation() {
    let place = place("cls", |number| (number % 2).to_string());
    fs::create_dir(place.path("set")).unwrap();
    fs::rename(place.path("set-000.tar"), place.path("set/train-0.tar")).unwrap();
    fs::rename(place.path("set-001.tar"), place.path("set/val-0.tar")).unwrap();
    place.write("set/test-0.tar", tar(&[("9.png", png(1, 9))]));
    let data = place.data("--dataset=webdataset --data=set");
    assert_eq!(data.counts(), [3, 3]);
    let note = "left aside: set/test-0.tar: it has no labels";
    assert!(data.notes().contains(note), "{}", data.notes());
    // One label of some is missing.
    let labelled = [("8.png", png(1, 8)), ("8.cls", b"1".to_vec())];
    place.write(
        "set/test-0.tar",
        tar(&[&labelled[..], &[("9.png", png(1, 9))]].concat()),
    );
    place.refuses(
        "--dataset=webdataset --data=set",
        &["test-0.tar: the key 9 has an image, but no label"],
    );
}

#[test]
fn a_shard_that_was_cut_is_refused_wherever_it_ends() {
    let place = place("cls", |number| (number % 2).to_string());
    let whole = fs::read(place.path("set-001.tar")).unwrap();
    // In the middle of an image, between two entries, and without the end.
    let image = png(1, 3).len();
    let entry = 512 + image.next_multiple_of(512);
    for length in [512 + image / 2, 100, entry, entry + 300, whole.len() - 1024] {
        place.write("set-001.tar", &whole[..length]);
        let refused = place.refuses(SHARDS, &["set-001.tar: ", "damaged or incomplete"]);
        assert!(!refused.contains("set-000"), "{refused}");
    }
    place.write("set-001.tar", [&whole[..], &whole[..0]].concat());
    fs::remove_file(place.path("set-000.tar")).unwrap();
    place.refuses(
        SHARDS,
        &["set-000.tar: this shard of set-{000..001}.tar is not there"],
    );
}

#[test]
fn keys_without_an_image_or_a_label_are_told() {
    let place = Place::new();
    let sample = |key: &str, class: u8| {
        [
            (format!("{key}.png"), png(class, 1)),
            (format!("{key}.cls"), vec![b'0' + class]),
        ]
    };
    let whole = [sample("a", 0), sample("b", 1)].concat();
    let written = |files: &[(String, Vec<u8>)]| {
        let files: Vec<(&str, Vec<u8>)> = files
            .iter()
            .map(|(name, content)| (name.as_str(), content.clone()))
            .collect();
        place.write("a.tar", tar(&files));
    };
    let arguments = "--dataset=webdataset --data=a.tar";
    written(&[&whole[..], &[("c.cls".to_owned(), b"1".to_vec())]].concat());
    assert!(
        place
            .data(arguments)
            .notes()
            .contains("left aside: 1 keys: they have no image")
    );
    written(&[&whole[..], &[("c.png".to_owned(), png(1, 5))]].concat());
    place.refuses(arguments, &["a.tar: the key c has an image, but no label"]);
    written(&[&whole[..], &[("a.left.png".to_owned(), png(1, 5))]].concat());
    place.refuses(
        arguments,
        &[
            "a.tar: a.png and a.left.png are images of one key",
            "--image-column",
        ],
    );
    let left = place.data(&format!("{arguments} --image-column=png"));
    assert_eq!(left.counts().iter().sum::<u64>(), 2);
    for (label, reason) in [
        ("a.cls", "\"K\u{fffd}se\" is not UTF-8"),
        ("a.json", "it is no JSON"),
    ] {
        let content = match label {
            "a.cls" => b"K\xe4se".to_vec(),
            _ => b"{".to_vec(),
        };
        let files = [("a.png".to_owned(), png(0, 1)), (label.to_owned(), content)];
        written(&files);
        place.refuses(arguments, &[&format!("a.tar/{label}: "), reason]);
    }
    place.write("a.tar", b"\x1f\x8b\x08\0 as gzip writes it");
    place.refuses(arguments, &["a.tar: it is compressed"]);
}

#[test]
fn a_key_twice_and_labels_that_are_no_texts_are_refused() {
    let place = Place::new();
    let files = |second: &str, label: &[u8]| {
        let label = label.to_vec();
        let files = [
            ("1.png", png(0, 1)),
            ("1.cls", label.clone()),
            (second, png(1, 2)),
            ("2.cls", label),
        ];
        tar(&files)
    };
    place.write("set.tar", files("1.png", b"0"));
    let data = "--dataset=webdataset --data=set.tar";
    place.refuses(data, &["set.tar/1.png: the tar file has this key twice"]);
    // As numpy and struct write them; the first would be a tab.
    for label in [
        &9u64.to_le_bytes()[..],
        &3u32.to_be_bytes(),
        b"\x80\x04K\x01.",
    ] {
        place.write("set.tar", files("2.png", label));
        place.refuses(
            data,
            &["set.tar/1.cls: it is no text but binary; write the class as a text"],
        );
    }
}
