use model::limits;
use serde_json::json;

use super::*;

/// An event as the profile `full` shows it.
const FULL: &str = r#"{"id":"evt_1","type":"lab.result.critical","received":"2026-01-01T09:30:00.120Z","lane":"critical",
    "test":false,"profile":"full","subject":{"type":"patient","system":"urn:hosp:mrn","id":"MRN-1001"},
    "object":{"type":"lab_report","pseudonym":"psn_2"},
    "data":{"value":{"value":6.90,"unit":"mmol/L"},"count":12345678901234567890,"note":"","gone":null,
        "results":[{"code":"K","value":6.90},{"code":"Na"},{"code":"Cl","value":101}]}}"#;

fn read(template: &Value) -> Result<Template, TemplateFlaw> {
    Template::read(template, Profile::Full)
}

#[track_caller]
fn projected(template: &Value) -> Result<String, Unshaped> {
    let body = read(template).unwrap().project(FULL.as_bytes())?;
    Ok(String::from_utf8(body).unwrap())
}

#[track_caller]
fn becomes(template: &Value, expected: &str) {
    assert_eq!(projected(template).as_deref(), Ok(expected), "{template}");
}

#[track_caller]
fn fails(template: &Value, pointer: &str, why: &str) {
    let unshaped = projected(template).unwrap_err();
    assert_eq!((unshaped.pointer.as_str(), unshaped.why.as_str()), (pointer, why));
}

#[track_caller]
fn refused(template: &Value, profile: Profile, (pointer, what): (&str, &str)) {
    let flaw = Template::read(template, profile).unwrap_err();
    assert_eq!((flaw.pointer.as_str(), flaw.misread.what.as_str()), (pointer, what), "{template}");
}

