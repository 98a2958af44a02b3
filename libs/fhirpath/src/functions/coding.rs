use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::text::owned;
use super::{Function, Gives, function};
use crate::collection::Collection;
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::ErrorKind;

pub(super) static TABLE: [Function; 5] = [
    function("encode", (1, 1), Gives::Text, encode),
    function("decode", (1, 1), Gives::Text, decode),
    function("escape", (1, 1), Gives::Text, escape),
    function("unescape", (1, 1), Gives::Text, unescape),
    function("trim", (0, 0), Gives::Text, trim),
];

/// Gives what `body` makes of the text in the notation that the argument names.
fn noted<'a>(
    evaluator: &mut Evaluator<'_, 'a>,
    call: &Call<'_, 'a>,
    body: impl FnOnce(&str, &str) -> Result<Option<String>, ErrorKind>,
) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(call)?;
    let Some((text, arguments)) = texts else { return Ok(Collection::empty().doubting(doubt)) };
    let notation = arguments.first().map_or("", |notation| &**notation);
    let made = body(&text, notation).map_err(|kind| call.error(kind))?;
    evaluator.spend_text(made.as_ref().map_or(0, String::len), call.span)?;
    Ok(Collection::of(made.and_then(owned)).doubting(doubt))
}

fn encode<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    noted(evaluator, &call, |text, notation| match notation {
        "base64" => Ok(Some(STANDARD.encode(text))),
        "urlbase64" => Ok(Some(URL_SAFE.encode(text))),
        "hex" => Ok(Some(text.bytes().map(|byte| format!("{byte:02x}")).collect())),
        _ => Err(ErrorKind::Argument),
    })
}

/// Nothing where the text is not in that notation.
fn decode<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    noted(evaluator, &call, |text, notation| {
        let bytes = match notation {
            "base64" => STANDARD.decode(text).ok(),
            "urlbase64" => URL_SAFE.decode(text).ok(),
            "hex" => from_hex(text),
            _ => return Err(ErrorKind::Argument),
        };
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|one| one.to_digit(16)).collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok())
        .collect()
}

const HTML: [(&str, &str); 5] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

fn escape<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    noted(evaluator, &call, |text, notation| match notation {
        "html" => {
            Ok(Some(HTML.iter().fold(text.to_owned(), |text, (plain, name)| text.replace(plain, name))))
        }
        "json" => {
            let quoted = serde_json::Value::from(text).to_string();
            let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            Ok(inner.map(str::to_owned))
        }
        _ => Err(ErrorKind::Argument),
    })
}

fn unescape<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    noted(evaluator, &call, |text, notation| match notation {
        "html" => {
            let back = HTML.iter().rev();
            Ok(Some(back.fold(text.to_owned(), |text, (plain, name)| text.replace(name, plain))))
        }
        // A quote needs no escape where no quotes are around the text.
        "json" => Ok(serde_json::from_str(&format!("\"{}\"", quotes_escaped(text))).ok()),
        _ => Err(ErrorKind::Argument),
    })
}

/// A backslash before each quote that has none.
fn quotes_escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut is_after_backslash = false;
    for one in text.chars() {
        if one == '"' && !is_after_backslash {
            escaped.push('\\');
        }
        is_after_backslash = one == '\\' && !is_after_backslash;
        escaped.push(one);
    }
    escaped
}

fn trim<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(&call)?;
    Ok(Collection::of(texts.and_then(|(text, _)| owned(text.trim().to_owned()))).doubting(doubt))
}
