//! What a client says over a socket: one thing only.

use axum::extract::ws::{CloseFrame, Message};

use super::farewell::Farewell;

/// Something that a client said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// `bind-with-token`, and the token.
    Bind(String),
    /// The ping with this number was answered.
    Answered(u64),
    /// Nothing that matters.
    Nothing,
}

/// Reads what a client said.
///
/// # Errors
/// It is nothing that a client says here: the socket ends.
pub(super) fn read(message: &Message) -> Result<Said, Farewell> {
    match message {
        Message::Text(text) => {
            let (verb, token) = text.trim().split_once(char::is_whitespace).ok_or(Farewell::NotUnderstood)?;
            if verb == "bind-with-token" {
                Ok(Said::Bind(token.trim().to_owned()))
            } else {
                Err(Farewell::NotUnderstood)
            }
        }
        Message::Binary(_) => Err(Farewell::Binary),
        // A pong that answers no ping of ours is none of our business (RFC 6455, 5.5.3).
        Message::Pong(payload) => Ok(<[u8; 8]>::try_from(payload.as_ref())
            .map_or(Said::Nothing, |number| Said::Answered(u64::from_be_bytes(number)))),
        Message::Ping(_) => Ok(Said::Nothing),
        Message::Close(_) => Err(Farewell::Left),
    }
}

/// The last message of a socket.
pub(super) fn goodbye(farewell: Farewell) -> Message {
    let (code, reason) = farewell.words();
    Message::Close(Some(CloseFrame { code, reason: reason.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_says_a_token_and_nothing_else() {
        let text = |text: &str| read(&Message::text(text.to_owned()));
        assert_eq!(text("bind-with-token abc"), Ok(Said::Bind("abc".to_owned())));
        assert_eq!(text(" bind-with-token\tabc \n"), Ok(Said::Bind("abc".to_owned())));
        for other in
            ["", "bind-with-token", "bind abc", "{\"resourceType\":\"Bundle\"}", "Bind-With-Token abc"]
        {
            assert_eq!(text(other), Err(Farewell::NotUnderstood), "{other}");
        }
        assert_eq!(read(&Message::binary(b"bind-with-token abc".to_vec())), Err(Farewell::Binary));
        assert_eq!(read(&Message::Close(None)), Err(Farewell::Left));
        assert_eq!(read(&Message::Pong(7_u64.to_be_bytes().to_vec().into())), Ok(Said::Answered(7)));
        assert_eq!(read(&Message::Pong(Vec::new().into())), Ok(Said::Nothing));
    }
}
