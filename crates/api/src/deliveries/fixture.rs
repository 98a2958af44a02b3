//! A row of a delivery for tests, which say only what they are about.

use model::{DeliveryId, DeliveryState, Id, Lane, Timestamp};
use store::DeliveryRow;

/// A delivery that is owed and was never tried.
pub(crate) fn row() -> DeliveryRow {
    DeliveryRow {
        id: DeliveryId::from_row(1, 0),
        event: Id::from_raw(0),
        organisation: Id::from_raw(0),
        event_type: "x".into(),
        webhook: Id::from_raw(0),
        lane: Lane::Bulk,
        state: DeliveryState::Pending,
        held: None,
        follows: None,
        on_disk: false,
        attempts: 0,
        accepted: Timestamp::default(),
        due: None,
        ended: None,
        error: None,
    }
}
