//! Why something in a message raised nothing, as it is kept with the message.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Resources of one type that raised nothing, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// The type of the resources.
    pub resource: String,
    /// Why, a word.
    pub reason: String,
    /// How many.
    pub count: u32,
}

impl Quiet {
    /// Counts resources by type and reason.
    #[must_use]
    pub fn count<'a>(silent: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Quiet> {
        let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        silent.for_each(|of| *counts.entry(of).or_default() += 1);
        let quiet = |((resource, reason), count): ((&str, &str), u32)| Quiet {
            resource: resource.to_owned(),
            reason: reason.to_owned(),
            count,
        };
        counts.into_iter().map(quiet).collect()
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "silent {} {} x{}", self.resource, self.reason, self.count)
    }
}

/// A note of a message that tells of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotQuiet;

impl FromStr for Quiet {
    type Err = NotQuiet;

    fn from_str(line: &str) -> Result<Self, NotQuiet> {
        let mut words = line.strip_prefix("silent ").ok_or(NotQuiet)?.split(' ');
        let (resource, reason) = words.next().zip(words.next()).ok_or(NotQuiet)?;
        let count = words.next().and_then(|count| count.strip_prefix('x')?.parse().ok()).ok_or(NotQuiet)?;
        Ok(Quiet { resource: resource.to_owned(), reason: reason.to_owned(), count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_raised_nothing_is_counted_and_read_again() {
        let said = [("Observation", "normal"), ("Patient", "norule"), ("Observation", "normal")];
        let lines: Vec<String> = Quiet::count(said.into_iter()).iter().map(Quiet::to_string).collect();
        assert_eq!(lines, ["silent Observation normal x2", "silent Patient norule x1"]);
        let read: Quiet = lines[0].parse().unwrap();
        assert_eq!((read.resource.as_str(), read.reason.as_str(), read.count), ("Observation", "normal", 2));
        assert!("unmapped PID-8 x1".parse::<Quiet>().is_err() && "silent x".parse::<Quiet>().is_err());
    }
}
