//! Words become a tree.

mod term; // Literals, variables and parentheses.
mod remedy; // What is meant where other languages write otherwise.

use crate::fault::{CompileError, Span};
use crate::functions::{self, Function};
use crate::lex::{Word, words};
use crate::model::TypeId;
use crate::syntax::{Expr, Kind, Operator, Step, StepKind, SystemType, TypeRef, TypeTest};

/// Parentheses, arguments and signs within each other.
const DEPTH_MAX: usize = 64;

pub(crate) fn parse(text: &str, variables: &[&str]) -> Result<Expr, CompileError> {
    let words = words(text)?;
    let mut parser = Parser { text, words, at: 0, depth: 0, variables };
    let expr = parser.expression(0)?;
    match parser.peek() {
        Word::End => Ok(expr),
        _ => Err(parser.error("the expression should end here", parser.remedy())),
    }
}

struct Parser<'t> {
    text: &'t str,
    words: Vec<(Word, Span)>,
    at: usize,
    depth: usize,
    variables: &'t [&'t str],
}

impl Parser<'_> {
    fn peek(&self) -> &Word {
        self.words.get(self.at).map_or(&Word::End, |(word, _)| word)
    }

    /// Where the next word is.
    fn here(&self) -> Span {
        self.words.get(self.at).or(self.words.last()).map_or(Span::default(), |(_, span)| *span)
    }

    /// Where the last word was.
    fn before(&self) -> Span {
        self.words.get(self.at.wrapping_sub(1)).map_or(Span::default(), |(_, span)| *span)
    }

    fn take(&mut self) -> Word {
        let word = self.peek().clone();
        self.at += 1;
        word
    }

    fn is_next(&self, symbol: &str) -> bool {
        matches!(self.peek(), Word::Symbol(next) if *next == symbol)
    }

    fn took(&mut self, symbol: &str) -> bool {
        let is_next = self.is_next(symbol);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, symbol: &str, fix: &str) -> Result<(), CompileError> {
        if self.took(symbol) { Ok(()) } else { Err(self.error(&format!("`{symbol}` is missing"), fix)) }
    }

    fn error(&self, what: &str, fix: &str) -> CompileError {
        CompileError::new(self.text, self.here().start as usize, what, fix)
    }

    fn error_at(&self, span: Span, what: &str, fix: &str) -> CompileError {
        CompileError::new(self.text, span.start as usize, what, fix)
    }

    /// Operators that bind at least as strongly as `least`.
    fn expression(&mut self, least: u8) -> Result<Expr, CompileError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error("it is nested too deeply", "split the expression"));
        }
        let mut left = self.signed()?;
        while let Some((operator, binding)) = self.operator().filter(|(_, binding)| *binding >= least) {
            self.at += 1;
            left = match operator {
                Infix::Typed(test) => {
                    let kind = self.type_ref()?;
                    typed(left, (test, kind), self.before())
                }
                Infix::Operator(operator) => {
                    let right = self.expression(binding + 1)?;
                    chained(left, operator, right)
                }
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<(Infix, u8)> {
        let word = match self.peek() {
            Word::Name(word) => word.as_str(),
            Word::Symbol(word) => word,
            _ => return None,
        };
        match word {
            "is" => Some((Infix::Typed(TypeTest::Is), Operator::TYPE_BINDING)),
            "as" => Some((Infix::Typed(TypeTest::As), Operator::TYPE_BINDING)),
            _ => Operator::written(word).map(|(operator, binding)| (Infix::Operator(operator), binding)),
        }
    }

    /// Signs bind more loosely than a path: `-1.abs()` is `-(1.abs())`.
    fn signed(&mut self) -> Result<Expr, CompileError> {
        let start = self.here();
        let is_negative = self.is_next("-");
        if !is_negative && !self.is_next("+") {
            return self.path();
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error("it is nested too deeply", "remove signs"));
        }
        let of = Box::new(self.signed()?);
        self.depth -= 1;
        let span = start.to(of.span);
        Ok(Expr { span, kind: if is_negative { Kind::Negative(of) } else { Kind::Positive(of) } })
    }

    fn path(&mut self) -> Result<Expr, CompileError> {
        let start = self.here();
        let mut steps = Vec::new();
        let head = match self.peek() {
            Word::Name(_) | Word::Quoted(_) if !self.is_literal() => {
                steps.push(self.step()?);
                None
            }
            _ => Some(self.term()?),
        };
        loop {
            if self.took(".") {
                steps.push(self.step()?);
            } else if self.is_next("[") {
                let open = self.here();
                self.at += 1;
                let index = self.expression(0)?;
                self.expect("]", "close the index")?;
                steps.push(Step { span: open.to(self.before()), kind: StepKind::At(Box::new(index)) });
            } else {
                break;
            }
        }
        match head {
            Some(term) if steps.is_empty() => Ok(term),
            head => Ok(Expr {
                span: start.to(self.before()),
                kind: Kind::Path { head: head.map(Box::new), steps },
            }),
        }
    }

    fn is_literal(&self) -> bool {
        matches!(self.peek(), Word::Name(word) if word == "true" || word == "false")
    }

    fn step(&mut self) -> Result<Step, CompileError> {
        let span = self.here();
        let (name, is_quoted) = match self.take() {
            Word::Name(name) => (name, false),
            Word::Quoted(name) => (name, true),
            // `$this` and its kin may stand as a step; they ignore what is before them, so they are refused.
            _ => {
                let what = "a name of an element or function is missing";
                return Err(self.error_at(span, what, "write a name after the point"));
            }
        };
        if is_quoted || !self.took("(") {
            return Ok(Step { span, kind: StepKind::Member(name) });
        }
        let kind = match type_test(&name) {
            Some(test) => StepKind::Typed(test, self.type_ref()?),
            None => self.call(&name, span)?,
        };
        self.expect(")", "close the arguments")?;
        Ok(Step { span: span.to(self.before()), kind })
    }

    fn call(&mut self, name: &str, span: Span) -> Result<StepKind, CompileError> {
        let Some(function) = functions::named(name) else {
            let fix = match remedy::function(name).or_else(|| functions::near(name)) {
                Some(near) => format!("did you mean {near}?", near = remedy::called(near)),
                None => "see the list of functions in the reference".to_owned(),
            };
            return Err(self.error_at(span, &format!("there is no function {name}()"), &fix));
        };
        let mut arguments = Vec::new();
        while !self.is_next(")") {
            arguments.push(self.expression(0)?);
            if !self.took(",") {
                break;
            }
        }
        self.counted(function, arguments.len(), span)?;
        Ok(StepKind::Call(function, arguments))
    }

    fn counted(&self, function: &Function, count: usize, span: Span) -> Result<(), CompileError> {
        let Function { name, least, most, .. } = function;
        if (*least..=*most).contains(&count) {
            return Ok(());
        }
        let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let what = format!("{name}() has {count} arguments");
        let fix = if *most == 0 {
            format!("it takes none; write what it is asked of before it: (…).{name}()")
        } else {
            format!("it takes {range}")
        };
        Err(self.error_at(span, &what, &fix))
    }

    fn type_ref(&mut self) -> Result<TypeRef, CompileError> {
        let span = self.here();
        let mut names = vec![self.type_word()?];
        while self.took(".") {
            names.push(self.type_word()?);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = match names.as_slice() {
            ["System", name] => TypeRef { system: SystemType::named(name), fhir: None },
            ["FHIR", name] => TypeRef { system: None, fhir: TypeId::named(name) },
            [name] => TypeRef { system: SystemType::named(name), fhir: TypeId::named(name) },
            _ => TypeRef { system: None, fhir: None },
        };
        // The namespace of the system is closed: no other type can be in it, and asking is no mistake.
        if found.system.is_none() && found.fhir.is_none() && names.first() != Some(&"System") {
            let what = format!("there is no type {}", names.join("."));
            let fix = match names.as_slice() {
                ["null" | "nothing" | "empty"] => "ask empty() or exists() instead",
                _ => "name a type of FHIR R4 or of the system, such as Quantity; compare texts with = 'text'",
            };
            return Err(self.error_at(span, &what, fix));
        }
        Ok(found)
    }

    fn type_word(&mut self) -> Result<String, CompileError> {
        let span = self.here();
        match self.take() {
            Word::Name(name) | Word::Quoted(name) => Ok(name),
            _ => Err(self.error_at(span, "the name of a type is missing", "write a type such as Quantity")),
        }
    }
}

enum Infix {
    Operator(Operator),
    Typed(TypeTest),
}

fn type_test(name: &str) -> Option<TypeTest> {
    match name {
        "is" => Some(TypeTest::Is),
        "as" => Some(TypeTest::As),
        "ofType" => Some(TypeTest::OfType),
        _ => None,
    }
}

fn typed(of: Expr, test: (TypeTest, TypeRef), end: Span) -> Expr {
    let span = of.span.to(end);
    match of.kind {
        Kind::Typed { of, mut tests } => {
            tests.push(test);
            Expr { span, kind: Kind::Typed { of, tests } }
        }
        _ => Expr { span, kind: Kind::Typed { of: Box::new(of), tests: vec![test] } },
    }
}

/// One more operand, beside others of the same precedence so that a long chain is not a deep tree.
fn chained(left: Expr, operator: Operator, right: Expr) -> Expr {
    let binding =
        |operator: Operator| Operator::TABLE.iter().find(|(_, it, _)| *it == operator).map(|it| it.2);
    let span = left.span.to(right.span);
    match left.kind {
        Kind::Chain { first, mut rest }
            if rest.last().is_some_and(|(last, _)| binding(*last) == binding(operator)) =>
        {
            rest.push((operator, right));
            Expr { span, kind: Kind::Chain { first, rest } }
        }
        _ => Expr { span, kind: Kind::Chain { first: Box::new(left), rest: vec![(operator, right)] } },
    }
}
