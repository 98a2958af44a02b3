//! `POST /admin/deliveries/{id}/cancel`

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::{Code, DeliveryId, DeliveryState, Problem, Right};
use observe::live::Note;
use store::{Batch, End};

use super::Traced;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// Ends a delivery that is owed or dead-lettered. An attempt under way ends by itself.
#[utoipa::path(post, path = "/admin/deliveries/{id}/cancel", tag = "deliveries",
    responses((status = 200, body = Traced)))]
pub(crate) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<DeliveryId>,
) -> Result<Json<Traced>> {
    caller.needs(Right::Configure)?;
    let row = api.delivery(&caller, id).await?;
    if row.state.is_finished() && row.state != DeliveryState::Cancelled {
        let ended = Problem::new(Code::WrongState, "The delivery has ended.");
        return Err(ended.fix("Nothing is owed any more: there is nothing to cancel.").into());
    }
    if row.state != DeliveryState::Cancelled {
        let entry = api.entry(&caller, Action::Redrive, id, "cancel");
        let batch = Batch { ended: vec![(id, End::Cancelled)], audit: vec![entry], ..Batch::default() };
        api.store.commit(batch).await?;
        let (event_id, webhook_id, state) = (row.event, row.webhook, DeliveryState::Cancelled);
        api.feed.tell(caller.organisation(), || Note::Delivery {
            delivery_id: id,
            event_id,
            webhook_id,
            state,
        });
    }
    let row = api.delivery(&caller, id).await?;
    api.traced(row).await.map(Json)
}
