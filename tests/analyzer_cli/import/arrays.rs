//! Arrays of NumPy, made as `numpy.save` and `numpy.savez` make them.

use std::fs;

use tests::numpy::{npy, npy_floats, npy_integers, npz};

use crate::import::{aums, imported, inside, rows};
use crate::setup::{Logs, refusal};

/// Two epochs, three samples, two classes.
const LOGITS: [f32; 12] = [
    2.0, 1.0, 0.5, 1.0, 0.0, 3.0, // margins for the labels 0, 0, 1: 1, −0.5, 3
    4.0, 1.0, 0.5, 2.0, 1.0, 2.0, // 3, −1.5, 1
];

fn save(logs: &Logs, name: &str, bytes: &[u8]) {
    fs::write(logs.at(name), bytes).unwrap();
}

fn saved() -> Logs {
    let logs = Logs::new();
    save(&logs, "logits.npy", &npy_floats("(2, 3, 2)", &LOGITS));
    save(&logs, "labels.npy", &npy_integers("(3,)", &[0, 0, 1]));
    logs
}

fn found(logs: &Logs, output: &str) -> Vec<f64> {
    let aums = aums(&[&logs.word(output), "--epochs", "1.."]);
    aums.iter().map(|(_, aum)| *aum).collect()
}

fn archive(logs: &Logs, members: &[(&str, Vec<u8>)]) {
    save(logs, "run.npz", &npz(members));
}

#[test]
fn logits_of_all_epochs_become_a_log_with_logits() {
    let logs = saved();
    imported(&logs, "logits.npy --labels labels.npy -o out");
    let second = rows(&logs, "out/imported-p1-e0002.parquet");
    assert_eq!(second.logits, LOGITS[6..]);
    assert_eq!(*second.assigned_labels, [0, 0, 1]);
    assert_eq!(found(&logs, "out"), [2.0, -1.0, 2.0]);
}

#[test]
fn the_order_in_which_values_lie_changes_nothing() {
    let logs = saved();
    // As `numpy.asfortranarray` has them: the epoch changes fastest, then the sample.
    let at = |epoch: usize, sample: usize, class: usize| LOGITS[epoch * 6 + sample * 2 + class];
    let mut fortran = Vec::new();
    for class in 0..2 {
        for sample in 0..3 {
            fortran.extend([0, 1].map(|epoch| at(epoch, sample, class)));
        }
    }
    let bytes: Vec<u8> = fortran
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    save(&logs, "logits.npy", &npy("<f4", true, "(2, 3, 2)", &bytes));
    imported(&logs, "logits.npy --labels labels.npy -o out");
    assert_eq!(
        rows(&logs, "out/imported-p1-e0001.parquet").logits,
        LOGITS[..6]
    );
}

#[test]
fn labels_may_have_one_column_and_doubles_far_from_0_keep_their_margins() {
    let logs = saved();
    save(&logs, "labels.npy", &npy_integers("(3, 1)", &[0, 0, 1]));
    let far = |at: &dyn Fn(usize) -> usize| -> Vec<u8> {
        let logits = (0..12).map(|place| f64::from(LOGITS[at(place)]) + 1e8);
        logits.flat_map(f64::to_le_bytes).collect()
    };
    // The epoch changes fastest in Fortran's order, then the sample.
    let fortran = |place: usize| place % 2 * 6 + place / 2 % 3 * 2 + place / 6;
    for (is_fortran, bytes) in [(false, far(&|place| place)), (true, far(&fortran))] {
        save(
            &logs,
            "logits.npy",
            &npy("<f8", is_fortran, "(2, 3, 2)", &bytes),
        );
        imported(&logs, "logits.npy --labels labels.npy -o out --overwrite");
        assert_eq!(found(&logs, "out"), [2.0, -1.0, 2.0]);
    }
}

#[test]
fn probabilities_of_samples_classes_and_epochs_have_the_margins_of_their_logits() {
    let logs = Logs::new();
    // ln 0.8 − ln 0.2 = ln 4; two epochs of two samples.
    let probabilities = [0.8, 0.5, 0.2, 0.5, 0.2, 0.2, 0.8, 0.8];
    save(&logs, "p.npy", &npy_floats("(2, 2, 2)", &probabilities));
    save(
        &logs,
        "labels.npy",
        &npy("|b1", false, "(2, 2)", &[1, 0, 1, 0]),
    );
    let said = imported(&logs, "p.npy --labels labels.npy --probabilities -o out");
    assert!(said.contains("took the logarithms"), "{said}");
    let ln4 = 4.0_f32.ln();
    for (file, expected) in [("1", [ln4, -ln4]), ("2", [0.0, -ln4])] {
        let margins = rows(&logs, &format!("out/imported-p1-e000{file}.parquet")).margins;
        let close = margins
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close, "{margins:?}");
    }
}

#[test]
fn an_archive_has_all_of_it_under_any_names() {
    let logs = Logs::new();
    let members = [
        ("arr_0", npy_floats("(2, 3, 2)", &LOGITS)),
        ("labels", npy_integers("(3,)", &[0, 0, 1])),
        ("sample_id", npy_integers("(3,)", &[70, 50, 60])),
        ("split", npy_integers("(3,)", &[0, 0, 1])),
    ];
    archive(&logs, &members);
    let words = ["import", &logs.word("run.npz"), "-o", &logs.word("out")];
    let parts = [
        "no array logits",
        "it has arr_0, labels, sample_id, split",
        "--column logits=NAME",
    ];
    refusal(&words, 1, &parts);
    let said = imported(&logs, "run.npz --column logits=arr_0 -o out");
    assert!(said.contains("its arrays split are not read"), "{said}");
    let first = rows(&logs, "out/imported-p1-e0001.parquet");
    assert_eq!(
        *first.sample_ids,
        logformat::SampleIds::Integers(vec![50, 60, 70])
    );
    assert_eq!(first.margins, [-0.5, 3.0, 1.0]);
}

