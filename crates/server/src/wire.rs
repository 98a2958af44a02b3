//! The parts, joined. The only place that knows which implementation stands behind a port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use delivery::egress::{self, Egress, Loopback, Network, Policy, SystemDialer, SystemResolver};
use delivery::{Asker, Caller, Engine, Rehearsals};
use model::{Ask, Proof};
use observe::live::Feed;
use observe::{Metrics, Stop, tasks};
use privacy::Warm;
use privacy::session::Sessions;
use repeats::Repeats;
use retention::Keeper;
use sources::{Intake, Mllp};
use store::Store;
use store_sqlite::{KeyFile, SqliteStore};
use tokio::task::JoinHandle;
use ui_assets::Console;

use crate::base::Base;
use crate::config::Config;
use crate::doorman::Doorman;
use crate::gauges::Gauges;
use crate::http::Port;
use crate::samples::CatalogueSamples;
use crate::tls::Acceptor;
use crate::upkeep::Upkeep;
use crate::{alarms, anchor, keyfile};

/// A running server.
pub struct Node {
    http: SocketAddr,
    admin_key: Option<String>,
    doorman: Doorman,
    stop: Stop,
    sqlite: Arc<SqliteStore>,
    sockets: Arc<api::Sockets>,
    parts: Vec<JoinHandle<()>>,
}

impl Node {
    /// Opens the store, joins the parts, and serves.
    ///
    /// # Errors
    /// Something that must be there is not; the chain of causes says what.
    pub async fn start(config: Config) -> anyhow::Result<Node> {
        let base = Base::open(&config).await?;
        base.retention_covers(&config.retention)?;
        let admin_key = base.first_start(&config).await?;
        let stop = Stop::new();
        let metrics = Arc::new(Metrics::new());
        metrics.started(base.clock.now());
        let guard = guard(&config)?;
        let caller = Arc::new(Caller::new(guard.clone()));
        let ask = Arc::new(Asker::new(guard, base.clock.clone()));
        let warm = Arc::new(Warm::new());
        let feed = Feed::new(base.clock.now().millis().unsigned_abs());
        let (sessions, sockets) = (Arc::new(Sessions::new()), Arc::new(api::Sockets::new()));
        let intake = base.intake((&warm, &metrics, &feed), (&sessions, ask));
        let proof = if config.dev { Proof::Waived } else { Proof::Owed };
        let engine = base.engine(&intake, (&caller, &sockets, proof), (&warm, &metrics, &feed));
        base.store.hand_over_to(engine.clone());
        let mllp = Mllp::start(intake.clone(), stop.clone()).await;
        let port = bind(&config).await?;
        let http = port.address()?;
        let mut own = mllp.addresses().await;
        own.push(http);
        caller.egress().policy().listen_on(if config.dev { Vec::new() } else { own });
        let samples = Arc::new(CatalogueSamples {
            settings: base.settings.clone(),
            keyring: base.keyring.clone(),
            ids: base.ids.clone(),
        });
        let rehearse = Arc::new(Rehearsals::new(caller, base.clock.clone(), base.ids.clone(), samples));
        let api = api::Api {
            store: base.store.clone(),
            settings: base.settings.clone(),
            keyring: base.keyring.clone(),
            rehearse,
            listeners: mllp,
            presets: base.presets.clone(),
            readmit: intake.clone(),
            readings: intake.clone(),
            foretell: intake.clone(),
            senders: engine.clone(),
            challenge: engine.clone(),
            metrics: metrics.clone(),
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            feed,
            verified: Arc::default(),
            repeats: Repeats::new(base.store.clone(), base.keyring.clone(), base.clock.clone()),
            doors: Arc::new(sources::described()),
            sessions: sessions.clone(),
            sockets: sockets.clone(),
            console: console(&config),
            stop: stop.clone(),
            options: api_options(&config, (base.audit_key(), http)),
        };
        let alarms = alarms::ports(&base, (&config, http), (&engine, &intake), &metrics)?;
        let mut parts = beside_the_doors(&intake, &stop);
        let router = api::fronted(api::router(api).merge(sources::router(intake)));
        let doorman = Doorman { sessions, settings: base.settings.clone(), clock: base.clock.clone() };
        let sqlite = base.sqlite.clone();
        parts.extend(alarms::export(&config, &metrics, &stop)?);
        let running = base.run(config, engine, (port, router, warm, metrics), &stop);
        parts.extend(running);
        parts.extend(alarms::start(alarms, &stop));
        Ok(Node { http, admin_key, doorman, stop, sqlite, sockets, parts })
    }

