//! MLLP: frames of `VT body FS CR` in a stream of bytes.
//!
//! [`Decoder::push`] takes what arrived, in pieces of any size; [`Decoder::next`]
//! tells what it means until there is nothing more to tell. Any input leads to
//! one of these ends: a frame, a frame that is over the limit, waiting for more
//! bytes, or [`Event::Close`] once a peer has sent too much that is not MLLP.
//! Work is linear in the bytes, memory is the limit and the last push.

use std::fmt;

/// Finds frames in a stream of bytes.
pub struct Decoder {
    limit: usize,
    pending: Vec<u8>,
    read: usize,
    state: State,
    body: Vec<u8>,
    /// Bytes dropped from a body that is over the limit.
    dropped: Option<usize>,
    /// A frame found together with the event before it.
    held: Option<Event>,
    /// The first bytes of the connection.
    opening: Vec<u8>,
    /// Bytes outside of frames that no event has told yet.
    noise_untold: usize,
    noise_since_frame: usize,
}

/// What the bytes meant. Its `Debug` shows no content.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// The body of a frame, never empty.
    Frame(Vec<u8>),
    /// A commit acknowledgement of MLLP release 2, in a frame of its own.
    Commit(Commit),
    /// Bytes outside of any frame, and empty frames; they are ignored.
    Noise { bytes: usize },
    /// A frame that ended in the middle: the connection ended, or the peer began its message again.
    Unfinished { bytes: usize },
    /// A body over the limit; its beginning is kept so that a refusal can name the message.
    Oversize { head: Vec<u8> },
    /// The peer does not speak MLLP. Nothing more will be told; close the connection.
    Close(Peer),
}

/// `<VT> ACK <FS> <CR>` or `<VT> NAK <FS> <CR>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Positive,
    Negative,
}

/// Who seems to be calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Tls,
    Http,
    Ssh,
    Unknown,
    /// A body went on for as long again as the limit after it was over it.
    Endless,
}

impl Decoder {
    /// A decoder for bodies of up to `limit` bytes.
    pub fn new(limit: usize) -> Decoder {
        Decoder {
            limit,
            pending: Vec::new(),
            read: 0,
            state: State::Between,
            body: Vec::new(),
            dropped: None,
            held: None,
            opening: Vec::new(),
            noise_untold: 0,
            noise_since_frame: 0,
        }
    }

    /// Takes bytes that arrived. Ask [`next`](Self::next) until it has nothing to tell before pushing more.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.state == State::Closed {
            return;
        }
        // Moving the unread half at most keeps this linear for a caller who does not ask.
        if self.read > self.pending.len() / 2 {
            self.pending.drain(..self.read);
            self.read = 0;
        }
        self.pending.extend_from_slice(bytes);
        let wanted = OPENING.saturating_sub(self.opening.len());
        self.opening.extend(bytes.iter().take(wanted));
    }

    /// Ends the stream, when [`next`](Self::next) has nothing to tell.
    ///
    /// A body that ends with FS counts as a frame, since some senders leave the
    /// CR out; a caller may also end it so when [`awaits_return`](Self::awaits_return)
    /// and the peer falls silent. Ask [`next`](Self::next) once more afterwards.
    pub fn finish(&mut self) -> Option<Event> {
        let state = std::mem::replace(&mut self.state, State::Between);
        match state {
            State::Closed => {
                self.state = State::Closed;
                None
            }
            State::Between => None,
            State::FrameEnd => self.end_frame(),
            State::Body => {
                let bytes = std::mem::take(&mut self.body).len();
                self.dropped.take().is_none().then_some(Event::Unfinished { bytes })
            }
        }
    }

    /// Whether a frame has begun and not ended: time to lose patience with a slow peer.
    pub fn is_in_frame(&self) -> bool {
        matches!(self.state, State::Body | State::FrameEnd)
    }

    /// Whether FS has come and only its CR is missing.
    pub fn awaits_return(&self) -> bool {
        self.state == State::FrameEnd
    }

    fn step(&mut self) -> Step {
        let rest = self.pending.get(self.read..).unwrap_or_default();
        let Some(first) = rest.first().copied() else { return Step::Starved };
        match self.state {
            State::Closed => Step::Starved,
            State::Between => {
                let noise = rest.iter().position(|byte| *byte == START);
                self.read += noise.map_or(rest.len(), |noise| noise + 1);
                if noise.is_some() {
                    self.state = State::Body;
                }
                Step::of(self.hear_noise(noise.unwrap_or(rest.len())))
            }
            State::Body if first == START && self.body.is_empty() && self.dropped.is_none() => {
                self.read += 1;
                Step::of(self.hear_noise(1))
            }
            State::Body => {
                // One byte too many is enough to know; so the pieces bytes come in make no difference.
                let rest = rest.get(..self.room().saturating_add(1)).unwrap_or(rest);
                let end = rest.iter().position(|byte| *byte == END);
                let range = self.read..self.read + end.unwrap_or(rest.len());
                self.read = range.end + usize::from(end.is_some());
                if end.is_some() {
                    self.state = State::FrameEnd;
                }
                Step::of(self.keep(range))
            }
            State::FrameEnd => self.step_after_end(first),
        }
    }

    /// FS is the end before CR, before LF of a careless sender, and before the VT of the next frame.
    fn step_after_end(&mut self, next: u8) -> Step {
        if matches!(next, RETURN | b'\n' | START) {
            self.read += usize::from(next != START);
            self.state = State::Between;
            return Step::of(self.end_frame());
        }
        self.state = State::Body;
        Step::of(self.keep_bytes(&[END]))
    }

    /// How many more bytes of this body are kept, or dropped, before something has to be told.
    fn room(&self) -> usize {
        self.limit - self.dropped.unwrap_or(self.body.len()).min(self.limit)
    }

    fn keep(&mut self, range: std::ops::Range<usize>) -> Option<Event> {
        let pending = std::mem::take(&mut self.pending);
        let event = self.keep_bytes(pending.get(range).unwrap_or_default());
        if self.state != State::Closed {
            self.pending = pending;
        }
        event
    }

    fn keep_bytes(&mut self, bytes: &[u8]) -> Option<Event> {
        if let Some(dropped) = &mut self.dropped {
            *dropped += bytes.len();
            return (*dropped > self.limit).then(|| self.close(Peer::Endless));
        }
        let length = self.body.len() + bytes.len();
        if length <= self.limit {
            if length > self.body.capacity() {
                // Doubling, but never past the limit.
                let capacity = (self.body.capacity() * 2).clamp(length, self.limit);
                self.body.reserve_exact(capacity - self.body.len());
            }
            self.body.extend_from_slice(bytes);
            return None;
        }
        let body = std::mem::take(&mut self.body);
        let head = body.iter().chain(bytes).take(HEAD_MAX.min(self.limit)).copied().collect();
        self.dropped = Some(0);
        Some(Event::Oversize { head })
    }

    fn end_frame(&mut self) -> Option<Event> {
        if self.dropped.take().is_some() {
            return None;
        }
        let mut body = std::mem::take(&mut self.body);
        match body.as_slice() {
            [] => return self.hear_noise(EMPTY_FRAME),
            [ACK] => return Some(Event::Commit(Commit::Positive)),
            [NAK] => return Some(Event::Commit(Commit::Negative)),
            _ => self.noise_since_frame = 0,
        }
        let Some(restart) = last_restart(&body) else { return Some(Event::Frame(body)) };
        self.held = Some(Event::Frame(body.split_off(restart + 1)));
        Some(Event::Unfinished { bytes: restart })
    }

    fn hear_noise(&mut self, bytes: usize) -> Option<Event> {
        self.noise_untold += bytes;
        self.noise_since_frame += bytes;
        let stranger = stranger(&self.opening).filter(|_| bytes > 0);
        if stranger.is_some() || self.noise_since_frame > NOISE_MAX {
            return Some(self.close(stranger.unwrap_or(Peer::Unknown)));
        }
        let untold = std::mem::take(&mut self.noise_untold);
        (untold > 0).then_some(Event::Noise { bytes: untold })
    }

    fn close(&mut self, peer: Peer) -> Event {
        *self = Decoder { state: State::Closed, ..Decoder::new(self.limit) };
        Event::Close(peer)
    }
}

