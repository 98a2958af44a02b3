use fhirpath::{
    Budget, ClauseOutcome, Context, Decision, ErrorKind, Expression, Limits, Members, Others, Shape,
};
use serde_json::json;

#[test]
fn a_trace_tells_which_clause_decided_and_values_only_when_asked() {
    let json = json!({"resourceType": "Observation", "status": "final",
        "valueQuantity": {"value": 5.2, "unit": "mmol/L"}});
    let text = "(status = 'final' or status = 'amended') and value > 6.0 'mmol/L'";
    let expression = Expression::compile(text).unwrap();
    let trace = expression.explain(&Context::of(&json));
    assert_eq!(trace.decision, Ok(Decision::No));
    assert_eq!(trace.because().map(|clause| clause.text.as_str()), Some("value > 6.0 'mmol/L'"));
    let told: Vec<_> =
        trace.clauses.iter().map(|clause| (clause.depth, clause.text.as_str(), clause.outcome)).collect();
    assert_eq!(
        told,
        [
            (0, text, ClauseOutcome::Decided(Decision::No)),
            (1, "(status = 'final' or status = 'amended')", ClauseOutcome::Decided(Decision::Yes)),
            (2, "status = 'final'", ClauseOutcome::Decided(Decision::Yes)),
            (1, "value > 6.0 'mmol/L'", ClauseOutcome::Decided(Decision::No)),
        ]
    );
    assert!(trace.clauses.iter().all(|clause| clause.value.is_none()));
    let values = expression.explain_with_values(&Context::of(&json));
    let shown: Vec<_> = values.clauses.iter().filter_map(|clause| clause.value.as_deref()).collect();
    assert!(shown.contains(&"5.2 'mmol/L'") && shown.contains(&"final"), "{shown:?}");
}

