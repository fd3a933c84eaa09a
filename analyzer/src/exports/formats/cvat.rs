//! Annotations of CVAT, *CVAT for images 1.1* (docs.cvat.ai, *XML annotation format*): a tag with the given
//! label for each image, to be corrected there, and what the network would rather have as an attribute.

use std::io::{self, Write};

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::{ExportedRun, ExportedSample, Origin};
use crate::exports::format::ExportFormat;
use crate::exports::scope::{Which, Writes};

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "cvat",
    about: "annotations of CVAT for images 1.1, an .xml",
    writes: Writes::File("xml"),
    which: Which::Flagged,
    suggests: true,
    write,
};

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    run.need_files("CVAT")?;
    files.add("annotations.xml", |file| {
        let (task, size) = (escaped(&run.model()), run.samples.len());
        write!(
            file,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n      <name>{task}</name>\n      <size>{size}</size>\n      <mode>annotation</mode>\n      <labels>\n"
        )?;
        for class in run.classes() {
            write!(
                file,
                "        <label>\n          <name>{}</name>\n          <type>tag</type>\n          <attributes>\n{}{}          </attributes>\n        </label>\n",
                escaped(&class),
                attribute("suggested_label"),
                attribute("aum")
            )?;
        }
        file.write_all(b"      </labels>\n    </task>\n  </meta>\n")?;
        for (number, (sample, origin)) in run.each().enumerate() {
            image(file, run, number, sample, origin)?;
        }
        file.write_all(b"</annotations>\n")
    })?;
    Ok(Vec::new())
}

fn attribute(name: &str) -> String {
    format!(
        "            <attribute>\n              <name>{name}</name>\n              <mutable>False</mutable>\n              <input_type>text</input_type>\n              <default_value></default_value>\n              <values></values>\n            </attribute>\n"
    )
}

fn image(
    file: &mut impl Write,
    run: &ExportedRun<'_>,
    number: usize,
    sample: &ExportedSample,
    origin: &Origin,
) -> io::Result<()> {
    let name = escaped(&run.address(origin).unwrap_or_default());
    writeln!(file, "  <image id=\"{number}\" name=\"{name}\">")?;
    if let Some(class) = run.class(run.given_label(sample)) {
        writeln!(
            file,
            "    <tag label=\"{}\" source=\"file\">",
            escaped(&class)
        )?;
        if let Some(suggested) = run.class(sample.suggested_label) {
            writeln!(
                file,
                "      <attribute name=\"suggested_label\">{}</attribute>",
                escaped(&suggested)
            )?;
        }
        if let Some(aum) = run.aum(sample) {
            writeln!(file, "      <attribute name=\"aum\">{aum}</attribute>")?;
        }
        writeln!(file, "    </tag>")?;
    }
    writeln!(file, "  </image>")
}

/// A text within XML; control characters, which XML 1.0 cannot have, become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_have_is_escaped() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{1}"),
            "a&lt;b&gt; &amp; &quot;c&quot; "
        );
    }
}
