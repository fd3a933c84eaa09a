//! The report that a labelling team gets: one HTML file without any other file or network, with what
//! was found and how sure that is, the plots, the contact sheet, and the flagged samples as a worklist:
//! filtered, decided one by one, the decisions saved as CSV (`templates/report/`). Whatever comes from data is escaped: by the template, or as JSON that the
//! page shows as text.

pub(crate) mod certainty;
pub(crate) mod columns;
pub(crate) mod configuration;
pub(crate) mod curves;
pub(crate) mod figures;
pub(crate) mod labelled;
pub(crate) mod listed;
pub(crate) mod own_values;
pub(crate) mod sample_list;

use askama::Template;

use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::page::certainty::{Certainty, certainty};
use crate::page::columns::Column;
use crate::page::figures::Figures;
use crate::page::labelled::{Labelled, labelled};
use crate::page::listed::ListedSamples;
use crate::page::sample_list::SampleList;
use crate::plots::figures::contact_sheet::SheetEntry;
use crate::plots::run_view::RunView;
use crate::questions::confusions::{Confusion, Suggestion, confusions};
use crate::questions::doubts::warnings::warnings;
use crate::questions::estimate::label_counts::LabelCounts;
use crate::questions::scores::combined::ScoreVector;
use crate::questions::summary::run_summary::RunSummary;
use crate::results::text::{NONE, grouped, percent};

const MOST_MISTAKES: usize = 15;

/// One script, in the order in which its parts need each other.
const SCRIPT: &str = concat!(
    include_str!("../../templates/report/data.js"),
    include_str!("../../templates/report/curve.js"),
    include_str!("../../templates/report/decisions.js"),
    include_str!("../../templates/report/list.js"),
);

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    lead: String,
    numbers: Vec<Labelled>,
    certainty: Certainty,
    notes: Vec<String>,
    figures: Figures,
    mistakes: Vec<Mistake>,
    /// How many pairs of classes are left out, where some are.
    mistakes_note: String,
    truth_is_known: bool,
    list_heading: &'static str,
    list_note: String,
    columns: Vec<Column>,
    settings: Vec<Labelled>,
    configuration: Vec<Labelled>,
    commands: String,
    command_note: &'static str,
    data: String,
    script: &'static str,
}

struct Mistake {
    /// The indices of both classes.
    pair: (u32, u32),
    given: String,
    suggested: String,
    count: String,
    share_of_class: String,
    right: String,
}

/// What the page is made of, beside the run itself.
pub struct PageParts {
    /// What the network prefers for the flagged samples, and for those of the contact sheet.
    pub suggestions: Vec<Suggestion>,
    /// The scores of others, where they are to be drawn beside the AUM.
    pub scores: Vec<ScoreVector>,
    /// What is counted on labels that were not trained on, where the log tells it.
    pub counts: Option<LabelCounts>,
    /// Where the listed samples lie.
    pub listed: ListedSamples,
    /// The samples of the contact sheet.
    pub sheet: Vec<SheetEntry>,
    /// The command that recorded the run, where it is known.
    pub recorded_by: Option<String>,
    /// The commands that make this page from the log, a line each.
    pub commands: String,
}

