//! Which class a label means, for every file of labels that recorder and analyzer read: a column is read as
//! names or as indices of classes, all of it alike, whatever kind of file it is in.
//!
//! A label is a number only where it is written as a plain whole number ("3", or "3.0" as pandas writes it
//! beside missing ones): "003" and "+3" are names. Names are compared in one form of Unicode, NFC.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// So many classes are told in an error; the rest is counted.
const TOLD_CLASSES: usize = 12;
/// What programs write where a label is missing, once it has become a text, `\N` being that of databases, and what
/// spreadsheets write where a formula failed. "NA" and "none" are left to be classes: so people call some, but for "NA" among
/// numbers alone ([`first_missing`]).
const MISSING: [&str; 16] = [
    "<NA>", "None", "NaT", "null", "Null", "NULL", "N/A", "n/a", "#N/A", "#NA", "\\N", "#REF!",
    "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!",
];

/// A label as a file has it. Booleans are texts, "True" and "False", as pandas writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label<'a> {
    /// A whole number, of whatever type.
    Number(i128),
    /// Anything else.
    Text(&'a str),
}

impl<'a> Label<'a> {
    /// That of a boolean.
    pub const fn of_boolean(is_true: bool) -> Self {
        Label::Text(if is_true { "True" } else { "False" })
    }

    /// That of a float; `None` where it is not whole, or too large for neighbours to be told apart.
    pub fn of_float(number: f64) -> Option<Self> {
        let is_whole = number.fract() == 0.0 && number.abs() < 2f64.powi(53);
        is_whole.then_some(Label::Number(number as i128))
    }

    /// The number, where it is written plainly as a whole one.
    pub fn number(self) -> Option<i128> {
        match self {
            Label::Number(number) => Some(number),
            Label::Text(text) => {
                let whole = match text.split_once('.') {
                    Some((whole, zeros))
                        if !zeros.is_empty() && zeros.bytes().all(|zero| zero == b'0') =>
                    {
                        whole
                    }
                    Some(_) => return None,
                    None => text,
                };
                let number: i128 = whole.parse().ok()?;
                (number.to_string() == whole).then_some(number)
            }
        }
    }

    /// What is wrong with a number below 0, where numbers are the indices of classes.
    pub fn below_0(self) -> Option<String> {
        let number = self.number().filter(|&number| number < 0)?;
        Some(format!(
            "the label {number} is below 0, where the indices of classes begin: where it marks a missing label, leave the row out, and where it is a class, give all classes names that are no numbers"
        ))
    }

    /// Whether it is what programs write for a missing label, such as "nan" or nothing.
    pub fn says_missing(self) -> bool {
        let is_nan = |text: &str| {
            let text = text.strip_prefix('-').unwrap_or(text);
            text.eq_ignore_ascii_case("nan")
        };
        let says = |text: &str| text.trim().is_empty() || MISSING.contains(&text) || is_nan(text);
        matches!(self, Label::Text(text) if says(text))
    }

    /// The name that it is, in the form that names are compared in.
    pub fn name(self) -> Cow<'a, str> {
        match self {
            Label::Number(number) => Cow::Owned(number.to_string()),
            Label::Text(text) => composed(text),
        }
    }
}

/// In NFC: "ä" is one letter, however it was typed.
fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// What people see of a class name: without letters of no width, spaces at its ends and the differences between
/// letters of one look, such as full-width ones. Two classes of one look are most likely one.
pub fn look_of(name: &str) -> String {
    let has_no_width = |c: &char| {
        matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
    };
    let seen: String = name.nfkc().filter(|c| !has_no_width(c)).collect();
    seen.trim().to_owned()
}

