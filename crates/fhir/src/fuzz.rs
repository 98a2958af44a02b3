//! Entry points for fuzzers: any bytes, no panic. `corpus/` is replayed by the tests.

use crate::search::{Criteria, named_type};
use crate::{bundle, check, v2};

/// A body of the FHIR door: checked as a resource and taken apart as a Bundle.
pub fn fhir(bytes: &[u8]) {
    let Ok(text) = model::json::check(bytes) else { return };
    let Ok(value) = serde_json::from_str(text) else { return };
    let checked = check(&value);
    let split = bundle::split(&value);
    drop((checked, split));
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
pub fn search(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (query, resource) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(criteria) = Criteria::parse(named_type(query).unwrap_or("Observation"), query) else { return };
    let Ok(resource) = serde_json::from_str(resource) else { return };
    drop(criteria.matches(&resource));
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
