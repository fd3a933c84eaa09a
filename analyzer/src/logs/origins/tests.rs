use super::*;

fn files(names: [&str; 4]) -> Vec<Option<Arc<str>>> {
    names.map(|name| Some(Arc::from(name))).to_vec()
}

fn integers(ids: [i64; 4]) -> SampleIds {
    SampleIds::Integers(ids.to_vec())
}

#[test]
fn a_reader_is_told_what_says_more_than_the_id_in_the_log() {
    let told = |names, rows: [i64; 4], own: Option<SampleIds>| {
        let rows = rows.map(Some);
        Origins::new(&integers([0, 1, 2, 3]), &files(names), &rows, own.as_ref()).told
    };
    let one = ["t.csv"; 4];
    assert_eq!(told(one, [0, 1, 2, 3], None), Told::Nothing);
    assert_eq!(told(one, [3, 1, 2, 0], None), Told::FileAndRow);
    let photos = ["a.png", "b.png", "c.png", "d.png"];
    assert_eq!(told(photos, [0; 4], None), Told::File);
    assert_eq!(
        told(["a", "a", "b", "b"], [0, 1, 0, 1], None),
        Told::FileAndRow
    );
    let own = Some(integers([7, 8, 9, 10]));
    assert_eq!(told(one, [0, 1, 2, 3], own), Told::Id);
    assert_eq!(
        told(one, [0, 1, 2, 3], Some(integers([0, 1, 2, 3]))),
        Told::Nothing
    );
    assert_eq!(Origins::default().told, Told::Nothing);
}
