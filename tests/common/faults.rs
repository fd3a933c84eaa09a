//! The exit status of each fault, the same for both programs and all of their commands: 1 where the input or
//! the place is at fault, so that the same words may do another time, 2 where the words are.

/// A fault that both programs know, and its status.
pub const FAULTS: [(&str, i32); 13] = [
    ("no command", 2),
    ("an option that is not known", 2),
    ("a number out of its range", 2),
    ("a negative number where there is none", 2),
    ("two options that exclude each other", 2),
    ("an option that says nothing beside another", 2),
    ("an option of something that was not chosen", 2),
    ("a suffix that is no format", 2),
    ("no such input", 1),
    ("a damaged input", 1),
    ("something that the input does not have", 1),
    ("a file that is there already", 1),
    ("no folder to write into", 1),
];

/// Asserts that each of these faults of a program ends with its status, and that none of the faults is left out.
pub fn assert_statuses(faults: &[(&str, &str)], status: impl Fn(&str) -> Option<i32>) {
    for (fault, words) in faults {
        let expected = FAULTS.iter().find(|(name, _)| name == fault).unwrap();
        assert_eq!(status(words), Some(expected.1), "{fault}: {words}");
    }
    for (fault, _) in FAULTS {
        let is_tried = faults.iter().any(|(tried, _)| *tried == fault);
        assert!(is_tried, "{fault} is not tried");
    }
}
