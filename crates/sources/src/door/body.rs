//! Reading no more than is allowed, and not for ever.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use model::{Code, Problem, limits};

use super::visit::Visit;

/// The whole body, if it is at most `most` bytes and comes in time. The visit remembers what came.
pub(crate) async fn read(mut body: Body, most: usize, visit: &mut Visit) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    let reading = gather(&mut body, most, &mut whole);
    let read = tokio::time::timeout(limits::HTTP_BODY, reading).await;
    let too_large = whole.len() > most;
    let bytes = whole.freeze();
    visit.received(&bytes);
    match read {
        Ok(true) if too_large => {
            Err(Problem::new(Code::BodyTooLarge, format!("The body is larger than {most} bytes.")))
        }
        Ok(true) => Ok(bytes),
        Ok(false) => Err(Problem::new(Code::MalformedJson, "The body ended early.")),
        Err(_) => Err(Problem::new(Code::MalformedJson, "The body did not arrive in time.")),
    }
}

/// Reads up to the end or beyond `most`; false if it broke off.
async fn gather(body: &mut Body, most: usize, whole: &mut BytesMut) -> bool {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let Ok(data) = frame.into_data() else { continue };
        whole.extend_from_slice(&data);
        if whole.len() > most {
            return true;
        }
    }
    true
}
