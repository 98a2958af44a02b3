//! Which elements an expression reads, without running it.

use std::collections::BTreeSet;

use crate::functions::{Function, Gives};
use crate::model::TypeId;
use crate::syntax::{Expr, Kind, Step, StepKind, Variable};

/// More than an expression of the longest text needs, unless it is made to be hard.
const PATHS_MAX: usize = 500;

pub(crate) fn read_by(expr: &Expr) -> Vec<String> {
    let all: Vec<String> = all(expr).into_iter().filter(|path| !path.is_empty()).collect();
    // `name.given` says already that `name` was looked into.
    let is_longer =
        |longer: &String, path: &str| longer.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    let is_kept = |path: &&String| !all.iter().any(|longer| is_longer(longer, path));
    all.iter().filter(is_kept).cloned().collect()
}

/// Whether the root itself is read, or more than can be listed.
pub(crate) fn is_whole_read(expr: &Expr) -> bool {
    let read = all(expr);
    read.contains("") || read.len() >= PATHS_MAX
}

fn all(expr: &Expr) -> Paths {
    let root = Paths::from([String::new()]);
    Reader::read(expr, [root.clone(), root]).read
}

/// Whether what is there now is read.
pub(crate) fn is_present_read(expr: &Expr) -> bool {
    Reader::read(expr, [Paths::from([String::new()]), Paths::new()]).is_asked
}

/// Whether the version before is read.
pub(crate) fn is_previous_read(expr: &Expr) -> bool {
    Reader::read(expr, [Paths::new(), Paths::from([String::new()])]).is_asked
}

/// The functions that are called.
pub(crate) fn called_by(expr: &Expr) -> BTreeSet<&'static str> {
    Reader::read(expr, [Paths::new(), Paths::new()]).called
}

type Paths = BTreeSet<String>;

struct Reader {
    read: Paths,
    called: BTreeSet<&'static str>,
    /// Whether anything of a version is asked, be it whether it is there.
    is_asked: bool,
    /// Where paths of the present version begin, and where those of the one before.
    present: Paths,
    previous: Paths,
}

/// Functions whose arguments are asked of each item.
pub(crate) fn asks_items(function: &Function) -> bool {
    ["where", "select", "exists", "all", "repeat", "aggregate", "sort", "iif", "trace"]
        .contains(&function.name)
}

impl Reader {
    fn read(expr: &Expr, [present, previous]: [Paths; 2]) -> Reader {
        let mut reader =
            Reader { read: Paths::new(), called: BTreeSet::new(), is_asked: false, present, previous };
        let root = reader.present.clone();
        let result = reader.expr(expr, &root);
        reader.take_down(&result);
        reader
    }

    fn take_down(&mut self, paths: &Paths) {
        self.is_asked |= !paths.is_empty();
        for path in paths {
            if self.read.len() < PATHS_MAX {
                self.read.insert(path.clone());
            }
        }
    }

    fn expr(&mut self, expr: &Expr, focus: &Paths) -> Paths {
        match &expr.kind {
            Kind::Literal(_) => Paths::new(),
            Kind::Variable(variable) => self.variable(variable, focus),
            Kind::Path { head, steps } => self.path(head.as_deref(), steps, focus),
            Kind::Negative(of) | Kind::Positive(of) => self.value(of, focus),
            Kind::Typed { of, .. } => self.expr(of, focus),
            Kind::Chain { first, rest } => {
                let mut all = self.expr(first, focus);
                for (_, operand) in rest {
                    all.extend(self.expr(operand, focus));
                }
                self.take_down(&all);
                // Only a union passes on what it is given; for the others too much is better than too little.
                bounded(all)
            }
        }
    }

    fn value(&mut self, expr: &Expr, focus: &Paths) -> Paths {
        let paths = self.expr(expr, focus);
        self.take_down(&paths);
        Paths::new()
    }

    fn path(&mut self, head: Option<&Expr>, steps: &[Step], focus: &Paths) -> Paths {
        let mut current = match head {
            Some(head) => self.expr(head, focus),
            None => focus.clone(),
        };
        for (place, step) in steps.iter().enumerate() {
            let is_start = head.is_none() && place == 0;
            current = match &step.kind {
                StepKind::Member(name) if is_start && TypeId::resource(name).is_some() => current,
                StepKind::Member(name) => current.iter().map(|path| below(path, name)).collect(),
                StepKind::Typed(..) => current,
                StepKind::At(index) => {
                    self.value(index, focus);
                    current
                }
                StepKind::Call(function, arguments) => self.call(function, arguments, &current, focus),
            };
            self.take_down(&current);
        }
        current
    }

    fn call(&mut self, function: &Function, arguments: &[Expr], input: &Paths, focus: &Paths) -> Paths {
        self.called.insert(function.name);
        // These stand at the start of a path and do not look at what is there.
        let ignores_input = ["iif", "now", "today", "timeOfDay"].contains(&function.name);
        self.is_asked |= !input.is_empty() && !ignores_input;
        let mut given = Paths::new();
        let criteria = usize::from(function.name == "iif");
        for (place, argument) in arguments.iter().enumerate() {
            let asked = if asks_items(function) { input } else { focus };
            let paths = self.expr(argument, asked);
            self.take_down(&paths);
            given.extend(paths.into_iter().filter(|_| place >= criteria));
        }
        match function.name {
            "children" => input.iter().map(|path| below(path, "*")).collect(),
            "descendants" | "nodesByType" | "nodesByName" => {
                input.iter().map(|path| below(path, "**")).collect()
            }
            "extension" => input.iter().map(|path| below(path, "extension")).collect(),
            "resolve" => input.iter().map(|path| below(path, "resolve()")).collect(),
            "checkModifiers" => {
                self.take_down(&input.iter().map(|path| below(path, "modifierExtension")).collect());
                input.clone()
            }
            "select" | "iif" | "aggregate" | "repeat" => bounded(given),
            "union" | "combine" => bounded(input.union(&given).cloned().collect()),
            _ if function.gives == Gives::Input => input.clone(),
            _ => Paths::new(),
        }
    }

    fn variable(&self, variable: &Variable, focus: &Paths) -> Paths {
        match variable {
            Variable::This => focus.clone(),
            Variable::Index | Variable::Total | Variable::Constant(_) => Paths::new(),
            Variable::Current | Variable::Root => self.present.clone(),
            Variable::Previous => self.previous.clone(),
            Variable::Named(name) => Paths::from([format!("%{name}")]),
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn bounded(paths: Paths) -> Paths {
    paths.into_iter().take(PATHS_MAX).collect()
}