/// The names of the classes that these labels tell, where nothing else does.
///
/// Names are sorted, as in scikit-learn and torchvision. Numbers are the indices of classes, from 0 to the
/// greatest, so that a gap is a class without samples; where most would be gaps (years, codes), and where they
/// are -1 and 1 alone, as of support vector machines, the numbers that occur are the names.
pub fn told_classes<'a>(labels: impl Iterator<Item = Label<'a>> + Clone) -> Vec<String> {
    if labels.clone().any(|label| label.number().is_none()) {
        let names: BTreeSet<Cow<'_, str>> = labels.map(Label::name).collect();
        return names.into_iter().map(Cow::into_owned).collect();
    }
    let numbers: BTreeSet<i128> = labels.filter_map(Label::number).collect();
    let are_signs = numbers.iter().eq(&[-1, 1]);
    let count = match numbers.last() {
        Some(&greatest) if !are_signs && greatest < 2 * numbers.len() as i128 => greatest + 1,
        Some(_) => return numbers.iter().map(ToString::to_string).collect(),
        None => 0,
    };
    (0..count).map(|class| class.to_string()).collect()
}

/// Which labels of a column are what programs write for a missing one. "NA", which R writes, is one where all others are
/// numbers, and may be the name of a class among names.
pub fn missing_among<'a>(labels: impl Iterator<Item = Label<'a>>) -> impl Fn(Label<'_>) -> bool {
    let is_na = |label: Label<'_>| label == Label::Text("NA");
    let others = labels.filter(move |label| !is_na(*label) && !label.says_missing());
    let mut others = others.peekable();
    let are_numbers = others.peek().is_some() && others.all(|label| label.number().is_some());
    move |label| label.says_missing() || are_numbers && is_na(label)
}

/// The first such label.
pub fn first_missing<'a>(mut labels: impl Iterator<Item = Label<'a>> + Clone) -> Option<usize> {
    let is_missing = missing_among(labels.clone());
    labels.position(is_missing)
}

/// How the labels of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAs {
    /// As names of classes.
    Names,
    /// As the numbers that all classes are called by, however either is written: 3 is "003" and "3.0".
    NumbersOfNames,
    /// As indices of classes, from 0.
    Indices,
}

/// What the labels of a column mean among the classes of a data set.
#[derive(Debug, Clone)]
pub struct ClassLabels<'a> {
    class_names: &'a [String],
    by_name: BTreeMap<Cow<'a, str>, Vec<u32>>,
    by_number: BTreeMap<i128, Vec<u32>>,
    read_as: ReadAs,
}

