//! What an expression is asked about.

use serde_json::Value;

use crate::item::Node;
use crate::limits::Limits;
use crate::temporal::DateTime;

/// Finds what a reference leads to. It must not wait for anything.
pub trait Resolve: Sync {
    /// The resource, if it is at hand.
    fn resolve(&self, reference: &str) -> Option<&Value>;
}

/// Knows codes. It must not wait for anything.
pub trait Terminology: Sync {
    /// Whether a code is in a value set; nothing when that is not known.
    fn is_member(&self, code: Code<'_>, value_set: &str) -> Option<bool>;

    /// Whether `one` is `other` or a broader code; nothing when that is not known.
    fn subsumes(&self, one: Code<'_>, other: Code<'_>) -> Option<bool>;
}

/// A code of a system, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code<'c> {
    pub system: Option<&'c str>,
    pub code: &'c str,
}

/// The JSON that an expression is evaluated on, and what it may use beside it.
#[derive(Clone)]
pub struct Context<'a> {
    pub(crate) root: Node<'a>,
    pub(crate) previous: Option<Node<'a>>,
    pub(crate) container: Option<&'a Value>,
    pub(crate) variables: Vec<(&'a str, &'a Value)>,
    pub(crate) limits: Limits,
    pub(crate) now: Option<DateTime>,
    pub(crate) resolver: Option<&'a dyn Resolve>,
    pub(crate) terminology: Option<&'a dyn Terminology>,
}

impl<'a> Context<'a> {
    /// A FHIR resource, by its `resourceType`, or any other JSON; `null` is nothing.
    #[must_use]
    pub fn of(root: &'a Value) -> Context<'a> {
        Context {
            root: Node::root(root),
            previous: None,
            container: None,
            variables: Vec::new(),
            limits: Limits::default(),
            now: None,
            resolver: None,
            terminology: None,
        }
    }

    /// What `%previous` is; without one it is empty.
    #[must_use]
    pub fn previous(mut self, previous: Option<&'a Value>) -> Context<'a> {
        self.previous = previous.map(Node::root);
        self
    }

    /// The bundle or resource around, which is `%rootResource` and where `resolve()` looks.
    #[must_use]
    pub fn within(mut self, container: &'a Value) -> Context<'a> {
        self.container = Some(container);
        self
    }

    /// Sets a variable that the expression was compiled with.
    #[must_use]
    pub fn variable(mut self, name: &'a str, value: &'a Value) -> Context<'a> {
        self.variables.push((name, value));
        self
    }

    /// What the evaluation may cost.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Context<'a> {
        self.limits = limits;
        self
    }

    /// What `now()` is, such as `2024-03-01T10:30:00.000Z`; a text that is no date and time sets nothing.
    #[must_use]
    pub fn at(mut self, now: &str) -> Context<'a> {
        self.now = DateTime::parse(now);
        self
    }

    /// Where `resolve()` looks beside contained resources and the bundle around.
    #[must_use]
    pub fn resolver(mut self, resolver: &'a dyn Resolve) -> Context<'a> {
        self.resolver = Some(resolver);
        self
    }

    /// Who answers `memberOf()` and `subsumes()`.
    #[must_use]
    pub fn terminology(mut self, terminology: &'a dyn Terminology) -> Context<'a> {
        self.terminology = Some(terminology);
        self
    }
}
