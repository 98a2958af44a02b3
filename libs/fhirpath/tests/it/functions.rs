//! Each function and operator in small, by what N1 and FHIR say of it.

use fhirpath::{Context, Expression};
use serde_json::json;

/// What expressions give of a patient, written one after the other.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let patient = json!({
        "resourceType": "Patient", "id": "p1", "active": true, "birthDate": "1974-12-25",
        "_gender": {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]},
        "name": [{"use": "official", "family": "Chalmers", "given": ["Peter", "James"]}, {"given": ["Jim"]}],
        "contact": [{"modifierExtension": [{"url": "urn:not", "valueBoolean": true}], "gender": "male"}],
    });
    for (text, expected) in cases {
        let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let context = Context::of(&patient).at("2026-03-01T10:30:00.000Z");
        let found = match expression.evaluate(&context) {
            Ok(found) => found.items().iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => format!("! {}", error.kind),
        };
        assert_eq!(&found, expected, "{text}");
    }
}

#[test]
fn existence_and_subsets() {
    check(&[
        ("(true | true).allTrue()", "true"),
        ("name.given.select($this = 'Jim').allTrue()", "false"),
        ("name.given.select($this = 'Bob').allFalse()", "true"),
        ("name.given.select($this = 'Jim').anyFalse()", "true"),
        ("(1 | 2).subsetOf(1 | 2 | 3)", "true"),
        ("(1 | 4).subsetOf(1 | 2 | 3)", "false"),
        ("(1 | 2 | 3).supersetOf(1 | 2)", "true"),
        ("(1 | 2).supersetOf(3)", "false"),
        ("name.given.tail()", "James Jim"),
        ("name.given.take(2)", "Peter James"),
        ("(1 | 2 | 3).intersect(2 | 3 | 4)", "2 3"),
        ("(1 | 2).union(2 | 3)", "1 2 3"),
        ("name.given.trace('given').count()", "3"),
        ("name.first().children().count()", "4"),
    ]);
}

#[test]
fn text_and_its_notations() {
    check(&[
        ("'abcb'.indexOf('b')", "1"),
        ("'abcb'.lastIndexOf('b')", "3"),
        ("'abc'.indexOf('x')", "-1"),
        ("'abc'.endsWith('bc')", "true"),
        ("'aBc'.upper() & 'aBc'.lower()", "ABCabc"),
        ("'abc'.matchesFull('b') or 'abc'.matches('b').not()", "false"),
        ("'abc'.matchesFull('a.c')", "true"),
        ("'abc'.length()", "3"),
        ("'abc'.toChars()", "a b c"),
        ("'a,b,,c'.split(',').count()", "4"),
        ("' a '.trim() & '.'", "a."),
        ("'a b'.encode('hex')", "612062"),
        ("'test'.encode('base64').decode('base64')", "test"),
        ("'dGVzdA=='.decode('base64')", "test"),
        ("'a<b'.escape('html')", "a&lt;b"),
        ("'a&lt;b'.unescape('html')", "a<b"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("1.1.ceiling()", "2"),
        ("(-1.1).floor()", "-2"),
        ("(-1.9).truncate()", "-1"),
        ("0.exp()", "1"),
        ("1.ln()", "0"),
        ("16.log(2)", "4"),
        ("1.587.lowBoundary(2)", "1.58"),
        ("1.587.highBoundary(2)", "1.59"),
        ("1.58700.precision()", "5"),
        ("@2014-01.precision()", "6"),
        ("1 'cm'.comparable(1 '[in_i]')", "true"),
        ("1 'cm'.comparable(1 's')", "false"),
        ("2 <= 2 and (3 <= 2).not()", "true"),
    ]);
}

#[test]
fn from_type_to_type() {
    check(&[
        ("'true'.toBoolean() and 'x'.convertsToBoolean().not()", "true"),
        ("'7'.toInteger() + 1", "8"),
        ("'7.5'.convertsToInteger()", "false"),
        ("'7.5'.convertsToDecimal()", "true"),
        ("7.convertsToString()", "true"),
        ("'2014-01-02'.toDate()", "2014-01-02"),
        ("'2014-13'.convertsToDate()", "false"),
        ("'2014-01-02T10:30:00Z'.toDateTime() = @2014-01-02T10:30:00Z", "true"),
        ("'noon'.convertsToDateTime()", "false"),
        ("'10:30'.toTime()", "10:30"),
        ("'25:00'.convertsToTime()", "false"),
        ("'5 \\'mg\\''.toQuantity() = 5 'mg'", "true"),
        ("'5 mg of it'.convertsToQuantity()", "false"),
        ("(1 as Integer) + 1.as(Integer)", "2"),
        ("(1 as String).empty()", "true"),
        ("'a' !~ 'A'", "false"),
        ("'a' !~ 'b'", "true"),
    ]);
}

#[test]
fn what_fhir_adds() {
    check(&[
        ("birthDate.hasValue() and gender.hasValue().not()", "true"),
        ("birthDate.getValue()", "1974-12-25"),
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')", "true"),
        ("contact.checkModifiers('urn:not').gender", "male"),
        (
            "contact.checkModifiers('urn:other').gender",
            "! a modifier extension that is not among those allowed",
        ),
    ]);
}
