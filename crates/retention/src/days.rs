//! Days whose keys may go, and what must be sealed anew before.

use audit::{Action, Actor, Entry};
use model::{OrganisationId, Timestamp, first_row_at, limits};
use privacy::{RecordKind, day_of};
use store::{Batch, Record, RecordOf, Resealed};
use tokio::time::Instant;

use crate::keeper::{Ports, Result};

/// The first day that stays, and since when nothing is sealed under those before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor {
    day: i64,
    since: Instant,
    /// Whether the keys of the days before it are gone.
    swept: bool,
}

/// Drops the keys of all days before `first`, once nothing that is kept stands under them.
///
/// It takes two visits: the first stops sealing under those days, and only when
/// whatever was sealed before that must be stored do the keys go.
pub(crate) async fn forget(
    ports: &Ports,
    floor: &mut Option<Floor>,
    first: i64,
    (now, at): (Timestamp, Instant),
) -> Result<()> {
    let standing = match floor {
        Some(standing) if standing.day >= first => standing,
        Some(_) | None => {
            ports.keyring.seal_from(first);
            floor.insert(Floor { day: first, since: at, swept: false })
        }
    };
    let has_rested = at.saturating_duration_since(standing.since) >= limits::DAY_KEY_REST;
    // After a clock that went back a little, a day that was to go stays until its time comes again.
    if standing.swept || !has_rested || standing.day > first {
        return Ok(());
    }
    let days = ports.keyring.days(first).await?;
    if !days.is_empty() {
        seal_anew(ports, first).await?;
        drop_keys(ports, days, now).await?;
    }
    standing.swept = true;
    Ok(())
}

/// Audited before it is done: a key that is gone without a row would be worse than a row too many.
async fn drop_keys(ports: &Ports, days: Vec<(OrganisationId, i64)>, now: Timestamp) -> Result<()> {
    let audit = days.iter().map(|(organisation, day)| entry(*organisation, *day, now)).collect();
    ports.store.commit(Batch { audit, ..Batch::default() }).await?;
    for (organisation, day) in days {
        ports.keyring.drop_day(organisation, day).await?;
        ports.metrics.day_key_dropped();
    }
    Ok(())
}

/// Seals everything that is left of the days before `first` under a day that stays.
async fn seal_anew(ports: &Ports, first: i64) -> Result<()> {
    // No record stands under a day before that of its row, so none of a later row is meant.
    let before = first_row_at(Timestamp::start_of(first));
    for of in RecordOf::ALL {
        let mut after = 0;
        loop {
            let page = ports.store.records(of, after, before).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            let mut records = Vec::with_capacity(page.len());
            for record in page {
                records.extend(anew(ports, record, first).await?);
            }
            if !records.is_empty() {
                ports.metrics.resealed(ports.store.reseal(records).await?);
                tokio::time::sleep(crate::keeper::BREATH).await;
            }
        }
    }
    Ok(())
}

/// The record under a day that stays; none if it stands there already, or nobody can read it.
async fn anew(ports: &Ports, was: Record, first: i64) -> Result<Option<Resealed>> {
    let Record { of, row, organisation, subject, ref sealed } = was;
    if day_of(sealed).is_ok_and(|day| day >= first) {
        return Ok(None);
    }
    let (kind, keyring) = (kind(of), &ports.keyring);
    if keyring.for_opening(organisation, subject, sealed).await?.is_none() {
        return Ok(None);
    }
    // The new key first: if the subject is erased in between, the old record no longer opens,
    // and it must not come back under a key that the erasure did not know.
    let key = keyring.for_sealing(organisation, row, subject).await?;
    let Some(old) = keyring.for_opening(organisation, subject, sealed).await? else { return Ok(None) };
    let Ok(content) = old.open(kind, row, sealed) else {
        tracing::error!(?of, row, "a record does not open and is not sealed anew: it is damaged");
        return Ok(None);
    };
    let sealed = key.seal(kind, row, &content);
    Ok(Some(Resealed { was, sealed }))
}

fn kind(of: RecordOf) -> RecordKind {
    match of {
        RecordOf::Event => RecordKind::Event,
        RecordOf::Message => RecordKind::Message,
        RecordOf::Delivery => RecordKind::Rendered,
        RecordOf::Rejection => RecordKind::Rejection,
        RecordOf::Reply => RecordKind::Excerpt,
    }
}

fn entry(organisation: OrganisationId, day: i64, at: Timestamp) -> Entry {
    let date: String = Timestamp::start_of(day).to_string().chars().take("2026-01-01".len()).collect();
    Entry {
        at,
        organisation: Some(organisation),
        actor: Actor::System,
        action: Action::Expire,
        target: format!("day key {date}"),
        detail: "what is kept of the day was sealed anew".to_owned(),
    }
}
