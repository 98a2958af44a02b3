//! One configured outside system with its sources.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{Fields, IntegrationId, OrganisationId, Poll, Secret, Span, Timestamp, TlsVersion};

/// An outside system: an EHR, a laboratory, a practice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Who it belongs to.
    pub organisation_id: OrganisationId,
    /// Its name, as people know it.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// Whether its data is about real people.
    pub environment: Environment,
    /// Where its data may be.
    pub region: Region,
    /// The IANA time zone of its local times (safety rule P6).
    pub time_zone: String,
    /// The FHIR version of what it sends.
    pub fhir_version: FhirVersion,
    /// Its MLLP port, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mllp: Option<Mllp>,
    /// How its FHIR server is read, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Box<Poll>>,
    /// Who may send; empty means anybody with a key.
    #[serde(default)]
    pub allow: Vec<IpNet>,
    /// After how long without an event it counts as silent; absent, as its past tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_after: Option<Span>,
    /// Whether a FHIR Subscription in error is tried again by the server; otherwise its client has to ask.
    #[serde(default)]
    pub auto_recover: bool,
    /// What is taken of what it sends; absent: everything (C7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Box<Fields>>,
    /// What its preset was given, if its kind is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<PresetSettings>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Integration {
    /// The namespace of identifiers whose assigner the source does not name (P1).
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("urn:carehook:{}", self.id)
    }

    /// Whether its list lets this address send; without a list anybody may (C10).
    #[must_use]
    pub fn admits(&self, peer: IpAddr) -> bool {
        is_listed(&self.allow, peer)
    }

    /// Whether its lists let this address send over its MLLP port.
    #[must_use]
    pub fn admits_over_mllp(&self, peer: IpAddr) -> bool {
        self.admits(peer) && self.mllp.as_ref().is_none_or(|mllp| is_listed(&mllp.allow, peer))
    }

    /// The FHIR version of the resources that raise its events, if some do: what v2 is mapped to is R4.
    #[must_use]
    pub fn resource_version(&self) -> Option<FhirVersion> {
        match self.kind {
            Kind::Fhir => Some(self.fhir_version),
            Kind::Hl7v2 => Some(FhirVersion::R4),
            Kind::Events | Kind::Preset(_) => None,
        }
    }
}

/// An empty list is none. An IPv4 peer of a socket for both families is an IPv4 peer.
fn is_listed(list: &[IpNet], peer: IpAddr) -> bool {
    list.is_empty() || list.iter().any(|net| net.contains(&peer.to_canonical()))
}

/// What an integration speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// HL7 v2 over MLLP or HTTP.
    Hl7v2,
    /// FHIR resources and Bundles.
    Fhir,
    /// Events of the catalogue as JSON or `CloudEvents`.
    Events,
    /// A third party's webhooks, by the preset of this name.
    Preset(Arc<str>),
}

impl Kind {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Kind::Hl7v2 => "hl7v2",
            Kind::Fhir => "fhir",
            Kind::Events => "events",
            Kind::Preset(name) => name,
        }
    }
}

impl From<&str> for Kind {
    fn from(name: &str) -> Self {
        match name {
            "hl7v2" => Kind::Hl7v2,
            "fhir" => Kind::Fhir,
            "events" => Kind::Events,
            preset => Kind::Preset(preset.into()),
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <Cow<'_, str>>::deserialize(from).map(|name| Kind::from(&*name))
    }
}

/// What a preset was given: its fields by name, and its secrets, each with its keys, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresetSettings {
    /// What everybody may see.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// What nobody sees again.
    #[serde(default)]
    pub secrets: BTreeMap<String, Vec<Secret<String>>>,
}

/// Whether data is about real people (T1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real people.
    Live,
    /// Made-up people.
    Test,
}

impl Environment {
    /// The environment of an event that is a test or not, wherever it came from.
    #[must_use]
    pub const fn of(test: bool) -> Self {
        if test { Environment::Test } else { Environment::Live }
    }
}

/// The legal region of an integration's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// United States.
    Us,
    /// European Union.
    Eu,
    /// United Kingdom.
    Uk,
}

/// The FHIR version of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FhirVersion {
    /// R4.
    #[serde(rename = "4.0.1")]
    R4,
    /// R4B.
    #[serde(rename = "4.3.0")]
    R4B,
    /// R5.
    #[serde(rename = "5.0.0")]
    R5,
}

impl FhirVersion {
    /// Whether a resource of one version may stand in a Bundle of the other: what
    /// we tell of did not change between R4 and R4B, but did with R5.
    #[must_use]
    pub fn fits(self, other: FhirVersion) -> bool {
        (self == FhirVersion::R5) == (other == FhirVersion::R5)
    }
}

/// An MLLP port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mllp {
    /// The address to listen on; integrations that share it are told apart by MSH-3 and MSH-4.
    pub listen: SocketAddr,
    /// Peers that may connect; empty means anybody who reaches the address.
    #[serde(default)]
    pub allow: Vec<IpNet>,
    /// MSH-3 that chooses this integration on a shared port; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending_application: Option<String>,
    /// MSH-4 that chooses this integration on a shared port; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending_facility: Option<String>,
    /// How the port speaks TLS; absent: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Box<MllpTls>>,
    /// Why messages may come in clear from other machines, in the words of whoever allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

impl Mllp {
    /// Whether messages come in clear from other machines (45 CFR 164.312(e)(1)).
    #[must_use]
    pub fn is_in_clear(&self) -> bool {
        self.tls.is_none() && !self.listen.ip().to_canonical().is_loopback()
    }
}

/// TLS of an MLLP port (IHE ATNA).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MllpTls {
    /// What the port shows, as PEM: its own certificate first, then those in between.
    pub certificate: String,
    /// The key of the first certificate, as PEM.
    pub private_key: Secret<String>,
    /// Authorities, as PEM, whose certificates a peer must show one of; absent: a peer shows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<String>,
    /// Whose certificates are taken, by name or by `sha256/…` of the public key; empty: all that `client_ca` signed.
    #[serde(default)]
    pub clients: Vec<String>,
    /// The lowest version spoken.
    pub min_version: TlsVersion,
}
