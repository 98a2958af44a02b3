//! What came in, as far as it is known before anything is parsed.

use http::HeaderMap;
use model::Timestamp;

/// A request at the door, its body as it came.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// What stands behind the question mark.
    pub query: &'a str,
    /// What stands in the path behind `/hook/`.
    pub secret_path: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The very bytes.
    pub body: &'a [u8],
    /// When it came.
    pub now: Timestamp,
}

/// A header that cannot be what a vendor sends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the header {0} is given more than once")]
    Repeated(String),
    #[error("the header {0} is not text")]
    NotText(String),
}

impl<'a> Call<'a> {
    /// A call that says nothing, for looking at settings alone.
    pub(crate) fn nothing(headers: &'a HeaderMap) -> Self {
        let now = Timestamp::from_millis(0);
        Call { method: "", path: "", query: "", secret_path: None, headers, body: &[], now }
    }
}

impl Call<'_> {
    /// A header that is given once, or not at all.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&str>, Unreadable> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Unreadable::Repeated(name.to_owned()));
        }
        value.to_str().map(Some).map_err(|_| Unreadable::NotText(name.to_owned()))
    }

    /// A parameter of the query that is given once.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut values = pairs(self.query.as_bytes()).filter(|(known, _)| known == name);
        let value = values.next()?.1;
        values.next().is_none().then_some(value)
    }

    /// Names and values of the form in the body, sorted by name, without anything between them.
    pub(crate) fn form_sorted(&self) -> Vec<u8> {
        let kind = self.header("content-type").ok().flatten().unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Vec::new();
        }
        let mut members: Vec<(String, String)> = pairs(self.body).collect();
        members.sort();
        members.into_iter().flat_map(|(name, value)| [name, value]).collect::<String>().into_bytes()
    }
}

/// Names and values of a form or a query.
pub(crate) fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned()))
}
