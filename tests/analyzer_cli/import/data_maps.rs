//! Training dynamics of dataset cartography.

use logformat::SampleIds;

use crate::import::{aums, imported, inside, rows, write};
use crate::setup::{Logs, refusal};

/// Two classes; the records of an epoch lie in any order, and their ids need more than 32 bits.
const EPOCHS: [&str; 2] = [
    "{\"guid\":4734364254410,\"logits_epoch_0\":[2.5,1.0],\"gold\":0}\n\
     {\"guid\":13042995210,\"logits_epoch_0\":[0.5,1.0],\"gold\":0}\n",
    "{\"guid\":13042995210,\"logits_epoch_1\":[1.0,2.5],\"gold\":0}\n\
     {\"guid\":4734364254410,\"logits_epoch_1\":[3.0,0.5],\"gold\":0}\n",
];

fn dynamics(epochs: [&str; 2]) -> Logs {
    let logs = Logs::new();
    for (number, records) in epochs.into_iter().enumerate() {
        let file = format!("model/training_dynamics/dynamics_epoch_{number}.jsonl");
        write(&logs, &file, records);
    }
    logs
}

#[test]
fn each_file_of_training_dynamics_becomes_an_epoch_with_logits() {
    let logs = dynamics(EPOCHS);
    // The folder above is taken as well.
    for (folder, output) in [("model", "out"), ("model/training_dynamics", "out_2")] {
        imported(&logs, &format!("{folder} -o {output}"));
        let second = rows(&logs, &format!("{output}/imported-p1-e0002.parquet"));
        let ids = SampleIds::Integers(vec![13_042_995_210, 4_734_364_254_410]);
        assert_eq!(*second.sample_ids, ids);
        assert_eq!(second.logits, [1.0, 2.5, 3.0, 0.5]);
        // 1 − 2.5 and 3 − 0.5; over both epochs −0.5 − 1.5 and 1.5 + 2.5, halved.
        assert_eq!(second.margins, [-1.5, 2.5]);
        let found: Vec<f64> = aums(&[&logs.word(output), "--epochs", "1.."])
            .iter()
            .map(|(_, aum)| *aum)
            .collect();
        assert_eq!(found, [-1.0, 2.0]);
    }
}

#[test]
fn a_text_is_an_id_as_well() {
    let epochs = EPOCHS.map(|records| {
        records
            .replace("13042995210", "\"a\"")
            .replace("4734364254410", "\"b\"")
    });
    let logs = dynamics([&epochs[0], &epochs[1]]);
    imported(&logs, "model -o out");
    let first = rows(&logs, "out/imported-p1-e0001.parquet");
    assert_eq!(
        *first.sample_ids,
        SampleIds::Texts(vec!["a".to_owned(), "b".to_owned()])
    );
}

#[test]
fn dynamics_that_are_not_sound_are_refused_and_leave_nothing() {
    let [first, second] = EPOCHS;
    let cut = &second[..second.len() - 12];
    for (epochs, parts) in [
        (
            [first, cut],
            &[
                "dynamics_epoch_1.jsonl: line 2 ",
                "no record in JSON",
                "cut off",
            ][..],
        ),
        (
            [first, &second.replace("2.5", "null")],
            &["line 1 ", "logit of class 1"],
        ),
        (
            [first, &second.replace("[1.0,2.5]", "[1.0]")],
            &["line 2 ", "2 logits, the lines before it 1"],
        ),
        (
            [first, &second.replace("\"gold\":0", "\"gold\":1")],
            &["line 1 ", "gold 1 for 13042995210", "0 before"],
        ),
        (
            [first, &second.replace("gold", "label")],
            &["line 1 ", "has no gold"],
        ),
        (
            [
                first,
                &second.replace("4734364254410", "99999999999999999999"),
            ],
            &["line 2 ", "no whole number of 64 bits", "as texts"],
        ),
        (
            [first, &second.replace("4734364254410", "13042995210")],
            &["sample 13042995210", "twice"],
        ),
        ([first, ""], &["dynamics_epoch_1.jsonl", "has no records"]),
    ] {
        let logs = dynamics(epochs);
        let words = ["import", &logs.word("model"), "-o", &logs.word("out")];
        refusal(&words, 1, parts);
        assert_eq!(inside(&logs.at("out")), [""; 0]);
    }
    let logs = dynamics(EPOCHS);
    let folder = "model/training_dynamics";
    write(&logs, &format!("{folder}/dynamics_epoch_3.jsonl"), first);
    let words = ["import", &logs.word(folder), "-o", &logs.word("out")];
    refusal(
        &words,
        1,
        &["dynamics_epoch_2.jsonl", "is missing between the others"],
    );
}
