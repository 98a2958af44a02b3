//! Crates that may not be in the program, each with what takes its place.

use super::facts::Facts;
use super::fault::Fault;

const BANNED: &[(&str, &str)] = &[
    ("openssl", "use rustls with aws-lc-rs"),
    ("openssl-sys", "use rustls with aws-lc-rs"),
    ("native-tls", "use rustls with aws-lc-rs"),
    ("ring", "use aws-lc-rs: one cryptographic library, not two"),
    ("rsa", "use aws-lc-rs: its RSA runs in constant time"),
    ("reqwest", "use delivery::egress, which refuses private addresses"),
    ("chrono", "use jiff"),
];

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, instead) in BANNED.iter().filter(|(name, _)| facts.built.contains(*name)) {
        let (path, line) = facts.third_party_line(name);
        faults.push(Fault::stop(path, line, format!("`{name}` is banned"), instead));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[test]
    fn a_banned_crate_in_the_program_is_a_fault() {
        let registry = "registry+x";
        let fine = plant::packages(&[plant::theirs("jiff", "MIT", registry)]);
        assert_eq!(faults(&fine), []);
        let mut planted = plant::packages(&[plant::theirs("openssl", "MIT", registry)]);
        assert_eq!(faults(&planted)[0].what, "`openssl` is banned");
        // In the lock file but not built: a feature mentions it, nothing asks for it.
        planted.built.clear();
        assert_eq!(faults(&planted), []);
    }
}
