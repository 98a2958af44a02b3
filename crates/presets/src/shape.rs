//! How a header carries signatures, and sometimes the time: `t={ts},v1={sig}`.

/// How the value of a header is taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// What stands between the items; none if there is one.
    split: Option<char>,
    /// What an item may look like, the first that fits.
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    before: String,
    part: Part,
    after: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Signature,
    Time,
}

/// What a header carries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried<'a> {
    pub(crate) signatures: Vec<&'a str>,
    pub(crate) ts: Option<&'a str>,
}

impl Shape {
    /// Reads the notation of a preset: items such as `v1={sig}`, and what stands between them.
    pub(crate) fn read(split: Option<&str>, items: &[String]) -> Result<Shape, String> {
        let split = match split.map(|text| text.chars().collect::<Vec<_>>()) {
            None => None,
            Some(one) if one.len() == 1 => one.first().copied(),
            Some(_) => return Err("split is one character".to_owned()),
        };
        let items = items.iter().map(|text| item(text)).collect::<Result<Vec<_>, _>>()?;
        if !items.iter().any(|item| item.part == Part::Signature) {
            return Err("parse has no {sig}".to_owned());
        }
        Ok(Shape { split, items })
    }

    /// Whether the header carries the time too.
    pub(crate) fn has_time(&self) -> bool {
        self.items.iter().any(|item| item.part == Part::Time)
    }

    /// Takes a value apart. Items of no known shape are passed over: vendors add versions.
    pub(crate) fn take<'a>(&self, value: &'a str) -> Carried<'a> {
        let mut carried = Carried::default();
        let mut times = 0;
        let pieces: Vec<&str> = match self.split {
            Some(split) => value.split(split).map(str::trim).collect(),
            None => vec![value],
        };
        for piece in pieces.into_iter().take(ITEMS) {
            let fits = |item: &Item| {
                Some((item.part, piece.strip_prefix(&*item.before)?.strip_suffix(&*item.after)?))
            };
            match self.items.iter().find_map(fits) {
                Some((Part::Signature, text)) => carried.signatures.push(text),
                Some((Part::Time, text)) => {
                    times += 1;
                    carried.ts = Some(text);
                }
                None => {}
            }
        }
        // Two times are none: a verifier and a reader could take different ones.
        if times > 1 {
            carried.ts = None;
        }
        carried
    }
}

fn item(text: &str) -> Result<Item, String> {
    for (name, part) in [("{sig}", Part::Signature), ("{ts}", Part::Time)] {
        if let Some((before, after)) = text.split_once(name) {
            return Ok(Item { before: before.to_owned(), part, after: after.to_owned() });
        }
    }
    Err(format!("{text} has neither {{sig}} nor {{ts}}"))
}

/// Signatures that are looked at: a header is no place to make us compute.
const ITEMS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(split: Option<&str>, items: &[&str], value: &str, signatures: &[&str], ts: Option<&str>) {
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        let shape = Shape::read(split, &items).unwrap();
        assert_eq!(shape.take(value), Carried { signatures: signatures.to_vec(), ts }, "{value}");
    }

    #[test]
    fn every_shape_in_use_is_taken_apart() {
        check(None, &["{sig}"], "abc=", &["abc="], None);
        check(None, &["sha256={sig}"], "sha256=ab", &["ab"], None);
        check(None, &["sha256={sig}"], "sha1=ab", &[], None);
        let stripe = ["t={ts}", "v1={sig}"];
        check(Some(","), &stripe, "t=5,v1=a, v1=b,v0=c", &["a", "b"], Some("5"));
        check(Some(","), &stripe, "t=5,t=6,v1=a", &["a"], None);
        check(Some(","), &["t={ts}", "{sig}"], "t=5,a", &["a"], Some("5"));
        check(Some(" "), &["v1,{sig}"], "v1,a v1a,b v1,c", &["a", "c"], None);
        check(Some(";"), &["v1:{sig}", "v2:{sig}"], "v1:a;v2:b", &["a", "b"], None);
        check(Some(","), &["{sig}"], &"a,".repeat(1_000), &["a"; 16], None);
    }

    #[test]
    fn a_shape_without_a_signature_is_refused() {
        assert!(Shape::read(None, &["t={ts}".to_owned()]).is_err());
        assert!(Shape::read(Some(", "), &["{sig}".to_owned()]).is_err());
        assert!(Shape::read(None, &["v1=".to_owned()]).is_err());
    }
}
