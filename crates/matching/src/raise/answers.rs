//! Answers to questionnaires, by the table of rules.

use serde_json::Value;

use super::data::{self, Members};
use super::order::{by_rule, own_ref};
use super::{Input, Outcome};

/// What the answers of somebody raise.
pub(super) fn answers(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        // A canonical: the part behind the last slash, without a version, is the survey's own name.
        let survey = data::text(input.resource, "questionnaire").map(|url| {
            let url = url.split('|').next().unwrap_or(url);
            Value::from(url.rsplit('/').next().unwrap_or(url))
        });
        Members::default()
            .with("surveyRef", survey)
            .with("responseRef", own_ref(input))
            .with("status", data::element(input.resource, "status"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::told;

    #[test]
    fn answers_are_told_as_they_go_on_and_in_error_only_to_whoever_was_told() {
        let answers = |status: &&str| {
            (json!({"resourceType": "QuestionnaireResponse", "id": "q", "status": status}), None)
        };
        let course = |versions: &[&str]| told(&versions.iter().map(answers).collect::<Vec<_>>());
        let expected = [
            "survey.response.created routine",
            "survey.response.completed routine",
            "survey.response.updated bulk",
            "survey.response.deleted routine replaces",
        ];
        assert_eq!(course(&["in-progress", "completed", "amended", "entered-in-error"]), expected);
        assert_eq!(course(&["entered-in-error"]), ["Unchanged"]);
    }
}
