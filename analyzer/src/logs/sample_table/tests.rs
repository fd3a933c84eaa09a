use std::sync::Arc;

use super::*;
use crate::logs::two_passes::two_passes;

fn files(names: [&str; 4]) -> Vec<Option<Arc<str>>> {
    names.map(|name| Some(Arc::from(name))).to_vec()
}

fn integers(ids: [i64; 4]) -> SampleIds {
    SampleIds::Integers(ids.to_vec())
}

#[test]
fn a_table_of_more_samples_in_another_order_is_joined_by_id() {
    let log = two_passes();
    let ids = SampleIds::Integers(vec![9, 3, 2, 1, 0]);
    let names: Vec<Option<Arc<str>>> = vec![Some(Arc::from("t.csv")); 5];
    let table = Origins::new(&ids, &names, &[90, 30, 20, 10, 0].map(Some), None);
    let found = joined(table, &ids, &[Some(0); 5], &log).unwrap();
    let rows = found.of([3, 0]).remove(1);
    assert_eq!(
        rows.i64().unwrap().iter().collect::<Vec<_>>(),
        [Some(30), Some(0)]
    );
}

#[test]
fn a_table_of_another_run_is_refused_with_the_first_sample_that_tells() {
    let log = two_passes();
    let joined = |ids: [i64; 4], given: [u32; 4]| {
        let ids = integers(ids);
        let table = Origins::new(&ids, &files(["t.csv"; 4]), &[Some(0); 4], None);
        joined(table, &ids, &given.map(Some), &log).unwrap_err()
    };
    assert_eq!(
        joined([0, 1, 8, 9], [0; 4]),
        "is not the sample table of run two-passes: it has no row for 2 of the 4 samples, the first of them 2; copy that of the run to its place"
    );
    assert!(joined([0, 1, 2, 3], [0, 1, 0, 0]).contains("it gives sample 1 another label"));
    let mut texts = two_passes();
    texts.sample_ids = SampleIds::Texts(["a", "b", "c", "d"].map(str::to_owned).to_vec());
    let ids = integers([0, 1, 2, 3]);
    let table = Origins::new(&ids, &files(["t.csv"; 4]), &[Some(0); 4], None);
    let said = super::joined(table, &ids, &[Some(0); 4], &texts).unwrap_err();
    assert!(said.contains("those of the run texts"), "{said}");
}
