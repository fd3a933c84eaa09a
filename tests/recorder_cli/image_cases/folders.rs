//! Which folders are classes and parts, and which files are images: by what they hold, not by what they
//! happen to be called.

use std::fs;

use image::{DynamicImage, ImageFormat};

use crate::image_cases::place::{Place, encoded, picture, png};

const SET: &str = "--dataset=images --data=set";

#[test]
fn parts_are_known_by_any_usual_name() {
    for [train, test] in [
        ["Training", "Testing"],
        ["TRAIN", "Valid"],
        ["train_set", "test_set"],
        ["train2017", "val2017"],
    ] {
        let place = Place::new();
        place.classes(&format!("set/{train}"), &["cat", "dog"], 4);
        place.classes(&format!("set/{test}"), &["cat", "dog"], 2);
        let data = place.data(SET);
        assert_eq!(data.classes(), "cat 4 2, dog 4 2", "{train}");
        assert!(!data.notes().contains("left aside"), "{}", data.notes());
    }
}

#[test]
fn folders_that_hold_the_same_folders_are_no_classes() {
    let place = Place::new();
    place.classes("set/2019", &["cat", "dog"], 2);
    place.classes("set/Fold B", &["cat", "dog"], 2);
    let parts = [
        "set/: its folders (2019, Fold B)",
        "the same folders (cat, dog)",
        "call them train and test",
    ];
    place.refuses(SET, &parts);
    let place = Place::new();
    place.classes("set/train", &["cat", "dog"], 2);
    place.classes("set/Training", &["cat", "dog"], 2);
    place.refuses(
        SET,
        &["set/Training and set/train: both are called like a part"],
    );
    let place = Place::new();
    place.classes("set", &["cat", "dog"], 2);
    place.classes("set/Testing", &["cat", "dog"], 2);
    place.refuses(
        SET,
        &["set/Testing/: it is called like a part, but no folder"],
    );
}

#[test]
fn parts_that_hold_images_alone_are_no_classes() {
    let place = Place::new();
    for part in ["train_images", "test_images"] {
        place.write(&format!("set/{part}/a.png"), png(0, 0));
        place.write(&format!("set/{part}/b.png"), png(1, 1));
    }
    place.write("set/train.csv", "id_code,diagnosis\na,0\nb,1\n");
    let parts = [
        "set/: train_images and test_images are called like parts of one set",
        "--dataset list --data FILE --root set/train_images",
    ];
    place.refuses(SET, &parts);
    // One of them alone may be a class.
    place.classes("set", &["bus"], 2);
    fs::remove_dir_all(place.path("set/test_images")).unwrap();
    place.classes("roses", &["rose-test", "rose-train", "tulip-train"], 2);
    let roses = ["rose-train and rose-test are called like parts of one set"];
    place.refuses("--dataset=images --data=roses", &roses);
    assert_eq!(place.data(SET).classes(), "bus 2 0, train_images 2 0");
}

#[test]
fn what_lies_beside_the_classes_is_left_aside_and_said() {
    let place = Place::new();
    place.classes("set/train", &["cat", "dog", "owl"], 4);
    place.classes("set/test", &["cat", "dog", "owl"], 2);
    place.classes("set/old", &["cat", "dog"], 2);
    place.write("set/train/overview.png", png(0, 99));
    place.write("set/test/contact sheet.png", png(0, 98));
    let data = place.data(SET);
    assert_eq!(data.classes(), "cat 4 2, dog 4 2, owl 4 2");
    for note in [
        "left aside: set/old: a folder beside the parts",
        "left aside: set/train/overview.png: an image in no folder of a class",
        "left aside: set/test/contact sheet.png: an image in no folder of a class",
    ] {
        assert!(data.notes().contains(note), "{}", data.notes());
    }
    // Without parts.
    let place = Place::new();
    place.classes("set", &["cat", "dog"], 5);
    place.write("set/overview.png", png(0, 99));
    let data = place.data(SET);
    assert_eq!(data.counts().iter().sum::<u64>(), 10);
    assert!(
        data.notes().contains("set/overview.png"),
        "{}",
        data.notes()
    );
}

#[test]
fn images_are_known_by_their_content_and_thumbnails_are_none() {
    let place = Place::new();
    place.classes("set/train", &["cat", "dog"], 10);
    place.classes("set/test", &["cat", "dog"], 2);
    let jpeg = |image: &DynamicImage| encoded(image, ImageFormat::Jpeg);
    for number in 2..10 {
        let path = place.path(&format!("set/train/cat/{number:02}.png"));
        fs::remove_file(path).unwrap();
        let suffix = if number < 6 { ".jfif" } else { "" };
        place.write(
            &format!("set/train/cat/{number:02}{suffix}"),
            jpeg(&picture(0, number)),
        );
    }
    place.write(
        "set/train/dog/@eaDir/00.png/SYNOPHOTO_THUMB_S.jpg",
        png(0, 50),
    );
    place.write("set/train/dog/Thumbs/00.png", png(0, 51));
    place.write("set/train/@eaDir/dog/00.png", png(0, 52));
    place.write("set/train/dog/Thumbs.db", "no image");
    place.write("set/train/dog/notes.txt", "no image");
    let data = place.data(SET);
    assert_eq!(data.classes(), "cat 10 2, dog 10 2");
    for note in [
        "8 files are images by their content, though called otherwise: 4 without a suffix, 4 .jfif",
        "left aside: 2 files of classes (1 .db, 1 .txt): they are no images",
        "left aside: set/train/dog/@eaDir/: a folder of thumbnails",
        "left aside: set/train/dog/Thumbs/: a folder of thumbnails",
        "left aside: set/train/@eaDir: a folder that a program made for itself",
    ] {
        assert!(data.notes().contains(note), "{}", data.notes());
    }
    // A kind that is not decoded is refused by its name, not left out.
    place.write("set/train/dog/phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0");
    place.refuses(SET, &["set/train/dog/phone.heic", "HEIC"]);
}

