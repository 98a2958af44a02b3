//! An expression as a tree whose depth is bounded by its parentheses, never by its length.

use rust_decimal::Decimal;

use crate::fault::Span;
use crate::functions::Function;
use crate::model::TypeId;
use crate::temporal::{Calendar, Date, DateTime, Time};

#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Literal(Literal),
    Variable(Variable),
    /// `head.step.step`; without a head the first step starts at `$this`.
    Path {
        head: Option<Box<Expr>>,
        steps: Vec<Step>,
    },
    /// `-of`.
    Negative(Box<Expr>),
    /// `+of`.
    Positive(Box<Expr>),
    /// Operators of one precedence, from left to right.
    Chain {
        first: Box<Expr>,
        rest: Vec<(Operator, Expr)>,
    },
    /// `of is T`, `of as T`, from left to right.
    Typed {
        of: Box<Expr>,
        tests: Vec<(TypeTest, TypeRef)>,
    },
}

#[derive(Debug)]
pub(crate) enum Literal {
    Empty,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(String),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    Quantity(Decimal, LiteralUnit),
}

#[derive(Debug)]
pub(crate) enum LiteralUnit {
    Calendar(Calendar),
    Ucum(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    This,
    Index,
    Total,
    /// `%current`, `%context` and `%resource`.
    Current,
    Root,
    Previous,
    /// A constant text such as `%ucum` or `%vs-name`.
    Constant(String),
    /// One that the caller sets.
    Named(String),
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) span: Span,
    pub(crate) kind: StepKind,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    Member(String),
    Call(&'static Function, Vec<Expr>),
    Typed(TypeTest, TypeRef),
    At(Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeTest {
    Is,
    As,
    OfType,
}

/// A type as it is written; `Quantity` may be ours and FHIR's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeRef {
    pub(crate) system: Option<SystemType>,
    pub(crate) fhir: Option<TypeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SystemType {
    Any,
    Boolean,
    Integer,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
}

impl SystemType {
    pub(crate) const NAMED: [(&'static str, SystemType); 9] = [
        ("Any", SystemType::Any),
        ("Boolean", SystemType::Boolean),
        ("Integer", SystemType::Integer),
        ("Decimal", SystemType::Decimal),
        ("String", SystemType::String),
        ("Date", SystemType::Date),
        ("DateTime", SystemType::DateTime),
        ("Time", SystemType::Time),
        ("Quantity", SystemType::Quantity),
    ];

    pub(crate) fn named(name: &str) -> Option<SystemType> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, kind)| *kind == self).map_or("Any", |(name, _)| name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Implies,
    Or,
    Xor,
    And,
    In,
    Contains,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Union,
    Plus,
    Minus,
    Join,
    Times,
    Divide,
    Div,
    Mod,
}

impl Operator {
    /// How it is written, and how strongly it binds (N1 §8): a higher one first.
    pub(crate) const TABLE: [(&'static str, Operator, u8); 22] = [
        ("implies", Operator::Implies, 1),
        ("or", Operator::Or, 2),
        ("xor", Operator::Xor, 2),
        ("and", Operator::And, 3),
        ("in", Operator::In, 4),
        ("contains", Operator::Contains, 4),
        ("=", Operator::Equal, 5),
        ("!=", Operator::NotEqual, 5),
        ("~", Operator::Equivalent, 5),
        ("!~", Operator::NotEquivalent, 5),
        ("<", Operator::Less, 6),
        ("<=", Operator::LessOrEqual, 6),
        (">", Operator::Greater, 6),
        (">=", Operator::GreaterOrEqual, 6),
        ("|", Operator::Union, 7),
        ("+", Operator::Plus, 9),
        ("-", Operator::Minus, 9),
        ("&", Operator::Join, 9),
        ("*", Operator::Times, 10),
        ("/", Operator::Divide, 10),
        ("div", Operator::Div, 10),
        ("mod", Operator::Mod, 10),
    ];
    /// `is` and `as` stand between union and addition.
    pub(crate) const TYPE_BINDING: u8 = 8;

    pub(crate) fn written(word: &str) -> Option<(Operator, u8)> {
        Self::TABLE
            .iter()
            .find(|(text, ..)| *text == word)
            .map(|(_, operator, binding)| (*operator, *binding))
    }

    /// Whether its operands are criteria.
    pub(crate) fn is_logical(self) -> bool {
        matches!(self, Operator::Implies | Operator::Or | Operator::Xor | Operator::And)
    }
}
