//! The parts of an expression that must all hold, as they stand in its text.
//!
//! A text is cut at `and` where nothing binds more loosely: so the whole holds
//! when, and only when, every clause does, and a clause that fails says why.

/// The clauses of an expression; the whole where it is no conjunction.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let is_loose = |(_, word): &(usize, &str)| matches!(*word, "or" | "xor" | "implies");
    let Some(words) = words(text).filter(|words| !words.iter().any(is_loose)) else {
        return vec![strip(text)];
    };
    let cuts = words.iter().filter(|(_, word)| *word == "and").map(|(at, _)| *at);
    let mut clauses = Vec::new();
    let mut from = 0;
    for cut in cuts {
        clauses.push(strip(text.get(from..cut).unwrap_or_default()));
        from = cut + "and".len();
    }
    clauses.push(strip(text.get(from..).unwrap_or_default()));
    // A clause in brackets may be a conjunction itself.
    if clauses.len() == 1 && clauses[0].len() < text.trim().len() {
        return split(clauses[0]);
    }
    clauses
}

/// Words outside brackets and literals, with where they begin; none for a text with comments.
fn words(text: &str) -> Option<Vec<(usize, &str)>> {
    let mut words = Vec::new();
    let (mut depth, mut quote, mut escaped, mut begun) = (0_i32, None, false, None);
    let mut before = ' ';
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if let Some(closing) = quote {
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if letter == closing => quote = None,
                _ => {}
            }
            continue;
        }
        let is_word = letter.is_alphanumeric() || matches!(letter, '_' | '.' | '%' | '$' | '@');
        if is_word && depth == 0 {
            begun = begun.or(Some(at));
            before = letter;
            continue;
        }
        if let Some(from) = begun.take() {
            words.push((from, text.get(from..at).unwrap_or_default()));
        }
        match letter {
            '\'' | '"' | '`' => quote = Some(letter),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '/' | '*' if before == '/' => return None,
            _ => {}
        }
        before = letter;
    }
    Some(words)
}

/// A text without blanks and brackets around it.
fn strip(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match inner {
        Some(inner) if is_balanced(inner) => strip(inner),
        Some(_) | None => text,
    }
}

/// Whether no bracket closes that was not opened.
fn is_balanced(text: &str) -> bool {
    let (mut depth, mut quote, mut escaped) = (0_i32, None, false);
    for letter in text.chars() {
        match (quote, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(closing), _) if closing == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && quote.is_none()
}

/// The codes of which a resource must carry one for a clause to hold, where the clause says so
/// in one of the usual ways; anything else pins nothing.
pub(super) fn pinned(clause: &str) -> Option<Vec<String>> {
    let tight: String = clause.split_whitespace().collect::<Vec<_>>().join(" ");
    let tight = ["Observation.", "%current.", "%resource.", "%context."]
        .iter()
        .find_map(|root| tight.strip_prefix(root))
        .unwrap_or(&tight)
        .to_owned();
    let bare = tight.strip_prefix("code.coding.code = ").or_else(|| tight.strip_prefix("code.coding.code="));
    let bare = bare.or_else(|| tight.strip_prefix("code.coding.code contains "));
    let bare = bare.or_else(|| tight.strip_suffix(" in code.coding.code"));
    if let Some(code) = bare {
        return literal(code).map(|code| vec![code]);
    }
    let filter = tight.strip_prefix("code.coding.where(").and_then(|rest| rest.strip_suffix(").exists()"));
    let filter =
        filter.or_else(|| tight.strip_prefix("code.coding.exists(").and_then(|rest| rest.strip_suffix(')')));
    let mut code = None;
    for part in split(filter?) {
        let (name, value) = part.split_once('=')?;
        let value = literal(value.trim())?;
        match name.trim().trim_start_matches("$this.") {
            "code" => code = Some(value),
            "system" => {}
            _ => return None,
        }
    }
    code.map(|code| vec![code])
}

/// The text of a literal without escapes.
fn literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains(['\'', '\\'])).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conjunction_is_cut_into_its_clauses_and_nothing_else_is() {
        assert_eq!(split("status = 'final' and value > 6.0"), ["status = 'final'", "value > 6.0"]);
        assert_eq!(split("((a and b))"), ["a", "b"]);
        assert_eq!(split("(a or b) and c.exists(d and e)"), ["a or b", "c.exists(d and e)"]);
        assert_eq!(split("a and b or c"), ["a and b or c"]);
        assert_eq!(split("(a) and (b)"), ["a", "b"]);
        assert_eq!(
            split("text = 'this and that' and `and`.exists()"),
            ["text = 'this and that'", "`and`.exists()"]
        );
        assert_eq!(split("name = 'O\\' and x'"), ["name = 'O\\' and x'"]);
        assert_eq!(split("brand and land"), ["brand", "land"]);
        assert_eq!(split("url = 'http://a' and b"), ["url = 'http://a'", "b"]);
        assert_eq!(split("a // and\nb"), ["a // and\nb"]);
    }

    #[test]
    fn only_a_clause_that_cannot_hold_without_a_code_pins_it() {
        let pins = |clause| pinned(clause).map(|codes| codes.join(","));
        let code = Some("2339-0".to_owned());
        assert_eq!(pins("code.coding.where(system = 'http://loinc.org' and code = '2339-0').exists()"), code);
        assert_eq!(pins("Observation.code.coding.exists(code='2339-0')"), code);
        assert_eq!(pins("code.coding.code = '2339-0'"), code);
        assert_eq!(pins("'2339-0' in code.coding.code"), code);
        for loose in [
            "code.coding.where(code = '2339-0').empty()",
            "code.coding.where(code = '2339-0' or code = '1').exists()",
            "code.coding.where(code != '2339-0').exists()",
            "code.coding.exists(code = '2339-0').not()",
            "code.coding.where(display = 'x').exists()",
            "value > 6.0",
        ] {
            assert_eq!(pins(loose), None, "{loose}");
        }
    }
}
