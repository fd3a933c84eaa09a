//! The report that a labelling team gets: one HTML file without any other file or network, with what
//! was found, the plots, the contact sheet, and the flagged samples as a list that can be searched.
//! Whatever comes from data is escaped: by the template, or as JSON that the page shows as text.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::{Value, json};

use crate::plots::{
    Figure, RunView, SheetEntry, Theme, comparison, confusions, contact_sheet, histogram, margins,
    precision_recall, thresholds,
};
use crate::settings_used::settings_used;
use crate::text_cells::{grouped, percent, ratio};
use crate::{RunSummary, SampleId, SampleVerdict};

/// The list has at most this many samples, the most suspicious ones: a page has to stay readable.
const MOST_LISTED: usize = 5000;
/// So many of them, from the top, come with their margins, …
const MOST_CURVES: usize = 1000;
/// … each thinned to this many epochs at most.
const MOST_EPOCHS: usize = 75;
const MOST_MISTAKES: usize = 15;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    lead: String,
    numbers: Vec<Labelled>,
    notes: Vec<String>,
    figures: Vec<String>,
    mistakes: Vec<Mistake>,
    list_note: String,
    columns: Vec<Column>,
    settings: Vec<Labelled>,
    commands: String,
    data: String,
    script: &'static str,
}

struct Labelled {
    label: String,
    value: String,
}

struct Mistake {
    given: String,
    suggested: String,
    count: String,
}

struct Column {
    name: &'static str,
    number: bool,
}

/// What the page is made of, beside the run itself.
pub struct PageParts {
    /// Per sample the class that the network suggests, where known.
    pub suggested: Vec<Option<u32>>,
    /// The samples of the contact sheet.
    pub sheet: Vec<SheetEntry>,
    /// The commands that make this result, a line each.
    pub commands: String,
}

/// The report of one run as an HTML file.
pub fn report_page(view: RunView<'_>, parts: PageParts) -> String {
    let summary = RunSummary::new(view.log, view.analysis, view.settings, 0);
    let listed = listed(view);
    let columns = columns(view);
    let page = Page {
        title: view.log.title().to_owned(),
        lead: lead(&summary),
        numbers: numbers(&summary),
        notes: summary.notes.clone(),
        mistakes: mistakes(view, &parts.suggested),
        list_note: list_note(&summary, listed.len()),
        settings: settings(view),
        commands: parts.commands,
        data: data(view, &parts.suggested, &listed, &columns),
        columns,
        figures: figures(view, &parts.suggested, parts.sheet),
        script: include_str!("../templates/report.js"),
    };
    page.render()
        .expect("the template takes texts, and a text takes every page")
}

fn lead(summary: &RunSummary) -> String {
    let judged = grouped(summary.judged);
    match summary.flagged {
        Some(flagged) => format!(
            "{} of {judged} judged samples are flagged: their labels stayed at odds with what the network learned from the others.",
            grouped(flagged)
        ),
        None => format!(
            "Nothing is flagged, since the run has no threshold samples; {judged} samples are ranked by how suspicious their labels are."
        ),
    }
}

fn numbers(summary: &RunSummary) -> Vec<Labelled> {
    let mut numbers = vec![
        labelled("samples", grouped(summary.samples)),
        labelled(
            "flagged",
            summary.flagged.map_or_else(|| "–".to_owned(), grouped),
        ),
        labelled("of the judged samples", percent(summary.flagged_share)),
    ];
    if let Some(evaluation) = &summary.evaluation {
        numbers.push(labelled(
            "precision: of the flagged samples, mislabeled",
            ratio(evaluation.precision),
        ));
        numbers.push(labelled(
            "recall: of the mislabeled samples, flagged",
            ratio(evaluation.recall),
        ));
    }
    numbers
}

fn labelled(label: &str, value: String) -> Labelled {
    Labelled {
        label: label.to_owned(),
        value,
    }
}

fn settings(view: RunView<'_>) -> Vec<Labelled> {
    let used = settings_used(view.log, view.analysis.window, Some(view.settings));
    let told = used.into_iter().filter(|setting| !setting.label.is_empty());
    told.map(|setting| labelled(setting.label, setting.text))
        .collect()
}

/// The figures as SVG whose colours follow the page's.
fn figures(view: RunView<'_>, suggested: &[Option<u32>], sheet: Vec<SheetEntry>) -> Vec<String> {
    let ranked = !view.analysis.ranking.is_empty();
    let figures: [Option<Figure<'_>>; 7] = [
        ranked.then(|| contact_sheet(view, sheet)),
        ranked.then(|| histogram(view, false)),
        ranked.then(|| margins(view)),
        precision_recall(view),
        thresholds(view),
        confusions(view, suggested),
        comparison(&[view]),
    ];
    let variables = [
        (Theme::Light.paper(), "var(--paper)"),
        (Theme::Light.ink(), "var(--ink)"),
        (Theme::Light.pale_ink(), "var(--pale)"),
        (Theme::Light.grid(), "var(--line)"),
    ];
    let drawn = figures.iter().flatten().map(|figure| {
        let mut svg = figure.svg(Theme::Light);
        for (colour, variable) in variables {
            for attribute in ["fill", "stroke"] {
                let fixed = format!("{attribute}=\"{}\"", colour.css());
                svg = svg.replace(&fixed, &format!("{attribute}=\"{variable}\""));
            }
        }
        svg
    });
    drawn.collect()
}

