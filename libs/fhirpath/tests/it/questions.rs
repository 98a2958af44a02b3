//! Expressions made up at random, each of a kind that has one answer after the specification.
//!
//! Fractions are halves, which floats hold exactly: the other engine counts with them.

/// A source of expressions that a seed repeats.
pub(crate) struct Questions {
    state: u64,
}

const TEXTS: [&str; 6] = ["'Ann'", "'a'", "''", "'mmol'", "'x,y'", "'Jim'"];

impl Questions {
    pub(crate) fn new(seed: u64) -> Questions {
        Questions { state: seed }
    }

    /// One for the patient (0) or the observation (1) of the conformance test.
    pub(crate) fn next_for(&mut self, resource: usize) -> String {
        match self.below(5) {
            0 => self.number(resource, 3),
            1 => self.text(resource, 3),
            2 => self.texts(resource, 2),
            _ => self.criterion(resource, 4),
        }
    }

    /// Splitmix64.
    fn below(&mut self, count: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % count
    }

    fn one_of(&mut self, choices: &[&str]) -> String {
        let place = self.below(choices.len() as u64) as usize;
        choices.get(place).copied().unwrap_or_default().to_owned()
    }

    fn number(&mut self, resource: usize, depth: u32) -> String {
        if depth == 0 {
            let leaves: [&[&str]; 2] = [
                &["multipleBirth", "name.count()", "telecom.rank.first()", "name.given.first().length()"],
                &["value.value", "component.count()", "component[0].value", "referenceRange.low.value"],
            ];
            return match self.below(3) {
                0 => self.below(20).to_string(),
                1 => format!("{}.{}", self.below(10), self.below(2) * 5),
                _ => self.one_of(leaves[resource]),
            };
        }
        let next = depth - 1;
        match self.below(7) {
            0 | 1 => {
                let operator = self.one_of(&["+", "-", "*"]);
                format!("({} {operator} {})", self.number(resource, next), self.number(resource, next))
            }
            2 => format!("({}).abs()", self.number(resource, next)),
            3 => {
                let operator = self.one_of(&["div", "mod"]);
                format!("({}).count() {operator} {}", self.texts(resource, next), 1 + self.below(5))
            }
            4 => format!(
                "iif({}, {}, {})",
                self.criterion(resource, next),
                self.number(resource, next),
                self.number(resource, next)
            ),
            5 => format!("({}).length()", self.text(resource, next)),
            _ => format!("({}).count()", self.texts(resource, next)),
        }
    }

    fn text(&mut self, resource: usize, depth: u32) -> String {
        if depth == 0 {
            let leaves: [&[&str]; 2] = [
                &["name.given.first()", "gender", "telecom[1].value", "name.family.last()", "address.city"],
                &["status", "code.text", "value.unit", "code.coding.code", "component[1].value"],
            ];
            return if self.below(2) == 0 { self.one_of(&TEXTS) } else { self.one_of(leaves[resource]) };
        }
        let next = depth - 1;
        match self.below(6) {
            0 => format!("({} & {})", self.text(resource, next), self.text(resource, next)),
            1 => format!("({}).{}()", self.text(resource, next), self.one_of(&["upper", "lower", "trim"])),
            2 => {
                format!("({}).substring({}, {})", self.text(resource, next), self.below(4), 1 + self.below(4))
            }
            3 => format!(
                "({}).replace({}, {})",
                self.text(resource, next),
                self.one_of(&["'a'", "'n'", "'mm'"]),
                self.one_of(&TEXTS)
            ),
            4 => format!("({}).toString()", self.number(resource, 0)),
            _ => format!(
                "iif({}, {}, {})",
                self.criterion(resource, next),
                self.text(resource, next),
                self.text(resource, next)
            ),
        }
    }

