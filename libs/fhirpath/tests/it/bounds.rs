use std::time::Duration;

use fhirpath::{Budget, Context, Decision, ErrorKind, Expression, Limits};
use serde_json::{Value, json};

#[test]
fn what_is_no_expression_is_refused_with_place_and_remedy() {
    for (text, place, what) in [
        ("value >", (1, 8), "a value is missing"),
        ("value > 6 mmol", (1, 11), "the expression should end here"),
        ("name.givn(", (1, 6), "there is no function givn()"),
        ("name.where(use = 'x'", (1, 21), "`)` is missing"),
        ("%patient.name", (1, 1), "there is no variable %patient"),
        ("value is Quantty", (1, 10), "there is no type Quantty"),
        ("true and\n 'open", (2, 2), "a quoted text has no end"),
        ("@2024-13", (1, 1), "there is no such date or time"),
        ("name.substring()", (1, 6), "substring() has 0 arguments"),
        ("name # x", (1, 6), "this character has no meaning here"),
        ("", (1, 1), "a value is missing"),
        ("name.", (1, 6), "a name of an element or function is missing"),
        ("'\\x'", (1, 2), "this escape is unknown"),
        ("$that", (1, 1), "there is no $that"),
    ] {
        let error = Expression::compile(text).unwrap_err();
        assert_eq!(((error.line, error.column), error.what.as_str()), (place, what), "{text}");
        assert!(!error.fix.is_empty());
    }
    for (text, fix) in [
        ("status == 'final'", "write = once"),
        ("a && b", "write `and`"),
        ("a || b", "write `or`"),
        ("a <> b", "write !="),
        ("!a", "write (…).not() for what does not hold"),
        ("not(a)", "it takes none; write what it is asked of before it: (…).not()"),
        ("value > 6 mmol/L", "quote the unit: 6.0 'mmol/L'"),
        ("value > 6,0 'mmol/L'", "decimals have a point: 6.5"),
        ("status in 'a', 'b'", "write several texts as ('a' | 'b')"),
        ("value is null", "ask empty() or exists() instead"),
        ("if(a, b, c)", "did you mean iif()?"),
    ] {
        assert_eq!(Expression::compile(text).unwrap_err().fix, fix, "{text}");
    }
    let error = Expression::compile("name.startswith('x')").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1, column 6: there is no function startswith(); did you mean startsWith()?"
    );
}

#[test]
fn long_chains_are_fine_and_deep_nesting_is_refused() {
    let long = vec!["true"; 1700].join(" and ");
    let nothing = Value::Null;
    let expression = Expression::compile(&long).unwrap();
    assert_eq!(expression.decide(&Context::of(&nothing)), Ok(fhirpath::Decision::Yes));
    for (open, close) in
        [("(", ")"), ("-", ""), ("iif(true, ", ")"), ("1 + (2 * ", ")"), ("a.where(", ")"), ("a[", "]")]
    {
        let depth = 5000_usize;
        let text = format!(
            "{}1{}",
            open.repeat(depth.min(16_000 / (open.len() + close.len()))),
            close.repeat(depth)
        );
        let error = Expression::compile(text.get(..16_000.min(text.len())).unwrap()).unwrap_err();
        assert_eq!(error.what, "it is nested too deeply", "{open}");
    }
    assert!(Expression::compile(&" ".repeat(20_000)).is_err());
}

