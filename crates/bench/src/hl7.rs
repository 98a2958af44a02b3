//! Reports of a laboratory as HL7 v2 over MLLP, and what is said to them.

use crate::needle::Needle;
use crate::text::Text;

/// Results in each report.
pub(crate) const RESULTS: usize = 8;
/// Every so many reports have a glucose above its range.
pub(crate) const ABNORMAL_EVERY: usize = 4;
/// Every so many have a critical potassium as well.
pub(crate) const CRITICAL_EVERY: usize = 20;

/// A basic metabolic panel in its frame: an ordinary one, one with an abnormal result, one with a critical one too.
pub(crate) fn frames(nonce: &str) -> Vec<Text> {
    let flagged = [("98", "", "4.4", ""), ("141", "H", "4.4", ""), ("141", "H", "6.9", "HH")];
    let frame = |(glucose, high, potassium, critical): (&str, &str, &str, &str)| {
        let report = REPORT
            .replace("$GLUCOSE", glucose)
            .replace("$HIGH", high)
            .replace("$POTASSIUM", potassium)
            .replace("$CRITICAL", critical);
        Text::new(&format!("\x0b{}\r\x1c\r", report.replace('\n', "\r")), nonce)
    };
    flagged.map(frame).into()
}

/// Which of [`frames`] an id has.
pub(crate) fn frame_of(id: usize) -> usize {
    usize::from(id.is_multiple_of(ABNORMAL_EVERY)) + usize::from(id.is_multiple_of(CRITICAL_EVERY))
}

/// What an acknowledgement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// The message is durable.
    Taken,
    /// The message is to be sent again.
    Again,
    /// It will not be taken as it is, or it was not this one that was answered.
    Refused,
}

/// What is said to the message `control_id`.
pub(crate) fn said(answer: &[u8], control_id: &str) -> Said {
    let Some(rest) = MSA.after(answer) else { return Said::Refused };
    let mut fields = rest.split(|byte| matches!(byte, b'|' | b'\r'));
    let (code, of) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    match code {
        b"AA" | b"CA" if of == control_id.as_bytes() => Said::Taken,
        b"AE" | b"CE" if of == control_id.as_bytes() => Said::Again,
        _ => Said::Refused,
    }
}

static MSA: Needle = Needle::new(b"\rMSA|");

/// MSH-10 and the filler's number are the name of the event: the one is acknowledged, the other delivered.
const REPORT: &str = r"MSH|^~\&|BENCHLAB|BENCH|CAREHOOK|HUB|20260101093000||ORU^R01^ORU_R01|$NONCE-%%%%%%%%%%%|P|2.5.1
PID|1||MRN-@@@@@@^^^BENCH^MR||SYNTHETIC^PATIENT^^^^^L||19700101|F|||1 TEST STREET^^TESTVILLE^^00000||^PRN^PH^^^555^0100
PV1|1|I|4E^136^B^BENCH||||210^DOCTOR^TEST||||||||||||V@@@@@@^^^BENCH^VN
ORC|RE|P$NONCE-%%%%%%%%%%%^BENCH|$NONCE-%%%%%%%%%%%^BENCHLAB
OBR|1|P$NONCE-%%%%%%%%%%%^BENCH|$NONCE-%%%%%%%%%%%^BENCHLAB|24321-2^Basic metabolic 2000 panel^LN|||20260101091200|||||||||||||||20260101093000||LAB|F
OBX|1|NM|2951-2^Sodium^LN||140|mmol/L^mmol/L^UCUM|136-145||||F|||20260101091200
OBX|2|NM|2823-3^Potassium^LN||$POTASSIUM|mmol/L^mmol/L^UCUM|3.5-5.1|$CRITICAL|||F|||20260101091200
OBX|3|NM|2075-0^Chloride^LN||103|mmol/L^mmol/L^UCUM|98-107||||F|||20260101091200
OBX|4|NM|2028-9^Carbon dioxide^LN||25|mmol/L^mmol/L^UCUM|22-29||||F|||20260101091200
OBX|5|NM|3094-0^Urea nitrogen^LN||14|mg/dL^mg/dL^UCUM|7-20||||F|||20260101091200
OBX|6|NM|2160-0^Creatinine^LN||0.9|mg/dL^mg/dL^UCUM|0.6-1.1||||F|||20260101091200
OBX|7|NM|2345-7^Glucose^LN||$GLUCOSE|mg/dL^mg/dL^UCUM|70-99|$HIGH|||F|||20260101091200
OBX|8|NM|17861-6^Calcium^LN||9.4|mg/dL^mg/dL^UCUM|8.6-10.2||||F|||20260101091200";

#[cfg(test)]
mod tests {
    use super::{RESULTS, Said, frame_of, frames, said};

    #[test]
    fn every_fourth_report_is_abnormal_and_every_twentieth_critical() {
        let mut frames = frames("00c0ffee");
        let mut flags = |id: usize| {
            let text = String::from_utf8(frames[frame_of(id)].of(id).to_vec()).unwrap();
            assert_eq!(text.matches("\rOBX|").count(), RESULTS);
            assert!(text.starts_with("\x0bMSH|") && text.ends_with("\r\x1c\r"));
            assert!(text.contains(&format!("|00c0ffee-{id:011}|P|2.5.1\rPID|1||MRN-{}^", 100_000 + id)));
            assert!(!text.contains(['$', '%', '@', '\n']), "a mark is left");
            (text.contains("|H|"), text.contains("|HH|"))
        };
        assert_eq!([1, 4, 20].map(&mut flags), [(false, false), (true, false), (true, true)]);
    }

    #[test]
    fn only_the_acknowledgement_of_the_message_itself_counts() {
        let answer = |code: &str| format!("\x0bMSH|^~\\&|HUB\rMSA|{code}|00c0ffee-00000000007\r\x1c\r");
        let hear = |code: &str, name: &str| said(answer(code).as_bytes(), name);
        assert_eq!(hear("AA", "00c0ffee-00000000007"), Said::Taken);
        assert_eq!(hear("AE", "00c0ffee-00000000007"), Said::Again);
        assert_eq!(hear("AR", "00c0ffee-00000000007"), Said::Refused);
        assert_eq!(hear("AA", "00c0ffee-00000000008"), Said::Refused);
        assert_eq!(said(b"\x0bMSH|^~\\&\r\x1c\r", "x"), Said::Refused);
    }
}