#[test]
fn shapes_and_values_that_do_not_fit_are_refused_and_leave_nothing() {
    let refused = |logits: Vec<u8>, labels: Vec<u8>, more: &[&str], parts: &[&str]| {
        let logs = Logs::new();
        save(&logs, "logits.npy", &logits);
        save(&logs, "labels.npy", &labels);
        let (logits, labels) = (logs.word("logits.npy"), logs.word("labels.npy"));
        let words = [
            "import",
            &logits,
            "--labels",
            &labels,
            "-o",
            &logs.word("out"),
        ];
        refusal(&[&words[..], more].concat(), 1, parts);
        assert_eq!(inside(&logs.at("out")), [""; 0]);
    };
    let logits = || npy_floats("(2, 3, 2)", &LOGITS);
    let labels = || npy_integers("(3,)", &[0, 0, 1]);
    refused(
        logits(),
        npy_integers("(2,)", &[0, 1]),
        &[],
        &[
            "labels.npy",
            "has the shape (2)",
            "3 samples in 2 classes",
            "--probabilities",
        ],
    );
    refused(
        logits(),
        npy_integers("(3,)", &[0, 2, 1]),
        &[],
        &["has 2 for sample 1", "none of the 2 classes"],
    );
    refused(
        npy_floats("(6, 2)", &LOGITS),
        labels(),
        &[],
        &["has the shape (6, 2)", "epochs, samples and classes"],
    );
    refused(
        npy_floats("(3, 3, 2)", &LOGITS),
        labels(),
        &[],
        &["cannot be read to its end", "save it again"],
    );
    refused(
        npy("<c8", false, "(2, 3, 2)", &[0; 96]),
        labels(),
        &[],
        &["'<c8'", "astype(\"float32\")"],
    );
    let mut odd = LOGITS;
    odd[7] = f32::NAN;
    refused(
        npy_floats("(2, 3, 2)", &odd),
        labels(),
        &[],
        &["has NaN at [1, 0, 1]"],
    );
    let cube = npy_floats("(3, 2, 2)", &LOGITS);
    refused(
        cube,
        labels(),
        &["--probabilities"],
        &["sample 0", "no probabilities", "add up to"],
    );
    let two_ones = npy("|b1", false, "(3, 2)", &[1, 1, 1, 0, 0, 1]);
    refused(
        logits(),
        two_ones,
        &[],
        &["more than a single 1 for sample 0"],
    );
    let logs = saved();
    let words = ["import", &logs.word("logits.npy"), "-o", &logs.word("out")];
    refusal(&words, 1, &["holds no labels", "--labels"]);
}

#[test]
fn ids_may_be_texts_and_logits_half_floats() {
    let logs = Logs::new();
    let halves = LOGITS.map(half::f16::from_f32);
    let halves: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
    let units = ["c7", "b5", "b6"].map(|id| id.chars().map(u32::from).collect::<Vec<_>>());
    let ids: Vec<u8> = units
        .concat()
        .iter()
        .flat_map(|unit| unit.to_le_bytes())
        .collect();
    let members = [
        ("logits", npy("<f2", false, "(2, 3, 2)", &halves)),
        ("labels", npy_integers("(3,)", &[0, 0, 1])),
        ("sample_id", npy("<U2", false, "(3,)", &ids)),
    ];
    archive(&logs, &members);
    imported(&logs, "run.npz -o out");
    let found = aums(&[&logs.word("out"), "--epochs", "1.."]);
    let expected = [("b5", -1.0), ("b6", 2.0), ("c7", 2.0)];
    assert_eq!(found, expected.map(|(id, aum)| (id.into(), aum)));
}

#[test]
fn what_is_no_array_or_lies_otherwise_is_refused_with_the_way_out() {
    let logs = saved();
    save(&logs, "labels.csv", b"label\n0\n0\n1\n");
    let (logits, out) = (logs.word("logits.npy"), logs.word("out"));
    let words = [
        "import",
        &logits,
        "--labels",
        &logs.word("labels.csv"),
        "-o",
        &out,
    ];
    refusal(
        &words,
        1,
        &["labels.csv: is no sound array of NumPy", "np.save"],
    );
    // Samples × epochs × classes.
    let probabilities = [0.8, 0.2, 0.5, 0.5, 0.2, 0.8, 0.9, 0.1];
    save(&logs, "p.npy", &npy_floats("(2, 2, 2)", &probabilities));
    save(&logs, "two.npy", &npy_integers("(2,)", &[0, 1]));
    let (p, two) = (logs.word("p.npy"), logs.word("two.npy"));
    let words = [
        "import",
        &p,
        "--labels",
        &two,
        "--probabilities",
        "-o",
        &out,
    ];
    refusal(
        &words,
        1,
        &[
            "add up to 1.3",
            "samples × classes × epochs, by np.transpose",
        ],
    );
}
