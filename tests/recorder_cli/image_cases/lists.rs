//! Lists of images and labels, as their authors and people with a spreadsheet write them.

use std::fs;

use crate::image_cases::place::{Place, png};

/// Six images of two classes in folders that are no classes, and a list of them.
fn place(list: &str, lines: &[&str]) -> Place {
    let place = Place::new();
    for number in 0..6 {
        place.write(
            &format!("images/{}/{number}.png", number % 3),
            png(number as u8 % 2, number),
        );
    }
    place.write(list, lines.join("\n"));
    place
}

#[test]
fn lines_are_read_whatever_divides_them() {
    let rows = [
        ("0/0.png", "cat"),
        ("1/1.png", "dog"),
        ("2/2.png", "cat"),
        ("0/3.png", "dog"),
        ("1/4.png", "cat"),
    ];
    let lines = |divide: &dyn Fn(&str, &str) -> String| -> Vec<String> {
        rows.iter()
            .map(|(path, label)| divide(path, label))
            .collect()
    };
    let with_header = |header: &str, lines: Vec<String>| [vec![header.to_owned()], lines].concat();
    for (list, lines) in [
        ("train.txt", lines(&|path, label| format!("{path} {label}"))),
        ("train.lst", lines(&|path, label| format!("{label} {path}"))),
        (
            "train.tsv",
            lines(&|path, label| format!("{path}\t{label}")),
        ),
        (
            "train.csv",
            lines(&|path, label| format!("\"{path}\",{label}")),
        ),
        (
            "named.csv",
            with_header(
                "id;filename;label",
                lines(&|path, label| format!("7;{path};{label}")),
            ),
        ),
        (
            "named.tsv",
            with_header(
                "label\timage",
                lines(&|path, label| format!("{label}\t{path}")),
            ),
        ),
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let place = place(list, &lines);
        let arguments = format!("--dataset=list --data={list} --root=images");
        let data = place.data(&arguments);
        assert!(
            data.classes().starts_with("cat ") && data.classes().contains("dog "),
            "{list}"
        );
        assert_eq!(data.counts().iter().sum::<u64>(), 5, "{list}");
        if list == "train.txt" {
            place.is_the_same_from_the_disk(&arguments);
        }
        if list == "named.csv" {
            assert!(
                data.notes().contains(
                    "left aside: column id of named.csv: it holds neither paths nor labels"
                ),
                "{}",
                data.notes()
            );
        }
    }
}

#[test]
fn parts_have_a_list_each_and_numbers_are_indices() {
    let place = place(
        "lists/train_filelist.txt",
        &["0/0.png 0", "1/1.png 1", "2/2.png 2", "0/3.png 0"],
    );
    place.write("lists/val_filelist.txt", "1/4.png 2\n2/5.png 0\n");
    place.write("lists/info.txt", "not a part\n");
    let data = place.data("--dataset=list --data=lists --root=images");
    assert_eq!(data.classes(), "0 2 1, 1 1 0, 2 1 1");
    assert!(
        data.notes().contains("left aside: lists/info.txt"),
        "{}",
        data.notes()
    );
    // Codes are names, and gaps between numbers classes without samples.
    let codes = ["0/0.png 001", "1/1.png 003", "2/2.png 001", "0/3.png 003"];
    let place = self::place("codes.txt", &codes);
    assert!(
        place
            .data("--dataset=list --data=codes.txt --root=images")
            .classes()
            .starts_with("001 ")
    );
}

#[test]
fn the_folder_is_the_label_where_a_line_is_a_path_alone() {
    // As Food-101N, whose other list says of some images whether their label is right.
    let place = place(
        "imagelist.tsv",
        &["class_name/key", "0/0.png", "1/1.png", "0/3.png", "1/4.png"],
    );
    let data = place.data("--dataset=list --data=imagelist.tsv --root=images");
    assert_eq!(data.counts().iter().sum::<u64>(), 4);
    assert!(data.classes().starts_with("0 "), "{}", data.classes());
    place.write(
        "verified.tsv",
        "class_name/key\tverification_label\n0/0.png\t1\n1/1.png\t0\n0/3.png\t1\n",
    );
    let verified = "--dataset=list --data=verified.tsv --root=images";
    place.refuses(
        verified,
        &[
            "which column holds the labels cannot be told",
            "--label-column",
        ],
    );
    let by_folder = place.data(&format!("{verified} --label-column=class_name/key"));
    assert!(
        by_folder
            .notes()
            .contains("left aside: column verification_label of verified.tsv")
    );
}

