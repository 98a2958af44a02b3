//! Bodies as JSON and back, and where in them stands that something happened, and what.

use model::PresetSettings;
use serde_json::Value;

use super::Unread;
use crate::Preset;
use crate::call::Call;
use crate::document::BodyKind;
use crate::fields::Settings;
use crate::template::{Template, Variable};

impl Preset {
    /// The body of a proven call as JSON, so that something can be taken out of it.
    ///
    /// # Errors
    /// It is not what the preset says it is.
    pub fn open(&self, call: &Call<'_>) -> Result<Value, Unread> {
        self.reading.root(call.body)
    }

    /// What [`Preset::open`] gave, in the vendor's own form again.
    #[must_use]
    pub fn write(&self, body: &Value) -> Vec<u8> {
        match (self.reading.body, body) {
            (BodyKind::Form, Value::Object(members)) => {
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let pairs = members.iter().map(|(name, value)| (name, text(value)));
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
            }
            (BodyKind::Form | BodyKind::Json, body) => body.to_string().into_bytes(),
        }
    }

    /// The members of a body without which nobody could tell what happened, or that it is a test (T1): each by
    /// the names on the way to it, lists passed through.
    #[must_use]
    pub fn frame(&self, given: &PresetSettings) -> Vec<Vec<String>> {
        let reading = &self.reading;
        let test = reading.test.as_ref().map(|(template, _)| template);
        let templates = [Some(&reading.kind), reading.id.as_ref(), test];
        let variables = templates.into_iter().flatten().flat_map(Template::variables);
        let items = reading.items.as_deref().unwrap_or_default();
        let pointer = |variable: &Variable| {
            let below_item = if let Variable::Json(pointer) = variable {
                pointer
            } else if let Variable::JsonAt(name) = variable {
                Settings(given).field(name)?
            } else if let Variable::Root(pointer) = variable {
                return Some(pointer.clone());
            } else {
                return None;
            };
            Some(format!("{items}{below_item}"))
        };
        variables.filter_map(pointer).map(|pointer| names(&pointer)).collect()
    }
}

fn names(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    steps.filter(|step| step.parse::<usize>().is_err()).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use model::Timestamp;

    use super::*;
    use crate::Library;

    fn written(preset: &str, body: &str) -> String {
        let (library, headers) = (Library::embedded(), HeaderMap::new());
        let preset = library.find(preset).unwrap();
        let call = Call {
            method: "POST",
            path: "",
            query: "",
            secret_path: None,
            headers: &headers,
            body: body.as_bytes(),
            now: Timestamp::from_millis(0),
        };
        String::from_utf8(preset.write(&preset.open(&call).unwrap())).unwrap()
    }

    #[test]
    fn a_body_that_was_opened_is_written_in_its_own_form_again() {
        let json = r#"{"z":1.50,"a":[{"b":null}]}"#;
        assert_eq!(written("stripe", json), json);
        let form = "action=scheduled&id=7&note=a+%26+b%3D%C3%A9";
        assert_eq!(written("acuity", form), form);
    }

    #[test]
    fn t1_the_frame_of_every_preset_names_its_type_and_its_mark_of_tests() {
        let library = Library::embedded();
        let frame = |name: &str, field: &str| {
            let given = PresetSettings {
                fields: [("typePointer".to_owned(), field.to_owned())].into(),
                ..PresetSettings::default()
            };
            library.find(name).unwrap().frame(&given).iter().map(|names| names.join(".")).collect::<Vec<_>>()
        };
        assert_eq!(frame("stripe", ""), ["type", "id", "livemode"]);
        assert_eq!(frame("generic-token", "/meta/0/kind")[..3], ["meta.kind", "type", "event"]);
    }
}
