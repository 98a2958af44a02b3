//! Reading no more than is allowed, and not for ever.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use model::{Code, Door, Problem, limits};

use super::visit::Visit;

/// The whole body, if it is no larger than its door takes and comes in time. The visit remembers what came.
pub(crate) async fn read(mut body: Body, visit: &mut Visit) -> Result<Bytes, Problem> {
    let most = most(visit.door);
    let mut whole = Whole::default();
    let reading = gather(&mut body, most, &mut whole);
    let read = tokio::time::timeout(limits::HTTP_BODY, reading).await;
    let too_large = whole.len() > most;
    let bytes = whole.into_bytes();
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

/// The largest body that a door takes, in bytes.
fn most(door: Door) -> usize {
    match door {
        Door::Events => limits::EVENT_ARRAY_BYTES,
        Door::Fhir => limits::BUNDLE_BYTES,
        Door::Hl7v2 | Door::Mllp => limits::HL7_MESSAGE_BYTES,
        Door::Hook | Door::Own => limits::EVENT_BYTES,
    }
}

/// Reads up to the end or beyond `most`; false if it broke off.
async fn gather(body: &mut Body, most: usize, whole: &mut Whole) -> bool {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let Ok(data) = frame.into_data() else { continue };
        whole.add(data);
        if whole.len() > most {
            return true;
        }
    }
    true
}

/// What came so far. Most bodies come in one piece, which is kept as it is.
#[derive(Default)]
struct Whole {
    first: Bytes,
    /// All of it, once there is more than one piece.
    joined: BytesMut,
}

impl Whole {
    fn len(&self) -> usize {
        self.first.len().max(self.joined.len())
    }

    fn add(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&data);
    }

    fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_in_their_order_and_one_piece_is_kept_as_it_is() {
        let of = |pieces: &[&'static [u8]]| {
            let mut whole = Whole::default();
            pieces.iter().for_each(|piece| whole.add(Bytes::from_static(piece)));
            assert_eq!(whole.len(), pieces.concat().len());
            whole.into_bytes()
        };
        let one: &[u8] = b"{}";
        assert_eq!(of(&[one]).as_ptr(), one.as_ptr());
        assert_eq!(of(&[b"", b"{", b"", b"\"a\"", b":1}"]), "{\"a\":1}");
        assert!(of(&[]).is_empty());
    }
}