/// The pairs of given and suggested class that most flagged samples have.
fn mistakes(view: RunView<'_>, suggested: &[Option<u32>]) -> Vec<Mistake> {
    let mut counts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let verdicts = view.analysis.verdicts.iter().zip(suggested);
    for ((verdict, other), given) in verdicts.zip(&view.log.given_labels) {
        if let (Some(true), Some(other), Some(given)) = (verdict.flagged, other, given) {
            *counts.entry((*given, *other)).or_default() += 1;
        }
    }
    let mut counts: Vec<((u32, u32), usize)> = counts.into_iter().collect();
    counts.sort_by_key(|&(pair, count)| (std::cmp::Reverse(count), pair));
    let most = counts.into_iter().take(MOST_MISTAKES);
    most.map(|((given, other), count)| Mistake {
        given: view.class(given),
        suggested: view.class(other),
        count: grouped(count),
    })
    .collect()
}

/// The flagged samples, or without any threshold all, the most suspicious first.
fn listed(view: RunView<'_>) -> Vec<usize> {
    let has_threshold = view.analysis.flagged_count().is_some();
    let is_listed = |verdict: &SampleVerdict| !has_threshold || verdict.flagged == Some(true);
    let ranking = view.analysis.ranking.iter().copied();
    ranking
        .filter(|&sample| is_listed(&view.analysis.verdicts[sample]))
        .take(MOST_LISTED)
        .collect()
}

fn list_note(summary: &RunSummary, listed: usize) -> String {
    let all = summary.flagged.unwrap_or(summary.judged);
    if listed < all {
        return format!(
            "The {} with the lowest AUMs of {}; analyzer aum -o aum.csv writes all.",
            grouped(listed),
            grouped(all)
        );
    }
    "The lowest AUM first; a lower AUM is more suspicious.".to_owned()
}

fn columns(view: RunView<'_>) -> Vec<Column> {
    let column = |name, number| Column { name, number };
    let mut columns = vec![
        column(
            "Sample",
            matches!(view.log.sample_ids, crate::SampleIds::Integers(_)),
        ),
        column("AUM", true),
        column("Given label", false),
        column("Suggested", false),
    ];
    if view.log.true_labels.iter().any(Option::is_some) {
        columns.push(column("True label", false));
    }
    columns
}

/// What the page's script shows, as JSON that cannot end its element.
fn data(
    view: RunView<'_>,
    suggested: &[Option<u32>],
    listed: &[usize],
    columns: &[Column],
) -> String {
    let class = |label: Option<u32>| label.map(|label| view.class(label));
    let rows = listed.iter().map(|&sample| {
        let id = match view.log.sample_ids.get(sample) {
            Some(SampleId::Integer(id)) => json!(id),
            Some(SampleId::Text(id)) => json!(id),
            None => Value::Null,
        };
        let mut row = vec![
            id,
            json!(view.analysis.verdicts[sample].aum.map(rounded)),
            json!(class(view.log.given_labels[sample])),
            json!(class(suggested.get(sample).copied().flatten())),
        ];
        if columns.len() > row.len() {
            row.push(json!(class(view.log.true_labels[sample])));
        }
        row
    });
    let curves = listed
        .iter()
        .enumerate()
        .map(|(rank, &sample)| (rank < MOST_CURVES).then(|| curve(view, sample)));
    let epochs = view.log.recorded_epochs();
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let data = json!({
        "columns": names,
        "rows": rows.collect::<Vec<_>>(),
        "curves": curves.collect::<Vec<_>>(),
        "epochs": [epochs.first(), epochs.last()],
        "name": view.log.title(),
    });
    data.to_string().replace('<', "\\u003c")
}

fn rounded(aum: f64) -> f64 {
    (aum * 1e4).round() / 1e4
}

/// The margins of a sample in hundredths, in the first pass that judges it.
fn curve(view: RunView<'_>, sample: usize) -> Vec<Option<i64>> {
    let judges = view.log.passes.iter().find(|pass| pass.is_ordinary(sample));
    let Some(pass) = judges else {
        return Vec::new();
    };
    let every = pass.epochs.len().div_ceil(MOST_EPOCHS).max(1);
    let margin = |margin: f32| (f64::from(margin) * 100.0).round() as i64;
    let epochs = pass.epochs.iter().step_by(every);
    epochs
        .map(|epoch| epoch.margin(sample).map(margin))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::two_passes;
    use crate::{AumSettings, RunLog, analyze};

    fn page(log: &RunLog) -> String {
        let settings = AumSettings::default();
        let analysis = analyze(log, &settings).unwrap();
        let view = RunView {
            log,
            analysis: &analysis,
            settings: &settings,
        };
        let parts = PageParts {
            suggested: vec![Some(1); log.sample_count()],
            sheet: Vec::new(),
            commands: "analyzer report '<logs>'".to_owned(),
        };
        report_page(view, parts)
    }

    #[test]
    fn the_page_lists_what_is_flagged_and_the_mistake_behind_it() {
        let page = page(&two_passes());
        assert!(page.contains("1 of 4 judged samples are flagged"));
        assert!(page.contains(r#""rows":[[1,-2.0,"0","1","1"]]"#), "{page}");
        assert!(page.contains("<td>0</td><td>1</td>"));
    }

    #[test]
    fn data_ends_no_element() {
        let mut log = two_passes();
        log.run = Some("</title></script><script>alert(1)</script>".to_owned());
        log.class_names = vec!["</script><b>cat".to_owned(), "<img src=x>".to_owned()];
        let page = page(&log);
        // The page's own: its data and its script.
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<b>cat") && !page.contains("<img"));
        assert!(!page.contains("<logs>"), "commands are data as well");
    }

    #[test]
    fn without_threshold_samples_the_ranking_is_listed() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            pass.is_threshold_sample = vec![false; 4];
        }
        assert!(page(&log).contains("Nothing is flagged"));
    }
}
