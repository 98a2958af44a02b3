//! What the codes of one integration mean, and how its messages differ from the standard maps.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::{IntegrationId, OrganisationId, limits};

/// The tables of one integration (safety rule P4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteMap {
    /// Whose tables they are.
    pub integration_id: IntegrationId,
    /// Who it belongs to.
    pub organisation_id: OrganisationId,
    /// The tables.
    pub tables: SiteTables,
}

/// Code tables, limits and overrides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteTables {
    /// Local codes of tests to LOINC.
    #[serde(default)]
    pub codes: Vec<SiteRow>,
    /// Units as they are written to UCUM.
    #[serde(default)]
    pub units: Vec<SiteRow>,
    /// Flags to codes of `ObservationInterpretation`.
    #[serde(default)]
    pub flags: Vec<SiteRow>,
    /// Locations to units of care.
    #[serde(default)]
    pub locations: Vec<SiteRow>,
    /// Limits of results, by LOINC code.
    #[serde(default)]
    pub thresholds: Vec<ResultLimits>,
    /// How messages differ from the maps of this version; read by the mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Value>,
}

/// One row of a code table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteRow {
    /// The code as the sender writes it.
    pub from: String,
    /// The coding system as the sender names it; absent, whichever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// What it means.
    pub to: String,
    /// What that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// Limits of a result. A value below `low` or above `high` is abnormal; one at or beyond a critical limit is critical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResultLimits {
    /// The test.
    pub loinc: String,
    /// The UCUM unit of the limits.
    pub unit: String,
    /// The lowest value that is normal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Number>,
    /// The highest value that is normal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Number>,
    /// From here down it is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_low: Option<Number>,
    /// From here up it is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_high: Option<Number>,
}

/// A table that codes are looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteTable {
    /// Tests.
    Codes,
    /// Units.
    Units,
    /// Flags.
    Flags,
    /// Locations.
    Locations,
    /// Limits: what could not be compared with them.
    Thresholds,
}

impl SiteTable {
    /// All of them.
    pub const ALL: [SiteTable; 5] =
        [SiteTable::Codes, SiteTable::Units, SiteTable::Flags, SiteTable::Locations, SiteTable::Thresholds];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SiteTable::Codes => "codes",
            SiteTable::Units => "units",
            SiteTable::Flags => "flags",
            SiteTable::Locations => "locations",
            SiteTable::Thresholds => "thresholds",
        }
    }
}

/// A code of a sender that no table knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalCode {
    /// Where it was looked up.
    pub table: SiteTable,
    /// The code, as the sender writes it.
    pub code: String,
    /// The coding system as the sender names it, or the unit of a limit.
    pub system: Option<String>,
}

impl LocalCode {
    /// A code that no table knows; none where the text is no code. A worklist is kept and shown in clear, so it
    /// takes what is as short as a code and leaves out systems that are sentences.
    #[must_use]
    pub fn new(table: SiteTable, code: &str, system: Option<&str>) -> Option<Self> {
        let is_name = |text: &&str| text.len() <= limits::LOCAL_SYSTEM && !text.contains(char::is_whitespace);
        let system = system.filter(is_name).map(str::to_owned);
        let is_code = (1..=limits::LOCAL_CODE).contains(&code.len());
        is_code.then(|| LocalCode { table, code: code.to_owned(), system })
    }
}
