//! Filters of webhooks: an expression whose root is the event, asked before a delivery is owed.

use std::cell::OnceCell;
use std::collections::HashMap;

use fhirpath::{Context, Decision, Expression, Limits};
use model::{
    ClauseResult, Config, Content, DecisionReason, Event, Lane, Profile, Webhook, WebhookId, limits,
};
use serde_json::{Value, json};

use crate::Misread;
use crate::seen::Seen;
use crate::trigger::clauses;

/// A filter that was understood.
#[derive(Debug, Clone)]
pub struct Filter {
    expression: Expression,
}

/// The members of an event that a filter may ask for, and the least profile that shows each.
const MEMBERS: [(&str, Profile); 14] = [
    ("id", Profile::Ping),
    ("type", Profile::Ping),
    ("time", Profile::Ping),
    ("received", Profile::Ping),
    ("lane", Profile::Ping),
    ("test", Profile::Ping),
    ("integrationId", Profile::Ping),
    ("sequence", Profile::Ping),
    ("replaces", Profile::Ping),
    ("causedBy", Profile::Ping),
    ("hops", Profile::Ping),
    ("subject", Profile::Full),
    ("object", Profile::Full),
    ("data", Profile::Full),
];

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// If the text is no expression, asks for what no event has, or can never be true.
    pub fn read(text: &str) -> Result<Filter, Misread> {
        if text.len() > limits::FILTER_BYTES {
            let what = format!("A filter has at most {} bytes", limits::FILTER_BYTES);
            return Err(Misread::new(what, "Shorten it"));
        }
        let expression = Expression::compile(text)?;
        if let Some(lint) = expression.lint("").into_iter().find(|lint| lint.is_certain) {
            return Err(lint.into());
        }
        let unknown =
            expression.paths().map(first).find(|name| !is_wild(name) && least_profile(name).is_none());
        if let Some(name) = unknown {
            let known: Vec<&str> = MEMBERS.iter().map(|(name, _)| *name).collect();
            let fix = format!("use one of {}", known.join(", "));
            return Err(Misread::new(format!("An event has no member {name}"), fix));
        }
        Ok(Filter { expression })
    }

    /// The text that it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        self.expression.text()
    }

    /// The elements that it reads and `profile` does not show: a webhook comes to know of them
    /// by what it gets and what it does not.
    pub fn read_beyond(&self, profile: Profile) -> impl Iterator<Item = &str> {
        self.expression
            .paths()
            .filter(move |path| least_profile(first(path)).is_none_or(|least| least > profile))
    }
}

/// The member of the event that a path begins with.
fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Children or descendants: any member.
fn is_wild(name: &str) -> bool {
    name.starts_with('*')
}

fn least_profile(name: &str) -> Option<Profile> {
    MEMBERS.iter().find(|(member, _)| *member == name).map(|(_, profile)| *profile)
}

/// The filters of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    /// Nothing stands for one that this version does not understand any more.
    by_webhook: HashMap<WebhookId, Option<Filter>>,
}

impl Filters {
    pub(crate) fn of(config: &Config) -> Filters {
        let read = |hook: &Webhook| hook.filter.as_deref().map(|text| (hook.id, Filter::read(text).ok()));
        Filters { by_webhook: config.webhooks.values().filter_map(|hook| read(hook)).collect() }
    }

    /// Whether the filter of a webhook lets an event through.
    ///
    /// Safety rule P5: one that cannot be decided is not "no". A critical event goes to whoever
    /// would hear of it, and of any other it is kept that the filter left it open.
    pub(crate) fn judge(&self, webhook: WebhookId, asked: &Asked<'_>) -> DecisionReason {
        let Some(filter) = self.by_webhook.get(&webhook) else { return DecisionReason::Matched };
        match filter.as_ref().and_then(|filter| asked.decide(&filter.expression)) {
            Some(Decision::Yes) => DecisionReason::Matched,
            Some(Decision::No | Decision::Empty) => DecisionReason::Filtered,
            Some(Decision::Indeterminate(_)) | None if asked.event.lane == Lane::Critical => {
                DecisionReason::Matched
            }
            Some(Decision::Indeterminate(_)) | None => DecisionReason::Undecided,
        }
    }

    /// The clauses of a webhook's filter, each with what it comes to for an event; none without a filter.
    pub(crate) fn clauses(&self, webhook: WebhookId, asked: &Asked<'_>) -> Vec<(String, ClauseResult)> {
        let Some(Some(filter)) = self.by_webhook.get(&webhook) else { return Vec::new() };
        let result = |clause: &str| {
            // A clause counts as it would beside `and`: one thing that is there counts as true.
            let expression = Expression::compile(&format!("({clause}) and true")).ok();
            match expression.and_then(|expression| asked.decide(&expression)) {
                Some(Decision::Yes) => ClauseResult::Holds,
                Some(Decision::No) => ClauseResult::Fails,
                Some(Decision::Empty) => ClauseResult::Empty,
                Some(Decision::Indeterminate(_)) | None => ClauseResult::Indeterminate,
            }
        };
        let clauses = clauses::split(filter.text()).into_iter().take(limits::CLAUSES);
        clauses.map(|clause| (clause.to_owned(), result(clause))).collect()
    }
}

/// An event as filters see it, made when the first one asks.
pub(crate) struct Asked<'e> {
    event: &'e Event,
    content: Option<&'e Content>,
    json: OnceCell<Value>,
}

