//! Entry points for fuzzers: any bytes, no panic. `corpus/` is replayed by the tests.

use crate::bundle::{Interaction, Split};
use crate::search::{Criteria, Match, named_type};
use crate::{bundle, check, is_resource_type, v2};

/// A body of the FHIR door: checked as a resource and taken apart as a Bundle.
///
/// # Panics
/// If an entry is lost or made up, or one to be taken in has no type, or deletes nobody knows what.
pub fn fhir(bytes: &[u8]) {
    let Ok(text) = model::json::check(bytes) else { return };
    let Ok(value) = serde_json::from_str(text) else { return };
    let checked = check(&value);
    drop(checked);
    let entries: Vec<_> = match bundle::split(&value) {
        Ok(Split::Whole(_, entries)) => entries,
        Ok(Split::Each(each)) => {
            assert_eq!(each.len(), value["entry"].as_array().map_or(0, Vec::len), "each is answered");
            each.into_iter().filter_map(Result::ok).collect()
        }
        Err(_) => return,
    };
    for entry in entries.iter().filter(|entry| entry.interaction != Interaction::Read) {
        assert!(is_resource_type(&entry.resource_type), "what is taken in has a type");
        let is_named = entry.id.is_some() || entry.condition.is_some();
        assert!(is_named || entry.interaction != Interaction::Delete, "what is deleted is named");
    }
}

/// A message of the HL7 v2 door, mapped and laid over itself.
pub fn v2(bytes: &[u8]) {
    let Ok((message, _)) = hl7v2::parse(bytes) else { return };
    let site = v2::Site {
        namespace: "urn:fuzz".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..v2::Site::default()
    };
    let (mapped, _) = v2::trace(bytes, &site).expect("it has just been read");
    // Whether somebody asks changes nothing.
    let bodies =
        |mapped: &v2::Mapped| mapped.resources.iter().map(|one| one.body.clone()).collect::<Vec<_>>();
    let untraced = v2::map(&message, &site);
    assert_eq!((bodies(&untraced), &untraced.unmapped), (bodies(&mapped), &mapped.unmapped));
    for resource in &mapped.resources {
        let first = resource.over(None);
        drop(resource.over(Some(&first)));
    }
}

/// A search filter on the first line, and the resource below it.
///
/// # Panics
/// If the whole filter and its parts disagree.
pub fn search(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (query, resource) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(criteria) = Criteria::parse(named_type(query).unwrap_or("Observation"), query) else { return };
    let Ok(resource) = serde_json::from_str::<serde_json::Value>(resource) else { return };
    if resource["resourceType"] != criteria.resource_type() {
        assert_eq!(criteria.matches(&resource), Match::No, "one of another type");
        return;
    }
    let parts: Vec<Match> = criteria.explain(&resource).map(|(_, matched)| matched).collect();
    match criteria.matches(&resource) {
        Match::Yes => assert!(parts.iter().all(|part| *part == Match::Yes), "all parts match"),
        Match::No => assert!(parts.contains(&Match::No), "a part says why"),
        unclear @ Match::Indeterminate(_) => {
            assert!(parts.contains(&unclear) && !parts.contains(&Match::No), "a part stands in the way");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn no_input_of_the_corpora_makes_a_panic_however_it_is_cut() {
        for (name, target) in
            [("fhir", super::fhir as fn(&[u8])), ("v2", super::v2), ("search", super::search)]
        {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
            let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert!(!files.is_empty(), "{name}");
            for file in files {
                println!("{}", file.display());
                let bytes = fs::read(&file).unwrap();
                // Every cut of a message is a message that a line lost.
                (0..=bytes.len()).for_each(|end| target(&bytes[..end]));
            }
        }
    }
}
