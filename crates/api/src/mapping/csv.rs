//! Tables as comma separated values (RFC 4180): a line of names, then one row a line.

use model::{Problem, ResultLimits, SiteRow, SiteTable, SiteTables, limits};
use serde_json::{Map, Value};

use crate::strict::{invalid, read_value};

/// A table as text.
pub(super) fn write(table: SiteTable, tables: &SiteTables) -> String {
    let names = names(table);
    let mut text = names.join(",") + "\r\n";
    let rows = match rows(table, tables) {
        Some(rows) => serde_json::to_value(rows),
        None => serde_json::to_value(&tables.thresholds),
    };
    for row in rows.unwrap_or_default().as_array().into_iter().flatten() {
        let cell = |name: &&str| match &row[*name] {
            Value::String(text) => quoted(text),
            Value::Null => String::new(),
            Value::Number(number) => number.to_string(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        text.push_str(&names.iter().map(cell).collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    text
}

/// Tables with one of them read from text.
pub(super) fn read(table: SiteTable, text: &str, before: &SiteTables) -> Result<SiteTables, Problem> {
    let mut lines = split(text.trim_start_matches('\u{feff}'))?.into_iter();
    let place = format!("/{}", table.name());
    let names = lines.next().unwrap_or_default();
    if names.iter().any(|name| !self::names(table).contains(&name.as_str())) || names.is_empty() {
        let why = format!("The first line names the columns: {}.", self::names(table).join(","));
        return Err(invalid(place, why));
    }
    let mut rows = Vec::new();
    for (number, cells) in lines.enumerate() {
        if cells.len() > names.len() {
            return Err(invalid(
                format!("{place}/{number}"),
                format!("The row has more than {} cells.", names.len()),
            ));
        }
        let members = names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        let members = members.map(|(name, cell)| value(table, name, cell).map(|value| (name.clone(), value)));
        let members: Result<Map<String, Value>, Problem> = members.collect();
        rows.push(Value::Object(members.map_err(|problem| problem.at(format!("{place}/{number}")))?));
    }
    let mut after = before.clone();
    let within = |problem: Problem| {
        let inner = problem.field.clone().unwrap_or_default();
        problem.at(format!("{place}{inner}"))
    };
    let rows = Value::Array(rows);
    match table {
        SiteTable::Codes => after.codes = read_value::<Vec<SiteRow>>(rows).map_err(within)?,
        SiteTable::Units => after.units = read_value(rows).map_err(within)?,
        SiteTable::Flags => after.flags = read_value(rows).map_err(within)?,
        SiteTable::Locations => after.locations = read_value(rows).map_err(within)?,
        SiteTable::Thresholds => after.thresholds = read_value::<Vec<ResultLimits>>(rows).map_err(within)?,
    }
    Ok(after)
}

fn rows(table: SiteTable, tables: &SiteTables) -> Option<&Vec<SiteRow>> {
    match table {
        SiteTable::Codes => Some(&tables.codes),
        SiteTable::Units => Some(&tables.units),
        SiteTable::Flags => Some(&tables.flags),
        SiteTable::Locations => Some(&tables.locations),
        SiteTable::Thresholds => None,
    }
}

const fn names(table: SiteTable) -> &'static [&'static str] {
    match table {
        SiteTable::Codes => &["from", "system", "to", "display"],
        SiteTable::Units | SiteTable::Flags | SiteTable::Locations => &["from", "to", "display"],
        SiteTable::Thresholds => &["loinc", "unit", "low", "high", "criticalLow", "criticalHigh"],
    }
}

/// Limits are numbers, to the letter; all else is text.
fn value(table: SiteTable, name: &str, cell: String) -> Result<Value, Problem> {
    if table != SiteTable::Thresholds || matches!(name, "loinc" | "unit") {
        return Ok(Value::String(cell));
    }
    let number: Result<serde_json::Number, _> = cell.trim().parse();
    number.map(Value::Number).map_err(|_| invalid("", format!("{name} is a number with a point.")))
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Lines of cells; empty lines are none.
fn split(text: &str) -> Result<Vec<Vec<String>>, Problem> {
    let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if is_quoted && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            ',' if !is_quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            other => cell.push(other),
        }
        if lines.len() > limits::SITE_ROWS + 1 {
            return Err(invalid("", format!("At most {} rows.", limits::SITE_ROWS)));
        }
    }
    if is_quoted {
        return Err(invalid("", "A quotation mark is not closed."));
    }
    line.push(cell);
    lines.push(line);
    lines.retain(|line| line.iter().any(|cell| !cell.trim().is_empty()));
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_written_is_read_as_it_was() {
        let text =
            "from,system,to,display\r\n\"K,1\",L,2823-3,\"Potassium \"\"serum\"\"\"\r\nNa,,2951-2,\r\n";
        let read = super::read(SiteTable::Codes, text, &SiteTables::default()).unwrap();
        assert_eq!((read.codes[0].from.as_str(), read.codes[1].system.as_deref()), ("K,1", None));
        assert_eq!(read.codes[0].display.as_deref(), Some("Potassium \"serum\""));
        assert_eq!(write(SiteTable::Codes, &read), text);
        let limits = "loinc,unit,low,high,criticalLow,criticalHigh\r\n2823-3,mmol/L,3.50,5.1,,6.5\r\n";
        let read = super::read(SiteTable::Thresholds, limits, &read).unwrap();
        assert_eq!((write(SiteTable::Thresholds, &read).as_str(), read.codes.len()), (limits, 2));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named() {
        let field = |table, text: &str| super::read(table, text, &SiteTables::default()).unwrap_err().field;
        assert_eq!(field(SiteTable::Codes, "code,loinc\n").as_deref(), Some("/codes"));
        assert_eq!(field(SiteTable::Units, "from,to\na,b,c\n").as_deref(), Some("/units/0"));
        assert_eq!(field(SiteTable::Units, "from,to\nx,\n").as_deref(), Some("/units/0/to"));
        assert_eq!(
            field(SiteTable::Thresholds, "loinc,unit,high\n2823-3,g,much\n").as_deref(),
            Some("/thresholds/0")
        );
        assert!(super::read(SiteTable::Units, "from,to\n\"x,y\n", &SiteTables::default()).is_err());
    }
}