/// As sets for segmentation keep them in the folders of classes, too.
#[test]
fn masks_of_images_are_no_images_of_their_own() {
    let place = Place::new();
    place.classes("set", &["cat", "dog"], 5);
    for number in 0..5 {
        place.write(&format!("set/cat/{number:02}_mask.png"), png(0, 50));
        place.write(&format!("set/cat/{number:02}_mask_1.png"), png(0, 50));
        place.write(&format!("set/owl/images/{number}.png"), png(0, 60 + number));
        place.write(&format!("set/owl/masks/{number}.png"), png(0, 70));
    }
    // Of no image that is there.
    place.write("set/dog/gas mask.png", png(0, 80));
    let data = place.data("--dataset images --data set");
    assert_eq!(data.classes(), "cat 5 0, dog 6 0, owl 5 0");
    for note in [
        "left aside: set/owl/masks/: a folder of masks, beside that of the images",
        "left aside: 10 images such as set/cat/00_mask.png: they are called as masks or thumbnails of others beside them",
    ] {
        assert!(data.notes().contains(note), "{}", data.notes());
    }
}

/// As data for segmentation lie, and archives that were unpacked into themselves.
#[test]
fn folders_of_masks_and_of_the_classes_once_more_are_no_classes() {
    for (other, masks) in [
        ("images", "masks"),
        ("Images", "Annotations"),
        ("images", "labels"),
    ] {
        let place = Place::new();
        place.classes("set/train", &[other, masks], 5);
        let said =
            format!("set/train/{masks}/: it is called as what belongs to the images beside it");
        place.refuses("--dataset images --data set", &[&said]);
    }
    let place = Place::new();
    place.classes("set", &["cat", "dog", "masks"], 5);
    let data = place.data("--dataset images --data set");
    assert_eq!(data.classes(), "cat 5 0, dog 5 0, masks 5 0");
    place.classes("set/set", &["cat", "dog"], 5);
    let said =
        "set/set/: it holds nothing but folders that are called as classes beside it, such as cat";
    place.refuses("--dataset images --data set", &[said]);
}

