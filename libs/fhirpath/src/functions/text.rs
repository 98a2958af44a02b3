use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::{Function, Gives, function};
use crate::collection::{Collection, Doubt, either, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::{ErrorKind, EvaluationError};
use crate::item::Item;

pub(super) static TABLE: [Function; 16] = [
    function("indexOf", (1, 1), Gives::Integer, index_of),
    function("lastIndexOf", (1, 1), Gives::Integer, last_index_of),
    function("substring", (1, 2), Gives::Text, substring),
    function("startsWith", (1, 1), Gives::Boolean, starts_with),
    function("endsWith", (1, 1), Gives::Boolean, ends_with),
    function("contains", (1, 1), Gives::Boolean, contains),
    function("upper", (0, 0), Gives::Text, upper),
    function("lower", (0, 0), Gives::Text, lower),
    function("replace", (2, 2), Gives::Text, replace),
    function("matches", (1, 1), Gives::Boolean, matches),
    function("matchesFull", (1, 1), Gives::Boolean, matches_full),
    function("replaceMatches", (2, 2), Gives::Text, replace_matches),
    function("length", (0, 0), Gives::Integer, length),
    function("toChars", (0, 0), Gives::Text, to_chars),
    function("split", (1, 1), Gives::Text, split),
    function("join", (0, 1), Gives::Text, join),
];

/// Bytes of a pattern, and of what it is compiled to.
const PATTERN_BYTES_MAX: usize = 1000;
const PROGRAM_BYTES_MAX: usize = 1 << 18;

/// The text of the input and those of the arguments; nothing where one is empty.
type Texts<'a> = Option<(Cow<'a, str>, Vec<Cow<'a, str>>)>;

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn texts(
        &mut self,
        call: &Call<'_, 'a>,
    ) -> Result<(Texts<'a>, Option<Doubt>), EvaluationError> {
        let mut doubt = call.input.doubt;
        let mut read = |found: &Collection<'a>| {
            doubt = unsettled(either(doubt, found.doubt));
            let item = found.single().map_err(|kind| call.error(kind))?;
            item.map(|item| item.text().ok_or(call.error(ErrorKind::Mismatch))).transpose()
        };
        let input = read(&call.input)?;
        let mut arguments = Vec::new();
        for place in 0..call.arguments.len() {
            arguments.extend(read(&self.argument(call, place)?)?);
        }
        let is_whole = arguments.len() == call.arguments.len();
        let texts = input.filter(|_| is_whole).map(|input| (input, arguments));
        let bytes = texts.as_ref().map_or(0, |(input, _)| input.len());
        self.spend(bytes / 16, call.span)?;
        Ok((texts, doubt))
    }

    /// Gives what `body` makes of the text and the first argument.
    fn of_text(
        &mut self,
        call: &Call<'_, 'a>,
        body: impl FnOnce(&str, &[Cow<'a, str>]) -> Option<Item<'a>>,
    ) -> Outcome<'a> {
        let (texts, doubt) = self.texts(call)?;
        let item = texts.and_then(|(input, arguments)| body(&input, &arguments));
        if let Some(Item::Text(text)) = &item {
            self.spend_text(text.len(), call.span)?;
        }
        Ok(Collection::of(item).doubting(doubt))
    }
}

pub(super) fn owned<'a>(text: String) -> Option<Item<'a>> {
    Some(Item::Text(Cow::Owned(text)))
}

/// The place of a character, counted in characters.
fn place<'a>(text: &str, at: Option<usize>) -> Option<Item<'a>> {
    let before = at.and_then(|at| text.get(..at)).map(|before| before.chars().count());
    Some(Item::Integer(before.map_or(-1, |count| count as i64)))
}

fn index_of<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, arguments| place(text, text.find(&**arguments.first()?)))
}

fn last_index_of<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, arguments| place(text, text.rfind(&**arguments.first()?)))
}

fn substring<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let item = call.single()?;
    let text = item.map(|item| item.text().ok_or(call.error(ErrorKind::Mismatch))).transpose()?;
    let start = evaluator.integer(&call, 0)?;
    let length =
        evaluator.integer(&call, 1)?.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
    let (Some(text), Some(start)) = (text, start.and_then(|start| usize::try_from(start).ok())) else {
        return Ok(Collection::empty().doubting(call.input.doubt));
    };
    evaluator.spend(text.len() / 16, call.span)?;
    let is_within = start < text.chars().count();
    let part = is_within.then(|| text.chars().skip(start).take(length).collect::<String>());
    Ok(Collection::of(part.and_then(owned)).doubting(unsettled(call.input.doubt)))
}

fn starts_with<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, arguments| Some(Item::Boolean(text.starts_with(&**arguments.first()?))))
}

fn ends_with<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, arguments| Some(Item::Boolean(text.ends_with(&**arguments.first()?))))
}

