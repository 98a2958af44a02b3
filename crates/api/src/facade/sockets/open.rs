//! `GET /fhir/{integration}/ws`: a socket opens. Nobody is known here before the token is said.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use model::{Code, IntegrationId, Problem, limits};
use observe::tasks;

use super::line::Line;
use super::seat::Seat;
use crate::Api;
use crate::facade::outcome::Outcome;

/// Opens a socket.
pub(in crate::facade) async fn open(
    State(api): State<Api>,
    Path(integration): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Outcome> {
    let id: IntegrationId = integration.parse().map_err(|_| Outcome::not_found())?;
    if !api.settings.now().config.integrations.contains_key(&id) {
        return Err(Outcome::not_found());
    }
    let upgrade = upgrade.map_err(|_| not_a_socket())?;
    let seated = Seat::take(&api, id).ok_or_else(no_room)?;
    let upgrade = upgrade.max_frame_size(limits::SOCKET_FRAME).max_message_size(limits::SOCKET_FRAME);
    let farewell = api.sockets.farewell();
    Ok(upgrade.on_upgrade(async move |socket| {
        // Started by our own hand, so that it is counted and never dead unseen.
        tasks::spawn("websocket", async move {
            Line::new(api, socket, seated).run().await;
            drop(farewell);
        });
    }))
}

fn not_a_socket() -> Outcome {
    let why =
        "Open a websocket here, by HTTP/1.1, and say bind-with-token and a token of $get-ws-binding-token.";
    Outcome::new(StatusCode::UPGRADE_REQUIRED, "not-supported", why)
}

fn no_room() -> Outcome {
    let why = "The integration has too many websockets, or too many that have said nothing yet.";
    Outcome::from(Problem::new(Code::Overloaded, why))
}
