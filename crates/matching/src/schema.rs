//! What an event type asks of its data: little, and cheap to check.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::TypeInfo;
use crate::json_schema::Fault;

/// Checks the data of an event against its type.
///
/// Data is a JSON object; the type's own reference, where it has one, is a
/// string that is not empty. Nothing else is read.
///
/// # Errors
/// The first fault.
pub fn check_data(info: &TypeInfo, data: &RawValue) -> Result<(), Fault> {
    if !data.get().trim_start().starts_with('{') {
        return Err(Fault { pointer: String::new(), why: "data is a JSON object".to_owned() });
    }
    if let Some(own) = &info.own {
        let unread = |_| Fault { pointer: String::new(), why: "data is a JSON object".to_owned() };
        return own.check(&serde_json::from_str(data.get()).map_err(unread)?);
    }
    let Some(name) = &info.required else { return Ok(()) };
    let found = serde_json::Deserializer::from_str(data.get()).deserialize_map(Pick(name));
    match found {
        Ok(Some(Value::String(text))) if !text.is_empty() => Ok(()),
        Ok(None) => Err(Fault::at(name, "is missing")),
        Ok(Some(_)) | Err(_) => Err(Fault::at(name, "is a string that is not empty")),
    }
}

/// Reads one member of an object and skips the others without building them.
struct Pick<'n>(&'n str);

impl<'de> Visitor<'de> for Pick<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Option<Value>, A::Error> {
        let mut found = None;
        while let Some(is_wanted) = members.next_key_seed(Is(self.0))? {
            if is_wanted {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Compares a key without copying it.
struct Is<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    #[track_caller]
    fn check(event_type: &str, data: &str, expected: Result<(), &str>) {
        let data = RawValue::from_string(data.to_owned()).unwrap();
        let info = Catalogue::embedded().find(event_type).unwrap();
        assert_eq!(check_data(info, &data).map_err(|fault| fault.pointer), expected.map_err(str::to_owned));
    }

    #[test]
    fn only_the_own_reference_of_the_object_is_asked_for() {
        check("lab.result.critical", "{}", Ok(()));
        check("lab.result.critical", "[]", Err(""));
        check("prescription.created", r#"{"b":{"rxRef":1},"rxRef":"RX-1","more":[1,{}]}"#, Ok(()));
        check("prescription.created", r#"{"b":{"rxRef":"RX-1"}}"#, Err("/rxRef"));
        check("prescription.created", r#"{"rxRef":""}"#, Err("/rxRef"));
        check("prescription.created", r#"{"rxRef":7}"#, Err("/rxRef"));
        check("x.vendor.thing", r#"{"any":1}"#, Ok(()));
    }
}
