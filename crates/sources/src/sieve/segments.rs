//! Fields and segments of an HL7 v2 message, as bytes: what stays is not touched.

use model::{FieldPath, Fields};

/// The message without what is refused. MSH is always taken: it says how to read the rest.
pub(super) fn sift(message: &[u8], fields: &Fields) -> Vec<u8> {
    let mut sifted = Vec::with_capacity(message.len());
    let mut separator = b'|';
    let mut is_whole = true;
    for line in message.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
        let content = line.trim_ascii_end();
        let name = content.get(..3).unwrap_or_default();
        if name == b"MSH" || content.is_empty() {
            separator = content.get(3).copied().unwrap_or(separator);
            sifted.extend_from_slice(line);
            continue;
        }
        // ADD goes on with the segment before it: nobody could tell which of its fields that is.
        if name == b"ADD" && !is_whole {
            continue;
        }
        let kept = segment((content, separator), str::from_utf8(name).unwrap_or_default(), fields);
        is_whole = kept.as_deref() == Some(content);
        if let Some(kept) = kept {
            sifted.extend_from_slice(&kept);
            sifted.extend_from_slice(line.get(content.len()..).unwrap_or_default());
        }
    }
    sifted
}

/// What is left of a segment; none if it is refused whole.
fn segment((content, separator): (&[u8], u8), name: &str, fields: &Fields) -> Option<Vec<u8>> {
    let accepted = numbers(&fields.accept, name);
    let dropped = numbers(&fields.drop, name);
    let is_accepted = |number: usize| fields.accept.is_empty() || hits(&accepted, number);
    if dropped.contains(&None) || (!fields.accept.is_empty() && accepted.is_empty()) {
        return None;
    }
    let parts = content.split(|byte| *byte == separator).enumerate();
    let kept: Vec<&[u8]> = parts
        .map(|(number, part)| match number {
            0 => part,
            _ if is_accepted(number) && !hits(&dropped, number) => part,
            _ => &[],
        })
        .collect();
    Some(kept.join(&separator))
}

/// The fields that paths name in a segment; none for the whole of it.
fn numbers(paths: &[FieldPath], name: &str) -> Vec<Option<usize>> {
    let places = paths.iter().map(FieldPath::segment).filter(|(segment, _)| *segment == name);
    places.map(|(_, field)| field).collect()
}

fn hits(numbers: &[Option<usize>], field: usize) -> bool {
    numbers.iter().any(|number| number.is_none_or(|number| number == field))
}

#[cfg(test)]
mod tests {
    use model::Kind;

    use super::*;

    const MESSAGE: &str = "MSH|^~\\&|LAB|||||ORU^R01|1|P|2.5.1\rPID|1||1001||Doe^Jane|||F||||555\rADD|more\rNK1|1|Doe\rOBX|1|NM|K||6.9\r";

    #[track_caller]
    fn check(accept: &[&str], drop: &[&str], expected: &str) {
        let paths =
            |texts: &[&str]| texts.iter().map(|text| FieldPath::of(&Kind::Hl7v2, text).unwrap()).collect();
        let sifted = sift(MESSAGE.as_bytes(), &Fields { accept: paths(accept), drop: paths(drop) });
        assert_eq!(String::from_utf8(sifted).unwrap(), expected);
    }

    #[test]
    fn c7_refused_fields_are_gone_from_the_message_itself() {
        let head = "MSH|^~\\&|LAB|||||ORU^R01|1|P|2.5.1\r";
        check(&[], &["PID-12", "NK1"], &format!("{head}PID|1||1001||Doe^Jane|||F||||\rOBX|1|NM|K||6.9\r"));
        check(&["PID-3", "OBX"], &[], &format!("{head}PID|||1001|||||||||\rOBX|1|NM|K||6.9\r"));
        check(&["PID", "OBX"], &["PID-5"], &format!("{head}PID|1||1001|||||F||||555\rOBX|1|NM|K||6.9\r"));
        check(&[], &["ZPD"], MESSAGE);
    }
}