#[test]
fn instructions_give_way_to_what_they_find_and_everything_else_stands() {
    becomes(
        &json!({ "kind": "critical", "event": { "$path": "id" }, "of": [{ "$path": "subject.id" }, 1.50, null] }),
        r#"{"kind":"critical","event":"evt_1","of":["MRN-1001",1.5,null]}"#,
    );
    becomes(&json!({ "$path": "data.value" }), r#"{"value":6.90,"unit":"mmol/L"}"#);
    becomes(&json!({ "$$path": 1, "$$$x": 2 }), r#"{"$path":1,"$$x":2}"#);
    becomes(&json!([{ "$path": "data.value > 6.0 'mmol/L'" }]), "[true]");
}

#[test]
fn numbers_keep_every_digit_that_was_sent() {
    becomes(&json!({ "n": { "$path": "data.value.value" } }), r#"{"n":6.90}"#);
    becomes(&json!({ "n": { "$path": "data.count" } }), r#"{"n":12345678901234567890}"#);
    becomes(&json!({ "n": { "$path": "data.value.value + 0.1" } }), r#"{"n":7.00}"#);
    let literal: Value = serde_json::from_str(r#"{"n": 1.500}"#).unwrap();
    becomes(&literal, r#"{"n":1.500}"#);
}

#[test]
fn what_is_missing_is_null_or_what_the_template_says() {
    let ask = |more: Value| {
        let mut ask = json!({ "$path": "data.absent" });
        ask.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "a": ask, "z": 1 })
    };
    becomes(&ask(json!({})), r#"{"a":null,"z":1}"#);
    becomes(&ask(json!({ "$missing": "none" })), r#"{"a":"none","z":1}"#);
    becomes(&ask(json!({ "$omit": true })), r#"{"z":1}"#);
    becomes(&json!({ "a": { "$path": "data.gone" }, "b": { "$path": "data.note" } }), r#"{"a":null,"b":""}"#);
    becomes(&json!([{ "$list": "data.absent" }, { "$path": "data.absent", "$omit": true }]), "[[]]");
}

#[test]
fn a_list_takes_all_that_is_found_each_in_a_shape_of_its_own() {
    becomes(&json!({ "codes": { "$list": "data.results.code" } }), r#"{"codes":["K","Na","Cl"]}"#);
    becomes(&json!({ "ids": { "$list": "subject.id" } }), r#"{"ids":["MRN-1001"]}"#);
    let each = json!({ "c": { "$path": "code" }, "v": { "$path": "value", "$omit": true }, "of": { "$path": "%event.id" } });
    becomes(
        &json!({ "all": { "$list": "data.results", "$each": each } }),
        r#"{"all":[{"c":"K","v":6.90,"of":"evt_1"},{"c":"Na","of":"evt_1"},{"c":"Cl","v":101,"of":"evt_1"}]}"#,
    );
    becomes(
        &json!([{ "$list": "data.results", "$each": { "$path": "value", "$omit": true } }]),
        "[[6.90,101]]",
    );
}

#[test]
fn p5_what_cannot_be_decided_is_never_told_as_if_it_were() {
    let strange = "iif(data.value > 6 'furlong', 'high', 'normal')";
    let why = "`data.value > 6 '{furlong}'` cannot be decided: the units measure different things.";
    let strange = strange.replace("furlong", "{furlong}");
    fails(&json!({ "flag": { "$path": strange } }), "/flag/$path", why);
    becomes(&json!({ "flag": { "$path": strange, "$undecided": "look" } }), r#"{"flag":"look"}"#);
    let several = "`data.results.code` gives several values; choose one with first() or where(), or write $list for $path.";
    fails(&json!({ "x": { "$path": "data.results.code" } }), "/x/$path", several);
    let mismatch =
        "`data.value * 'x'`: values of types that do not go together; convert one, such as with toDecimal().";
    fails(&json!([{ "$path": "data.value * 'x'" }]), "/0/$path", mismatch);
}

#[test]
fn a_body_costs_no_more_than_the_limits_whatever_the_template_asks() {
    let heavy = json!({ "$list": "data.results.select(%event.descendants().count())" });
    let many: Vec<Value> = std::iter::repeat_n(heavy, limits::TEMPLATE_EXPRESSIONS).collect();
    let items: Vec<Value> = (0..2_000).map(|n| json!({ "code": n })).collect();
    let event = json!({ "received": "2026-01-01T09:30:00Z", "data": { "results": items } });
    let unshaped = read(&json!(many)).unwrap().project(event.to_string().as_bytes()).unwrap_err();
    assert!(unshaped.why.contains("more steps than allowed"), "{unshaped}");

    let big = json!({ "data": { "text": "x".repeat(limits::EVENT_BYTES) } }).to_string();
    let twice = |count: usize| json!(vec![json!({ "$path": "data.text" }); count]);
    assert!(read(&twice(3)).unwrap().project(big.as_bytes()).is_ok());
    let unshaped = read(&twice(4)).unwrap().project(big.as_bytes()).unwrap_err();
    assert_eq!(unshaped.why, "The body grows beyond 4 MiB; take less of the event.");
    // A choice of the author for undecided data is none for what is too costly.
    let costly = json!([{ "$list": "data.results.select(%event.descendants())", "$undecided": 0 }]);
    assert!(read(&costly).unwrap().project(event.to_string().as_bytes()).is_err());
}

#[test]
fn what_is_no_template_is_refused_at_its_place_with_what_would_be_one() {
    let full = |template: &Value, flaw| refused(template, Profile::Full, flaw);
    full(&json!("text"), ("", "A template is an object or an array."));
    full(
        &json!({ "a": [{ "$path": "data.value >" }] }),
        ("/a/0/$path", "Line 1, column 13: a value is missing."),
    );
    full(&json!({ "a/b": { "$path": "value" } }), ("/a~1b/$path", "An event has no member value."));
    full(&json!({ "$path": "subject.name" }), ("/$path", "An event has no member subject.name."));
    full(&json!({ "$path": 1 }), ("/$path", "An expression is a text."));
    full(&json!({ "$path": "id", "x": 1 }), ("/x", "It stands beside an instruction and belongs to none."));
    full(&json!({ "$if": "id" }), ("/$if", "It stands beside an instruction and belongs to none."));
    full(&json!({ "$omit": true }), ("", "An instruction has either $path or $list."));
    full(&json!({ "$path": "id", "$list": "id" }), ("", "An instruction has either $path or $list."));
    full(&json!({ "$path": "id", "$each": 1 }), ("/$each", "It shapes the items of a list."));
    full(&json!({ "$path": "id", "$omit": 1 }), ("/$omit", "It is true or false."));
    full(&json!({ "$path": "id", "$omit": true }), ("/$omit", "The whole body cannot be left out."));
    full(
        &json!([{ "$path": "id", "$omit": true, "$missing": 1 }]),
        ("/0/$missing", "What is left out has no value."),
    );
    full(
        &json!([{ "$path": "id", "$undecided": { "a": { "$path": "id" } } }]),
        ("/0/$undecided", "It stands where nothing can be asked, and holds an instruction."),
    );
    full(
        &json!({ "$list": "data.results", "$each": { "$path": "%event.nothing" } }),
        ("/$each/$path", "An event has no member nothing."),
    );
    full(
        &json!({ "$path": "data.value > 6 'mmoll'" }),
        ("/$path", "Line 1, column 14: 'mmoll' is no unit of UCUM, so nothing can be compared with it."),
    );
}

#[test]
fn a_template_is_bounded_in_size_depth_and_expressions() {
    let large = json!({ "x": "y".repeat(limits::TEMPLATE_BYTES) });
    refused(&large, Profile::Full, ("", "A template has at most 64 KiB."));
    let deep = (0..=limits::TEMPLATE_DEPTH).fold(json!(1), |inner, _| json!([inner]));
    let flaw = read(&deep).unwrap_err();
    assert_eq!(flaw.misread.what, "A template is nested at most 32 deep.");
    let many = json!(vec![json!({ "$path": "id" }); limits::TEMPLATE_EXPRESSIONS + 1]);
    refused(&many, Profile::Full, ("/500/$path", "A template has at most 500 expressions."));
    assert!(read(&json!(vec![json!({ "$path": "id" }); limits::TEMPLATE_EXPRESSIONS])).is_ok());
    let long = json!({ "$path": "id".repeat(limits::FILTER_BYTES) });
    refused(&long, Profile::Full, ("/$path", "An expression has at most 4096 bytes."));
}

#[test]
fn what_the_profile_does_not_show_cannot_be_asked_for() {
    let ask = |path: &str| json!([{ "$path": path }]);
    let place = |what| ("/0/$path", what);
    refused(&ask("data.value"), Profile::Reference, place("The profile reference does not show data."));
    refused(&ask("subject.id"), Profile::Reference, place("The profile reference does not show subject.id."));
    refused(&ask("object.type"), Profile::Ping, place("The profile ping does not show object."));
    refused(
        &ask("subject.pseudonym"),
        Profile::Full,
        place("With the profile full an event has no subject.pseudonym."),
    );
    for path in ["subject.pseudonym", "object.pseudonym", "type & lane", "subject", "now()", "'x'", "$this"] {
        assert!(Template::read(&ask(path), Profile::Reference).is_ok(), "{path}");
    }
}

#[test]
fn it_is_known_which_places_are_about_people() {
    let template = json!({
        "kind": "x", "type": { "$path": "type" }, "who": { "$path": "subject.id" }, "report": { "$path": "object.pseudonym" },
        "all": { "$path": "type | $this" }, "wild": { "$path": "descendants().count()" }, "mixed": { "$path": "iif(data.value.exists(), type, lane)" },
        "list": { "$list": "data.results", "$each": { "c": { "$path": "code" }, "t": { "$path": "%event.type" }, "k": 1 } },
        "sure": [{ "$path": "id" }, { "$path": "data.note" }], "unsure": [{ "$path": "data.gone", "$omit": true }, "x"],
        "a/b": { "$path": "lane" },
    });
    let template = read(&template).unwrap();
    for (pointer, expected) in [
        ("/kind", Tells::Nothing),
        ("/type", Tells::Nothing),
        ("/who", Tells::Person),
        ("/report", Tells::StandIn),
        ("/all/data/value", Tells::Person),
        ("/wild", Tells::Person),
        ("/mixed", Tells::Person),
        ("/list/0/c", Tells::Person),
        ("/list/7/t", Tells::Nothing),
        ("/list/0/k", Tells::Nothing),
        ("/sure/0", Tells::Nothing),
        ("/sure/1", Tells::Person),
        ("/unsure/0", Tells::Person),
        ("/a~1b", Tells::Nothing),
        ("/not/there", Tells::Person),
    ] {
        assert_eq!(template.tells(pointer), expected, "{pointer}");
    }
}