/// The report of one run as an HTML file.
pub fn report_page(view: RunView<'_>, parts: PageParts) -> String {
    let summary = RunSummary::new(view.log, view.analysis, view.settings, 0);
    let is_flagged = |found: &&Suggestion| {
        let verdict = view.analysis.verdicts.get(found.sample);
        verdict.flagged == Some(true)
    };
    let flagged: Vec<Suggestion> = parts
        .suggestions
        .iter()
        .filter(is_flagged)
        .copied()
        .collect();
    let confusions = confusions(view.log, view.analysis, &flagged);
    let certainty = certainty(view, &flagged, parts.counts);
    let probabilities = certainty.probabilities.as_deref();
    let list = SampleList::new(view, &parts.suggestions, probabilities, &parts.listed);
    let has_threshold = summary.flagged.is_some();
    let page = Page {
        title: view.log.title().to_owned(),
        lead: lead(&summary),
        numbers: numbers(view.log, &summary),
        notes: notes(view, &summary),
        mistakes: mistakes(view, &confusions),
        mistakes_note: mistakes_note(&confusions),
        truth_is_known: confusions.iter().any(|found| found.known > 0),
        list_heading: if has_threshold {
            "Flagged samples"
        } else {
            "Samples by AUM"
        },
        list_note: list_note(&summary, &list),
        settings: settings(view),
        configuration: configuration::rows(&view.log.configuration),
        command_note: if parts.recorded_by.is_some() {
            ""
        } else {
            "The log does not say which command recorded it."
        },
        commands: [parts.recorded_by.as_deref(), Some(&parts.commands)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n"),
        data: list.to_json(),
        columns: list.columns,
        figures: Figures::draw(view, &confusions, &parts.scores, parts.sheet),
        certainty,
        script: SCRIPT,
    };
    page.render()
        .expect("the template takes texts, and a text takes every page")
}

/// What one has to know beside the numbers, and what makes them doubtful.
fn notes(view: RunView<'_>, summary: &RunSummary) -> Vec<String> {
    let doubts = warnings(view.log, view.analysis, view.settings);
    summary.notes.iter().cloned().chain(doubts).collect()
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

fn numbers(log: &RunLog, summary: &RunSummary) -> Vec<Labelled> {
    let flagged = summary.flagged.map_or_else(|| NONE.to_owned(), grouped);
    vec![
        labelled("samples", grouped(log.sample_count())),
        labelled("flagged", flagged),
        labelled("of the judged samples", percent(summary.flagged_share)),
    ]
}

fn settings(view: RunView<'_>) -> Vec<Labelled> {
    let used = settings_used(view.log, view.analysis.window, Some(view.settings));
    let told = used.into_iter().filter(|setting| !setting.label.is_empty());
    told.map(|setting| labelled(setting.label, setting.text))
        .collect()
}

/// The pairs of given and suggested class that most flagged samples have.
fn mistakes(view: RunView<'_>, confusions: &[Confusion]) -> Vec<Mistake> {
    let mistake = |found: &Confusion| {
        let pair = (found.given_label?, found.suggested_label?);
        Some(Mistake {
            pair,
            given: view.class(pair.0),
            suggested: view.class(pair.1),
            count: grouped(found.count),
            share_of_class: percent(Some(found.share_of_class)),
            right: match found.known {
                0 => NONE.to_owned(),
                known => format!("{} of {}", grouped(found.right), grouped(known)),
            },
        })
    };
    let mistakes = confusions.iter().filter_map(mistake);
    mistakes.take(MOST_MISTAKES).collect()
}

fn mistakes_note(confusions: &[Confusion]) -> String {
    let has_pair =
        |found: &&Confusion| found.given_label.is_some() && found.suggested_label.is_some();
    let pairs = confusions.iter().filter(has_pair).count();
    match pairs > MOST_MISTAKES {
        true => format!(
            "The {MOST_MISTAKES} most common of {} pairs of classes; analyzer confusions lists all.",
            grouped(pairs)
        ),
        false => String::new(),
    }
}

fn list_note(summary: &RunSummary, list: &SampleList) -> String {
    let all = summary.flagged.unwrap_or(summary.judged);
    let mut note = match list.len() {
        listed if listed < all => format!(
            "The {} most suspicious of {}; analyzer aum -o aum.csv writes all.",
            grouped(listed),
            grouped(all)
        ),
        _ if let Some(ranked_by) = summary.ranked_by => {
            format!("The most suspicious first, by {ranked_by}.")
        }
        _ => "The lowest AUM first; a lower AUM is more suspicious.".to_owned(),
    };
    if list.without_picture > 0 {
        let without = grouped(list.without_picture);
        note += &format!(
            " The pictures of the last {without} would make the page too large; where each is a file beside the page, it shows that."
        );
    }
    note
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use logformat::SampleEntry;

    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::run_view::tests::with_view;

    fn page(log: &RunLog) -> String {
        page_of(log, BTreeMap::new())
    }

    fn page_of(log: &RunLog, entries: BTreeMap<usize, SampleEntry>) -> String {
        with_view(log, |view| {
            let suggestion = |sample| Suggestion {
                sample,
                suggested_label: Some(1),
                support: 0.75,
                given_support: 0.0,
            };
            let parts = PageParts {
                suggestions: (0..log.sample_count()).map(suggestion).collect(),
                scores: Vec::new(),
                counts: None,
                listed: ListedSamples {
                    entries,
                    ..ListedSamples::default()
                },
                sheet: Vec::new(),
                recorded_by: Some("recorder run --noise 0.4".to_owned()),
                commands: "analyzer report '<logs>'".to_owned(),
            };
            report_page(view, parts)
        })
    }

    #[test]
    fn the_page_lists_what_is_flagged_and_the_mistake_behind_it() {
        let mut log = two_passes();
        log.true_labels[3] = Some(0);
        let page = page(&log);
        assert!(page.contains("1 of 4 judged samples are flagged"));
        let row = r#""rows":[[1,-2.0,0,1,1,0.75]]"#;
        assert!(page.contains(row), "{page}");
        // One of the four samples of class 0, and class 1 is its true label.
        assert!(page.contains("<td>0</td><td>1</td><td class=\"number\">1 <button"));
        assert!(page.contains("data-given=\"0\" data-suggested=\"1\""));
        assert!(page.contains("25.0 %") && page.contains("1 of 1"));
    }

    #[test]
    fn mistakes_that_the_page_leaves_out_are_counted() {
        let pairs = |count: u32| -> Vec<Confusion> {
            let pair = |suggested| Confusion {
                given_label: Some(0),
                suggested_label: Some(suggested),
                count: 1,
                share_of_class: 0.5,
                known: 0,
                right: 0,
                samples: vec![0],
            };
            (1..=count).map(pair).collect()
        };
        assert_eq!(mistakes_note(&pairs(15)), "");
        let note = "The 15 most common of 16 pairs of classes; analyzer confusions lists all.";
        assert_eq!(mistakes_note(&pairs(16)), note);
    }

    #[test]
    fn the_page_says_how_to_get_it_again() {
        let page = page(&two_passes());
        assert!(page.contains("<pre>recorder run --noise 0.4\nanalyzer report"));
    }

    #[test]
    fn data_ends_no_element() {
        let mut log = two_passes();
        log.run = Some("</title></script><script>alert(1)</script>".to_owned());
        log.class_names = vec!["</script><b>cat".to_owned(), "<img src=x>".to_owned()];
        log.configuration = serde_json::json!({"<b>key": "</td><img src=x>"});
        let file = "</script><img src=x onerror=alert(1)>.jpg".to_owned();
        let entry = SampleEntry {
            file: Some(file),
            ..SampleEntry::default()
        };
        let page = page_of(&log, [(1, entry)].into());
        assert!(
            page.contains(r#""files":["\u003c/script>\u003cimg"#),
            "{page}"
        );
        // The page's own: its data and its script.
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<b>cat") && !page.contains("<b>key") && !page.contains("<img"));
        assert!(!page.contains("<logs>"), "commands are data as well");
    }

    #[test]
    fn without_threshold_samples_the_ranking_is_listed() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            pass.is_threshold_sample = vec![false; 4];
        }
        let page = page(&log);
        assert!(page.contains("Nothing is flagged") && page.contains("Samples by AUM"));
    }
}
