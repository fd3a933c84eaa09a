//! A value with its label, as the page lists numbers and settings.

/// A row of such a list.
pub(crate) struct Labelled {
    pub(crate) label: String,
    pub(crate) value: String,
}

pub(crate) fn labelled(label: &str, value: String) -> Labelled {
    Labelled {
        label: label.to_owned(),
        value,
    }
}