#[test]
fn what_a_list_cannot_mean_is_refused_by_its_line() {
    let lines = ["0/0.png cat", "1/1.png dog", "2/2.png cat"];
    let list = "--dataset=list --data=train.txt";
    let place = place("train.txt", &lines);
    place.refuses(
        list,
        &[
            "train.txt: line 1 holds no image but the path 0/0.png",
            "--root",
        ],
    );
    let list = &format!("{list} --root=images");
    let refused = |added: &str, parts: &[&str]| {
        let content = [&lines[..], &[added]].concat().join("\n");
        place.write("train.txt", content);
        place.refuses(list, parts);
    };
    refused(
        "0/0.png dog",
        &["train.txt: line 4: it labels images/0/0.png as dog, but line 1 as cat"],
    );
    refused(
        "0/3.png nan",
        &["train.txt: line 4: the label \"nan\" is what programs write"],
    );
    refused(
        "1/4.png",
        &["train.txt: line 4: it has 1 cells, but the first line has 2"],
    );
    refused("1/9.png dog", &["images/1/9.png: the file cannot be read"]);
    assert_eq!(
        place
            .data(&format!("{list} --skip-unreadable"))
            .unreadable(),
        1
    );
    place.write("train.txt", b"0/0.png M\xfcller\n1/1.png dog\n");
    place.refuses(list, &["train.txt: line 1: ", "is not UTF-8", "iconv"]);
    place.write("train.txt", "0/0.png cat\n1/1.png cat\n");
    place.refuses(
        list,
        &["train.txt: line 1: all samples have the same label"],
    );
    place.write("train.txt", "0/0.png 0\n1/1.png -2\n2/2.png -1\n");
    place.refuses(list, &["train.txt: line 2: the label -2 is below 0"]);
    for more in ["0/0.png 0 1 1", "0/0.png cat 0.97"] {
        place.write("train.txt", more);
        let cells = more.split(' ').count();
        let said = format!("train.txt: line 1: it has {cells} cells, but a path and a label");
        place.refuses(list, &[&said, "divide them by tabs or commas"]);
    }
    place.write(
        "train.txt",
        "{\"image\": \"0/0.png\", \"label\": \"cat\"}\n",
    );
    place.refuses(
        list,
        &["train.txt: it is JSON, which is not read", "read_json"],
    );
    fs::remove_file(place.path("train.txt")).unwrap();
    place.refuses(list, &["train.txt: there is no such file or folder"]);
}

#[test]
fn an_image_that_is_listed_twice_alike_is_told() {
    let place = place(
        "train.txt",
        &["0/0.png cat", "1/1.png dog", "0/0.png cat", "2/2.png dog"],
    );
    let data = place.data("--dataset=list --data=train.txt --root=images");
    assert!(
        data.notes()
            .contains("1 lines name an image that a line before them names"),
        "{}",
        data.notes()
    );
}

#[test]
fn labels_known_to_be_right_may_stand_in_the_list_itself() {
    let lines = [
        "path,label,truth",
        "0/0.png,cat,cat",
        "1/1.png,dog,cat",
        "2/2.png,cat,cat",
        "0/3.png,dog,dog",
    ];
    let place = place("train.csv", &lines);
    let list = "--dataset=list --data=train.csv --root=images";
    assert_eq!(place.data(list).mislabeled(), None);
    let with_truth = place.data(&format!(
        "{list} --label-column=label --true-label-column=truth"
    ));
    assert_eq!(with_truth.mislabeled(), Some(1));
    assert!(with_truth.notes().contains("truth: column truth"));
    let from_file = "--labels=train.csv --label-column=label --true-label-column=truth";
    let from_file = place.data(&format!("{list} {from_file}"));
    assert_eq!(from_file.mislabeled(), Some(1));
}