fn contains<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, arguments| Some(Item::Boolean(text.contains(&**arguments.first()?))))
}

fn upper<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, _| owned(text.to_uppercase()))
}

fn lower<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, _| owned(text.to_lowercase()))
}

fn replace<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(&call)?;
    let Some((text, arguments)) = texts else { return Ok(Collection::empty().doubting(doubt)) };
    let [pattern, by] = arguments.as_slice() else { return Ok(Collection::empty()) };
    // What it may become is paid for before it is made.
    let most = text.len().saturating_add((text.len() + 1).saturating_mul(by.len()));
    evaluator.spend_text(most, call.span)?;
    Ok(Collection::of(owned(text.replace(&**pattern, by))).doubting(doubt))
}

fn pattern(text: &str, is_full: bool) -> Result<Regex, ErrorKind> {
    if text.len() > PATTERN_BYTES_MAX {
        return Err(ErrorKind::Argument);
    }
    let whole = if is_full { format!(r"\A(?:{text})\z") } else { text.to_owned() };
    let builder = RegexBuilder::new(&whole).dot_matches_new_line(true).size_limit(PROGRAM_BYTES_MAX).build();
    builder.map_err(|_| ErrorKind::Argument)
}

/// Whether a text is a pattern.
pub(crate) fn is_pattern(text: &str) -> bool {
    pattern(text, false).is_ok()
}

/// Compiling a pattern costs more than all else, so it costs steps.
const PATTERN_STEPS: usize = 200;

fn matched<'a>(evaluator: &mut Evaluator<'_, 'a>, call: &Call<'_, 'a>, is_full: bool) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(call)?;
    let Some((text, arguments)) = texts else { return Ok(Collection::empty().doubting(doubt)) };
    evaluator.spend(PATTERN_STEPS, call.span)?;
    let pattern = arguments.first().map(|argument| pattern(argument, is_full)).transpose();
    let pattern = pattern.map_err(|kind| call.error(kind))?;
    let item = pattern.map(|pattern| Item::Boolean(pattern.is_match(&text)));
    Ok(Collection::of(item).doubting(doubt))
}

fn matches<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    matched(evaluator, &call, false)
}

fn matches_full<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    matched(evaluator, &call, true)
}

fn replace_matches<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(&call)?;
    let Some((text, arguments)) = texts else { return Ok(Collection::empty().doubting(doubt)) };
    let [sought, by] = arguments.as_slice() else { return Ok(Collection::empty()) };
    if sought.is_empty() {
        return Ok(Collection::of(Item::Text(text)).doubting(doubt));
    }
    evaluator.spend(PATTERN_STEPS, call.span)?;
    let pattern = pattern(sought, false).map_err(|kind| call.error(kind))?;
    // A reference such as `$1` may stand for the whole text, at each of its places.
    let each = by.len().saturating_add(by.matches('$').count().saturating_mul(text.len()));
    evaluator.spend_text(text.len().saturating_add((text.len() + 1).saturating_mul(each)), call.span)?;
    Ok(Collection::of(owned(pattern.replace_all(&text, &**by).into_owned())).doubting(doubt))
}

fn length<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.of_text(&call, |text, _| Some(Item::Integer(text.chars().count() as i64)))
}

fn to_chars<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(&call)?;
    let text = texts.map(|(text, _)| text).unwrap_or_default();
    evaluator.spend(text.len(), call.span)?;
    let items = text.chars().filter_map(|one| owned(one.to_string())).collect();
    evaluator.sized(Collection { items, doubt }, call.span)
}

fn split<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let (texts, doubt) = evaluator.texts(&call)?;
    let Some((text, arguments)) = texts else { return Ok(Collection::empty().doubting(doubt)) };
    evaluator.spend(text.len(), call.span)?;
    let separator = arguments.first().map_or("", |separator| &**separator);
    let items = if separator.is_empty() {
        vec![Item::Text(text)]
    } else {
        text.split(separator).filter_map(|part| owned(part.to_owned())).collect()
    };
    evaluator.sized(Collection { items, doubt }, call.span)
}

fn join<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let found = evaluator.argument(&call, 0)?;
    let separator = found.single().map_err(|kind| call.error(kind))?.and_then(Item::text).unwrap_or_default();
    if call.input.items.is_empty() {
        return Ok(call.input);
    }
    let mut text = String::new();
    for (place, item) in call.input.items.iter().enumerate() {
        let part = item.text().ok_or(call.error(ErrorKind::Mismatch))?;
        text.push_str(if place == 0 { "" } else { &separator });
        text.push_str(&part);
        evaluator.spend_text(text.len(), call.span)?;
    }
    Ok(Collection::of(owned(text)).doubting(unsettled(call.input.doubt)))
}
