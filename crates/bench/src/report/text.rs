use super::{HEADINGS, Report};

/// The report as aligned columns.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("{}\n{} runs each, medians\n", report.place(), report.options.repeat);
    let lines = report.scenarios.iter().flat_map(|outcome| outcome.lines()).map(|line| line.cells());
    let widths = widths(lines.chain([HEADINGS.map(str::to_owned)]));
    for outcome in &report.scenarios {
        text += &format!("\n{}\n", outcome.scenario.name());
        text += &row(&HEADINGS.map(str::to_owned), widths);
        for line in outcome.lines() {
            text += &row(&line.cells(), widths);
        }
        text += &format!("  {}\n", outcome.ids());
    }
    for note in &report.notes {
        text += &format!("\nnote: {note}");
    }
    text.trim_end().to_owned() + "\n"
}

fn widths(rows: impl Iterator<Item = [String; 6]>) -> [usize; 6] {
    rows.fold([0; 6], |mut widths, row| {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.chars().count());
        }
        widths
    })
}

/// The label to the left, all else to the right of its column.
fn row(cells: &[String; 6], widths: [usize; 6]) -> String {
    let mut text = format!("  {:<1$}", cells[0], widths[0]);
    for (cell, width) in cells.iter().zip(widths).skip(1) {
        text += &format!("  {cell:>width$}");
    }
    text.trim_end().to_owned() + "\n"
}
