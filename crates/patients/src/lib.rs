//! Synthetic people and their journeys from a seed, as FHIR and as HL7 v2.
