//! A text that is the same for every id, but for its marks.

use crate::needle::Needle;
use crate::wire::number;

/// A text whose marks are patched in place from one id to the next.
pub(crate) struct Text {
    bytes: Vec<u8>,
    ids: Vec<usize>,
    patients: Vec<usize>,
}

impl Text {
    /// Puts the run into a template; `nonce` has eight characters.
    pub(crate) fn new(template: &str, nonce: &str) -> Self {
        let text = template.replace("$NONCE", nonce);
        let places = |mark: &str| text.match_indices(mark).map(|(place, _)| place).collect();
        Self { ids: places(ID_MARK), patients: places(PATIENT_MARK), bytes: text.into_bytes() }
    }

    pub(crate) fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn of(&mut self, id: usize) -> &[u8] {
        for place in &self.ids {
            patch(&mut self.bytes[*place..*place + ID_MARK.len()], id);
        }
        for place in &self.patients {
            patch(&mut self.bytes[*place..*place + PATIENT_MARK.len()], 100_000 + id % PATIENTS);
        }
        &self.bytes
    }
}

/// The name of an event, as its text says it: the run and the id, in twenty characters.
pub(crate) fn name(nonce: &str, id: usize) -> String {
    format!("{nonce}-{id:0width$}", width = ID_MARK.len())
}

/// The id in the body of a delivery, if it is one of the run that `nonce` names.
pub(crate) fn id_in(body: &[u8], nonce: &str) -> Option<usize> {
    let digits = REPORT.after(body)?.strip_prefix(nonce.as_bytes())?.strip_prefix(b"-")?;
    number(digits.get(..ID_MARK.len())?)?.try_into().ok()
}

/// Whether a body says whom or what it is about.
pub(crate) fn is_told(body: &[u8]) -> bool {
    REPORT.after(body).is_some() || PATIENT.after(body).is_some()
}

const PATIENTS: usize = 1_000;
// MSH-10 has room for twenty characters (HL7 v2.5.1 §2.14.9.10): eight of the run, a hyphen, and these.
const ID_MARK: &str = "%%%%%%%%%%%";
const PATIENT_MARK: &str = "@@@@@@";

static REPORT: Needle = Needle::new(b"\"reportRef\":\"");
static PATIENT: Needle = Needle::new(b"MRN-");

fn patch(digits: &mut [u8], mut value: usize) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}