    /// Where HTTP is served.
    #[must_use]
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// The key of the first admin, if it was made just now and written to no file.
    #[must_use]
    pub fn admin_key(&self) -> Option<&str> {
        self.admin_key.as_deref()
    }

    /// A one-time link to a page of the console for an admin of the installation; none where there is none.
    #[must_use]
    pub fn sign_in_link(&self, page: &str) -> Option<String> {
        let link = |text: &str| format!("http://{}/signin?back={page}#{text}", self.http);
        self.doorman.invite().map(|text| link(text.expose()))
    }

    /// Waits until an essential part has ended by itself.
    pub async fn fatal(&self) {
        self.stop.stopped().await;
    }

    /// Stops: no new work, calls under way are finished, everything settled.
    pub async fn stop(self) {
        self.stop.stop();
        for part in self.parts {
            if part.await.is_err() {
                tracing::error!("a part ended badly while stopping");
            }
        }
        self.sockets.ended().await;
        // The sender and the store hold each other: the lock on the data is given up by word.
        self.sqlite.close();
    }
}

/// What the doors do besides answering: counts, absences, and servers that are read.
fn beside_the_doors(intake: &Arc<Intake>, stop: &Stop) -> Vec<JoinHandle<()>> {
    let stopping = || stop.clone();
    vec![
        tasks::spawn("rejections", intake.clone().count_rejections(stopping())),
        tasks::spawn("worklists", intake.clone().keep_worklists(stopping())),
        tasks::spawn("absences", intake.clone().watch_absences(stopping())),
        tasks::essential("fhir-readers", stopping(), intake.clone().read_servers(stopping())),
    ]
}

impl Base {
    fn intake(
        &self,
        (warm, metrics, feed): (&Arc<Warm>, &Arc<Metrics>, &Feed),
        (sessions, ask): (&Arc<Sessions>, Arc<dyn Ask>),
    ) -> Arc<Intake> {
        Intake::new(sources::Ports {
            store: self.store.clone(),
            settings: self.settings.clone(),
            keyring: self.keyring.clone(),
            warm: warm.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: metrics.clone(),
            sessions: sessions.clone(),
            feed: feed.clone(),
            presets: self.presets.clone(),
            ask,
        })
    }

    fn engine(
        &self,
        intake: &Arc<Intake>,
        (caller, sockets, proof): (&Arc<Caller>, &Arc<api::Sockets>, Proof),
        (warm, metrics, feed): (&Arc<Warm>, &Arc<Metrics>, &Feed),
    ) -> Arc<Engine> {
        Engine::new(delivery::Ports {
            store: self.store.clone(),
            settings: self.settings.clone(),
            keyring: self.keyring.clone(),
            warm: warm.clone(),
            caller: caller.clone(),
            sockets: sockets.clone(),
            announce: intake.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: metrics.clone(),
            feed: feed.clone(),
            proof,
        })
    }

    fn run(
        self,
        config: Config,
        engine: Arc<Engine>,
        (port, router, warm, metrics): (Port, axum::Router, Arc<Warm>, Arc<Metrics>),
        stop: &Stop,
    ) -> Vec<JoinHandle<()>> {
        let anchor = anchor_path(&config);
        let upkeep = Upkeep { keyring: self.keyring.clone(), warm, clock: self.clock.clone() };
        let keeper = Keeper::new(
            retention::Ports {
                store: self.store.clone(),
                keyring: self.keyring,
                clock: self.clock.clone(),
                metrics: metrics.clone(),
            },
            config.retention,
        );
        let gauges =
            Gauges { store: self.store.clone(), settings: self.settings.clone(), clock: self.clock, metrics };
        let key = self.master.audit_key();
        let engine_stop = stop.clone();
        vec![
            tasks::essential("engine", stop.clone(), async move {
                if let Err(error) = engine.run(engine_stop).await {
                    tracing::error!(%error, "cannot take over what is owed");
                }
            }),
            tasks::essential("port", stop.clone(), port.serve(router, stop.clone())),
            tasks::spawn("anchor", anchor::keep(self.sqlite.clone(), key, anchor, stop.clone())),
            tasks::spawn("upkeep", upkeep.run(stop.clone())),
            tasks::spawn("retention", keeper.run(stop.clone())),
            tasks::spawn("gauges", gauges.run(stop.clone())),
            tasks::essential("heart", stop.clone(), watch_files(self.store, self.keys, stop.clone())),
        ]
    }
}

