//! What stands between operators: literals, variables and parentheses.

use super::Parser;
use crate::fault::{CompileError, Span};
use crate::lex::Word;
use crate::number;
use crate::syntax::{Expr, Kind, Literal, LiteralUnit, Variable};
use crate::temporal::{Calendar, Date, DateTime, Time};

impl Parser<'_> {
    pub(super) fn term(&mut self) -> Result<Expr, CompileError> {
        let start = self.here();
        let kind = match self.take() {
            Word::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")", "close the parenthesis")?;
                return Ok(Expr { span: start.to(self.before()), ..inner });
            }
            Word::Symbol("{") => {
                self.expect("}", "an empty collection is written {}, and several texts as ('a' | 'b')")?;
                Kind::Literal(Literal::Empty)
            }
            Word::Name(word) => Kind::Literal(Literal::Boolean(word == "true")),
            Word::Text(text) => Kind::Literal(Literal::Text(text)),
            Word::Number(text) => Kind::Literal(self.number(&text, start)?),
            Word::Moment(text) => Kind::Literal(self.moment(&text, start)?),
            Word::Variable(name) => Kind::Variable(self.variable(name, start)?),
            Word::Special(name) => Kind::Variable(self.special(&name, start)?),
            Word::End => return Err(self.error_at(start, "a value is missing", "complete the expression")),
            Word::Symbol("!") => {
                return Err(self.error_at(
                    start,
                    "a value is missing",
                    "write (…).not() for what does not hold",
                ));
            }
            Word::Quoted(_) | Word::Symbol(_) => {
                return Err(self.error_at(start, "a value is missing", self.value_remedy()));
            }
        };
        Ok(Expr { span: start.to(self.before()), kind })
    }

    fn number(&mut self, text: &str, span: Span) -> Result<Literal, CompileError> {
        let decimal = || {
            let what = "a number has more than 28 digits";
            number::parse(text).ok_or_else(|| self.error_at(span, what, "shorten it"))
        };
        let unit = match self.peek() {
            Word::Text(code) => Some(match Calendar::named(code) {
                Some(unit) => LiteralUnit::Calendar(unit),
                None => LiteralUnit::Ucum(code.clone()),
            }),
            Word::Name(word) => Calendar::named(word).map(LiteralUnit::Calendar),
            _ => None,
        };
        if let Some(unit) = unit {
            let value = decimal()?;
            self.at += 1;
            return Ok(Literal::Quantity(value, unit));
        }
        match text.parse() {
            Ok(integer) => Ok(Literal::Integer(integer)),
            Err(_) => decimal().map(Literal::Decimal),
        }
    }

    fn moment(&self, text: &str, span: Span) -> Result<Literal, CompileError> {
        let found = match text.strip_prefix('T') {
            Some(time) => Time::parse(time).map(Literal::Time),
            None if text.contains('T') => DateTime::parse(text).map(Literal::DateTime),
            None => Date::parse(text).map(Literal::Date),
        };
        let what = "there is no such date or time";
        found.ok_or_else(|| self.error_at(span, what, "write it as @2024-03-01T10:30:00+01:00"))
    }

    fn special(&self, name: &str, span: Span) -> Result<Variable, CompileError> {
        match name {
            "this" => Ok(Variable::This),
            "index" => Ok(Variable::Index),
            "total" => Ok(Variable::Total),
            _ => {
                let what = format!("there is no ${name}");
                Err(self.error_at(span, &what, "use $this, $index or $total"))
            }
        }
    }

    fn variable(&self, name: String, span: Span) -> Result<Variable, CompileError> {
        let constant = |start: &str, base: &str| {
            name.strip_prefix(start).map(|rest| Variable::Constant(format!("{base}{rest}")))
        };
        if self.variables.contains(&name.as_str()) {
            return Ok(Variable::Named(name));
        }
        let value_set = constant("vs-", "http://hl7.org/fhir/ValueSet/");
        let extension = constant("ext-", "http://hl7.org/fhir/StructureDefinition/");
        match name.as_str() {
            "resource" | "context" | "current" => Ok(Variable::Current),
            "rootResource" => Ok(Variable::Root),
            "previous" => Ok(Variable::Previous),
            "ucum" => Ok(Variable::Constant("http://unitsofmeasure.org".to_owned())),
            "sct" => Ok(Variable::Constant("http://snomed.info/sct".to_owned())),
            "loinc" => Ok(Variable::Constant("http://loinc.org".to_owned())),
            _ => value_set.or(extension).ok_or_else(|| {
                let what = format!("there is no variable %{name}");
                self.error_at(
                    span,
                    &what,
                    "use %current, %previous, %resource or a variable that the caller sets",
                )
            }),
        }
    }
}
