//! What is refused when a trigger is saved, and what is hinted at.

use std::sync::Arc;

use model::{Criteria, QueryCriteria, Trigger, Versioned};

use super::tests::{path, trigger};
use super::*;
use crate::Misread;

/// What is wrong with a trigger over Observations, in the member that is.
fn refused(change: impl FnOnce(&mut Trigger)) -> (String, Misread) {
    let mut doc = trigger("Observation", path("value > 6 'mmol/L'"));
    change(&mut doc);
    let fault = Ready::new(Arc::new(Versioned { version: 1, doc })).unwrap_err().remove(0);
    (fault.pointer, fault.misread)
}

#[test]
fn p4_what_could_never_fire_is_refused_with_its_member_and_a_remedy() {
    let expressions = [
        ("'final'", "Line 1, column 1: this is no criterion: it is true whatever it holds."),
        ("status = 'finall'", "Line 1, column 10: Observation.status is never 'finall'."),
        (
            "code.coding.memberOf('urn:x')",
            "Triggers have no terminology to ask, so of memberOf() nobody could ever tell.",
        ),
        (
            "value > 6 'mg' and value < 5 'mg'",
            "Line 1, column 20: value is never above 6 'mg' and below 5 'mg' at once.",
        ),
        ("previous.status = 'final'", "Line 1, column 1: Observation has no element previous."),
    ];
    for (text, what) in expressions {
        let (pointer, misread) = refused(|doc| doc.criteria = path(text));
        assert_eq!((pointer.as_str(), misread.what.as_str()), ("/fhirPath", what), "{text}");
        assert!(!misread.fix.is_empty());
    }
    let only = |interaction, text: &'static str| {
        refused(move |doc| {
            doc.interactions = vec![interaction];
            doc.criteria = path(text);
        })
    };
    let (pointer, misread) = only(Interaction::Create, "code.exists() and %previous.status = 'final'");
    assert_eq!(pointer, "/fhirPath");
    assert!(misread.what.starts_with("`%previous.status = 'final'` never holds"), "{}", misread.what);
    assert_eq!(only(Interaction::Delete, "code.exists()").0, "/interactions");
    let query = QueryCriteria {
        previous: None,
        current: Some("status=finall".to_owned()),
        result_for_create: None,
        result_for_delete: None,
        require_both: false,
    };
    let (pointer, _) = refused(|doc| doc.criteria = Criteria { query: Some(query), ..Criteria::default() });
    assert_eq!(pointer, "/query/current");
}

#[test]
fn p4_what_would_not_fire_at_first_or_for_several_is_hinted_at() {
    let hints = |text: &str| {
        let found = lint(&trigger("Observation", path(text)), &[]);
        found.into_iter().map(|one| (one.pointer, one.misread.what, one.misread.fix)).collect::<Vec<_>>()
    };
    assert_eq!(hints("value > 6 'mmol/L' and (%previous.empty() or %previous.status != 'final')"), []);
    let [(pointer, what, fix)] = &hints("status = 'final' and %previous.status != 'final'")[..] else {
        panic!()
    };
    assert_eq!(pointer, "/fhirPath");
    assert!(what.contains("seen for the first time"), "{what}");
    assert_eq!(fix, "Write `(%previous.empty() or %previous.status != 'final')` if it should.");
    assert!(hints("component.value > 140 'mm[Hg]'")[0].1.contains("several"));
    assert!(hints("code.coding")[0].1.contains("no criterion"));
}