#[test]
fn what_is_packed_is_said_to_be() {
    let place = Place::new();
    place.write("set.zip", "PK");
    place.write("packed/train.tar", "");
    for (data, file) in [("set.zip", "set.zip"), ("packed", "packed/train.tar")] {
        let said = format!("{file}: it is packed, by its name; unpack it");
        place.refuses(&format!("--dataset images --data {data}"), &[&said]);
    }
    place.write("table.csv.gz", "");
    place.write("tables/train.csv.gz", "");
    for data in ["table.csv.gz", "tables"] {
        place.refuses(
            &format!("--dataset features --data {data}"),
            &[".csv.gz: it is packed"],
        );
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_an_image_that_cannot_be_read() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    place.classes("set", &["cat", "dog"], 5);
    symlink("/nowhere/at/all.png", place.path("set/cat/99.png")).unwrap();
    let refused = place.refuses(
        SET,
        &[
            "set/cat/99.png: it is a link that leads nowhere",
            "--skip-unreadable",
        ],
    );
    assert_eq!(refused.matches("99.png").count(), 1, "{refused}");
    let data = place.data(&format!("{SET} --skip-unreadable"));
    assert_eq!((data.unreadable(), data.counts().iter().sum()), (1, 10));
    place.is_the_same_from_the_disk(&format!("{SET} --skip-unreadable"));
    // A class that is gone.
    symlink("/nowhere/owls", place.path("set/owl")).unwrap();
    place.refuses(SET, &["set/owl: it is a link that leads nowhere"]);
    let data = place.data(&format!("{SET} --skip-unreadable"));
    assert!(
        data.notes()
            .contains("left aside: set/owl: a link that leads nowhere")
    );
}

#[test]
fn folders_of_first_digits_and_lists_that_say_otherwise_are_no_classes() {
    // As Clothing1M: ten folders that mean nothing, and a list.
    let place = Place::new();
    for folder in 0..10 {
        place.classes(&format!("set/images/{folder}"), &["00", "01"], 1);
    }
    place.write(
        "set/noisy_label_kv.txt",
        "images/0/00/00.png 3\nimages/1/01/00.png 5\n",
    );
    let nested = [
        "set/images/: its folders (0, 1, 2, …)",
        "folders again (00, 01)",
        "--dataset list --data FILE --root set/images",
    ];
    place.refuses("--dataset=images --data=set/images", &nested);
    let place = Place::new();
    place.classes("set/images", &["0", "1", "2"], 3);
    place.write("set/labels.txt", "images/0/00.png 0\nimages/0/01.png 2\n");
    let beside = [
        "set/labels.txt: it gives images in set/images/ other labels",
        "images/0/01.png 2",
        "--dataset list",
    ];
    place.refuses("--dataset=images --data=set/images", &beside);
    // A list that says the same, by name or index, is none against the folders.
    let place = Place::new();
    place.classes("set", &["cat", "dog"], 5);
    place.write(
        "set/labels.csv",
        "path,label\ncat/00.png,cat\ndog/01.png,1\n",
    );
    assert_eq!(place.data(SET).counts().iter().sum::<u64>(), 10);
}

#[test]
fn a_name_is_one_however_its_letters_are_composed() {
    let place = Place::new();
    place.classes("set/train", &["Brot", "K\u{e4}se"], 4);
    place.classes("set/test", &["Brot", "Ka\u{308}se"], 2);
    assert_eq!(place.data(SET).classes(), "Brot 4 2, K\u{e4}se 4 2");
}

#[test]
fn test_images_without_classes_give_way_to_those_for_validation() {
    let place = Place::new();
    place.classes("set/train", &["cat", "dog"], 4);
    place.classes("set/val", &["cat", "dog"], 3);
    place.write("set/test/1.png", png(0, 60));
    let data = place.data(SET);
    assert_eq!(data.classes(), "cat 4 3, dog 4 3");
    let notes = data.notes();
    assert!(
        notes.contains("left aside: set/test: a folder beside the parts"),
        "{notes}"
    );
    // In one folder that is no class.
    let place = Place::new();
    place.classes("set/train", &["cat", "dog"], 4);
    place.classes("set/valid", &["cat", "dog"], 3);
    place.classes("set/test", &["unknown"], 3);
    let data = place.data(SET);
    assert_eq!(data.counts(), [8, 6]);
    let note = "left aside: set/test: it has no folders of the classes";
    assert!(data.notes().contains(note), "{}", data.notes());
}

#[test]
fn folders_that_archives_were_unpacked_into_are_gone_through() {
    let place = Place::new();
    place.classes("set/photos/train/train", &["cat", "dog"], 3);
    place.classes("set/photos/test/test", &["cat", "dog"], 1);
    let data = place.data("--dataset=images --data=set");
    assert_eq!(data.classes(), "cat 3 1, dog 3 1");
    // Parts may share another word.
    place.classes("kaggle/seg_train/seg_train", &["cat", "dog"], 2);
    place.classes("kaggle/seg_test/seg_test", &["cat", "dog"], 1);
    place.classes("kaggle/seg_pred", &["seg_pred"], 2);
    let data = place.data("--dataset=images --data=kaggle");
    assert_eq!(data.classes(), "cat 2 1, dog 2 1");
    // Those by names that nobody knows are no classes, however deep the classes lie in them.
    place.classes("odd/first/first", &["cat", "dog"], 2);
    place.classes("odd/second/second", &["cat", "dog"], 2);
    place.refuses(
        "--dataset=images --data=odd",
        &[
            "first, second",
            "the same folders (cat, dog)",
            "look like parts",
        ],
    );
    let data = place.data("--dataset=images --data=kaggle/seg_train");
    assert_eq!(data.classes(), "cat 2 0, dog 2 0");
    // A class may keep its images in a folder of its own.
    place.classes("own/cat", &["images"], 2);
    place.classes("own/dog", &["images"], 2);
    let data = place.data("--dataset=images --data=own");
    assert_eq!(data.classes(), "cat 2 0, dog 2 0");
}

#[test]
fn a_class_that_holds_parts_is_refused() {
    let place = Place::new();
    place.classes("set/cat", &["train", "test"], 3);
    place.classes("set", &["dog"], 3);
    place.refuses(
        "--dataset=images --data=set",
        &["set/cat/: it holds nothing but folders of parts (test, train)"],
    );
    // A class may have a folder that is called so, beside others.
    place.classes("set/cat", &["others"], 3);
    let data = place.data("--dataset=images --data=set");
    assert_eq!(data.classes(), "cat 9 0, dog 3 0");
}

/// As the hub's `imagefolder` keeps labels.
#[test]
fn a_list_beside_images_in_no_folders_of_classes_is_named() {
    for list in ["metadata.csv", "metadata.jsonl"] {
        let place = Place::new();
        place.write("set/train/00.png", png(0, 1));
        place.write("set/train/notes.txt", "no image");
        let content = match list {
            "metadata.csv" => "file_name,label\n00.png,cat\n",
            _ => "{\"file_name\": \"00.png\", \"label\": \"cat\"}\n",
        };
        place.write(&format!("set/train/{list}"), content);
        let said = format!("set/train/{list} names them; give the labels by --dataset list");
        for data in ["set", "set/train"] {
            place.refuses(&format!("--dataset images --data {data}"), &[&said]);
        }
    }
}
