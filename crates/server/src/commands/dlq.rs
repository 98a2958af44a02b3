//! `carehook dlq`: dead letters, and sending them again.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::out::{self, Output, Shape};
use super::server::{Server, plain};
use super::{End, Misuse, block_on, table};
use crate::client::Client;

/// Look at dead letters, or send them again.
#[derive(Subcommand)]
pub(crate) enum Dlq {
    /// List dead letters, newest first
    List(List),
    /// Send dead letters again, after a look at how many there are
    Redrive(Redrive),
}

impl Dlq {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        match self {
            Dlq::List(list) => block_on(list.run()),
            Dlq::Redrive(redrive) => block_on(redrive.run()),
        }
    }
}

/// Which dead letters.
#[derive(Debug, Args)]
struct Filter {
    /// Only those of this webhook
    #[arg(long, value_name = "ID")]
    webhook: Option<String>,
    /// Only those of this event type
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Only those whose last attempt ended so, such as `http_5xx`
    #[arg(long, value_name = "CATEGORY")]
    error: Option<String>,
}

impl Filter {
    fn members(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let members = [("webhookId", &self.webhook), ("eventType", &self.event_type), ("error", &self.error)];
        members.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

/// List dead letters.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl List {
    async fn run(self) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let limit = usize::try_from(self.limit)?;
        let mut found: Vec<Value> = Vec::new();
        let mut after = None;
        while found.len() < limit {
            let mut page = client.get(&self.page(limit - found.len(), after.as_deref())).await?;
            if let Value::Array(rows) = page["data"].take() {
                found.extend(rows);
            }
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() {
                break;
            }
        }
        match self.shape.output {
            Output::Json => found.iter().try_for_each(|row| out::data(&row.to_string()))?,
            Output::Text if found.is_empty() => out::note("there are no such dead letters"),
            Output::Text => show(&found)?,
        }
        if after.is_some() {
            out::note("hint: there are more; ask with --limit");
        }
        Ok(End::Well)
    }

    fn page(&self, limit: usize, after: Option<&str>) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("state", "dead_lettered").append_pair("limit", &limit.min(PAGE).to_string());
        query.extend_pairs(self.filter.members());
        query.extend_pairs(after.map(|after| ("after", after)));
        format!("/admin/deliveries?{}", query.finish())
    }
}

fn show(found: &[Value]) -> anyhow::Result<()> {
    let text = |row: &Value, member: &str| {
        let member = &row[member];
        member.as_str().map_or_else(|| member.to_string().replace("null", "-"), str::to_owned)
    };
    let row = |row: &Value| COLUMNS.map(|(_, member)| text(row, member));
    let rows: Vec<_> = found.iter().map(row).collect();
    table::lines(COLUMNS.map(|(head, _)| head), &rows).iter().try_for_each(|line| out::data(line))
}

const COLUMNS: [(&str, &str); 6] = [
    ("DELIVERY", "id"),
    ("EVENT TYPE", "eventType"),
    ("WEBHOOK", "webhookId"),
    ("ERROR", "error"),
    ("ATTEMPTS", "attempts"),
    ("ENDED", "endedAt"),
];

/// Send dead letters again.
#[derive(Args)]
pub(crate) struct Redrive {
    #[command(flatten)]
    filter: Filter,
    /// As new deliveries with ids of their own, rendered by today's settings
    #[arg(long)]
    fresh: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl Redrive {
    async fn run(self) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let members = self.filter.members().map(|(name, value)| (name.to_owned(), json!(value)));
        let filter = Value::Object(members.collect::<Map<_, _>>());
        let plan = client.post(PATH, &json!({ "filter": filter, "dryRun": true })).await?;
        let count = plan["count"].as_u64().unwrap_or_default();
        if count == 0 {
            out::note("there are no such dead letters");
            return Ok(End::Well);
        }
        if !self.yes && !self.agreed(count)? {
            out::note("nothing is sent");
            return Ok(End::Badly);
        }
        let begun = client.post(PATH, &json!({ "filter": filter, "fresh": self.fresh })).await?;
        let id = begun["id"].as_str().unwrap_or_default().to_owned();
        out::note(&format!("{id} runs on the server: it goes on if this command ends"));
        let done = follow(&client, plain(&id)?).await?;
        let text = || format!("{id}  {} of {} deliveries are owed again", done["revived"], done["count"]);
        self.shape.print(text, || done.clone())?;
        Ok(End::well_if(done["state"] == "done"))
    }

    fn agreed(&self, count: u64) -> anyhow::Result<bool> {
        let how = if self.fresh { "with new ids and bodies" } else { "with their ids and bodies of before" };
        if std::io::stdin().is_terminal() {
            return out::ask(&format!("{count} dead letters would be sent again, {how}. Send them?"));
        }
        let why = format!("{count} dead letters would be sent again, {how}\nhint: say --yes to send them");
        Err(Misuse::error(why))
    }
}

async fn follow(client: &Client, id: &str) -> anyhow::Result<Value> {
    loop {
        let now = client.get(&format!("{PATH}/{id}")).await?;
        if now["state"] != "running" {
            out::progress_done();
            return Ok(now);
        }
        out::progress(&format!("{} of {}", now["revived"], now["count"]));
        tokio::time::sleep(GLANCE).await;
    }
}

const PATH: &str = "/admin/redrives";
const PAGE: usize = 250;
const GLANCE: Duration = Duration::from_millis(300);
