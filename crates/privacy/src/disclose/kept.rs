//! Bodies as they rest, so that every attempt sends the same bytes.

use bytes::{Buf, BufMut, Bytes};
use model::{Media, Profile, TemplateVersion};

use super::Disclosed;

/// Marks a record that says what its body is; an older one is JSON.
const SAYS_MEDIA: u8 = 0x80;
/// Marks one that says which template shaped its body, behind what it is.
const SAYS_TEMPLATE: u8 = 0x40;

impl Disclosed {
    /// What is sealed: the profile it was made for, what it is, what shaped it, and the body.
    #[must_use]
    pub fn keep(&self, profile: Profile) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.body.len() + HEAD);
        let mark = if self.template.is_some() { SAYS_TEMPLATE } else { 0 };
        bytes.put_slice(&[profile as u8 | SAYS_MEDIA | mark, self.media as u8]);
        if let Some(version) = self.template {
            bytes.put_u64(version.bits());
        }
        bytes.put_slice(&self.body);
        bytes
    }

    /// What [`Disclosed::keep`] made, with whether a webhook of this profile may
    /// still see it (K3); none if it is nothing of ours.
    #[must_use]
    pub fn kept(bytes: Vec<u8>, profile: Profile) -> Option<(Disclosed, bool)> {
        let mut body = Bytes::from(bytes);
        let first = body.try_get_u8().ok()?;
        let says = |mark: u8| first & mark != 0;
        let media = if says(SAYS_MEDIA) { Media::of_number(body.try_get_u8().ok()?)? } else { Media::Json };
        let version = if says(SAYS_TEMPLATE) { Some(body.try_get_u64().ok()?) } else { None };
        let may_see = first & !(SAYS_MEDIA | SAYS_TEMPLATE) <= profile as u8;
        Some((Disclosed { body, media, template: version.map(TemplateVersion::from_bits) }, may_see))
    }
}

/// The most that stands before a body, in bytes.
const HEAD: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k3_a_body_comes_back_as_it_was_and_only_to_who_may_still_see_it() {
        let sent = Disclosed::plain(Bytes::from_static(b"MSH|"), Media::Hl7v2);
        let full = sent.keep(Profile::Full);
        assert_eq!(Disclosed::kept(full.clone(), Profile::Full), Some((sent.clone(), true)));
        assert_eq!(Disclosed::kept(full, Profile::Reference), Some((sent.clone(), false)));
        let shaped = Disclosed { template: Some(TemplateVersion::from_bits(u64::MAX - 7)), ..sent };
        let full = shaped.keep(Profile::Full);
        assert_eq!(Disclosed::kept(full.clone(), Profile::Full), Some((shaped.clone(), true)));
        assert_eq!(Disclosed::kept(full, Profile::Reference), Some((shaped, false)));
        let old = Disclosed::plain(Bytes::from_static(b"{}"), Media::Json);
        assert_eq!(Disclosed::kept(b"\x01{}".to_vec(), Profile::Reference), Some((old.clone(), true)));
        assert_eq!(Disclosed::kept(b"\x01{}".to_vec(), Profile::Ping), Some((old, false)));
        for nothing in [&b""[..], b"\x82", b"\x82\xFF", b"\xC2\x00\x01"] {
            assert_eq!(Disclosed::kept(nothing.to_vec(), Profile::Full), None);
        }
    }
}
