//! `carehook demo`: a server, a hospital that does not exist, and a receiver, in one process.
//!
//! `home` holds the files, `stage` configures the server through its own HTTP
//! surface, `play` sends journeys through the MLLP port and the FHIR door,
//! `board` shows what arrives, `verdict` compares it with what was owed.

mod home; // Where the files are.
mod stage; // Integrations and webhooks.
mod play; // Journeys, step by step.
mod board; // What arrives.
mod verdict; // Whether everything did.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use model::{Clock as _, Secret, Span, SystemClock};
use observe::{Stop, tasks};

use super::signals::Signals;
use super::{End, block_on, log, out};
use crate::client::Client;
use crate::receiver::Receiver;
use crate::wire::Node;

use board::Board;
use home::Home;
use play::Player;
use stage::Stage;

/// Show everything on this machine: synthetic patients, HL7 v2, FHIR, signed deliveries.
///
/// Ends with Ctrl-C, or after --journeys; then with exit code 1 if a signature
/// did not fit or something that was owed did not arrive.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keeps the data in this directory; otherwise it is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Ends after so many patients
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    journeys: Option<u64>,
    /// How long after one step the next one comes
    #[arg(long, value_name = "SPAN", default_value = "1s")]
    pace: Span,
    /// Which patients; the same number gives the same ones
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let home = Home::open(self.data.as_deref())?;
        let end = block_on(self.play(&home));
        home.close();
        end
    }

    async fn play(self, home: &Home) -> anyhow::Result<End> {
        let mut signals = Signals::listen()?;
        let config = home.config()?;
        log::start(&config.log)?;
        let node = Box::pin(Node::start(config)).await?;
        let url = format!("http://{}", node.http());
        let key = home.admin_key()?;
        let stop = Stop::new();
        let link = node.sign_in_link("/start").unwrap_or_else(|| url.clone());
        let show = Box::pin(self.show((&url, &link), &key, &stop));
        let end = tokio::select! {
            end = show => end,
            () = signals.asked() => Ok(End::Well),
            () = node.fatal() => Ok(End::Badly),
        };
        let stopping = Box::pin(node.stop());
        tokio::select! {
            () = stopping => {}
            () = signals.asked() => {}
        }
        stop.stop();
        end
    }

    async fn show(&self, (url, link): (&str, &str), key: &str, stop: &Stop) -> anyhow::Result<End> {
        let client = Arc::new(Client::new(url, Secret::new(key.to_owned()))?);
        let signing = privacy::secrets::new_hmac_secret();
        let secret = privacy::secrets::shown(&signing).context("the key has no text")?;
        let (receiver, arriving) = Receiver::open(signing, Arc::new(SystemClock), stop.clone()).await?;
        let stage = Stage::set(&client, &receiver.url(), &secret).await?;
        out::note(&welcome((url, link), key, &stage));
        let board = Arc::new(Board::new(&stage));
        tasks::spawn("demo board", board.clone().watch(arriving));
        let seed = self.seed.unwrap_or_else(|| SystemClock.now().millis().unsigned_abs());
        let mut player = Player::new(&client, &stage, self.pace.into());
        let mut person: u64 = 0;
        while self.journeys.is_none_or(|journeys| person < journeys) {
            for step in patients::journey(seed.wrapping_add(person), 1) {
                player.send(step).await?;
            }
            person += 1;
        }
        let faults = verdict::faults(&client, &stage, &board, &player).await?;
        faults.iter().for_each(|fault| out::note(&format!("error: {fault}")));
        let refused = receiver.refused();
        if refused > 0 {
            out::note(&format!("error: {refused} calls had no signature that fits"));
        }
        let (count, slowest) = board.summary();
        out::note(&format!("{person} journeys, {count} deliveries verified, the slowest after {slowest} ms"));
        Ok(End::well_if(faults.is_empty() && refused == 0))
    }
}

fn welcome((url, link): (&str, &str), key: &str, stage: &Stage) -> String {
    let (events, mllp) = (&stage.events.integration, &stage.mllp);
    format!(
        "\
carehook demo: SYNTHETIC PATIENTS ONLY, nobody here is real

  Console, once and within ten minutes (`carehook sign-in` makes another link):
  {link}

  HTTP   {url}   (/readyz, /metrics, /openapi.json)
  MLLP   {mllp}

Try in another terminal:

  export CAREHOOK_URL={url}
  export CAREHOOK_KEY={key}

  carehook listen --integration {events}
  carehook trigger lab.result.critical --patient TEST-1
  carehook send-hl7 examples/oru-critical-potassium.hl7 --to {mllp}
  curl -sS \"$CAREHOOK_URL/admin/events?limit=3\" -H \"Authorization: Bearer $CAREHOOK_KEY\"

Each line below is a delivery that arrived with a signature that fits. Ctrl-C ends.
"
    )
}
