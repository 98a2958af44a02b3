//! HL7 v2.5.1 messages of a journey.

use jiff::civil::DateTime;

use crate::person::Person;

/// What all messages of a person share.
pub(crate) struct Sender<'p> {
    pub(crate) person: &'p Person,
    /// Rises with every message.
    pub(crate) number: u32,
    pub(crate) at: DateTime,
}

/// A laboratory value.
pub(crate) struct Value {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) unit: &'static str,
    pub(crate) range: &'static str,
    pub(crate) flag: &'static str,
}

impl Sender<'_> {
    /// ADT with the visit: admission, update or discharge.
    pub(crate) fn adt(&self, event: &str, city: &str) -> Vec<u8> {
        let time = self.time();
        let (start, end) = if event == "A03" { ("", time.as_str()) } else { (time.as_str(), "") };
        // PV1-7 is the doctor, PV1-19 the visit, PV1-44 and PV1-45 the times.
        let (visit, gaps) = (&self.person.visit, ["|".repeat(12), "|".repeat(25)]);
        let stay = format!(
            "PV1|1|I|4E^136^B^TEST||||210^Doctor^Test{}{visit}^^^TEST^VN{}{start}|{end}",
            gaps[0], gaps[1]
        );
        self.message("ADT", event, &[format!("EVN|{event}|{time}"), self.pid(city), stay])
    }

    /// ORU with one report.
    pub(crate) fn oru(&self, status: char, values: &[Value]) -> Vec<u8> {
        let time = self.time();
        let order = format!("{}-{:03}", self.person.visit, self.number);
        let gap = "|".repeat(14);
        let report = format!(
            "OBR|1|P{order}|F{order}|24323-8^Comprehensive metabolic panel^LN|||{time}{gap}|{time}|||{status}"
        );
        let visit = format!("PV1|1|I|4E^136^B^TEST{}{}^^^TEST^VN", "|".repeat(16), self.person.visit);
        let results = values.iter().enumerate().map(|(at, value)| {
            let Value { code, name, value, unit, range, flag } = value;
            format!("OBX|{}|NM|{code}^{name}^LN||{value}|{unit}|{range}|{flag}|||{status}|||{time}", at + 1)
        });
        let lines: Vec<String> =
            [self.pid(self.person.city), visit, report].into_iter().chain(results).collect();
        self.message("ORU", "R01", &lines)
    }

    /// SIU: an appointment of twenty minutes.
    pub(crate) fn siu(&self, event: &str, start: DateTime, status: &str) -> Vec<u8> {
        let start = start.strftime("%Y%m%d%H%M%S");
        let id = &self.person.visit;
        let schedule = format!(
            "SCH|P{id}|A{id}||||CHECKUP^Check-up^L|ROUTINE^Routine^HL70276|NORMAL^Normal^HL70277|20|min|^^^{start}{}{status}",
            "|".repeat(14)
        );
        let lines =
            [schedule, self.pid(self.person.city), "RGS|1".to_owned(), "AIL|1|A|R3^^^TEST".to_owned()];
        self.message("SIU", event, &lines)
    }

    fn pid(&self, city: &str) -> String {
        let Person { record, family, given, gender, birth, .. } = self.person;
        let sex = if *gender == "female" { "F" } else { "M" };
        let birth = birth.strftime("%Y%m%d");
        format!(
            "PID|1||{record}^^^TEST^MR||{family}^{given}||{birth}|{sex}|||1 Test Street^^{city}^^00000||^PRN^PH^^^555^0100"
        )
    }

    fn message(&self, code: &str, event: &str, lines: &[String]) -> Vec<u8> {
        let id = format!("{}-{}", self.person.record, self.number);
        let time = self.time();
        let header = format!("MSH|^~\\&|SYNTH|TEST|CAREHOOK|TEST|{time}||{code}^{event}|{id}|P|2.5.1");
        let mut text = header + "\r";
        for line in lines {
            text.push_str(line);
            text.push('\r');
        }
        text.into_bytes()
    }

    fn time(&self) -> String {
        self.at.strftime("%Y%m%d%H%M%S").to_string()
    }
}
