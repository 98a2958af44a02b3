//! What a body is, as `content-type` says it.

/// The kind of a body that goes out.
///
/// The numbers rest in sealed records: a new kind takes a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Media {
    /// JSON.
    Json = 0,
    /// A `CloudEvents` event in structured mode.
    CloudEvents = 1,
    /// FHIR R4 as JSON.
    FhirR4 = 2,
    /// FHIR R4B as JSON.
    FhirR4B = 3,
    /// FHIR R5 as JSON.
    FhirR5 = 4,
    /// FHIR as JSON, of the version that its source speaks.
    Fhir = 5,
    /// An HL7 v2 message.
    Hl7v2 = 6,
    /// Bytes that we do not know more of.
    Bytes = 7,
}

impl Media {
    const ALL: [Media; 8] = [
        Media::Json,
        Media::CloudEvents,
        Media::FhirR4,
        Media::FhirR4B,
        Media::FhirR5,
        Media::Fhir,
        Media::Hl7v2,
        Media::Bytes,
    ];

    /// The value of `content-type`; FHIR's parameter is that of its HTTP binding.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::CloudEvents => "application/cloudevents+json",
            Media::FhirR4 => "application/fhir+json; fhirVersion=4.0",
            Media::FhirR4B => "application/fhir+json; fhirVersion=4.3",
            Media::FhirR5 => "application/fhir+json; fhirVersion=5.0",
            Media::Fhir => "application/fhir+json",
            Media::Hl7v2 => "application/hl7-v2",
            Media::Bytes => "application/octet-stream",
        }
    }

    /// Whether such a body is JSON.
    #[must_use]
    pub const fn is_json(self) -> bool {
        !matches!(self, Media::Hl7v2 | Media::Bytes)
    }

    /// The kind with this number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Media> {
        Media::ALL.into_iter().find(|media| *media as u8 == number)
    }
}
