//! HL7 v2 messages about people who do not exist.

/// A laboratory report, `ORU^R01`.
#[derive(Debug, Clone)]
pub(crate) struct Oru {
    /// MSH-10.
    pub(crate) control: String,
    /// MSH-11.
    pub(crate) processing: &'static str,
    /// MSH-4, and who assigned the patient's number.
    pub(crate) facility: &'static str,
    /// PID-3.1.
    pub(crate) mrn: String,
    /// OBR-3.
    pub(crate) report: String,
    /// OBR-25.
    pub(crate) status: &'static str,
    pub(crate) results: Vec<Result>,
}

/// One result, `OBX`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Result {
    /// OBX-3: LOINC code and name.
    pub(crate) code: &'static str,
    /// OBX-5, OBX-6.
    pub(crate) value: &'static str,
    pub(crate) unit: &'static str,
    /// OBX-8.
    pub(crate) flag: &'static str,
    /// OBX-11.
    pub(crate) status: &'static str,
}

impl Result {
    /// A potassium.
    pub(crate) const fn potassium(value: &'static str, flag: &'static str, status: &'static str) -> Result {
        Result { code: "2823-3^Potassium^LN", value, unit: "mmol/L", flag, status }
    }

    /// A sodium.
    pub(crate) const fn sodium(value: &'static str, flag: &'static str, status: &'static str) -> Result {
        Result { code: "2951-2^Sodium^LN", value, unit: "mmol/L", flag, status }
    }
}

impl Oru {
    /// A final report of a live patient.
    pub(crate) fn new(control: &str, mrn: &str, results: &[Result]) -> Oru {
        Oru {
            control: control.to_owned(),
            processing: "P",
            facility: "NORTH",
            mrn: mrn.to_owned(),
            report: format!("LAB-{mrn}"),
            status: "F",
            results: results.to_vec(),
        }
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Oru { control, processing, facility, mrn, report, status, .. } = self;
        let mut text = format!(
            "MSH|^~\\&|LAB|{facility}|CAREHOOK|HUB|20260101093000||ORU^R01^ORU_R01|{control}|{processing}|2.5.1\r\
             PID|1||{mrn}^^^{facility}^MR||Doe^{mrn}||19700101|F\r\
             OBR|1|ORD-{mrn}|{report}|24323-8^Metabolic panel^LN|||20260101091200|||||||||||||||20260101093000|||{status}\r"
        );
        for (place, result) in self.results.iter().enumerate() {
            let Result { code, value, unit, flag, status } = result;
            let number = place + 1;
            text.push_str(&format!(
                "OBX|{number}|NM|{code}||{value}|{unit}|3.5-5.1|{flag}|||{status}|||20260101091200\r"
            ));
        }
        text.into_bytes()
    }
}

/// An `ADT` message: trigger, MSH-10, patient, PV1-2.
pub(crate) fn adt(trigger: &str, control: &str, mrn: &str, class: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|ADT|NORTH|CAREHOOK|HUB|20260101093000||ADT^{trigger}|{control}|P|2.5.1\r\
         EVN|A08|20260101093000\r\
         PID|1||{mrn}^^^NORTH^MR||Doe^{mrn}||19700101|F\r\
         PV1|1|{class}|WARD^1^A||||||||||||||||V{mrn}^^^NORTH^VN|||||||||||||||||||||||||20260101093000\r"
    )
    .into_bytes()
}