impl<'a> ClassLabels<'a> {
    /// For all labels of a column.
    ///
    /// # Errors
    /// The reason, where they are numbers that may be indices or names of classes.
    pub fn of<'l>(
        labels: impl Iterator<Item = Label<'l>> + Clone,
        class_names: &'a [String],
    ) -> Result<Self, String> {
        let (mut by_name, mut by_number) = (
            BTreeMap::<_, Vec<u32>>::new(),
            BTreeMap::<_, Vec<u32>>::new(),
        );
        for (class, name) in (0..).zip(class_names) {
            by_name.entry(composed(name)).or_default().push(class);
            if let Some(number) = number_in(name) {
                by_number.entry(number).or_default().push(class);
            }
        }
        let are_called_by_numbers = !class_names.is_empty()
            && by_number.values().map(Vec::len).sum::<usize>() == class_names.len();
        let mut meaning = Self {
            class_names,
            by_name,
            by_number,
            read_as: ReadAs::Names,
        };
        let is_name = |label: Label<'_>| !meaning.named(label).is_empty();
        let is_text = |label: Label<'_>| label.number().is_none();
        let (has_texts, has_names) = (labels.clone().any(is_text), labels.clone().any(is_name));
        // Of texts and numbers without any name, the texts are what is wrong.
        let has_numbers = labels.clone().any(|label| !is_text(label));
        if labels.clone().all(is_name) || has_texts && (has_names || !has_numbers) {
            return Ok(meaning);
        }
        if are_called_by_numbers {
            meaning.read_as = ReadAs::NumbersOfNames;
            return Ok(meaning);
        }
        let doubtful = labels.filter_map(|label| {
            let number = label.number()?;
            Some((number, meaning.by_number.get(&number)?))
        });
        let is_another = |(number, classes): &(i128, &Vec<u32>)| {
            classes.iter().any(|&class| i128::from(class) != *number)
        };
        if let Some((number, classes)) = doubtful.clone().find(is_another) {
            return Err(format!(
                "the label {number} is the index of one class and the name of another, class {}; give all labels by the names of their classes",
                classes[0]
            ));
        }
        meaning.read_as = ReadAs::Indices;
        Ok(meaning)
    }

    /// How they are read.
    pub fn read_as(&self) -> ReadAs {
        self.read_as
    }

    /// The class that a label of the column is.
    ///
    /// # Errors
    /// The reason, where it is none, or the name of several.
    pub fn class(&self, label: Label<'_>) -> Result<u32, String> {
        match self.classes(label)[..] {
            [class] => Ok(class),
            [first, second, ..] => Err(name_of_several(label, first, second)),
            [] => Err(self.no_class(label)),
        }
    }

    /// The classes that a label of the column can be: none where it is none, several where they share its
    /// name.
    pub fn classes(&self, label: Label<'_>) -> Vec<u32> {
        match self.read_as {
            ReadAs::Indices => {
                let class = label.number().and_then(|number| u32::try_from(number).ok());
                let class = class.filter(|&class| (class as usize) < self.class_names.len());
                class.into_iter().collect()
            }
            ReadAs::Names => self.named(label).to_vec(),
            ReadAs::NumbersOfNames => match (self.named(label), label.number()) {
                ([], Some(number)) => self.by_number.get(&number).cloned().unwrap_or_default(),
                (named, _) => named.to_vec(),
            },
        }
    }

    /// The classes of this name; a number is one however it is written, 3.0 as 3.
    fn named(&self, label: Label<'_>) -> &[u32] {
        let plain = || self.by_name.get(label.number()?.to_string().as_str());
        let found = self.by_name.get(label.name().as_ref()).or_else(plain);
        found.map_or(&[], Vec::as_slice)
    }

    fn no_class(&self, label: Label<'_>) -> String {
        let shown = shown(label);
        if label.says_missing() {
            return format!(
                "the label {shown} is what programs write for a missing one, and no class is called so"
            );
        }
        let are_indices = (0..)
            .zip(self.class_names)
            .all(|(at, name): (usize, _)| *name == at.to_string());
        match (self.read_as, label.number()) {
            (ReadAs::Names, _) | (_, None) => format!(
                "the label {shown} is neither the name of a class nor a whole number; the classes are {}",
                self.told()
            ),
            (ReadAs::NumbersOfNames, _) if !are_indices => {
                format!(
                    "the label is {shown}, but the classes are called {}",
                    self.told()
                )
            }
            _ => label.below_0().unwrap_or_else(|| {
                format!(
                    "the label is {shown}, but the classes are 0 to {}",
                    self.class_names.len().saturating_sub(1)
                )
            }),
        }
    }

    fn told(&self) -> String {
        let told = self
            .class_names
            .iter()
            .take(TOLD_CLASSES)
            .map(String::as_str);
        let told = told.collect::<Vec<_>>().join(", ");
        match self.class_names.len().saturating_sub(TOLD_CLASSES) {
            0 => told,
            rest => format!("{told} and {rest} more"),
        }
    }
}

/// The whole number that the name of a class is, with leading zeros or not.
fn number_in(name: &str) -> Option<i128> {
    let number = Label::Text(name).number();
    let is_code = name.bytes().all(|digit| digit.is_ascii_digit());
    number.or_else(|| is_code.then(|| name.parse().ok()).flatten())
}

/// Why a label is refused that two classes share.
pub fn name_of_several(label: Label<'_>, first: u32, second: u32) -> String {
    format!(
        "{} is the name of the classes {first} and {second}; give the indices of classes, from 0",
        shown(label)
    )
}

