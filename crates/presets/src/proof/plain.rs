//! Credentials that prove the sender and do not cover the body.

use super::{Unproven, same};
use crate::call::Call;
use crate::encoding::Encoding;
use crate::fields::Settings;

/// A secret in a header, as it is.
#[derive(Debug, Clone)]
pub(crate) struct SharedSecret {
    /// In lower case.
    pub(crate) header: String,
    /// What stands before it, such as `Bearer `.
    pub(crate) prefix: String,
    /// The name of the secret.
    pub(crate) secret: String,
}

/// Basic authentication.
#[derive(Debug, Clone)]
pub(crate) struct Basic {
    /// The name of the field with the user's name.
    pub(crate) username: String,
    /// The name of the secret.
    pub(crate) password: String,
}

impl SharedSecret {
    pub(super) fn check(&self, call: &Call<'_>, given: Settings<'_>) -> Result<(), Unproven> {
        let value = call.header(&self.header)?.ok_or_else(|| Unproven::Missing(self.header.clone()))?;
        let shape = || Unproven::Shape(self.header.clone());
        let sent = value.strip_prefix(&*self.prefix).ok_or_else(shape)?;
        compare(sent.as_bytes(), given.secrets(&self.secret).map(str::as_bytes), (&self.secret, &self.header))
    }
}

impl Basic {
    pub(super) fn check(&self, call: &Call<'_>, given: Settings<'_>) -> Result<(), Unproven> {
        let header = "authorization";
        let value = call.header(header)?.ok_or_else(|| Unproven::Missing(header.to_owned()))?;
        let (scheme, text) = value.split_once(' ').unwrap_or_default();
        let sent =
            scheme.eq_ignore_ascii_case("basic").then(|| Encoding::Base64.decode(text.trim())).flatten();
        let sent = sent.ok_or_else(|| Unproven::Shape(header.to_owned()))?;
        let name = given.field(&self.username).ok_or_else(|| Unproven::NoKey(self.username.clone()))?;
        let pairs: Vec<String> =
            given.secrets(&self.password).map(|password| format!("{name}:{password}")).collect();
        compare(&sent, pairs.iter().map(String::as_bytes), (&self.password, header))
    }
}

/// Compares with every key, all of them always, so that time tells nothing.
fn compare<'a>(
    sent: &[u8],
    keys: impl Iterator<Item = &'a [u8]>,
    (secret, header): (&str, &str),
) -> Result<(), Unproven> {
    let (mut known, mut fits) = (0, 0);
    for key in keys {
        known += 1;
        fits += usize::from(same(sent, key));
    }
    match (known, fits) {
        (0, _) => Err(Unproven::NoKey(secret.to_owned())),
        (_, 0) => Err(Unproven::Credential(header.to_owned())),
        (_, _) => Ok(()),
    }
}