#[test]
fn the_deepest_expression_that_compiles_can_be_evaluated_on_a_small_stack() {
    let deepest = (1..100).rev().find_map(|depth| {
        let text = format!("{}name{}", "name.where(exists(".repeat(depth), "))".repeat(depth));
        Expression::compile(&text).ok()
    });
    let task = move || {
        let json = json!({"name": [{"name": "x"}]});
        deepest.unwrap().explain(&Context::of(&json)).decision.is_ok()
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(task).unwrap();
    assert!(thread.join().unwrap());
}

#[test]
fn what_costs_too_much_ends_with_an_error_that_says_so() {
    let many = json!({"a": (0..3000).collect::<Vec<_>>(), "t": "x".repeat(5000)});
    for (text, kind) in [
        ("a.where(%context.a.where($this = 1).exists()).count()", ErrorKind::Steps),
        ("(a | a).isDistinct()", ErrorKind::Steps),
        ("a.select(%context.a)", ErrorKind::Size),
        ("a.aggregate($total & $total & 'xx', 'x')", ErrorKind::Size),
        ("a.aggregate($total + $total, 'x')", ErrorKind::Size),
        ("a.aggregate($total.replace('', $total), 'xy')", ErrorKind::Size),
        ("t.replaceMatches('.', '$0$0$0$0$0$0$0$0$0$0')", ErrorKind::Size),
        ("a.repeat($this + 1)", ErrorKind::Steps),
        ("a.select('x'.matches('(a{100}){100}'))", ErrorKind::Argument),
        ("t.matches('(')", ErrorKind::Argument),
        ("now() > @2024", ErrorKind::NoClock),
    ] {
        let expression = Expression::compile(text).unwrap();
        let error = expression.evaluate(&Context::of(&many)).unwrap_err();
        assert_eq!(error.kind, kind, "{text}");
        assert_eq!(error.is_limit(), matches!(kind, ErrorKind::Steps | ErrorKind::Size | ErrorKind::Depth));
    }
    let unset = Expression::compile_with("%site.limit", &["site"]).unwrap();
    assert_eq!(unset.decide(&Context::of(&many)).unwrap_err().kind, ErrorKind::Unset);
}

#[test]
fn time_is_the_last_fence_and_what_takes_few_steps_does_not_look_at_the_clock() {
    let many = json!({"a": (0..100).collect::<Vec<_>>(), "b": 0});
    let no_time = Limits { time: Duration::ZERO, ..Limits::default() };
    let context = Context::of(&many).limits(no_time);
    let decided = |text: &str| Expression::compile(text).unwrap().decide(&context);
    assert_eq!(decided("b = 0 and b < 5"), Ok(Decision::Yes));
    let ended = decided("a.where($this > 50).exists()").unwrap_err();
    assert_eq!((ended.kind, ended.is_limit(), ended.is_about_data()), (ErrorKind::Time, true, false));
    // What evaluations share they share as a whole: many small ones end as one large one does.
    let small = Expression::compile("b = 0").unwrap();
    let mut budget = Budget::of(&no_time);
    let ended = (0..1_000).find_map(|_| small.evaluate_within(&context, &mut budget).err());
    assert_eq!(ended.map(|error| error.kind), Some(ErrorKind::Time));
}

#[test]
fn json_of_any_depth_is_walked_within_bounds() {
    let mut deep = json!(1);
    for _ in 0..1000 {
        deep = json!({"a": deep});
    }
    let both = json!({"x": deep.clone(), "y": deep});
    for (text, kind) in [
        ("x = y", ErrorKind::Depth),
        ("x ~ y", ErrorKind::Depth),
        ("descendants().count()", ErrorKind::Depth),
    ] {
        let expression = Expression::compile(text).unwrap();
        assert_eq!(expression.evaluate(&Context::of(&both)).unwrap_err().kind, kind, "{text}");
    }
    let few = Limits { steps: 10, ..Limits::default() };
    let expression = Expression::compile("a.a.a.a.a.a.a.a.a.a.a.a").unwrap();
    let error = expression.evaluate(&Context::of(&both["x"]).limits(few)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Steps);
    // Letting go of it must not recurse either, but that is not ours.
    std::mem::forget(both);
}

#[test]
fn an_expression_is_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone>() {}
    is_shared::<Expression>();
    fn crosses<T: Send + Sync>() {}
    crosses::<Context<'_>>();
    crosses::<fhirpath::Collection<'_>>();
}
