//! Why a socket ends, by the codes of RFC 6455, 7.4.1, and in words that fit into a close frame.

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Farewell {
    /// The client went.
    Left,
    /// The server stops.
    Stopping,
    /// It said nothing for too long.
    Silent,
    /// It said something that is not text.
    Binary,
    /// It said something that no client says here.
    NotUnderstood,
    /// What it sent is no frame, or is too large.
    Unreadable,
    /// Its token does not work.
    NoSuchToken,
    /// It has more Subscriptions than one socket may.
    TooMany,
    /// It did not receive what was sent.
    Slow,
    /// Nothing is bound any more: the time is over, or whoever bound it may listen no longer.
    Unbound,
    /// Something of ours failed.
    Failed,
}

impl Farewell {
    /// The code and the reason; of at most 123 bytes, as a close frame holds no more.
    pub(super) const fn words(self) -> (u16, &'static str) {
        match self {
            Farewell::Left => (1000, ""),
            Farewell::Stopping => (1001, "The server stops; ask for a token and come back."),
            Farewell::Silent => (1008, "Nothing was bound in time; say bind-with-token and a token."),
            Farewell::Binary => (1003, "Only text is understood: bind-with-token and a token."),
            Farewell::NotUnderstood => (1008, "Say bind-with-token and a token; nothing else is understood."),
            Farewell::Unreadable => (1008, "The frame is malformed, or larger than 4 KiB."),
            Farewell::NoSuchToken => (1008, "The token is unknown, used or too old; ask for another one."),
            Farewell::TooMany => (1008, "One socket has room for 256 Subscriptions; open another one."),
            Farewell::Slow => {
                (1008, "What was sent was not received in time; $events tells what was missed.")
            }
            Farewell::Unbound => (1008, "Nothing is bound any more; ask for a token and come back."),
            Farewell::Failed => (1011, "Something failed here; ask for a token and come back."),
        }
    }
}
