//! What a trigger does not see of a sender whose codes are in no table (P4).

use model::SiteTable;

use super::condition::Condition;
use super::ready::Ready;
use super::test::{Query, Test};

impl Ready {
    /// Whether it may stay silent because a code of a sender is in no table: it asks for a result by the
    /// code that is missing, compares by the unit, or reads the flag or the place that nobody knows.
    #[must_use]
    pub fn may_miss(&self, table: SiteTable, code: &str) -> bool {
        if !self.trigger.active {
            return false;
        }
        // Events came with the codes that their sender gave them: no table stands between.
        let Some(resource_type) = self.trigger.sight.resource_type() else { return false };
        let is_of_results = matches!(resource_type, "Observation" | "DiagnosticReport");
        match table {
            SiteTable::Codes => is_of_results && self.asks_for_another(code),
            SiteTable::Units => is_of_results && self.reads("value"),
            SiteTable::Flags | SiteTable::Thresholds => is_of_results && self.reads("interpretation"),
            SiteTable::Locations => self.reads("location"),
        }
    }

    fn asks_for_another(&self, code: &str) -> bool {
        match self.pinned() {
            Some(pinned) => pinned.iter().all(|known| known != code),
            None => self.reads("code"),
        }
    }

    fn reads(&self, element: &str) -> bool {
        match self.criteria() {
            Test::Codes(_) => false,
            Test::Path(condition, _) => reads_path(condition, element),
            Test::Query(query) => reads_query(query, element),
        }
    }
}

/// What stands below a `coding` is part of the element that is coded, and no element of its own.
fn reads_path(condition: &Condition, element: &str) -> bool {
    let reads = |path: &str| {
        let mut steps = path.split('.').take_while(|step| *step != "coding");
        steps.any(|step| step == element || step.starts_with('*'))
    };
    condition.paths().any(reads)
}

/// Search parameters are named after what they read: `value-quantity`, `combo-code`.
fn reads_query(query: &Query, element: &str) -> bool {
    let texts = [&query.rule.previous, &query.rule.current];
    let mut parameters = texts.into_iter().flatten().flat_map(|text| text.split(['?', '&']));
    parameters.any(|parameter| {
        let name = parameter.split(['=', ':']).next().unwrap_or_default();
        name.split(['-', '.']).any(|part| part == element)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{Trigger, Versioned};
    use serde_json::{Value, json};

    use super::*;

    fn ready(resource_type: &str, criteria: Value) -> Ready {
        let doc: Trigger = serde_json::from_value(json!({
            "id": "trg_00000000000000000000000001", "organisationId": "org_00000000000000000000000001",
            "name": "T", "integrationId": null, "resourceType": resource_type,
            "eventType": "lab.result.critical", "criteria": criteria, "interactions": ["create", "update"],
            "lane": "critical", "memory": { "kind": "each" }, "active": true,
            "createdAt": "2026-01-01T09:00:00.000Z",
        }))
        .unwrap();
        Ready::new(Arc::new(Versioned { version: 1, doc })).unwrap()
    }

    #[track_caller]
    fn check(ready: &Ready, expected: &[SiteTable]) {
        let found: Vec<SiteTable> =
            SiteTable::ALL.into_iter().filter(|table| ready.may_miss(*table, "K")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn p4_a_trigger_is_blind_to_what_its_condition_reads_and_no_table_knows() {
        use SiteTable::{Codes, Flags, Locations, Thresholds, Units};
        let bound =
            json!({ "code": "http://loinc.org|2823-3", "comparator": ">", "value": 6, "unit": "mmol/L" });
        check(&ready("Observation", json!({ "threshold": bound })), &[Codes, Units]);
        let own = json!({ "code": "K", "comparator": ">", "value": 6, "unit": "mmol/L" });
        check(&ready("Observation", json!({ "threshold": own })), &[Units]);
        let flag = "interpretation.coding.exists(code = 'HH')";
        check(&ready("Observation", json!({ "fhirPath": flag })), &[Flags, Thresholds]);
        let query =
            json!({ "current": "code=http://loinc.org|2823-3&value-quantity=gt6", "requireBoth": false });
        check(&ready("Observation", json!({ "query": query })), &[Codes, Units]);
        check(&ready("Encounter", json!({ "fhirPath": "location.exists()" })), &[Locations]);
        check(&ready("Encounter", json!({ "eventCodes": ["A01"] })), &[]);
    }
}
