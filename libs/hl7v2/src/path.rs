use std::fmt;
use std::str::FromStr;

/// Names a part of a message: `PID-3`, `PID-3[2].4.1`, `OBX[3]-5`.
///
/// The dash may be a dot. Numbers start at 1. A segment or field without a
/// number in brackets means the first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    pub segment: String,
    /// Which segment of that name, from 1.
    pub occurrence: usize,
    pub place: Place,
}

/// Names a part of a segment: `3`, `3[2].4.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub field: usize,
    /// From 1.
    pub repetition: usize,
    pub component: Option<usize>,
    pub subcomponent: Option<usize>,
}

/// The text is not a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathError;

impl Path {
    pub fn parse(text: &str) -> Option<Path> {
        let (head, place) = text.split_once(['-', '.'])?;
        let (segment, occurrence) = split_index(head)?;
        let is_name = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let place = Place::parse(place)?;
        is_name.then(|| Path { segment: segment.to_owned(), occurrence, place })
    }
}

impl Place {
    pub fn parse(text: &str) -> Option<Place> {
        let mut steps = text.split('.');
        let (field, repetition) = split_index(steps.next()?)?;
        let field = parse_number(field)?;
        let component = steps.next().map(parse_number);
        let subcomponent = steps.next().map(parse_number);
        if component == Some(None) || subcomponent == Some(None) || steps.next().is_some() {
            return None;
        }
        Some(Place {
            field,
            repetition,
            component: component.flatten(),
            subcomponent: subcomponent.flatten(),
        })
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Path, PathError> {
        Path::parse(text).ok_or(PathError)
    }
}

impl FromStr for Place {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Place, PathError> {
        Place::parse(text).ok_or(PathError)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segment)?;
        if self.occurrence > 1 {
            write!(f, "[{}]", self.occurrence)?;
        }
        write!(f, "-{}", self.place)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.field)?;
        if self.repetition > 1 {
            write!(f, "[{}]", self.repetition)?;
        }
        for step in [self.component, self.subcomponent].into_iter().flatten() {
            write!(f, ".{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a path such as PID-3[2].4.1")
    }
}

impl std::error::Error for PathError {}

fn split_index(text: &str) -> Option<(&str, usize)> {
    match text.split_once('[') {
        None => Some((text, 1)),
        Some((name, index)) => Some((name, parse_number(index.strip_suffix(']')?)?)),
    }
}

fn parse_number(text: &str) -> Option<usize> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_digits && *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Path::parse(text).map(|path| path.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_path_names_a_part_or_is_refused() {
        check("PID-3", Some("PID-3"));
        check("PID.3.4.2", Some("PID-3.4.2"));
        check("PID-3[2].4", Some("PID-3[2].4"));
        check("OBX[3]-5[1]", Some("OBX[3]-5"));
        check("ZX1-12.1", Some("ZX1-12.1"));
        for refused in [
            "",
            "PID",
            "PID-",
            "PID-0",
            "PID-3.0",
            "PID-3.1.2.3",
            "-3",
            "PID-3[",
            "PID-3[0]",
            "PID-+3",
            "P D-3",
        ] {
            check(refused, None);
        }
    }
}
