use crate::{Part, Segment};

/// MSH by name.
///
/// What sent the message is told by MSH-9; EVN-1 is never asked.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    segment: Segment<'a>,
    has_msa: bool,
}

impl<'a> Header<'a> {
    pub(crate) fn new(segment: Segment<'a>, has_msa: bool) -> Header<'a> {
        Header { segment, has_msa }
    }

    pub fn segment(&self) -> Segment<'a> {
        self.segment
    }

    /// MSH-3.
    pub fn sending_application(&self) -> Part<'a> {
        self.segment.field(3)
    }

    /// MSH-4.
    pub fn sending_facility(&self) -> Part<'a> {
        self.segment.field(4)
    }

    /// MSH-5.
    pub fn receiving_application(&self) -> Part<'a> {
        self.segment.field(5)
    }

    /// MSH-6.
    pub fn receiving_facility(&self) -> Part<'a> {
        self.segment.field(6)
    }

    /// MSH-7, to be read by [`Timestamp`](crate::timestamp::Timestamp).
    pub fn time(&self) -> Part<'a> {
        self.segment.field(7)
    }

    /// MSH-9.1: `ORU`.
    pub fn message_code(&self) -> Part<'a> {
        self.segment.field(9).component(1)
    }

    /// MSH-9.2: `R01`.
    pub fn trigger_event(&self) -> Part<'a> {
        self.segment.field(9).component(2)
    }

    /// MSH-9.3: `ORU_R01`.
    pub fn structure(&self) -> Part<'a> {
        self.segment.field(9).component(3)
    }

    /// MSH-10.
    pub fn control_id(&self) -> Part<'a> {
        self.segment.field(10)
    }

    /// MSH-11.1: whether a message is about real people.
    pub fn processing(&self) -> Processing {
        match self.segment.field(11).component(1).raw() {
            b"P" => Processing::Production,
            b"T" => Processing::Training,
            b"D" => Processing::Debugging,
            b"" => Processing::Absent,
            _ => Processing::Other,
        }
    }

    /// MSH-12.1: `2.5.1`.
    pub fn version(&self) -> Part<'a> {
        self.segment.field(12).component(1)
    }

    /// MSH-15: when a receipt is asked for.
    pub fn accept_wish(&self) -> Wish {
        Wish::of(self.segment.field(15))
    }

    /// MSH-16: when an answer of the application is asked for.
    pub fn application_wish(&self) -> Wish {
        Wish::of(self.segment.field(16))
    }

    /// MSH-18, all repetitions; [`Message::charset`](crate::Message::charset) is what came of it.
    pub fn charset(&self) -> Part<'a> {
        self.segment.field(18)
    }

    /// Whether the message is an acknowledgement and must never be acknowledged.
    pub fn is_acknowledgement(&self) -> bool {
        let code = self.message_code().raw().trim_ascii();
        [b"ACK", b"MCF"].iter().any(|known| code.eq_ignore_ascii_case(*known))
    }

    /// Whether the message answers another one: it is an acknowledgement or carries an MSA.
    pub fn is_answer(&self) -> bool {
        self.has_msa || self.is_acknowledgement()
    }
}

/// MSH-11: anything but production must not reach patients or people on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Processing {
    Production,
    Training,
    Debugging,
    Absent,
    Other,
}

/// MSH-15 or MSH-16, HL7 table 0155.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// `AL`, or a value table 0155 does not know: silence would be the worse guess.
    Always,
    /// `NE`
    Never,
    /// `ER`: only when the message is refused.
    OnError,
    /// `SU`: only when it is accepted.
    OnSuccess,
    Absent,
}

impl Wish {
    fn of(field: Part<'_>) -> Wish {
        match field.component(1).raw().trim_ascii() {
            b"" | b"\"\"" => Wish::Absent,
            b"NE" => Wish::Never,
            b"ER" => Wish::OnError,
            b"SU" => Wish::OnSuccess,
            _ => Wish::Always,
        }
    }
}