#[test]
fn a_column_may_say_right_or_wrong_without_the_true_class() {
    // As Food-101N has it: the class is the folder, and 0 is a wrong label.
    let lines = [
        "class_name/key\tverification_label",
        "0/0.png\t1",
        "1/1.png\t0",
        "2/2.png\t",
        "0/3.png\t1",
        "1/4.png\t0",
    ];
    let place = place("verified_train.tsv", &lines);
    let data = "--dataset=list --data=verified_train.tsv --root=images";
    let found = place.data(&format!("{data} --mislabeled-column=verification_label=0"));
    assert_eq!(found.classes(), "0 2 0, 1 2 0, 2 1 0");
    assert_eq!(found.mislabeled(), Some(2));
    let notes = found.notes();
    let told = "column verification_label of verified_train.tsv, where 0 is wrong";
    assert!(notes.contains(told), "{notes}");
    let log = place.log(&format!("{data} --mislabeled-column=verification_label=0"));
    assert!(log.windows(13).any(|bytes| bytes == b"is_mislabeled"));
    for (column, parts) in [
        (
            "verification_label",
            &[
                "may say of 1 that the label is right",
                "verification_label=0",
            ][..],
        ),
        (
            "verification_label=5",
            &["no row is 5; the column has 0, 1"],
        ),
    ] {
        place.refuses(&format!("{data} --mislabeled-column={column}"), parts);
    }
    // A label of its own, and words, in a table with commas; and in a file of labels.
    place.write(
        "named.csv",
        "file,label,verdict\n0/0.png,cat,right\n1/1.png,dog,wrong\n2/2.png,cat,wrong\n0/3.png,dog,\n",
    );
    let data = "--dataset=list --data=named.csv --root=images";
    let found = place.data(&format!("{data} --mislabeled-column=verdict"));
    assert_eq!(
        (found.classes().as_str(), found.mislabeled()),
        ("cat 2 0, dog 2 0", Some(2))
    );
    let labels = "--labels=named.csv --label-column=label --mislabeled-column=verdict";
    let found = place.data(&format!("{data} {labels}"));
    assert_eq!(found.mislabeled(), Some(2));
}

#[test]
fn paths_of_windows_and_lines_of_comment_are_read_as_they_are_meant() {
    let lines = [
        "# path label",
        "0\\0.png cat",
        "1\\1.png dog",
        "2\\2.png cat",
    ];
    let place = place("train.txt", &lines);
    let data = place.data("--dataset=list --data=train.txt --root=images");
    assert_eq!(data.classes(), "cat 2 0, dog 1 0");
}

#[test]
fn a_list_for_the_test_without_labels_gives_way_to_that_for_validation() {
    let place = place(
        "lists/train.txt",
        &["0/0.png cat", "1/1.png dog", "2/2.png cat", "0/3.png dog"],
    );
    place.write("lists/val.txt", "1/4.png cat\n");
    place.write("lists/test.txt", "2/5.png -1\n");
    let data = place.data("--dataset=list --data=lists --root=images");
    assert_eq!(data.counts(), [4, 1]);
    let note = "left aside: lists/test.txt: it has no labels";
    assert!(data.notes().contains(note), "{}", data.notes());
}

/// As competitions have them: names without a suffix, in one of several folders.
#[test]
fn names_without_suffix_or_folder_are_looked_for_below_the_root() {
    let lines = [
        "image_id,age,dx",
        "0,40,cat",
        "1,41,dog",
        "2,42,cat",
        "3,43,dog",
        "4,44,cat",
        "5,45,dog",
    ];
    let place = place("meta.csv", &lines);
    let list = "--dataset=list --data=meta.csv --root=images --label-column=dx";
    let data = place.data(list);
    assert_eq!(data.classes(), "cat 3 0, dog 3 0");
    let told =
        "images of meta.csv are looked for below images by their names: the first is 0/0.png";
    assert!(data.notes().contains(told), "{}", data.notes());
    place.write("meta.csv", lines.join("\n").replace("\n2,", "\n9,"));
    place.refuses(
        &format!("{list} --image-column=image_id"),
        &["images/9: ", "No such file"],
    );
    place.write("meta.csv", lines.join("\n"));
    place.write("images/other/4.png", png(1, 9));
    place.refuses(
        list,
        &["meta.csv: line 6: 4 may be 1/4.png or other/4.png; say by --root which folder is meant"],
    );
    // Two columns name images.
    place.write("two.csv", "one,two,label\n0,1,cat\n2,3,dog\n");
    place.refuses(
        "--dataset=list --data=two.csv --root=images",
        &["two.csv: no column holds paths of images", "--image-column"],
    );
}
