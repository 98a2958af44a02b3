//! JSON and tables that come in: capped, and read only once the caller is known.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use model::{Code, Problem, limits};
use serde::de::DeserializeOwned;

use crate::refused::{Refused, Result};
use crate::{Api, strict};

/// A body that arrived whole and was not looked at yet. Takes its place behind [`crate::caller::Caller`].
pub(crate) struct Doc(Bytes);

impl Doc {
    /// Reads the document.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(strict::read(&self.0)?)
    }

    /// Reads the document, or takes the default if there is none.
    pub(crate) fn read_or_default<T: DeserializeOwned + Default>(&self) -> Result<T> {
        if self.0.trim_ascii().is_empty() { Ok(T::default()) } else { self.read() }
    }
}

impl FromRequest<Api> for Doc {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Api) -> Result<Self> {
        if let Some(kind) = request.headers().get(header::CONTENT_TYPE) {
            let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
            if !is_json(kind) {
                let why = "The body has to be application/json.";
                return Err(Problem::new(Code::UnsupportedMediaType, why).into());
            }
        }
        whole(request.into_body()).await.map(Doc)
    }
}

/// A table that arrived as comma separated values.
pub(crate) struct Csv(pub(crate) String);

impl FromRequest<Api> for Csv {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Api) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.unwrap_or_default().to_ascii_lowercase().starts_with("text/csv") {
            return Err(Problem::new(Code::UnsupportedMediaType, "The body has to be text/csv.").into());
        }
        let bytes = whole(request.into_body()).await?;
        let text = String::from_utf8(bytes.to_vec());
        Ok(Csv(text.map_err(|_| Problem::new(Code::InvalidField, "The table has to be UTF-8."))?))
    }
}

/// Reads a body up to the limit of admin calls.
pub(crate) async fn whole(body: axum::body::Body) -> Result<Bytes> {
    let capped = Limited::new(body, limits::ADMIN_BODY_BYTES).collect();
    let Ok(read) = tokio::time::timeout(limits::HTTP_BODY, capped).await else {
        return Err(Problem::new(Code::MalformedJson, "The body did not arrive in time.").into());
    };
    match read {
        Ok(read) => Ok(read.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let why = format!("An admin call takes at most {} bytes.", limits::ADMIN_BODY_BYTES);
            Err(Problem::new(Code::BodyTooLarge, why).into())
        }
        Err(_) => Err(Problem::new(Code::MalformedJson, "The body did not arrive whole.").into()),
    }
}

fn is_json(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}
