//! Every problem code: stable, with an HTTP status, a title and a page in `docs/errors/`.

macro_rules! codes {
    ($($name:ident => ($status:literal, $code:literal, $title:literal),)*) => {
        /// A problem code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "docs/errors has a page for each")]
        pub enum Code {
            $($name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Code::$name => $status,)*
                }
            }

            /// The stable text.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)*
                }
            }

            /// The code of this text.
            #[must_use]
            pub fn named(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// What happened, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Code::$name => $title,)*
                }
            }
        }
    };
}

codes! {
    MalformedJson => (400, "malformed_json", "The body is not JSON."),
    TooDeep => (400, "too_deep", "The JSON is nested too deeply."),
    DuplicateKey => (400, "duplicate_key", "The JSON has the same key twice in one object."),
    InvalidCursor => (400, "invalid_cursor", "The cursor is not one that this list handed out."),
    UnreadableHl7 => (400, "unreadable_hl7", "The message has no readable MSH segment."),
    TlsFailed => (400, "tls_failed", "The peer does not speak TLS as the integration asks."),
    Unauthorized => (401, "unauthorized", "The call carries no valid credentials."),
    InvalidSignature => (401, "invalid_signature", "The call does not prove that it comes from the sender."),
    Forbidden => (403, "forbidden", "The key may not do this."),
    Csrf => (403, "csrf", "A page of another site may have caused this call."),
    PeerNotAllowed => (403, "peer_not_allowed", "The integration does not take calls from this address."),
    CertificateNotAllowed => (403, "certificate_not_allowed", "The integration does not take this certificate."),
    NotFound => (404, "not_found", "There is nothing at this address."),
    MethodNotAllowed => (405, "method_not_allowed", "This address does not take this method."),
    Conflict => (409, "conflict", "The thing was changed by somebody else at the same time."),
    WrongState => (409, "wrong_state", "As the thing stands, this cannot be done to it."),
    IdConflict => (409, "id_conflict", "The id was used before, for other content."),
    InUse => (409, "in_use", "Other things still depend on this one."),
    PreconditionFailed => (412, "precondition_failed", "The thing was changed since it was read."),
    BodyTooLarge => (413, "body_too_large", "The body is larger than this address takes."),
    UnsupportedMediaType => (415, "unsupported_media_type", "The content type is not one that this address takes."),
    InvalidField => (422, "invalid_field", "A member has a value that cannot be used."),
    UnknownField => (422, "unknown_field", "A member is not known here."),
    NotSupported => (422, "not_supported", "This version cannot do that yet."),
    UnknownEventType => (422, "unknown_event_type", "The event type is neither in the catalogue nor registered."),
    EventTypeNotOffered => (422, "event_type_not_offered", "The integration does not raise this event type."),
    OutcomeUnknown => (409, "outcome_unknown", "A call with this idempotency key was begun and never answered."),
    UnknownContent => (422, "unknown_content", "The content is not one that the preset of the integration knows."),
    UnknownSender => (422, "unknown_sender", "No integration of the port takes messages of this sender."),
    NotQuarantined => (422, "not_quarantined", "The rejection is not one that can be taken in later."),
    IdempotencyMismatch => (422, "idempotency_mismatch", "The idempotency key was used for another request."),
    UrlMissingScheme => (422, "url_missing_scheme", "The URL has no scheme."),
    UrlSchemeNotAllowed => (422, "url_scheme_not_allowed", "The URL's scheme is not allowed."),
    UrlUserinfo => (422, "url_userinfo", "The URL carries credentials."),
    UrlFragment => (422, "url_fragment", "The URL has a fragment."),
    UrlBadPort => (422, "url_bad_port", "The URL's port cannot be connected to."),
    UrlBadHost => (422, "url_bad_host", "The URL's host is not a name or an address."),
    UrlHomograph => (422, "url_homograph", "The URL's host is written to look like another."),
    UrlPrivateAddress => (422, "url_private_address", "The URL leads to a private address."),
    ListenerCannotBind => (422, "listener_cannot_bind", "The MLLP port cannot be opened."),
    JustificationRequired => (422, "justification_required", "What shows people, or lets them be seen, needs a justification."),
    TemplateFailed => (422, "template_failed", "The template of the webhook cannot tell the event."),
    InvalidFhir => (422, "invalid_fhir", "The resource is not valid FHIR."),
    RateLimited => (429, "rate_limited", "The caller sends faster than allowed."),
    InternalError => (500, "internal_error", "The server failed; the log says why."),
    Overloaded => (503, "overloaded", "The server has more to do than it can hold."),
    DiskFull => (507, "disk_full", "The disk of the server is full."),
}
