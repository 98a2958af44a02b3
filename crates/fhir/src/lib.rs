//! What we know of FHIR as JSON, and how HL7 v2 becomes it.
