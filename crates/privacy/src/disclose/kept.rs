//! Bodies as they rest, so that every attempt sends the same bytes.

use bytes::Bytes;
use model::{Media, Profile};

use super::Disclosed;

/// Marks a record that says what its body is; an older one is JSON.
const SAYS_MEDIA: u8 = 0x80;

impl Disclosed {
    /// What is sealed: the profile it was made for, what it is, and the body.
    #[must_use]
    pub fn keep(&self, profile: Profile) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.body.len() + 2);
        bytes.extend_from_slice(&[profile as u8 | SAYS_MEDIA, self.media as u8]);
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// What [`Disclosed::keep`] made, with whether a webhook of this profile may
    /// still see it (K3); none if it is nothing of ours.
    #[must_use]
    pub fn kept(bytes: Vec<u8>, profile: Profile) -> Option<(Disclosed, bool)> {
        let mut body = Bytes::from(bytes);
        let first = *body.first()?;
        let (media, head) =
            if first & SAYS_MEDIA == 0 { (Media::Json, 1) } else { (Media::of_number(*body.get(1)?)?, 2) };
        let may_see = first & !SAYS_MEDIA <= profile as u8;
        Some((Disclosed { body: body.split_off(head), media }, may_see))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k3_a_body_comes_back_as_it_was_and_only_to_who_may_still_see_it() {
        let sent = Disclosed { body: Bytes::from_static(b"MSH|"), media: Media::Hl7v2 };
        let full = sent.keep(Profile::Full);
        assert_eq!(Disclosed::kept(full.clone(), Profile::Full), Some((sent.clone(), true)));
        assert_eq!(Disclosed::kept(full, Profile::Reference), Some((sent, false)));
        let old = Disclosed { body: Bytes::from_static(b"{}"), media: Media::Json };
        assert_eq!(Disclosed::kept(b"\x01{}".to_vec(), Profile::Reference), Some((old.clone(), true)));
        assert_eq!(Disclosed::kept(b"\x01{}".to_vec(), Profile::Ping), Some((old, false)));
        for nothing in [&b""[..], b"\x82", b"\x82\xFF"] {
            assert_eq!(Disclosed::kept(nothing.to_vec(), Profile::Full), None);
        }
    }
}
