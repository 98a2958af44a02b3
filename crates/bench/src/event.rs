//! Synthetic laboratory results, as JSON of about 1.5 KB or as HL7 v2.

use crate::hl7;
use crate::text::Text;

/// What one sender sends; only marks change from one event to the next.
pub(crate) struct Event {
    kind: Kind,
    texts: Vec<Text>,
}

/// What is sent: the event type of JSON, and so its lane, or reports of HL7 v2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Routine,
    Critical,
    Reports,
}

impl Kind {
    /// The event type that each of it raises.
    pub(crate) fn event_type(self) -> &'static str {
        match self {
            Self::Routine | Self::Reports => "lab.result.available",
            Self::Critical => "lab.result.critical",
        }
    }
}

impl Event {
    /// `nonce` has eight characters.
    pub(crate) fn new(kind: Kind, nonce: &str) -> Self {
        let json = || TEMPLATE.replace("$TYPE", kind.event_type()).replace('\n', "");
        let texts = match kind {
            Kind::Routine | Kind::Critical => vec![Text::new(&json(), nonce)],
            Kind::Reports => hl7::frames(nonce),
        };
        Self { kind, texts }
    }

    /// The length of each JSON event.
    pub(crate) fn bytes_len(&self) -> usize {
        self.texts[0].bytes_len()
    }

    pub(crate) fn body_for(&mut self, id: usize) -> &[u8] {
        let place = if self.kind == Kind::Reports { hl7::frame_of(id) } else { 0 };
        self.texts[place].of(id)
    }
}

/// `reportRef` stands first in `data`, so that the sink finds it early.
const TEMPLATE: &str = r#"{"id":"bench-$NONCE-%%%%%%%%%%%","type":"$TYPE",
"subject":{"type":"patient","system":"urn:example:bench:mrn","id":"MRN-@@@@@@"},
"data":{"reportRef":"$NONCE-%%%%%%%%%%%",
"resourceType":"Observation","id":"obs-%%%%%%%%%%%","meta":{"versionId":"1",
"profile":["http://hl7.org/fhir/StructureDefinition/Observation"]},
"identifier":[{"use":"official","system":"urn:example:bench:results","value":"%%%%%%%%%%%"}],
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
"specimen":{"reference":"Specimen/spc-%%%%%%%%%%%","display":"Serum"},
"device":{"reference":"Device/bench-analyser"},
"referenceRange":[{"low":{"value":3.5,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
"high":{"value":5.1,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"text":"3.5-5.1"}]}}"#;

#[cfg(test)]
mod tests {
    use super::{Event, Kind};
    use crate::text::id_in;

    #[test]
    fn an_event_is_json_of_about_a_kilobyte_and_a_half_and_carries_its_id() {
        let mut event = Event::new(Kind::Critical, "00c0ffee");
        let length = event.bytes_len();
        let body = event.body_for(1_234_567);
        let json: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!(json["type"], "lab.result.critical");
        assert_eq!(json["id"], "bench-00c0ffee-00001234567");
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
