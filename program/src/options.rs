//! Libraries name a setting in backticks, as a field is called; whoever types a command line knows it as an option.

/// The text with each setting in backticks as the option that gives it: `` `image_size` `` becomes `--image-size`.
pub fn with_options(text: &str) -> String {
    let Some((before, quoted)) = text.split_once('`') else {
        return text.to_owned();
    };
    match quoted.split_once('`') {
        Some((setting, behind)) if is_setting(setting) => {
            let option = setting.replace('_', "-");
            format!("{before}--{option}{}", with_options(behind))
        }
        _ => format!("{before}`{}", with_options(quoted)),
    }
}

fn is_setting(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_options_and_other_backticks_stay() {
        for (text, shown) in [
            (
                "lower `lr`, or `image_size` 8",
                "lower --lr, or --image-size 8",
            ),
            (
                "`astype(\"float32\")` or `memory`",
                "`astype(\"float32\")` or --memory",
            ),
            ("a`b and `disk`", "a`b and --disk"),
            ("``", "``"),
            ("plain", "plain"),
        ] {
            assert_eq!(with_options(text), shown);
        }
    }
}
