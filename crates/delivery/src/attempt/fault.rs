//! What a broken exchange means: a category, and a sentence for people.

use std::borrow::Cow;
use std::error::Error;
use std::io;

use model::Category;

use super::wire::TooMuch;
use crate::egress;

/// Why an attempt failed before or beside a status.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) category: Category,
    pub(super) detail: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(category: Category, detail: &'static str) -> Self {
        Fault { category, detail: Cow::Borrowed(detail) }
    }

    pub(super) fn internal(detail: &'static str) -> Self {
        Fault::new(Category::Internal, detail)
    }

    pub(super) fn lost() -> Self {
        Fault::new(Category::ConnectionLost, "the receiver closed the connection without an answer")
    }

    /// A connection that failed before its answer had a head.
    pub(super) fn of_http(fault: &hyper::Error, has_heard: bool) -> Self {
        if is_too_much(fault) || fault.is_parse_too_large() {
            return Fault::new(Category::ResponseTooLarge, "the head of the answer is larger than 16 KiB");
        }
        if fault.is_parse() {
            return Fault::new(Category::ProtocolError, "the answer is not HTTP");
        }
        if cause::<io::Error>(fault).is_some_and(is_tls) {
            // With TLS 1.3 a receiver says after the handshake that it wants a client certificate.
            return Fault::new(
                Category::TlsHandshake,
                "the receiver ends TLS, or does not speak it as agreed",
            );
        }
        let has_ended = fault.is_incomplete_message()
            || fault.is_canceled()
            || fault.is_closed()
            || cause::<io::Error>(fault).is_some();
        match (has_ended, has_heard) {
            (true, true) => Fault::truncated(),
            (true, false) => Fault::lost(),
            (false, _) => Fault::new(Category::ProtocolError, "the receiver breaks the rules of HTTP"),
        }
    }

    /// A body that broke off.
    pub(super) fn of_body(fault: &hyper::Error) -> Self {
        if is_too_much(fault) {
            return Fault::new(Category::ResponseTooLarge, "the answer is larger than it may be");
        }
        let kind = cause::<io::Error>(fault).map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)) {
            return Fault::new(Category::ProtocolError, "the body of the answer is not framed as HTTP says");
        }
        Fault::truncated()
    }

    fn truncated() -> Self {
        Fault::new(Category::ResponseTruncated, "the answer broke off before its end")
    }
}

impl From<egress::Error> for Fault {
    fn from(fault: egress::Error) -> Self {
        let category = fault.category();
        let detail = match fault.source() {
            Some(source) => format!("{fault}: {source}"),
            None => fault.to_string(),
        };
        Fault { category, detail: Cow::Owned(detail) }
    }
}

fn is_too_much(fault: &hyper::Error) -> bool {
    let io = cause::<io::Error>(fault).and_then(io::Error::get_ref);
    io.is_some_and(|inner| inner.is::<TooMuch>())
}

fn is_tls(fault: &io::Error) -> bool {
    fault.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

/// The first cause of this type.
fn cause<E: Error + 'static>(fault: &hyper::Error) -> Option<&E> {
    let mut next = fault.source();
    while let Some(source) = next {
        if let Some(found) = source.downcast_ref::<E>() {
            return Some(found);
        }
        next = source.source();
    }
    None
}
