//! `GET /admin/deliveries`

use axum::Json;
use axum::extract::State;
use model::{Category, DeliveryState, Id, Right, WebhookId, limits};
use serde::Deserialize;
use store::{DeliveryFilter, DeliveryRow, Page};
use utoipa::IntoParams;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Slice, Window};
use crate::params::Sliced;
use crate::refused::Result;

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `pending`, `waiting`, `held`, `delivered`, `dead_lettered`, `cancelled`, `withheld` or `expired`.
    #[param(value_type = Option<String>)]
    state: Option<DeliveryState>,
    /// To this webhook.
    #[param(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
    /// That failed like this.
    #[param(value_type = Option<String>)]
    error: Option<Category>,
}

/// Deliveries, newest first.
#[utoipa::path(get, path = "/admin/deliveries", tag = "deliveries",
    params(Slice, Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Sliced(slice, wanted): Sliced<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = slice.window(List::Deliveries)?;
    let filter = DeliveryFilter {
        organisation: Some(caller.organisation()),
        webhook: wanted.webhook_id,
        state: wanted.state,
        event_type: slice.event_type.map(|types| types.0),
        lane: slice.lane,
        error: wanted.error,
        from: slice.from,
        to: slice.to,
    };
    let page = match wanted.state {
        Some(DeliveryState::Held) => api.held(filter, window).await?,
        Some(DeliveryState::Pending) => api.scan(filter, DeliveryState::Pending, window).await?,
        Some(_) | None => api.store.list_deliveries(filter, window.after, window.limit).await?,
    };
    Ok(Json(window.show(page, |row| api.shown(row))))
}

impl Api {
    /// What the store holds, and what is due or waits but is held by a pause, a breaker, its turn or the load.
    async fn held(&self, filter: DeliveryFilter, window: Window) -> Result<Page<DeliveryRow>> {
        let of = |state| DeliveryFilter { state: Some(state), ..filter.clone() };
        let due = self.scan(of(DeliveryState::Pending), DeliveryState::Held, window).await?;
        let waiting = self.scan(of(DeliveryState::Waiting), DeliveryState::Held, window).await?;
        let on_disk = self.store.list_deliveries(filter, window.after, window.limit).await?;
        Ok(merged(merged(on_disk, due, window.limit), waiting, window.limit))
    }

    /// A page of what the store calls `filter.state` and we call `stands`.
    async fn scan(
        &self,
        filter: DeliveryFilter,
        stands: DeliveryState,
        window: Window,
    ) -> Result<Page<DeliveryRow>> {
        let mut found = Page { rows: Vec::new(), next: window.after };
        for _ in 0..limits::SCANNED_PAGES {
            let page = self.store.list_deliveries(filter.clone(), found.next, limits::PAGE.1).await?;
            found.next = page.next;
            found.rows.extend(page.rows.into_iter().filter(|row| self.stands(row).0 == stands));
            if found.rows.len() > window.limit {
                found.rows.truncate(window.limit);
                found.next = found.rows.last().map(|row| row.id.row());
                return Ok(found);
            }
            if found.next.is_none() {
                return Ok(found);
            }
        }
        Ok(found)
    }
}

/// One page of two: rows behind the place up to which both were read wait for the next.
fn merged(one: Page<DeliveryRow>, other: Page<DeliveryRow>, limit: usize) -> Page<DeliveryRow> {
    let read_to = one.next.max(other.next);
    let mut rows = one.rows;
    rows.extend(other.rows);
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.retain(|row| read_to.is_none_or(|end| row.id.row() >= end));
    let cut = rows.len() > limit;
    rows.truncate(limit);
    let next = if cut { rows.last().map(|row| row.id.row()) } else { read_to };
    Page { rows, next }
}

#[cfg(test)]
mod tests {
    use model::DeliveryId;

    use super::super::fixture;
    use super::*;

    fn page(rows: &[i64], next: Option<i64>) -> Page<DeliveryRow> {
        let row = |row: &i64| DeliveryRow { id: DeliveryId::from_row(*row, 0), ..fixture::row() };
        Page { rows: rows.iter().map(row).collect(), next }
    }

    #[track_caller]
    fn check(one: Page<DeliveryRow>, other: Page<DeliveryRow>, rows: &[i64], next: Option<i64>) {
        let merged = merged(one, other, 3);
        let found: Vec<i64> = merged.rows.iter().map(|row| row.id.row()).collect();
        assert_eq!((found.as_slice(), merged.next), (rows, next));
    }

    #[test]
    fn two_lists_become_one_page_without_gap() {
        check(page(&[9, 5], None), page(&[7], None), &[9, 7, 5], None);
        check(page(&[9, 5, 4], Some(4)), page(&[8, 7, 6], Some(6)), &[9, 8, 7], Some(7));
        // What was read only in one list, behind the end of the other, waits.
        check(page(&[9, 2], None), page(&[8], Some(6)), &[9, 8], Some(6));
        check(page(&[], None), page(&[], Some(6)), &[], Some(6));
    }
}
