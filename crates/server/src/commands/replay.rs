//! `carehook replay`: events again, to everybody who was sent them before or gets them today.

use clap::Args;
use serde_json::{Value, json};

use super::out::Shape;
use super::server::{Server, plain};
use super::{End, block_on};

/// Send events again to everybody who was sent them before.
#[derive(Args)]
pub(crate) struct Replay {
    /// Ids of events
    #[arg(required = true, value_name = "EVENT")]
    events: Vec<String>,
    /// Only to this webhook
    #[arg(long, value_name = "ID")]
    webhook: Option<String>,
    /// As new deliveries with ids of their own, to whoever gets the event by today's settings
    #[arg(long)]
    fresh: bool,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl Replay {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        block_on(self.replay())
    }

    async fn replay(self) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let wanted = json!({ "webhookId": self.webhook, "fresh": self.fresh });
        let mut all_go_again = true;
        for event in &self.events {
            let answer = client.post(&format!("/admin/events/{}/replay", plain(event)?), &wanted).await?;
            all_go_again &= answer["count"] != 0;
            self.shape.print(|| told(event, &answer), || answer.clone())?;
        }
        Ok(End::well_if(all_go_again))
    }
}

fn told(event: &str, answer: &Value) -> String {
    match answer["count"].as_u64().unwrap_or_default() {
        0 => format!("{event}  nothing to send again: nobody is to get it, or it is still owed"),
        1 => format!("{event}  1 delivery is owed again"),
        count => format!("{event}  {count} deliveries are owed again"),
    }
}