#[track_caller]
fn paths(text: &str, expected: &[&str]) {
    let expression = Expression::compile_with(text, &["site"]).unwrap();
    assert_eq!(expression.paths().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn what_an_expression_reads_is_known_before_it_runs() {
    paths("data.value > 6.0 'mmol/L' and type = 'x'", &["data.value", "type"]);
    paths(
        "Observation.component.where(code.coding.exists(code = 'a')).value.ofType(Quantity) > 5 'mg'",
        &["component.code.coding.code", "component.value"],
    );
    paths("%previous.status != %current.status", &["status"]);
    paths("name.select(given | family)", &["name.family", "name.given"]);
    paths("iif(active, name, contact.name).text", &["active", "contact.name.text", "name.text"]);
    paths("subject.resolve().birthDate < @2000", &["subject.resolve().birthDate"]);
    paths("descendants().where($this = 'x').exists() or meta.children().exists()", &["**", "meta.*"]);
    paths("%site.limit > 5", &["%site.limit"]);
    paths("name.given.join(address.city)", &["address.city", "name.given"]);
    paths("1 + 1 = 2", &[]);
    paths("name.aggregate($this.given & $total)", &["name.given"]);
    paths("extension('urn:x').value", &["extension.value"]);
}

#[test]
fn an_expression_that_reads_its_root_reads_more_than_its_paths() {
    let whole = |text: &str| Expression::compile(text).unwrap().reads_whole();
    for text in
        ["$this", "type | $this", "%resource", "where(true)", "select($this)", "iif(type = 'x', $this)"]
    {
        assert!(whole(text), "{text}");
    }
    for text in ["type", "%resource.type", "data.where($this.code = 'x').value", "'x'", "name.select($this)"]
    {
        assert!(!whole(text), "{text}");
    }
}

#[test]
fn evaluations_share_a_budget_of_steps() {
    let json = json!({"a": [1, 2, 3]});
    let expression = Expression::compile("a.select($this + 1)").unwrap();
    let of_steps = |steps| Budget::of(&Limits { steps, ..Limits::default() });
    let mut budget = of_steps(100);
    let first = expression.evaluate_within(&Context::of(&json), &mut budget).unwrap();
    assert_eq!(
        first.items().iter().map(|item| item.to_json().to_string()).collect::<Vec<_>>(),
        ["2", "3", "4"]
    );
    let is_enough =
        |steps: &u32| expression.evaluate_within(&Context::of(&json), &mut of_steps(*steps)).is_ok();
    let each = (1..100).find(is_enough).unwrap();
    let mut rounds = 1;
    let ended = loop {
        match expression.evaluate_within(&Context::of(&json), &mut budget) {
            Ok(_) => rounds += 1,
            Err(error) => break error.kind,
        }
    };
    assert_eq!((rounds, ended), (100 / each, ErrorKind::Steps), "{each} steps each");
}

#[track_caller]
fn lint(text: &str, expected: &[&str]) {
    let expression = Expression::compile(text).unwrap();
    let found: Vec<_> = expression.lint("Observation").into_iter().map(|lint| lint.what).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_can_never_be_is_told_before_it_runs() {
    for fine in [
        "value > 6.0 'mmol/L'",
        "Observation.component.where(code.text = 'a').value.ofType(Quantity).value > 5",
        "status = 'final' and %previous.status != 'final'",
        "contained.where($this is Patient).birthDate < @2000",
        "code.coding.where(system = %loinc).code contains '2345-7'",
        "effective > now() - 1 day",
        "issued > @2024 or value.exists()",
        "value ~ 'text' or value is CodeableConcept",
        "interpretation.coding.code in ('H' | 'HH')",
    ] {
        lint(fine, &[]);
    }
    lint("valueQuantity.value > 5", &["Observation has no element valueQuantity"]);
    lint("value.ofType(Quantity).amount > 5", &["Quantity has no element amount"]);
    lint("code = '2345-7'", &["CodeableConcept is never comparable with String"]);
    lint("value.ofType(Quantity) > 6.0", &["Quantity is never comparable with Decimal"]);
    lint("issued > '2024'", &["instant is never comparable with String"]);
    lint("value > 6.0 'mmoll'", &["'mmoll' is no unit of UCUM, so nothing can be compared with it"]);
    lint("Patient.name.exists()", &["Observation has no element Patient"]);
    lint("value is Patient", &["this can never be of type Patient"]);
    for fine in [
        "status = 'final' or status ~ 'AMENDED' or status in ('corrected' | 'registered')",
        "status.toString() = 'canceled'",
        "code.coding.where(code = 'a').exists() and code.coding.where(code = 'b').exists()",
        "value.exists() and value > 5 'mmol/L' and status = 'final' and status = 'final'",
        "status = 'final' or status = 'amended' and value.empty()",
    ] {
        lint(fine, &[]);
    }
    lint("status = 'finall'", &["Observation.status is never 'finall'"]);
    lint("%previous.status != 'Final'", &["Observation.status is never 'Final'"]);
    lint("status in ('final' | 'canceled')", &["Observation.status is never 'canceled'"]);
    lint("status = 'final' and status = 'amended'", &["status is never 'final' and 'amended' at once"]);
    lint(
        "value.exists() and status = 'final' and value.empty()",
        &["value is never there and empty at once"],
    );
    lint("status.matches('[')", &["this is no regular expression, so nothing can be decided"]);
    lint("status = 2823-3", &["code is never comparable with Decimal"]);
    lint("value > 6 'mg' and value < 5 'mg'", &["value is never above 6 'mg' and below 5 'mg' at once"]);
    lint("value >= 5 'mg' and value <= 5 'mg' and value > 1 'g'", &[]);
    lint(
        "component.count() > 5 and component.count() < 5",
        &["component.count() is never above 5 and below 5 at once"],
    );
    lint("1 = 2", &["this reads nothing and can never be true"]);
    lint("iif('x', true, false)", &["this is no criterion: it is true whatever it holds"]);
    lint("code.startsWith('x')", &["startsWith() needs text, and this is none"]);
    lint(
        "children().first().exists()",
        &["children have no order, so what first gives may differ from server to server"],
    );
    let lints =
        Expression::compile("status = 'final' and\n  valueQuantity.exists()").unwrap().lint("Observation");
    assert_eq!((lints[0].line, lints[0].column), (2, 3));
    assert_eq!(lints[0].fix, "write `value`, or `value.ofType(…)` for one type");
    assert_eq!(Expression::compile("data.anything > 5").unwrap().lint(""), []);
}

#[test]
fn what_is_undecided_for_much_that_comes_is_told_as_likely() {
    for (text, what) in [
        ("value > 6.0", "of a Quantity this cannot be decided"),
        ("value = '6.0'", "of a Quantity this cannot be decided"),
        ("component.value > 5 'mg'", "there may be several of this, and then nobody can tell"),
        ("interpretation.coding.code = 'HH'", "there may be several of this, and then nobody can tell"),
        ("value > 38.5 'C'", "'C' is the coulomb in UCUM"),
        ("subject.resolve().exists()", "this finds only what is contained, or stands in the same bundle"),
    ] {
        let lints = Expression::compile(text).unwrap().lint("Observation");
        let told: Vec<_> = lints.iter().map(|lint| (lint.what.as_str(), lint.is_certain)).collect();
        assert_eq!(told, [(what, false)], "{text}");
    }
    let criterion = |text: &str| Expression::compile(text).unwrap().lint_criterion("Observation").is_some();
    assert!(criterion("code.coding") && criterion("'final'") && criterion("status"));
    assert!(!criterion("status.exists()") && !criterion("value") && !criterion("true"));
}

#[test]
fn which_version_an_expression_reads_and_what_it_calls_are_known() {
    let reads = |text: &str| {
        let expression = Expression::compile(text).unwrap();
        (expression.reads_present(), expression.reads_previous())
    };
    assert_eq!(reads("status = 'final'"), (true, false));
    assert_eq!(reads("%previous.name.where(use = 'usual').exists()"), (false, true));
    assert_eq!(reads("%previous.status != %current.status"), (true, true));
    assert_eq!(reads("iif(%previous.exists(), 1, 2) = 1"), (false, true));
    assert_eq!(reads("'a' = 'b'"), (false, false));
    let expression = Expression::compile("code.coding.where(memberOf('urn:x')).exists()").unwrap();
    assert!(expression.calls("memberOf") && expression.calls("exists") && !expression.calls("not"));
}

#[test]
fn plain_json_is_linted_by_what_is_known_of_it() {
    let members = |name: &str, known: &[(&str, Shape)], others| {
        let known = known.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect();
        Shape::Object(Members { name: name.to_owned(), known, others })
    };
    let amount = members("amount", &[("value", Shape::Number)], Others::Unlisted);
    let data = |others| {
        let known = [("score", Shape::Number), ("at", Shape::Text), ("done", Shape::Boolean)];
        members(
            "data",
            &[&known[..], &[("amount", amount.clone()), ("more", Shape::Anything)]].concat(),
            others,
        )
    };
    let told = |text: &str, others| {
        let event = members("an event", &[("data", data(others))], Others::Never);
        let found = Expression::compile(text).unwrap().lint_shape(&event);
        found.into_iter().map(|lint| (lint.what, lint.fix, lint.is_certain)).collect::<Vec<_>>()
    };
    for fine in [
        "data.score <= 6 and data.done",
        "data.at > @2026-01-01 and data.at.startsWith('2026')",
        "data.amount > 6.0 'mmol/L' or data.amount.value > 6",
        "data.more.anything.where(x = 1).exists()",
        "true",
    ] {
        assert_eq!(told(fine, Others::Never), [], "{fine}");
    }
    let near = ("data has no member scroe".to_owned(), "did you mean `score`?".to_owned(), true);
    let unlisted = (near.0.clone(), near.1.clone(), false);
    assert_eq!(told("data.scroe <= 6", Others::Never), [near]);
    assert_eq!(told("data.scroe <= 6", Others::Unlisted), [unlisted]);
    assert_eq!(told("data.scroe <= 6", Others::Welcome), []);
    let what = |text| told(text, Others::Never).into_iter().map(|(what, ..)| what).collect::<Vec<_>>();
    assert_eq!(what("score <= 6"), ["an event has no member score"]);
    assert_eq!(what("data.score = 'six'"), ["Decimal is never comparable with String"]);
    assert_eq!(what("data.score.value > 6"), ["Decimal has no element value"]);
    assert_eq!(what("%previous.data.exists()"), ["%previous is always empty: this has no version before"]);
}
