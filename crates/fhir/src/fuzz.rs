//! Entry points for fuzzers: any bytes, no panic. `corpus/` is replayed by the tests.

use crate::{bundle, check, v2};

/// A body of the FHIR door: checked as a resource and taken apart as a Bundle.
pub fn fhir(bytes: &[u8]) {
    let Ok(text) = model::json::check(bytes) else { return };
    let Ok(value) = serde_json::from_str(text) else { return };
    let checked = check(&value);
    let split = bundle::split(&value, "urn:fuzz");
    drop((checked, split));
}

/// A message of the HL7 v2 door, mapped and laid over itself.
pub fn v2(bytes: &[u8]) {
    let Ok((message, _)) = hl7v2::parse(bytes) else { return };
    let site = v2::Site {
        namespace: "urn:fuzz".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        identifier_preference: Vec::new(),
    };
    let mapped = v2::map(&message, &site);
    for resource in &mapped.resources {
        let first = resource.over(None);
        drop(resource.over(Some(&first)));
    }
}

#[cfg(test)]
mod tests {
    const FHIR: [&[u8]; 5] = [
        br#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1"}]}"#,
        br#"{"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"Parameters"}}]}"#,
        br#"{"resourceType":"Observation","status":"final","code":{},"subject":{"reference":"%"}}"#,
        br#"{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"PUT","url":"Patient/?"}}]}"#,
        b"[[[[",
    ];

    const V2: [&[u8]; 6] = [
        b"MSH|^~\\&|||||||ORU^R01|1|P|2.5\rOBX|1|NM|1^^LN||6.1|g/dL||HH|||F\rOBR|1\rOBX\rNTE|1||x\r",
        b"MSH|^~\\&|||||20261025023000||ADT^A40|1|T|2.5\rPID|||1^^^&&ISO~~2||^^|||\"\"\rMRG|\"\"\rPV1||E\r",
        b"MSH|^~\\&|||||||SIU^S13|1|D|2.5\rSCH||5^^1.2^ISO||||||||99999999999|min|^^^99999999|\rAIS|||^^^^\r",
        b"MSH|^~\\&|||||||ADT^A08|1|P|2.5\rPID|||1\rNK1|||\rJohn Doe was here\r\xff\xfe|\x00\r",
        b"MSH|^~\\&|||||||ORU^R01|1|P|2.5\rPID|||1\rOBR|1||F1|C\rOBX|1|SN|C||>^600|%^^UCUM|<|H~HH|||X\rOBX|1|SN|C||^1^:^128\r",
        b"MSH|^~\\&|||||||ADT^A01\rPID|1||||||||||&&&&&\\X0D\\^\\F\\|||||||||\rPV1|||a&b&c^d&e\r",
    ];

    #[test]
    fn no_input_of_the_corpus_makes_a_panic() {
        FHIR.iter().for_each(|bytes| super::fhir(bytes));
        V2.iter().for_each(|bytes| super::v2(bytes));
        // Every cut of a message is a message that a line lost.
        for bytes in V2 {
            (0..bytes.len()).for_each(|end| super::v2(&bytes[..end]));
        }
        for bytes in FHIR {
            (0..bytes.len()).for_each(|end| super::fhir(&bytes[..end]));
        }
    }
}
