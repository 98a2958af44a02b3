//! One synthetic laboratory result of about 1.5 KB, patched in place for each id.

use crate::needle::Needle;
use crate::wire::number;

/// The event of one sender; only its id and its patient change from one send to the next.
pub(crate) struct Event {
    body: Vec<u8>,
    ids: Vec<usize>,
    patients: Vec<usize>,
}

/// Which event type is sent, and so which lane it takes.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Routine,
    Critical,
}

impl Kind {
    pub(crate) fn event_type(self) -> &'static str {
        match self {
            Self::Routine => "lab.result.available",
            Self::Critical => "lab.result.critical",
        }
    }
}

impl Event {
    /// `nonce` has eight characters.
    pub(crate) fn new(kind: Kind, nonce: &str) -> Self {
        let body = TEMPLATE.replace("$TYPE", kind.event_type()).replace("$NONCE", nonce).replace('\n', "");
        let places = |mark: &str| body.match_indices(mark).map(|(place, _)| place).collect();
        Self { ids: places(ID_MARK), patients: places(PATIENT_MARK), body: body.into_bytes() }
    }

    pub(crate) fn bytes_len(&self) -> usize {
        self.body.len()
    }

    pub(crate) fn body_for(&mut self, id: usize) -> &[u8] {
        for place in &self.ids {
            patch(&mut self.body[*place..*place + ID_MARK.len()], id);
        }
        for place in &self.patients {
            patch(&mut self.body[*place..*place + PATIENT_MARK.len()], 100_000 + id % PATIENTS);
        }
        &self.body
    }
}

/// The id in the body of a delivery, if it is one of the run that `nonce` names.
pub(crate) fn id_in(body: &[u8], nonce: &str) -> Option<usize> {
    let digits = BENCH_ID.after(body)?.strip_prefix(nonce.as_bytes())?.strip_prefix(b"-")?;
    number(digits.get(..ID_MARK.len())?)?.try_into().ok()
}

const PATIENTS: usize = 1_000;
const ID_MARK: &str = "%%%%%%%%%%%%";
const PATIENT_MARK: &str = "@@@@@@";

static BENCH_ID: Needle = Needle::new(b"\"benchId\":\"");

fn patch(digits: &mut [u8], mut value: usize) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// `benchId` stands first in `data`, so that the sink finds it early.
const TEMPLATE: &str = r#"{"id":"bench-$NONCE-%%%%%%%%%%%%","type":"$TYPE",
"subject":{"type":"patient","system":"urn:example:bench:mrn","id":"MRN-@@@@@@"},
"data":{"benchId":"$NONCE-%%%%%%%%%%%%","reportRef":"LAB-$NONCE-%%%%%%%%%%%%",
"resourceType":"Observation","id":"obs-%%%%%%%%%%%%","meta":{"versionId":"1",
"profile":["http://hl7.org/fhir/StructureDefinition/Observation"]},
"identifier":[{"use":"official","system":"urn:example:bench:results","value":"%%%%%%%%%%%%"}],
"status":"final",
"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",
"code":"laboratory","display":"Laboratory"}],"text":"Laboratory"}],
"code":{"coding":[{"system":"http://loinc.org","code":"2823-3",
"display":"Potassium [Moles/volume] in Serum or Plasma"}],"text":"Potassium"},
"subject":{"reference":"Patient/@@@@@@","display":"Synthetic Patient"},
"effectiveDateTime":"2026-01-01T09:12:00.000Z","issued":"2026-01-01T09:30:00.120Z",
"performer":[{"reference":"Organization/bench-laboratory","display":"Bench Laboratory"}],
"value":{"value":6.90,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
"code":"HH","display":"Critical high"}]}],
"note":[{"text":"Made up for a load test. No person stands behind this result."}],
"specimen":{"reference":"Specimen/spc-%%%%%%%%%%%%","display":"Serum"},
"device":{"reference":"Device/bench-analyser"},
"referenceRange":[{"low":{"value":3.5,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
"high":{"value":5.1,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"text":"3.5-5.1"}]}}"#;

#[cfg(test)]
mod tests {
    use super::{Event, Kind, id_in};

    #[test]
    fn an_event_is_json_of_about_a_kilobyte_and_a_half_and_carries_its_id() {
        let mut event = Event::new(Kind::Critical, "00c0ffee");
        let length = event.bytes_len();
        let body = event.body_for(1_234_567);
        let json: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!(json["type"], "lab.result.critical");
        assert_eq!(json["id"], "bench-00c0ffee-000001234567");
        assert_eq!(json["subject"]["id"], "MRN-100567");
        assert_eq!(id_in(body, "00c0ffee"), Some(1_234_567));
        let data = json["data"].to_string().len();
        assert!((1_400..=1_800).contains(&data) && body.len() == length, "{data} bytes of data");
    }

    #[test]
    fn an_id_of_another_run_is_not_ours() {
        let mut event = Event::new(Kind::Routine, "00c0ffee");
        assert_eq!(id_in(event.body_for(7), "0badcafe"), None);
        assert_eq!(id_in(b"{}", "00c0ffee"), None);
    }
}
