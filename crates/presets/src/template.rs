//! Text with variables, such as `{header:webhook-id}.{ts}.{body}`.

use std::borrow::Cow;

use serde_json::Value;

use crate::call::{Call, Unreadable};
use crate::fields::Settings;

/// Text with variables. Of `{one|other}` the first that is there is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Any(Vec<Variable>),
}

/// What can stand between braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variable {
    /// The very bytes.
    Body,
    /// The time that the call names.
    Ts,
    Method,
    /// The URL as the vendor was given it.
    PublicUrl,
    /// The same with `%XX` of unreserved characters decoded.
    PublicUrlDecoded,
    Path,
    Query,
    /// Names and values of a form, sorted by name, without anything between them.
    FormSorted,
    Header(String),
    QueryParameter(String),
    /// A member of the item under way; of the whole body where there are no items.
    Json(String),
    /// A member at the pointer that a setting names.
    JsonAt(String),
    /// A member of the whole body.
    Root(String),
    /// A secret of the integration, each of its keys in turn.
    Secret(String),
    /// Another setting of the integration.
    Field(String),
}

/// Where variables are looked up.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) settings: Settings<'a>,
    pub(crate) ts: Option<&'a str>,
    /// The key that is tried now.
    pub(crate) secret: Option<&'a str>,
    pub(crate) root: Option<&'a Value>,
    pub(crate) item: Option<&'a Value>,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(call: &'a Call<'a>, settings: Settings<'a>) -> Self {
        Scope { call, settings, ts: None, secret: None, root: None, item: None }
    }
}

impl Template {
    /// Reads a template; `secrets` names what is a secret, everything else unknown is a field.
    pub(crate) fn read(text: &str, is_secret: &dyn Fn(&str) -> bool) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (names, after) = after.split_once('}').ok_or("a brace is not closed")?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let variables = names.split('|').map(|name| variable(name.trim(), is_secret));
            pieces.push(Piece::Any(variables.collect::<Result<_, _>>()?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template(pieces))
    }

    /// The variables in it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter().flat_map(|piece| match piece {
            Piece::Text(_) => [].as_slice(),
            Piece::Any(variables) => variables.as_slice(),
        })
    }

    /// The headers in it.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &str> {
        self.variables().filter_map(|variable| {
            if let Variable::Header(name) = variable { Some(name.as_str()) } else { None }
        })
    }

    /// The bytes in a scope; none if a variable has no value.
    ///
    /// # Errors
    /// A header cannot be read, or is given twice.
    pub(crate) fn bytes(&self, scope: &Scope<'_>) -> Result<Option<Vec<u8>>, Unreadable> {
        let mut bytes = Vec::new();
        for piece in &self.0 {
            let value = match piece {
                Piece::Text(text) => Some(Cow::Borrowed(text.as_bytes())),
                Piece::Any(variables) => first(variables, scope)?,
            };
            let Some(value) = value else { return Ok(None) };
            bytes.extend_from_slice(&value);
        }
        Ok(Some(bytes))
    }

    /// The text in a scope; none if a variable has no value or it is not text.
    pub(crate) fn text(&self, scope: &Scope<'_>) -> Result<Option<String>, Unreadable> {
        Ok(self.bytes(scope)?.and_then(|bytes| String::from_utf8(bytes).ok()))
    }
}

fn variable(name: &str, is_secret: &dyn Fn(&str) -> bool) -> Result<Variable, String> {
    if let Some((kind, of)) = name.split_once(':') {
        return match kind {
            "header" => Ok(Variable::Header(of.to_ascii_lowercase())),
            "query" => Ok(Variable::QueryParameter(of.to_owned())),
            "json" if of.starts_with('@') => Ok(Variable::JsonAt(of.trim_start_matches('@').to_owned())),
            "json" if is_pointer(of) => Ok(Variable::Json(of.to_owned())),
            "root" if is_pointer(of) => Ok(Variable::Root(of.to_owned())),
            _ => Err(format!("no variable {name}")),
        };
    }
    Ok(match name {
        "body" => Variable::Body,
        "ts" => Variable::Ts,
        "method" => Variable::Method,
        "publicUrl" => Variable::PublicUrl,
        "publicUrlDecoded" => Variable::PublicUrlDecoded,
        "path" => Variable::Path,
        "query" => Variable::Query,
        "formSorted" => Variable::FormSorted,
        _ if is_secret(name) => Variable::Secret(name.to_owned()),
        _ => Variable::Field(name.to_owned()),
    })
}

fn is_pointer(text: &str) -> bool {
    text.is_empty() || text.starts_with('/')
}

fn first<'s>(variables: &[Variable], scope: &'s Scope<'_>) -> Result<Option<Cow<'s, [u8]>>, Unreadable> {
    for variable in variables {
        if let Some(value) = value(variable, scope)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn value<'s>(variable: &Variable, scope: &'s Scope<'_>) -> Result<Option<Cow<'s, [u8]>>, Unreadable> {
    let text = |text: &'s str| Some(Cow::Borrowed(text.as_bytes()));
    let call = scope.call;
    Ok(match variable {
        Variable::Body => Some(Cow::Borrowed(call.body)),
        Variable::Ts => scope.ts.and_then(text),
        Variable::Method => text(call.method),
        Variable::PublicUrl => scope.settings.field("publicUrl").and_then(text),
        Variable::PublicUrlDecoded => {
            scope.settings.field("publicUrl").map(|url| Cow::Owned(decoded(url).into_bytes()))
        }
        Variable::Path => text(call.path),
        Variable::Query => text(call.query),
        Variable::FormSorted => Some(Cow::Owned(call.form_sorted())),
        Variable::Header(name) => call.header(name)?.and_then(text),
        Variable::QueryParameter(name) => call.parameter(name).map(|value| Cow::Owned(value.into_bytes())),
        Variable::Json(pointer) => scope.item.and_then(|item| scalar(item.pointer(pointer)?)),
        Variable::JsonAt(name) => {
            let pointer = scope.settings.field(name).unwrap_or_default();
            scope.item.filter(|_| !pointer.is_empty()).and_then(|item| scalar(item.pointer(pointer)?))
        }
        Variable::Root(pointer) => scope.root.and_then(|root| scalar(root.pointer(pointer)?)),
        Variable::Secret(_) => scope.secret.and_then(text),
        Variable::Field(name) => scope.settings.field(name).and_then(text),
    })
}

/// A string, number or boolean as text. Nothing else has one; an empty string is none.
fn scalar(value: &Value) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Cow::Borrowed(text.as_bytes())),
        Value::Number(number) => Some(Cow::Owned(number.to_string().into_bytes())),
        Value::Bool(truth) => Some(Cow::Owned(truth.to_string().into_bytes())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

// HubSpot decodes these before it signs; everything else stays as it is.
fn decoded(url: &str) -> String {
    const PLAIN: [(&str, &str); 15] = [
        ("%3A", ":"),
        ("%2F", "/"),
        ("%3F", "?"),
        ("%40", "@"),
        ("%21", "!"),
        ("%24", "$"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%2C", ","),
        ("%3B", ";"),
        ("%26", "&"),
        ("%3D", "="),
        ("%2B", "+"),
    ];
    let (upper, lower) = (|code: &str| code.to_owned(), |code: &str| code.to_ascii_lowercase());
    PLAIN.iter().fold(url.to_owned(), |url, (code, plain)| {
        url.replace(&upper(code), plain).replace(&lower(code), plain)
    })
}
