//! Ids in a path: one that is malformed is at no address.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::Api;
use crate::refused::{Refused, Result};

/// The ids of a path, in their order.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Api> for At<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        match Path::<T>::from_request_parts(parts, api).await {
            Ok(Path(ids)) => Ok(At(ids)),
            Err(_) => Err(Refused::not_found()),
        }
    }
}
