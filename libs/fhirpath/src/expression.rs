use std::sync::Arc;

use crate::budget::Budget;
use crate::collection::Collection;
use crate::context::Context;
use crate::decision::Decision;
use crate::evaluate::Evaluator;
use crate::fault::{CompileError, EvaluationError};
use crate::lint::Lint;
use crate::shape::Shape;
use crate::syntax::Expr;
use crate::trace::{Recorder, Trace};
use crate::{lint, parse, paths};

/// A compiled expression. Cloning it costs nothing, and any number of threads may ask it.
#[derive(Debug, Clone)]
pub struct Expression {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    text: String,
    root: Expr,
    paths: Vec<String>,
}

impl Expression {
    /// Bytes of a text that is compiled.
    pub const TEXT_BYTES_MAX: usize = 16 * 1024;

    /// Reads an expression that uses no variables but those of FHIRPath and FHIR.
    ///
    /// # Errors
    ///
    /// Where, what and how to mend it, if the text is no expression or names a function, type or variable
    /// that does not exist.
    pub fn compile(text: &str) -> Result<Expression, CompileError> {
        Expression::compile_with(text, &[])
    }

    /// Reads an expression that may use `variables` too, which a context then has to set.
    ///
    /// # Errors
    ///
    /// As [`Expression::compile`].
    pub fn compile_with(text: &str, variables: &[&str]) -> Result<Expression, CompileError> {
        if text.len() > Self::TEXT_BYTES_MAX {
            return Err(CompileError::new(text, 0, "the expression is too long", "keep it below 16 KiB"));
        }
        let root = parse::parse(text, variables)?;
        let paths = paths::read_by(&root);
        Ok(Expression { parts: Arc::new(Parts { text: text.to_owned(), root, paths }) })
    }

    /// The text that it was compiled from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.parts.text
    }

    /// What it gives, after the rules of FHIRPath.
    ///
    /// # Errors
    ///
    /// As FHIRPath says, such as for several items where one is needed; and where a limit is reached.
    pub fn evaluate<'a>(&'a self, context: &Context<'a>) -> Result<Collection<'a>, EvaluationError> {
        Evaluator::new(context, None).run(&self.parts.root)
    }

    /// As [`Expression::evaluate`], out of a budget that several evaluations share: what this one took is
    /// gone from it afterwards.
    ///
    /// # Errors
    ///
    /// As [`Expression::evaluate`]; the limits of steps and time are those of `budget`.
    pub fn evaluate_within<'a>(
        &'a self,
        context: &Context<'a>,
        budget: &mut Budget,
    ) -> Result<Collection<'a>, EvaluationError> {
        let mut evaluator = Evaluator::new(context, None);
        std::mem::swap(&mut evaluator.budget, budget);
        let outcome = evaluator.run(&self.parts.root);
        *budget = evaluator.budget;
        outcome
    }

    /// What it decides as a criterion.
    ///
    /// # Errors
    ///
    /// Only what other data would not mend, or a limit: what the data is to blame for is
    /// [`Decision::Indeterminate`].
    pub fn decide(&self, context: &Context<'_>) -> Result<Decision, EvaluationError> {
        let outcome = Evaluator::new(context, None).run(&self.parts.root);
        Decision::of_outcome(&outcome, self.parts.root.span)
    }

    /// What it decides, and what each clause came to; nothing that it read is told.
    #[must_use]
    pub fn explain(&self, context: &Context<'_>) -> Trace {
        self.traced(context, false)
    }

    /// As [`Expression::explain`], with the values that the clauses read: for eyes that may see them.
    #[must_use]
    pub fn explain_with_values(&self, context: &Context<'_>) -> Trace {
        self.traced(context, true)
    }

    fn traced(&self, context: &Context<'_>, with_values: bool) -> Trace {
        let mut evaluator = Evaluator::new(context, Some(Recorder::new(with_values)));
        let outcome = evaluator.run(&self.parts.root);
        let decision = Decision::of_outcome(&outcome, self.parts.root.span);
        let recorder = evaluator.recorder.take().unwrap_or_else(|| Recorder::new(with_values));
        recorder.finish(self.text(), decision)
    }

    /// The elements that it reads, from the root on: `code.coding.system`. What a variable holds begins with
    /// its name, what a reference leads to contains `resolve()`, and `**` is everything below.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.parts.paths.iter().map(String::as_str)
    }

    /// Whether it may read more than [`Expression::paths`] lists: the root itself, as `$this` does, or more
    /// elements than can be listed.
    #[must_use]
    pub fn reads_whole(&self) -> bool {
        paths::is_whole_read(&self.parts.root)
    }

    /// Whether it reads what is there now, beside `%previous`.
    #[must_use]
    pub fn reads_present(&self) -> bool {
        paths::is_present_read(&self.parts.root)
    }

    /// Whether it reads `%previous`.
    #[must_use]
    pub fn reads_previous(&self) -> bool {
        paths::is_previous_read(&self.parts.root)
    }

    /// Whether it calls a function.
    #[must_use]
    pub fn calls(&self, function: &str) -> bool {
        paths::called_by(&self.parts.root).contains(function)
    }

    /// What is wrong with it as a criterion for a resource of a type: it gives something that is no boolean,
    /// and counts as true whatever that is.
    #[must_use]
    pub fn lint_criterion(&self, resource_type: &str) -> Option<Lint> {
        lint::of_criterion(&self.parts.root, self.text(), resource_type)
    }

    /// What is likely wrong with it for a resource of a type; for other JSON the type is empty.
    #[must_use]
    pub fn lint(&self, resource_type: &str) -> Vec<Lint> {
        lint::of(&self.parts.root, self.text(), resource_type)
    }

    /// What is likely wrong with it for JSON that looks like this and is no resource.
    #[must_use]
    pub fn lint_shape(&self, shape: &Shape) -> Vec<Lint> {
        lint::of_json(&self.parts.root, self.text(), shape)
    }
}
