//! An example of the specification, searched as it searches.

use serde_json::json;

use super::{Criteria, Match};

#[test]
fn the_official_glucose_example_is_found_as_the_specification_searches() {
    // hl7.fhir.r4.examples 4.0.1, Observation/f001 (CC0), as far as filters look.
    let glucose = json!({
        "resourceType": "Observation", "id": "f001", "status": "final",
        "identifier": [{"use": "official", "system": "http://www.bmc.nl/zorgportal/identifiers/observations", "value": "6323"}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "15074-8", "display": "Glucose [Moles/volume] in Blood"}]},
        "subject": {"reference": "Patient/f001", "display": "P. van de Heuvel"},
        "effectivePeriod": {"start": "2013-04-02T09:30:10+01:00"}, "issued": "2013-04-03T15:30:10+01:00",
        "valueQuantity": {"value": 6.3, "unit": "mmol/l", "system": "http://unitsofmeasure.org", "code": "mmol/L"}
    });
    let filters = [
        ("value-quantity=6.3|http://unitsofmeasure.org|mmol/L", "yes"),
        ("value-quantity=gt6300|http://unitsofmeasure.org|umol/L", "no"),
        ("value-quantity=ge6300|http://unitsofmeasure.org|umol/L", "yes"),
        ("code-value-quantity=http://loinc.org|15074-8$6.3||mmol/L", "yes"),
        ("identifier=http://www.bmc.nl/zorgportal/identifiers/observations|6323", "yes"),
        ("subject=Patient/f001&date=ge2013-04-02", "yes"),
        ("date=sa2013-04-01", "yes"),
        ("date=2013-04-02", "no"),
        ("date=lt2013-04-02T08:30:10Z", "no"),
    ];
    for (filter, expected) in filters {
        let decision = Criteria::parse("Observation", filter).unwrap().matches(&glucose);
        assert_eq!(decision, if expected == "yes" { Match::Yes } else { Match::No }, "{filter}");
    }
}
