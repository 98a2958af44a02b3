//! Tables checked, audited, and seen by all.

use audit::Action;
use fhir::v2::Local;
use http::HeaderMap;
use model::{
    Change, Code, Config, Integration, IntegrationId, Kind, Problem, SiteMap, SiteTable, SiteTables,
    Versioned,
};

use store::Batch;

use super::csv;
use super::read::{find, tables};
use crate::caller::Caller;
use crate::change::changed;
use crate::etag::IfMatch;
use crate::refused::Result;
use crate::strict::{invalid, not_supported};
use crate::{Api, etag};

/// Tables as somebody gives them.
pub(crate) enum Given {
    /// All of them.
    All(Box<SiteTables>),
    /// One as comma separated values, beside the others that there are.
    One(SiteTable, String),
}

impl Api {
    /// Replaces the tables of an integration by what `make` makes of them.
    pub(super) async fn save_tables(
        &self,
        (caller, id, if_match): (&Caller, IntegrationId, &IfMatch),
        make: impl FnOnce(&SiteTables) -> Result<SiteTables, Problem>,
    ) -> Result<(HeaderMap, SiteTables)> {
        let now = self.settings.now();
        let integration = find(&now, caller, id)?;
        let (version, before) = tables(&now, id);
        if_match.check(version)?;
        let doc = accepted(integration, make(&before)?)?;
        let after = doc.tables.clone();
        let detail = changed(&before, &after);
        let entry = self.entry(caller, Action::Update, id, format!("mapping {detail}").trim_end());
        let put = vec![Change::PutSiteMap(Box::new(doc))];
        let version = self.change(site_map_is_at(id, version), put, vec![entry]).await?;
        let is_changed = |table: &SiteTable| detail.split(',').any(|name| name == table.name());
        // Limits make other results comparable, and so do units and codes.
        let mut anew: Vec<SiteTable> = SiteTable::ALL.into_iter().filter(is_changed).collect();
        if !anew.is_empty() {
            anew.push(SiteTable::Thresholds);
        }
        let worklists = self.metrics.worklists();
        let _turn = worklists.turn().await;
        worklists.forget((id, version), &anew);
        let mapped = anew.into_iter().map(|table| (id, table)).collect();
        // The tables are saved: counts that come back at a restart do not make that untrue.
        if let Err(error) = self.store.commit(Batch { mapped, ..Batch::default() }).await {
            tracing::warn!(%error, "the worklist of changed tables could not be cleared");
        }
        Ok((etag::of(version), after))
    }

    /// What tables would become of an integration.
    pub(crate) fn site_map_of(&self, caller: &Caller, id: IntegrationId, given: Given) -> Result<SiteMap> {
        let now = self.settings.now();
        let integration = find(&now, caller, id)?;
        let after = match given {
            Given::All(tables) => *tables,
            Given::One(table, text) => csv::read(table, &text, &tables(&now, id).1)?,
        };
        Ok(accepted(integration, after)?)
    }
}

/// The tables of an integration, once it can use them and all of them can be read.
fn accepted(integration: &Versioned<Integration>, tables: SiteTables) -> Result<SiteMap, Problem> {
    check(integration, &tables)?;
    Ok(SiteMap { integration_id: integration.id, organisation_id: integration.organisation_id, tables })
}

/// What a kind of integration can use, and whether all of it can be read.
fn check(integration: &Versioned<Integration>, tables: &SiteTables) -> Result<(), Problem> {
    let of_messages = [
        ("/codes", tables.codes.is_empty()),
        ("/units", tables.units.is_empty()),
        ("/flags", tables.flags.is_empty()),
        ("/locations", tables.locations.is_empty()),
        ("/overrides", tables.overrides.is_none()),
    ];
    match integration.kind {
        Kind::Hl7v2 => {}
        Kind::Fhir => {
            if let Some((place, _)) = of_messages.into_iter().find(|(_, is_unused)| !is_unused) {
                let why = "FHIR resources are not mapped: only their limits are used.";
                return Err(not_supported(place, why));
            }
        }
        Kind::Events | Kind::Preset(_) => {
            return Err(Problem::new(
                Code::NotSupported,
                "Events of this kind of integration are not mapped.",
            ));
        }
    }
    Local::compile(tables).map(drop).map_err(|fault| invalid(fault.pointer, fault.why))
}

/// The integration is there, and nobody changed its tables since they were looked at; 0 where there were none.
fn site_map_is_at(id: IntegrationId, version: u64) -> impl Fn(&Config) -> Result<(), Code> {
    move |config| match config.site_maps.get(&id).map_or(0, |found| found.version) {
        _ if !config.integrations.contains_key(&id) => Err(Code::NotFound),
        found if found != version => Err(Code::Conflict),
        _ => Ok(()),
    }
}