/// Where the head of the audit chain goes: beside the master key, unless told otherwise.
#[must_use]
pub fn anchor_path(config: &Config) -> PathBuf {
    config.audit.anchor.clone().unwrap_or_else(|| keyfile::beside(&keyfile::path(config), "anchor"))
}

/// Ends when the store or the key file has failed for good: whoever restarts us lets it recover from disk (R7).
async fn watch_files(store: Arc<dyn Store>, keys: Arc<KeyFile>, stop: Stop) {
    while !stop.is_stopped() {
        let of_keys = keys.failed().map(str::to_owned);
        if let Some(failed) = store.health().await.failed.or(of_keys) {
            tracing::error!(failed, "a write has failed; the server ends so that it can recover from disk");
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {}
            () = stop.stopped() => {}
        }
    }
}

async fn bind(config: &Config) -> anyhow::Result<Port> {
    let tls = config.http.tls.as_ref().map(Acceptor::open).transpose()?;
    Port::bind(config.http.bind, tls).await.with_context(|| {
        format!(
            "cannot listen on {}. hint: another program may use the port; choose one with --http",
            config.http.bind
        )
    })
}

/// The one way out of deliveries and of what is asked of outside servers.
fn guard(config: &Config) -> anyhow::Result<Arc<Egress>> {
    let loopback = if config.dev { Loopback::Allowed } else { Loopback::Refused };
    let policy = Policy::new(egress_options(config)?, loopback);
    let dialer = Arc::new(SystemDialer::from_sources(Vec::new()));
    Ok(Arc::new(Egress::new(policy, Arc::new(SystemResolver::default()), dialer)))
}

fn egress_options(config: &Config) -> anyhow::Result<egress::Options> {
    let network = |net: &ipnet::IpNet| net.to_string().parse::<Network>();
    let allow = config.egress.allow.iter().map(network).collect::<Result<_, _>>()?;
    let address =
        |text: &String| text.parse().with_context(|| format!("egress.sourceAddresses: {text} is no address"));
    let source_addresses = config.egress.source_addresses.iter().map(address).collect::<Result<_, _>>()?;
    Ok(egress::Options { allow, ports: config.egress.ports.clone(), source_addresses })
}

fn console(config: &Config) -> Console {
    config.ui.dir.clone().map_or_else(Console::embedded, Console::in_folder)
}

/// Where webhooks can be tried: only `--dev` lets calls to this machine out, and only plain ones need no certificate.
fn test_receiver(config: &Config, http: SocketAddr) -> Option<String> {
    let is_open = config.dev && config.http.tls.is_none();
    let ip = match http.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    is_open.then(|| format!("http://{}{}", SocketAddr::new(ip, http.port()), api::TEST_RECEIVER))
}

fn api_options(config: &Config, (audit_key, http): (model::Secret<[u8; 32]>, SocketAddr)) -> api::Options {
    let retention::Options { bodies, dead_letters, log, audit } = config.retention;
    api::Options {
        retention: api::Retention { bodies, dead_letters, log, audit },
        audit_key,
        audit_anchor: Some(anchor_path(config)),
        key_file: Some(keyfile::path(config)),
        dev: config.dev,
        mails: config.smtp.is_some(),
        test_receiver: test_receiver(config, http),
        front: match (config.http.behind_proxy, &config.http.tls) {
            (true, _) => api::Front::Proxy,
            (false, Some(_)) => api::Front::Tls,
            (false, None) => api::Front::Plain,
        },
        time_zone: config.defaults.time_zone.clone(),
        region: config.defaults.region,
        horizon_most: config.retention.horizon_most(),
    }
}