impl<'e> Asked<'e> {
    pub(crate) fn new(event: &'e Event, content: Option<&'e Content>) -> Asked<'e> {
        Asked { event, content, json: OnceCell::new() }
    }

    /// Nothing where it cannot be asked at all.
    fn decide(&self, expression: &Expression) -> Option<Decision> {
        let content = self.content?;
        let json = self.json.get_or_init(|| seen(self.event, content));
        let (steps, time) = (limits::FILTER_STEPS, limits::EXPRESSION_TIME);
        let bounds = Limits { steps, time, ..Limits::default() };
        let received = self.event.received.to_string();
        expression.decide(&Context::of(json).limits(bounds).at(&received)).ok()
    }
}

/// The event with what is known of it beside what came in.
fn seen(event: &Event, content: &Content) -> Value {
    let mut members = Seen::of(event, content).members();
    members.insert("id".to_owned(), json!(event.id));
    members.insert("sequence".to_owned(), json!(event.sequence));
    if let Some(replaces) = event.replaces {
        members.insert("replaces".to_owned(), json!(replaces));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{config, event, webhook};
    use crate::{Compiled, Facts};

    fn content(data: &str) -> Content {
        let data = serde_json::value::RawValue::from_string(data.to_owned()).unwrap();
        Content::of(data)
    }

    #[track_caller]
    fn check(filter: &str, (lane, data): (Lane, &str), expected: DecisionReason) {
        let hook = Webhook { filter: Some(filter.to_owned()), ..webhook(1, &["lab.*"]) };
        let compiled = Compiled::new(config([hook]));
        let event = Event { lane, ..event("lab.result.available") };
        let content = content(data);
        let about = Facts { content: Some(&content), ..Facts::default() };
        let verdicts = compiled.decide(&event, about);
        assert_eq!(verdicts.first().map(|verdict| verdict.reason), Some(expected), "{filter} on {data}");
    }

    const HIGH: &str = "data.value > 6.0 'mmol/L'";

    #[test]
    fn a_filter_lets_through_what_it_holds_for() {
        let potassium = r#"{"value": {"value": 6.9, "unit": "mmol/L", "code": "mmol/L"}}"#;
        check(HIGH, (Lane::Routine, potassium), DecisionReason::Matched);
        check("data.value >= 6900 'umol/L'", (Lane::Routine, potassium), DecisionReason::Matched);
        check("data.value > 7.0 'mmol/L'", (Lane::Routine, potassium), DecisionReason::Filtered);
        check(HIGH, (Lane::Routine, "{}"), DecisionReason::Filtered);
        check(
            "type = 'lab.result.available' and lane = 'routine'",
            (Lane::Routine, "{}"),
            DecisionReason::Matched,
        );
        check("time > received + 1 day", (Lane::Routine, "{}"), DecisionReason::Filtered);
        check("object.type.exists() and test.not()", (Lane::Routine, "{}"), DecisionReason::Matched);
    }

    #[test]
    fn p5_a_filter_that_cannot_be_decided_is_kept_as_undecided_and_holds_no_critical_event_back() {
        let strange = r#"{"value": {"value": 6.9, "unit": "furlongs"}}"#;
        check(HIGH, (Lane::Routine, strange), DecisionReason::Undecided);
        check(HIGH, (Lane::Critical, strange), DecisionReason::Matched);
        check(HIGH, (Lane::Routine, r#"{"value": ">5"}"#), DecisionReason::Undecided);
        check("no longer understood", (Lane::Urgent, "{}"), DecisionReason::Undecided);
        check("no longer understood", (Lane::Critical, "{}"), DecisionReason::Matched);
    }

    #[test]
    fn the_clauses_of_a_filter_tell_which_of_them_refuses() {
        let text = "type = 'lab.result.available' and data.value > 7.0 'mmol/L'";
        let hook = Webhook { filter: Some(text.to_owned()), ..webhook(1, &["lab.*"]) };
        let compiled = Compiled::new(config([hook.clone()]));
        let event = event("lab.result.available");
        let told = |data: &str| compiled.clauses_of(hook.id, &event, &content(data));
        let [first, second] = &told(r#"{"value": {"value": 6.9, "code": "mmol/L"}}"#)[..] else { panic!() };
        assert_eq!(*first, ("type = 'lab.result.available'".to_owned(), ClauseResult::Holds));
        assert_eq!(*second, ("data.value > 7.0 'mmol/L'".to_owned(), ClauseResult::Fails));
        assert_eq!(told(r#"{"value": {"value": 6.9, "unit": "x"}}"#)[1].1, ClauseResult::Indeterminate);
        assert_eq!(told("{}")[1].1, ClauseResult::Empty);
    }

    #[test]
    fn what_is_no_filter_is_refused_with_what_would_be_one() {
        for (text, what) in [
            ("data.value >", "Line 1, column 13: a value is missing."),
            ("value > 6", "An event has no member value."),
            ("%previous.data.exists() and patient.name = 'x'", "An event has no member patient."),
            (
                "data.value > 6 'mmoll'",
                "Line 1, column 14: 'mmoll' is no unit of UCUM, so nothing can be compared with it.",
            ),
            ("1 = 2", "Line 1, column 1: this reads nothing and can never be true."),
        ] {
            assert_eq!(Filter::read(text).unwrap_err().what, what, "{text}");
        }
        assert!(Filter::read(&" ".repeat(limits::FILTER_BYTES + 1)).is_err());
    }

    #[test]
    fn what_a_filter_reads_beyond_a_profile_is_known() {
        let beyond = |text: &str, profile| {
            Filter::read(text).unwrap().read_beyond(profile).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(beyond("type = 'x' and lane = 'urgent'", Profile::Ping), Vec::<String>::new());
        assert_eq!(
            beyond("data.value > 6 and subject.id = 'x'", Profile::Reference),
            ["data.value", "subject.id"]
        );
        assert_eq!(beyond("data.value > 6", Profile::Full), Vec::<String>::new());
        assert_eq!(beyond("descendants().exists($this = 'x')", Profile::Reference), ["**"]);
    }
}
