//! What a host name may be, judged after the URL parser made it ASCII.

use super::Refusal;

/// A well-formed host name without its trailing dot.
#[derive(Debug)]
pub(super) struct Name<'a> {
    text: &'a str,
    standing: Standing,
}

/// How far a host is trusted to lead to the public network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The address itself.
    Literal,
    /// A name of the public DNS.
    Public,
    /// A name that only has a meaning inside somebody's network: its
    /// addresses must be opened by the operator, even public ones.
    Internal,
}

impl<'a> Name<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Refusal> {
        let text = text.strip_suffix('.').unwrap_or(text);
        // RFC 1035 §2.3.4, with the underscore that real names have.
        let is_well_formed = text.len() <= 253 && text.split('.').all(is_label);
        if !is_well_formed {
            return Err(Refusal::MalformedName);
        }
        Ok(Name { text, standing: standing(text) })
    }

    pub(super) fn as_str(&self) -> &str {
        self.text
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether the name always means this machine (RFC 6761 §6.3).
    pub(super) fn is_localhost(&self) -> bool {
        self.top() == "localhost"
    }

    /// Whether the name is kept for documentation (RFC 2606 §2).
    pub(super) fn is_of_documentation(&self) -> bool {
        self.top() == "example"
    }

    fn top(&self) -> &str {
        self.text.rsplit('.').next().unwrap_or_default()
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

fn standing(text: &str) -> Standing {
    let is_internal =
        |suffix: &&str| text.strip_suffix(suffix).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    if !text.contains('.') || INTERNAL.iter().any(is_internal) {
        Standing::Internal
    } else {
        Standing::Public
    }
}

// Special-use names (RFC 6761, 6762, 7686, 8375), names that ICANN keeps out
// of the root because networks use them, and those of common platforms.
const INTERNAL: [&str; 18] = [
    "consul",
    "corp",
    "docker",
    "example",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "onion",
    "private",
    "svc",
    "workgroup",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Standing>) {
        assert_eq!(Name::read(text).ok().map(|name| name.standing()), expected, "{text}");
    }

    #[test]
    fn names_of_inner_networks_are_told_from_public_ones() {
        for text in ["a.example.org", "under_score.test", "examplelan.com", "xn--bcher-kva.test", "a.test."] {
            check(text, Some(Standing::Public));
        }
        for text in
            ["intranet", "localhost", "a.localhost.", "db.internal", "nas.lan", "x.home.arpa", "k.svc"]
        {
            check(text, Some(Standing::Internal));
        }
    }

    #[test]
    fn malformed_names_are_not_names() {
        let long = format!("{}.test", "a".repeat(64));
        for text in ["a..test", "-bad-.test", "a-.test", ".", "", "a!.test", long.as_str()] {
            check(text, None);
        }
        check(&[&"a".repeat(63), "test"].join("."), Some(Standing::Public));
        check(&"abc.".repeat(70), None);
    }
}
