use super::escape::escape;
use super::plot::{Curve, Plot, Scale};
use super::{HEADINGS, Outcome, Report};

/// The report as one page; nothing is loaded from anywhere.
pub(super) fn render(report: &Report) -> String {
    let sections: String = report.scenarios.iter().map(section).collect();
    let notes: String =
        report.notes.iter().map(|note| format!("<p class=\"note\">{}</p>\n", escape(note))).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Carehook benchmark</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>Carehook benchmark</h1>\n\
         <p>{}. {} runs of each scenario, medians; plots show the typical run.</p>\n{notes}{sections}</body>\n</html>\n",
        escape(&report.place()),
        report.options.repeat,
    )
}

fn section(outcome: &Outcome) -> String {
    let headings: String = HEADINGS.map(|heading| format!("<th scope=\"col\">{heading}</th>")).concat();
    let rows: String = outcome.lines().iter().map(|line| row(&line.cells())).collect();
    format!(
        "<section>\n<h2>{}</h2>\n<table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         <p>{}</p>\n{}</section>\n",
        outcome.scenario.name(),
        escape(&outcome.ids()),
        plots(outcome),
    )
}

fn row(cells: &[String; 6]) -> String {
    let [label, values @ .., verdict] = cells;
    let values: String = values.iter().map(|value| format!("<td>{}</td>", escape(value))).collect();
    let label = escape(label);
    format!("<tr><th scope=\"row\">{label}</th>{values}<td class=\"{verdict}\">{verdict}</td></tr>\n")
}

fn plots(outcome: &Outcome) -> String {
    let Some(run) = outcome.typical() else { return String::new() };
    let latency = Plot {
        title: "Share done within a time",
        across: "milliseconds",
        scale: Scale::Logarithmic,
        curves: vec![
            Curve { name: "acknowledged", points: &run.plots.acknowledgement },
            Curve { name: "arrived", points: &run.plots.arrival },
        ],
    };
    let throughput = Plot {
        title: "Deliveries per second",
        across: "seconds since the first send",
        scale: Scale::Linear,
        curves: vec![Curve { name: "arrived", points: &run.plots.throughput }],
    };
    [latency, throughput].iter().filter_map(Plot::to_svg).collect()
}

/// Text as it may stand in HTML and SVG.
const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #c8ced6; --one: #0b6bcb; --two: #b3471d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebef; --paper: #14171a; --line: #444c56; --one: #6cb2ff; --two: #ff9d6c; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; font-weight: normal; }
.missed { font-weight: bold; text-decoration: underline; }
svg { width: 100%; max-width: 30rem; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
svg .grid { stroke: var(--line); fill: none; }
svg .curve { fill: none; stroke-width: 2; }
";