fn shown(label: Label<'_>) -> String {
    match label {
        Label::Number(number) => number.to_string(),
        Label::Text(text) if label.number().is_some() => text.to_owned(),
        Label::Text(text) => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(labels: &[&'a str]) -> Vec<Label<'a>> {
        labels.iter().map(|&text| Label::Text(text)).collect()
    }

    fn numbers(labels: &[i128]) -> Vec<Label<'static>> {
        labels.iter().map(|&number| Label::Number(number)).collect()
    }

    fn told(labels: &[Label<'_>]) -> Vec<String> {
        told_classes(labels.iter().copied())
    }

    fn classes(labels: &[Label<'_>], names: &[&str]) -> Result<Vec<u32>, String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let meaning = ClassLabels::of(labels.iter().copied(), &names)?;
        labels.iter().map(|&label| meaning.class(label)).collect()
    }

    #[test]
    fn numbers_are_those_written_plainly() {
        for (text, number) in [
            ("3", Some(3)),
            ("-1", Some(-1)),
            ("3.0", Some(3)),
            ("003", None),
            ("+3", None),
            ("3.5", None),
            ("3.", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(Label::Text(text).number(), number, "{text}");
        }
        assert_eq!(Label::of_float(3.0), Some(Label::Number(3)));
        assert_eq!(Label::of_float(0.5), None);
        assert_eq!(Label::of_float(f64::NAN), None);
    }

    #[test]
    fn texts_tell_classes_in_the_order_of_their_sorting() {
        assert_eq!(told(&texts(&["dog", "cat", "dog"])), ["cat", "dog"]);
        assert_eq!(told(&texts(&["003", "001", "002"])), ["001", "002", "003"]);
        assert_eq!(told(&texts(&["1", "2b", "2"])), ["1", "2", "2b"]);
    }

    #[test]
    fn numbers_tell_classes_from_0_and_far_ones_are_names() {
        assert_eq!(told(&numbers(&[2, 0])), ["0", "1", "2"]);
        assert_eq!(told(&texts(&["1.0", "2.0", "3.0"])), ["0", "1", "2", "3"]);
        assert_eq!(told(&numbers(&[2021, 2019])), ["2019", "2021"]);
    }

    #[test]
    fn a_name_is_one_however_its_letters_are_composed() {
        let (one, two) = ("K\u{e4}se", "Ka\u{308}se");
        assert_eq!(told(&texts(&[one, two, "Brot"])), ["Brot", one]);
        assert_eq!(
            classes(&texts(&[two, "Brot"]), &["Brot", one]),
            Ok(vec![1, 0])
        );
        assert_eq!(classes(&texts(&[one]), &["Brot", two]), Ok(vec![1]));
    }

    #[test]
    fn numbers_are_indices_where_no_class_is_called_by_one() {
        assert_eq!(
            classes(&texts(&["1", "0"]), &["cat", "dog"]),
            Ok(vec![1, 0])
        );
        assert_eq!(classes(&numbers(&[1, 0]), &["cat", "dog"]), Ok(vec![1, 0]));
        let refused = classes(&numbers(&[1, 2]), &["cat", "dog"]).unwrap_err();
        assert_eq!(refused, "the label is 2, but the classes are 0 to 1");
    }

    #[test]
    fn where_all_classes_are_called_by_numbers_a_number_is_the_name() {
        let folders = ["0", "1", "10", "2"];
        for labels in [
            numbers(&[2, 10, 1]),
            texts(&["2", "10", "1"]),
            texts(&["2.0", "10.0", "1.0"]),
        ] {
            assert_eq!(classes(&labels, &folders), Ok(vec![3, 2, 1]));
        }
        assert_eq!(classes(&numbers(&[2, 1]), &["001", "002"]), Ok(vec![1, 0]));
        assert_eq!(
            classes(&texts(&["10.0", "2"]), &["0.0", "10.0", "2.0"]),
            Ok(vec![1, 2])
        );
        let refused = classes(&numbers(&[1, 3]), &folders).unwrap_err();
        assert_eq!(
            refused,
            "the label is 3, but the classes are called 0, 1, 10, 2"
        );
    }

    #[test]
    fn the_name_of_two_classes_is_refused_and_their_indices_are_not() {
        let birds = ["crane", "dog", "crane"];
        let refused = classes(&texts(&["dog", "crane"]), &birds).unwrap_err();
        assert!(
            refused.starts_with("\"crane\" is the name of the classes 0 and 2;"),
            "{refused}"
        );
        assert_eq!(classes(&texts(&["dog"]), &birds), Ok(vec![1]));
        assert_eq!(classes(&numbers(&[2, 0]), &birds), Ok(vec![2, 0]));
    }

    #[test]
    fn a_number_that_is_one_class_and_the_name_of_another_is_refused() {
        let names = ["1", "2", "2b"];
        assert_eq!(classes(&texts(&["2", "1"]), &names), Ok(vec![1, 0]));
        let refused = classes(&numbers(&[0, 1, 2]), &names).unwrap_err();
        assert!(
            refused.starts_with(
                "the label 1 is the index of one class and the name of another, class 0;"
            ),
            "{refused}"
        );
        // However either is written: a file of floats has the same labels.
        assert_eq!(classes(&texts(&["2.0", "1.0"]), &names), Ok(vec![1, 0]));
        assert!(classes(&texts(&["0.0", "1.0"]), &names).is_err());
        assert!(classes(&numbers(&[0, 1]), &["001", "002", "x"]).is_err());
        // Here name and index are the same class.
        assert_eq!(classes(&numbers(&[0, 1]), &["cat", "1"]), Ok(vec![0, 1]));
    }

    #[test]
    fn the_first_label_that_is_no_class_is_told_with_the_classes() {
        let refused = classes(&texts(&["cat", "dgo"]), &["cat", "dog"]).unwrap_err();
        assert_eq!(
            refused,
            "the label \"dgo\" is neither the name of a class nor a whole number; the classes are cat, dog"
        );
        let refused = classes(&texts(&["2", "1.5"]), &["cat", "dog", "owl"]).unwrap_err();
        assert!(
            refused.starts_with("the label \"1.5\" is neither"),
            "{refused}"
        );
        let refused = classes(&texts(&["2", "3"]), &["0", "1", "2"]).unwrap_err();
        assert_eq!(refused, "the label is 3, but the classes are 0 to 2");
        let names: Vec<String> = (0..100).map(|class| format!("c{class}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let refused = classes(&texts(&["x"]), &names).unwrap_err();
        assert!(refused.ends_with("c10, c11 and 88 more"), "{refused}");
    }

    #[test]
    fn what_programs_write_for_a_missing_label_is_a_class_only_where_one_is_called_so() {
        for text in [
            "nan", "-nan", "NaN", "None", "<NA>", "null", "\\N", "#REF!", "", " ",
        ] {
            assert!(Label::Text(text).says_missing(), "{text:?}");
            let refused = classes(&texts(&["cat", text]), &["cat", "dog"]).unwrap_err();
            assert!(refused.contains("a missing one"), "{refused}");
            assert_eq!(
                classes(&texts(&["cat", text]), &["cat", text]),
                Ok(vec![0, 1])
            );
        }
        assert!(!Label::Text("NA").says_missing());
        let first =
            |texts: &[&'static str]| first_missing(texts.iter().map(|text| Label::Text(text)));
        assert_eq!(first(&["1", "NA", "0", "NA"]), Some(1));
        assert_eq!(first(&["1", "NA", "cat"]), None);
        assert_eq!(first(&["NA", "NA"]), None);
        assert_eq!(first(&["NA", "cat", "nan"]), Some(2));
    }
}
