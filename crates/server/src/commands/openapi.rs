//! `carehook openapi`: the description of the HTTP surface.

use clap::Args;

use super::{End, out};

/// Print the description of the HTTP surface as OpenAPI.
#[derive(Debug, Args)]
pub(crate) struct Openapi {}

impl Openapi {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let Openapi {} = self;
        out::data(&serde_json::to_string_pretty(&api::openapi(sources::described()))?)?;
        Ok(End::Well)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn every_door_is_described_with_what_it_takes_and_how_it_refuses() {
        let api = serde_json::to_value(api::openapi(sources::described())).unwrap();
        let of = |path: &str, method: &str| {
            api["paths"][format!("/ingest/{{integration}}/{path}")][method].clone()
        };
        let takes_key = |call: &Value| {
            let parameters = call["parameters"].as_array().unwrap();
            parameters.iter().any(|one| one["name"] == "Idempotency-Key")
        };
        for (path, method, media, refusal) in [
            ("events", "post", "application/cloudevents-batch+json", "application/problem+json"),
            ("hl7v2", "post", "application/hl7-v2", "application/problem+json"),
            ("fhir", "post", "application/fhir+json", "application/fhir+json"),
            ("fhir/{type}", "post", "application/fhir+json", "application/fhir+json"),
            ("fhir/{type}/{id}", "put", "application/fhir+json", "application/fhir+json"),
            ("fhir-notification", "post", "application/fhir+json", "application/fhir+json"),
        ] {
            let call = of(path, method);
            assert!(call["requestBody"]["content"][media].is_object(), "{path}: {call}");
            for status in ["401", "409", "422", "503"] {
                assert!(call["responses"][status]["content"][refusal].is_object(), "{path} {status}");
            }
            assert!(takes_key(&call), "{path}");
            assert_eq!(call["parameters"][0]["name"], "integration");
        }
        assert!(of("fhir/{type}/{id}", "delete")["responses"]["204"].is_object());
        let hook = of("hook/{secret}", "post");
        assert!(!takes_key(&hook), "a third party's headers are its own");
        assert_eq!(hook["security"], json!([]));
    }
}
