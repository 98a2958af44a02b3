//! `carehook listen`: events of a running server, here, through a temporary webhook.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use http::{HeaderName, Request, StatusCode};
use http_body_util::Full;
use model::{Secret, SigningKey, SystemClock};
use observe::Stop;
use serde_json::{Value, json};

use super::out::{self, Shape};
use super::server::{Integration, Server};
use super::signals::Signals;
use super::{End, Misuse, block_on};
use crate::client::{self, Client, Line};
use crate::receiver::{Arrival, Receiver};

/// Receive events of a running server here, through a temporary webhook.
///
/// The server must run on this machine and with --dev, since the webhook leads
/// to loopback. Test events arrive too. When the server restarts, listening
/// goes on; Ctrl-C removes the webhook.
#[derive(Args)]
pub(crate) struct Listen {
    /// Sends each delivery on to this address, as it came, and passes on the answer
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    /// Event types, with wildcards such as lab.*
    #[arg(long, value_delimiter = ',', default_value = "*", value_name = "TYPES")]
    types: Vec<String>,
    /// The integration to listen to, where there are several
    #[arg(long, value_name = "ID")]
    integration: Option<String>,
    /// How much to see: ping, reference, or full, which needs a justification
    #[arg(long, default_value = "reference")]
    profile: String,
    /// Why everything may be seen
    #[arg(long, value_name = "TEXT")]
    justification: Option<String>,
    /// A signing secret of your own (whsec_…), so that it stays the same; otherwise a new one
    #[arg(long, value_name = "SECRET", env = "CAREHOOK_LISTEN_SECRET", hide_env_values = true)]
    secret: Option<String>,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl Listen {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        block_on(self.listen())
    }

    async fn listen(self) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let line = self.forward_to.as_deref().map(Line::to).transpose().map_err(client::Error::from)?;
        let mut signals = Signals::listen()?;
        let stop = Stop::new();
        let key = key(self.secret.as_deref())?;
        let secret = privacy::secrets::shown(&key).context("the key has no text")?;
        let (receiver, mut arriving) = Receiver::open(key, Arc::new(SystemClock), stop.clone()).await?;
        let hook = self.create(&client, &receiver.url(), &secret).await?;
        out::note(&format!(
            "listening as {} for {}; Ctrl-C ends and removes it",
            hook.id,
            self.types.join(", ")
        ));
        if line.is_some() {
            out::note(&format!("deliveries are signed with {secret}"));
        }
        let told = loop {
            let arrival = tokio::select! {
                Some(arrival) = arriving.recv() => arrival,
                () = signals.asked() => break Ok(()),
            };
            if let Err(error) = self.take(arrival, line.as_ref()).await {
                break Err(error);
            }
        };
        hook.remove(&client).await;
        stop.stop();
        told.map(|()| End::Well)
    }

    async fn create(&self, client: &Client, url: &str, secret: &str) -> anyhow::Result<Hook> {
        let integration = Integration::choose(client, self.integration.as_deref(), |_| true).await?.id;
        let wish = json!({
            "name": "carehook listen",
            "url": url,
            "eventTypes": self.types,
            "acceptTest": true,
            "profile": self.profile,
            "justification": self.justification,
            "signing": { "kind": "hmac-sha256", "secret": secret },
        });
        let made = client.post(&format!("/admin/integration/{integration}/webhooks"), &wish).await;
        if let Err(client::Error::Refused(refusal)) = &made
            && refusal.code().is_some_and(|code| code.starts_with("url_"))
        {
            out::note("hint: `listen` needs a server on this machine that was started with --dev");
        }
        let id = made?["id"].as_str().context("the answer has no id")?.to_owned();
        Ok(Hook { integration, id })
    }

    async fn take(&self, arrival: Arrival, line: Option<&Line>) -> anyhow::Result<()> {
        let body: Value = serde_json::from_slice(&arrival.body).unwrap_or_default();
        let passed = match line {
            Some(line) => Some(forward(line, &arrival).await),
            None => None,
        };
        let status = match &passed {
            None => StatusCode::OK,
            Some(Ok(status)) => *status,
            // The sender tries again by its schedule.
            Some(Err(_)) => StatusCode::BAD_GATEWAY,
        };
        let (id, at, again) = (arrival.id.clone(), arrival.at, arrival.again);
        arrival.answer(status);
        let passed = passed
            .map(|passed| passed.map_or_else(|error| format!("{error:#}"), |status| status.to_string()));
        let text = || {
            let word = |member: &str| body[member].as_str().unwrap_or("-").to_owned();
            let to = passed.as_ref().map(|passed| format!("  → {passed}")).unwrap_or_default();
            let again = if again { "  (again)" } else { "" };
            format!("{at}  {}  {}  {}{again}{to}", word("type"), word("lane"), word("id"))
        };
        self.shape.print(
            text,
            || json!({ "delivery": id, "at": at, "again": again, "forwarded": passed, "body": body }),
        )
    }
}

/// The temporary webhook.
struct Hook {
    integration: String,
    id: String,
}

impl Hook {
    async fn remove(&self, client: &Client) {
        let path = format!("/admin/integration/{}/webhooks/{}", self.integration, self.id);
        if let Err(error) = client.delete(&path).await {
            out::note(&format!("{} is still there: {error}\nhint: remove it with DELETE {path}", self.id));
        }
    }
}

fn key(secret: Option<&str>) -> anyhow::Result<SigningKey> {
    let Some(secret) = secret else { return Ok(privacy::secrets::new_hmac_secret()) };
    let bytes = secret.strip_prefix("whsec_").ok_or_else(|| Misuse::error("a secret begins with whsec_"))?;
    Ok(SigningKey::HmacSha256 { secret: Secret::new(bytes.to_owned()), until: None })
}

/// The same call to another address. What it answers is what the sender hears.
async fn forward(line: &Line, arrival: &Arrival) -> anyhow::Result<StatusCode> {
    let mut request = Request::post(line.own_path());
    let passes = |name: &HeaderName| PASSED.contains(&name.as_str()) || name.as_str().starts_with("webhook-");
    for (name, value) in arrival.headers.iter().filter(|(name, _)| passes(name)) {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(arrival.body.clone()))?;
    let answer = line.send(request, PATIENCE).await?;
    Ok(answer.status())
}

const PASSED: [&str; 3] = ["content-type", "traceparent", "user-agent"];
/// As long as the longest attempt.
const PATIENCE: Duration = Duration::from_secs(60);
