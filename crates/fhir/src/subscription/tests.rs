//! Reading and writing Subscriptions.

use serde_json::json;

use super::*;

fn guide(name: &str) -> String {
    format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/{name}")
}

fn r4() -> Value {
    json!({
        "resourceType": "Subscription", "id": "s-1", "status": "requested", "reason": "follow up on admissions",
        "contact": [{ "system": "email", "value": "team@clinic.example" }],
        "end": "2030-01-01T00:00:00.000Z",
        "criteria": "http://argonautproject.org/encounters-ig/SubscriptionTopic/encounter-start",
        "_criteria": { "extension": [
            { "url": guide("backport-filter-criteria"), "valueString": "Encounter?patient=Patient/123" },
            { "url": guide("backport-filter-criteria"), "valueString": "Encounter.class=IMP" },
        ] },
        "channel": {
            "extension": [
                { "url": guide("backport-heartbeat-period"), "valueUnsignedInt": 60 },
                { "url": guide("backport-timeout"), "valueUnsignedInt": 10 },
                { "url": guide("backport-max-count"), "valuePositiveInt": 5 },
            ],
            "type": "rest-hook", "endpoint": "https://ehr.example/hook",
            "payload": "application/fhir+json",
            "_payload": { "extension": [{ "url": guide("backport-payload-content"), "valueCode": "id-only" }] },
            "header": ["Authorization: Bearer abc", "X-Tag: a:b"],
        },
    })
}

fn r5() -> Value {
    json!({
        "resourceType": "Subscription", "id": "s-1", "status": "requested",
        "topic": "http://argonautproject.org/encounters-ig/SubscriptionTopic/encounter-start",
        "filterBy": [
            { "resourceType": "Encounter", "filterParameter": "patient", "value": "Patient/123" },
            { "resourceType": "Observation", "filterParameter": "value-quantity", "comparator": "gt", "value": "6.0" },
            { "filterParameter": "status", "modifier": "not", "value": "planned" },
        ],
        "channelType": { "system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type", "code": "rest-hook" },
        "endpoint": "https://ehr.example/hook",
        "parameter": [{ "name": "Authorization", "value": "Bearer abc" }],
        "heartbeatPeriod": 60, "timeout": 10, "contentType": "application/fhir+json",
        "content": "id-only", "maxCount": 5,
    })
}

fn written(version: FhirVersion, wish: &Wish) -> Value {
    write(version, Shown { id: "s-1", version: 3, wish, error: None })
}

#[test]
fn shall_137_every_element_of_the_profile_survives_reading_and_writing() {
    for (version, resource) in [(FhirVersion::R4, r4()), (FhirVersion::R4B, r4()), (FhirVersion::R5, r5())] {
        let wish = read(version, &resource).unwrap();
        let mut again = written(version, &wish);
        let meta = again.as_object_mut().unwrap().remove("meta").unwrap();
        assert_eq!(meta["versionId"], "3");
        assert_eq!(again, resource);
        assert_eq!(read(version, &again).unwrap(), wish);
    }
}

#[test]
fn conditions_of_r5_are_those_of_the_guide() {
    let wish = read(FhirVersion::R5, &r5()).unwrap();
    let filters = ["Encounter?patient=Patient/123", "Observation?value-quantity=gt6.0", "status:not=planned"];
    assert_eq!(wish.filters, filters);
    let mut both = r5();
    both["filterBy"][1]["modifier"] = "not".into();
    assert_eq!(read(FhirVersion::R5, &both).unwrap_err().code, "invariant");
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let flaw = |change: &dyn Fn(&mut Value)| {
        let mut resource = r4();
        change(&mut resource);
        let flaw = read(FhirVersion::R4, &resource).unwrap_err();
        (flaw.code, flaw.expression)
    };
    let remove = |resource: &mut Value, name: &str| drop(resource.as_object_mut().unwrap().remove(name));
    assert_eq!(flaw(&|r| remove(r, "criteria")), ("required", "Subscription.criteria".into()));
    assert_eq!(flaw(&|r| remove(r, "reason")), ("required", "Subscription.reason".into()));
    assert_eq!(flaw(&|r| remove(r, "channel")), ("required", "Subscription.channel".into()));
    assert_eq!(
        flaw(&|r| remove(&mut r["channel"], "payload")),
        ("required", "Subscription.channel.payload".into())
    );
    assert_eq!(
        flaw(&|r| remove(&mut r["channel"], "_payload")),
        ("required", "Subscription.channel.payload".into())
    );
    assert_eq!(flaw(&|r| r["status"] = "broken".into()), ("code-invalid", "Subscription.status".into()));
    assert_eq!(flaw(&|r| r["end"] = "tomorrow".into()), ("value", "Subscription.end".into()));
    assert_eq!(
        flaw(&|r| r["channel"]["header"][0] = "no colon".into()),
        ("value", "Subscription.channel.header".into())
    );
    assert_eq!(flaw(&|r| r["modifierExtension"] = json!([{ "url": "x" }])).0, "extension");
    assert_eq!(flaw(&|r| r["channel"]["extension"][0]["valueUnsignedInt"] = "60".into()).0, "value");
    assert_eq!(flaw(&|r| r["channel"]["extension"][2]["valuePositiveInt"] = 0.into()).0, "value");
}

#[test]
fn shall_66_a_level_of_content_that_nobody_knows_is_refused() {
    let mut resource = r4();
    resource["channel"]["_payload"]["extension"][0]["valueCode"] = "everything".into();
    assert_eq!(read(FhirVersion::R4, &resource).unwrap_err().code, "not-supported");
}

#[test]
fn shall_59_60_a_channel_type_of_ones_own_is_read_and_refused() {
    let mut resource = r4();
    let coding = json!({ "system": "urn:x", "code": "fax" });
    resource["channel"]["_type"] =
        json!({ "extension": [{ "url": guide("backport-channel-type"), "valueCoding": coding }] });
    let flaw = read(FhirVersion::R4, &resource).unwrap_err();
    assert_eq!((flaw.code, flaw.expression.as_str()), ("not-supported", "Subscription.channel.type"));
}
