//! Words that stand for values of a library, which need not know of the command line.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A word, what it stands for, and what the help says of it.
pub type Word<T> = (&'static str, T, &'static str);

/// A parser of these words alone.
pub fn words<T: Clone + Send + Sync + 'static>(
    words: &'static [Word<T>],
) -> impl TypedValueParser<Value = T> {
    let listed = words.iter();
    let possible = listed.map(|(word, _, help)| PossibleValue::new(*word).help(*help));
    PossibleValuesParser::new(possible).map(|typed| {
        let mut listed = words.iter();
        let found = listed.find(|(word, ..)| *word == typed);
        found.expect("the parser takes these words alone").1.clone()
    })
}
