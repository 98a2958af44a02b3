//! Reading no more than is allowed, and not for ever.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use model::{Code, Problem, limits};

/// The whole body, if it is at most `most` bytes and comes in time.
pub(crate) async fn read(body: Body, most: usize) -> Result<Bytes, Problem> {
    let reading = Limited::new(body, most).collect();
    let Ok(read) = tokio::time::timeout(limits::HTTP_BODY, reading).await else {
        return Err(Problem::new(Code::MalformedJson, "The body did not arrive in time."));
    };
    match read {
        Ok(body) => Ok(body.to_bytes()),
        Err(fault) if fault.is::<LengthLimitError>() => {
            Err(Problem::new(Code::BodyTooLarge, format!("The body is larger than {most} bytes.")))
        }
        Err(_) => Err(Problem::new(Code::MalformedJson, "The body ended early.")),
    }
}
