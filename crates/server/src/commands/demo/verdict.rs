//! Whether everything that was owed has arrived.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::board::Board;
use super::play::Player;
use super::stage::Stage;
use crate::client::Client;

/// What is missing, once nothing more is on its way; nothing if all is well.
pub(super) async fn faults(
    client: &Client,
    stage: &Stage,
    board: &Board,
    player: &Player<'_>,
) -> anyhow::Result<Vec<String>> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut faults = owed(client, stage, board).await?;
        // Known from what was sent, not from what the server says of itself.
        if board.critical() < player.critical() {
            let (arrived, sent) = (board.critical(), player.critical());
            faults.push(format!("{arrived} critical results arrived where {sent} were sent"));
        }
        if board.summary().0 == 0 {
            faults.push("nothing arrived".to_owned());
        }
        if faults.is_empty() || Instant::now() > until {
            return Ok(faults);
        }
        tokio::time::sleep(GLANCE).await;
    }
}

async fn owed(client: &Client, stage: &Stage, board: &Board) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for hook in stage.hooks() {
        let mut path = format!("/admin/deliveries?limit=250&webhookId={}", hook.webhook);
        loop {
            let page = client.get(&path).await?;
            let rows = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
            faults.extend(rows.iter().filter_map(|row| fault(row, board)));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/admin/deliveries?limit=250&webhookId={}&after={next}", hook.webhook);
        }
    }
    Ok(faults)
}

fn fault(row: &Value, board: &Board) -> Option<String> {
    let word = |member: &str| row[member].as_str().unwrap_or("-");
    let (id, kind, state) = (word("id"), word("eventType"), word("state"));
    match (state, board.has(id)) {
        ("delivered", true) => None,
        ("delivered", false) => Some(format!("{id} ({kind}) counts as delivered and did not arrive")),
        _ => Some(format!("{id} ({kind}) is {state}, not delivered")),
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(100);
