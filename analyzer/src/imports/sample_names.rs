//! How other tools name samples: by whole numbers, by texts, or by PyTorch's text for a tensor,
//! `tensor(45)`, where a loop has handed its ids over as they were. Integers where all of them are, else
//! texts.

use std::collections::BTreeMap;

use logformat::SampleId;

use crate::logs::assembly::sample_index::IdIndex;

/// An id as it is meant, without the words of a tensor around it.
pub(crate) fn plain(id: &str) -> &str {
    let inner = id.trim().strip_prefix("tensor(");
    let inner = inner.and_then(|rest| rest.strip_suffix(')'));
    // tensor(45, device='cuda:0')
    inner.map_or(id, |inner| inner.split(',').next().unwrap_or(inner).trim())
}

/// The integer that an id is, where it is written as one.
pub(crate) fn integer(id: &str) -> Option<i64> {
    let number = id.parse::<i64>().ok()?;
    // 007 is a name.
    (id == "0" || !id.trim_start_matches('-').starts_with('0') && !id.starts_with('+'))
        .then_some(number)
}

/// The ids of `texts`, all of one kind.
pub(crate) fn sample_ids(texts: &[String]) -> Vec<SampleId> {
    let integers: Option<Vec<i64>> = texts.iter().map(|id| integer(id)).collect();
    match integers {
        Some(integers) => integers.into_iter().map(SampleId::from).collect(),
        None => texts.iter().map(|id| id.as_str().into()).collect(),
    }
}

/// Gives every id a number, in the order of first appearance.
#[derive(Debug)]
pub(crate) struct SampleNumbers {
    ids: Ids,
    /// The last id, which comes again at once where rows are in the order of the samples.
    last: Option<(String, usize)>,
}

#[derive(Debug)]
enum Ids {
    Integers(IntegerIds),
    Texts(IdIndex<String>),
}

/// Most ids are row numbers, which are looked up in a table by themselves: a tree takes ten times as long for
/// rows in any order.
#[derive(Debug, Default)]
struct IntegerIds {
    ids: Vec<i64>,
    /// By id, below [`LARGEST_IN_TABLE`].
    table: Vec<u32>,
    others: BTreeMap<i64, u32>,
}

const LARGEST_IN_TABLE: usize = 1 << 22;
const UNKNOWN: u32 = u32::MAX;

impl IntegerIds {
    fn number(&mut self, id: i64) -> u32 {
        let known = match usize::try_from(id) {
            Ok(at) if at < LARGEST_IN_TABLE => {
                if at >= self.table.len() {
                    self.table.resize((at + 1).next_power_of_two(), UNKNOWN);
                }
                &mut self.table[at]
            }
            _ => self.others.entry(id).or_insert(UNKNOWN),
        };
        if *known == UNKNOWN {
            *known = u32::try_from(self.ids.len()).unwrap_or(UNKNOWN);
            self.ids.push(id);
        }
        *known
    }
}

/// An id is no integer, though those before it were.
#[derive(Debug)]
pub(crate) struct NotInteger;

impl SampleNumbers {
    pub(crate) fn of_integers() -> Self {
        let (ids, last) = (Ids::Integers(IntegerIds::default()), None);
        Self { ids, last }
    }

    pub(crate) fn of_texts() -> Self {
        let (ids, last) = (Ids::Texts(IdIndex::new()), None);
        Self { ids, last }
    }

    /// The number of an id.
    pub(crate) fn number(&mut self, id: &str) -> Result<usize, NotInteger> {
        if let Some((last, number)) = &self.last
            && last == id
        {
            return Ok(*number);
        }
        let name = plain(id);
        let number = match &mut self.ids {
            Ids::Integers(known) => known.number(integer(name).ok_or(NotInteger)?),
            Ids::Texts(index) => index.position(&name.to_owned()),
        };
        let (last, of_last) = self.last.get_or_insert_default();
        last.clear();
        last.push_str(id);
        *of_last = number as usize;
        Ok(number as usize)
    }

    /// The id of this number.
    pub(crate) fn id(&self, number: usize) -> SampleId {
        match &self.ids {
            Ids::Integers(known) => known.ids[number].into(),
            Ids::Texts(index) => SampleId::Text(index.ids()[number].clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_is_the_number_in_it() {
        assert_eq!(plain("tensor(45)"), "45");
        assert_eq!(plain("tensor(45, device='cuda:0')"), "45");
        assert_eq!(plain("a(45)"), "a(45)");
        let ids = ["tensor(45)", "7"].map(|id| plain(id).to_owned());
        assert_eq!(sample_ids(&ids), [45.into(), 7.into()]);
    }

    #[test]
    fn numbers_with_leading_zeros_are_names() {
        assert_eq!(
            ["0", "-3", "007", "+1", "-0", "a"].map(integer),
            [Some(0), Some(-3), None, None, None, None]
        );
        let ids = ["7", "007"].map(str::to_owned);
        assert_eq!(sample_ids(&ids), ["7".into(), "007".into()]);
    }

    #[test]
    fn samples_are_numbered_as_they_appear() {
        let mut numbers = SampleNumbers::of_integers();
        let found = ["30", "30", "tensor(10)", "20", "10"].map(|id| numbers.number(id).unwrap());
        assert_eq!(found, [0, 0, 1, 2, 1]);
        assert_eq!(numbers.id(1), 10.into());
        assert!(numbers.number("a").is_err());
        let found = ["-1", "4734364254410", "20", "-1"].map(|id| numbers.number(id).unwrap());
        assert_eq!(found, [3, 4, 2, 3]);
        assert_eq!(numbers.id(4), 4_734_364_254_410.into());
        let mut texts = SampleNumbers::of_texts();
        assert_eq!(
            ["b", "a", "b"].map(|id| texts.number(id).unwrap()),
            [0, 1, 0]
        );
        assert_eq!(texts.id(0), "b".into());
    }
}