    fn texts(&mut self, resource: usize, depth: u32) -> String {
        if depth == 0 {
            let leaves: [&[&str]; 2] = [
                &["name.given", "name.use", "telecom.value", "address.line", "name.select(given | family)"],
                &[
                    "code.coding.code",
                    "component.code.text",
                    "component.value.ofType(string)",
                    "component.select(code.text)",
                ],
            ];
            return self.one_of(leaves[resource]);
        }
        let next = depth - 1;
        let inner = self.texts(resource, next);
        match self.below(7) {
            0 => format!(
                "({inner}).where($this {} {})",
                self.one_of(&["=", "!=", ">", "<="]),
                self.text(resource, 0)
            ),
            1 => format!("({inner} | {})", self.texts(resource, next)),
            2 => format!("({inner}).{}({})", self.one_of(&["skip", "take"]), self.below(3)),
            3 => format!("({inner}).{}()", self.one_of(&["distinct", "first", "last", "tail"])),
            4 => format!(
                "({inner}).{}({})",
                self.one_of(&["exclude", "intersect", "combine", "union"]),
                self.texts(resource, next)
            ),
            5 => format!("({inner}).select($this & {})", self.one_of(&TEXTS)),
            _ => format!("({inner}).where($index {} {})", self.one_of(&["<", ">="]), self.below(3)),
        }
    }

    fn criterion(&mut self, resource: usize, depth: u32) -> String {
        if depth == 0 {
            return self.leaf(resource);
        }
        let next = depth - 1;
        match self.below(9) {
            0..=2 => {
                let operator = self.one_of(&["and", "or", "xor", "implies"]);
                format!("({} {operator} {})", self.criterion(resource, next), self.criterion(resource, next))
            }
            3 => format!("({}).not()", self.criterion(resource, next)),
            4 => {
                let operator = self.one_of(&["=", "!=", "<", "<=", ">", ">="]);
                format!("({} {operator} {})", self.number(resource, next), self.number(resource, next))
            }
            5 => {
                let operator = self.one_of(&["=", "!=", "~", "!~", "<", ">="]);
                format!("({} {operator} {})", self.text(resource, next), self.text(resource, next))
            }
            6 => format!(
                "({}).{}()",
                self.texts(resource, next),
                self.one_of(&["exists", "empty", "isDistinct"])
            ),
            7 => {
                let function = self.one_of(&["startsWith", "endsWith", "contains"]);
                format!("({}).{function}({})", self.text(resource, next), self.one_of(&TEXTS))
            }
            _ => format!(
                "({} {} {})",
                self.text(resource, 0),
                self.one_of(&["in"]),
                self.texts(resource, next)
            ),
        }
    }

    fn leaf(&mut self, resource: usize) -> String {
        let leaves: [&[&str]; 2] = [
            &[
                "active",
                "deceased",
                "true",
                "false",
                "{}",
                "birthDate < @1980",
                "birthDate = @1974-12-25",
                "birthDate > @1974-12",
                "birthDate + 1 month >= @1975-01-25",
                "name.where(use = 'official').exists()",
                "name.all(given.exists())",
                "name.exists(period.exists())",
                "telecom.all(rank > 0)",
                "name.period.end <= @2003",
                "(name | telecom).exists()",
                "gender in ('male' | 'female')",
                "multipleBirth is integer",
                "deceased is boolean",
                "name.given contains 'Jim'",
            ],
            &[
                "value > 6 'mmol/L'",
                "value = 6500 'umol/L'",
                "value <= referenceRange.first().high",
                "value > referenceRange.low",
                "effective = @2024-02-29T10:30:00Z",
                "issued < @2024-02-29T10:30:00Z",
                "effective > @2024-02",
                "status = 'final'",
                "value is Quantity",
                "component.exists(value is string)",
                "component.where(code.text = 'c').value",
                "value.ofType(Period).exists()",
                "true",
                "{}",
                "component.value.ofType(integer) = 7",
                "method.empty()",
                "value != 7 'mmol/L'",
                "effective + 1 day > @2024-02-29T23:00:00Z",
                "code.coding.where(system = %loinc).exists()",
            ],
        ];
        self.one_of(leaves[resource])
    }
}