impl Iterator for Decoder {
    type Item = Event;

    /// The next event of what was pushed; `None` means more bytes are needed.
    fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.held.take() {
            return Some(event);
        }
        loop {
            match self.step() {
                Step::Told(event) => return Some(event),
                Step::Went => {}
                Step::Starved => break,
            }
        }
        self.read = 0;
        // An idle connection holds no memory of a busy hour.
        if self.pending.capacity() > IDLE_BYTES_MAX {
            self.pending = Vec::new()
        } else {
            self.pending.clear()
        }
        None
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Frame(body) => write!(f, "Frame({} bytes)", body.len()),
            Event::Commit(commit) => write!(f, "Commit({commit:?})"),
            Event::Noise { bytes } => write!(f, "Noise({bytes} bytes)"),
            Event::Unfinished { bytes } => write!(f, "Unfinished({bytes} bytes)"),
            Event::Oversize { head } => write!(f, "Oversize({} bytes of head)", head.len()),
            Event::Close(peer) => write!(f, "Close({peer:?})"),
        }
    }
}

/// Puts a body into a frame. A body that holds FS CR would end early; HL7 text escapes it.
pub fn frame(body: &[u8]) -> Vec<u8> {
    [&[START], body, &[END, RETURN]].concat()
}

/// A commit acknowledgement of MLLP release 2.
pub fn commit(commit: Commit) -> [u8; 4] {
    let byte = match commit {
        Commit::Positive => ACK,
        Commit::Negative => NAK,
    };
    [START, byte, END, RETURN]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    Body,
    /// After FS: the next byte decides whether it was the end.
    FrameEnd,
    Closed,
}

enum Step {
    Told(Event),
    Went,
    Starved,
}

impl Step {
    fn of(event: Option<Event>) -> Step {
        event.map_or(Step::Went, Step::Told)
    }
}

/// Where a peer began its message again inside a frame: the first part was cut off.
///
/// A lone VT is text; word processors write it for a line break.
fn last_restart(body: &[u8]) -> Option<usize> {
    body.windows(5).rposition(|window| match window.strip_prefix(b"\x0bMSH") {
        Some([separator]) => !separator.is_ascii_alphanumeric(),
        _ => false,
    })
}

fn stranger(opening: &[u8]) -> Option<Peer> {
    match opening {
        [0x16, 0x03, ..] => Some(Peer::Tls),
        b"GET " | b"POST" | b"PUT " | b"HEAD" | b"OPTI" | b"CONN" | b"PRI " => Some(Peer::Http),
        b"SSH-" => Some(Peer::Ssh),
        _ => None,
    }
}

const START: u8 = 0x0b;
const END: u8 = 0x1c;
const RETURN: u8 = b'\r';
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

/// VT, FS, CR around nothing.
const EMPTY_FRAME: usize = 3;
/// Blanks and line ends between frames are common, a kilobyte of them is not.
const NOISE_MAX: usize = 1024;
/// Enough to tell TLS, HTTP and SSH apart.
const OPENING: usize = 4;
/// Reaches past any MSH.
const HEAD_MAX: usize = 4096;
const IDLE_BYTES_MAX: usize = 8192;
