//! One message of each family, and every public sample.

use std::path::Path;

use serde_json::json;

use super::*;

fn site() -> Site {
    Site {
        namespace: "urn:carehook:int_1".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..Site::default()
    }
}

fn mapped(bytes: &[u8]) -> Mapped {
    let (message, _) = hl7v2::parse(bytes).unwrap();
    map(&message, &site())
}

/// The messages of the corpus that are whole; the fuzzers cut them.
const FAMILIES: [&str; 16] = [
    "admission",
    "swap",
    "allergy",
    "laboratory-order",
    "general-order",
    "pharmacy-order",
    "encoded-order",
    "dispense",
    "administration",
    "document",
    "replacement",
    "vaccination",
    "charge",
    "referral",
    "problem",
    "specimen-result",
];

#[test]
fn one_message_of_each_family_is_mapped_to_the_letter() {
    for family in FAMILIES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/v2").join(family);
        let mapped = mapped(&std::fs::read(path).unwrap());
        assert_eq!(mapped.refused, None, "{family}");
        let resources: Vec<Value> = mapped.resources.iter().map(|resource| resource.over(None)).collect();
        for resource in &resources {
            assert_eq!(crate::check(resource), Ok(()), "{family}");
        }
        let told = json!({ "resources": resources, "unmapped": mapped.unmapped, "flaws": mapped.flaws });
        // Not as a JSON snapshot: numbers are kept to the letter.
        insta::assert_snapshot!(family, serde_json::to_string_pretty(&told).unwrap());
    }
}

/// The public samples; absent where only this project is checked out.
#[test]
fn every_public_sample_is_mapped_and_says_what_it_leaves() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/hl7v2");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("not checked: no public samples at {}", folder.display());
        return;
    };
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let (message, _) = hl7v2::parse(&bytes).unwrap();
        let mapped = map(&message, &site());
        assert!(
            mapped.is_mapped_type() && mapped.refused.is_none(),
            "{}: {:?}",
            path.display(),
            mapped.refused
        );
        let mut left = mapped.unmapped.keys();
        for segment in message.segments().filter(|segment| segment.name().starts_with('Z')) {
            assert!(left.any(|place| place == segment.name()), "{}: {}", path.display(), segment.name());
        }
        for resource in &mapped.resources {
            let now = resource.over(None);
            assert_eq!(crate::check(&now), Ok(()), "{}", path.display());
            assert!(
                !resource.object.id.is_empty() && !resource.object.system.is_empty(),
                "{}",
                path.display()
            );
            assert_eq!(resource.over(Some(&now)), now, "{}: told again, nothing changes", path.display());
        }
        count += 1;
    }
    assert_eq!(count, 73);
}
