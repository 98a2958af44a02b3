//! The pages that say what is proven by which test, against the tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every SHALL and SHOULD of the guide for a server of R4.
const ASKED: [(u16, u16); 23] = [
    (7, 16),
    (20, 21),
    (25, 32),
    (35, 36),
    (38, 40),
    (42, 45),
    (47, 54),
    (57, 60),
    (63, 63),
    (65, 67),
    (69, 70),
    (72, 75),
    (77, 79),
    (90, 90),
    (93, 95),
    (97, 99),
    (101, 103),
    (106, 112),
    (115, 115),
    (118, 121),
    (124, 127),
    (129, 130),
    (133, 139),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The numbers of a text such as `@8–13, @74`.
fn numbers(text: &str) -> BTreeSet<u16> {
    let one = |part: &str| -> Option<std::ops::RangeInclusive<u16>> {
        let part = part.trim().trim_start_matches('@');
        let (from, to) = part.split_once('–').unwrap_or((part, part));
        Some(from.parse().ok()?..=to.parse().ok()?)
    };
    text.split(',').filter_map(one).flatten().collect()
}

/// The numbers that a name of a test carries: `shall_1_2_and_should_8_to_10_what_it_proves`, `hostile_1_to_3_7_frames`.
fn carried(name: &str) -> BTreeSet<u16> {
    let mut carried = BTreeSet::new();
    let (mut last, mut is_range) = (None, false);
    for word in name.split('_') {
        let rule = word.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
        match (word, word.parse::<u16>()) {
            ("shall" | "should" | "hostile" | "and", _) => is_range = false,
            ("to", _) => is_range = true,
            (_, Ok(number)) => {
                let from = last.filter(|_| is_range).unwrap_or(number);
                carried.extend(from..=number);
                (last, is_range) = (Some(number), false);
            }
            // The number of a rule of another list, such as `n8`.
            _ if rule.len() + 1 == word.len() && rule.parse::<u16>().is_ok() => {}
            _ => break,
        }
    }
    carried
}

/// The names of all functions of the workspace.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![repository().join("crates"), repository().join("libs")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (inner, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        let sources = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
        sources.for_each(|path| found.extend(names(&fs::read_to_string(path).unwrap())));
    }
    found
}

fn names(source: &str) -> impl Iterator<Item = String> + '_ {
    let starts = source.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")
    });
    starts.filter_map(|start| Some(start.split_once('(')?.0.to_owned()))
}

/// Checks a page whose rows end with their tests: each is there and carries the numbers of its row, and no number
/// that is asked for is missing.
#[track_caller]
fn check(page: &str, asked: impl IntoIterator<Item = u16>) {
    let page = fs::read_to_string(repository().join(page)).unwrap();
    let functions = functions();
    let mut proven = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [number, _, _, tests] = cells[..] else { continue };
        let names = tests.split('`').skip(1).step_by(2).map(|test| test.rsplit("::").next().unwrap());
        let names: Vec<&str> = names.collect();
        for name in &names {
            let begun = name.trim_end_matches('…');
            let is_there =
                functions.iter().any(|known| known == name || (begun != *name && known.starts_with(begun)));
            assert!(is_there, "no test has the name {name}, which the page tells at {number}");
        }
        let told: BTreeSet<u16> = names.iter().flat_map(|name| carried(name)).collect();
        let missing: Vec<u16> = numbers(number).difference(&told).copied().collect();
        assert!(missing.is_empty(), "{missing:?} stand in no name of a test: {row}");
        proven.extend(numbers(number));
    }
    let unproven: Vec<u16> = asked.into_iter().filter(|number| !proven.contains(number)).collect();
    assert!(unproven.is_empty(), "the page says nothing of {unproven:?}");
}

#[test]
fn every_number_of_the_guide_is_proven_by_a_test_that_carries_it() {
    check("docs/reference/fhir-subscriptions.md", ASKED.iter().flat_map(|(from, to)| *from..=*to));
}

#[test]
fn every_number_of_hostile_hl7_is_proven_by_a_test_that_carries_it() {
    check("docs/reference/hostile-hl7.md", 1..=50);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    assert_eq!(numbers("@8–10, @74"), BTreeSet::from([8, 9, 10, 74]));
    assert_eq!(numbers("safety page"), BTreeSet::new());
    assert_eq!(carried("shall_1_2_and_should_8_to_10_of_7_wishes"), BTreeSet::from([1, 2, 8, 9, 10]));
    assert_eq!(carried("n8_hostile_1_to_3_7_a_frame_of_9"), BTreeSet::from([1, 2, 3, 7]));
    assert_eq!(carried("headers_are_echoed"), BTreeSet::new());
}
