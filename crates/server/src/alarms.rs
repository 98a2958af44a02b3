//! Alert rules looked at, people told, spans exported.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use alerts::{Evaluator, Notifier, Ports};
use anyhow::Context as _;
use delivery::Engine;
use delivery::egress::{SystemDialer, SystemResolver};
use delivery::mail::{MailServer, Options as MailOptions, Security};
use delivery::otlp::{Exporter, Options as OtlpOptions};
use model::{Post, Secret};
use observe::{Metrics, Stop, tasks};
use sources::Intake;
use tokio::task::JoinHandle;

use crate::base::Base;
use crate::config::{Config, MailSecurity, Otel, Smtp};

/// What alerts stand on.
pub(crate) fn ports(
    base: &Base,
    (config, http): (&Config, SocketAddr),
    (engine, intake): (&Arc<Engine>, &Arc<Intake>),
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Ports> {
    let post = config.smtp.as_ref().map(mail_server).transpose()?;
    Ok(Ports {
        store: base.store.clone(),
        settings: base.settings.clone(),
        keyring: base.keyring.clone(),
        announce: intake.clone(),
        post: post.map(|server| Arc::new(server) as Arc<dyn Post>),
        certificates: engine.clone(),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        metrics: metrics.clone(),
        console: console(config, http),
    })
}

/// Looks and tells until asked to stop.
pub(crate) fn start(ports: Ports, stop: &Stop) -> [JoinHandle<()>; 2] {
    let (evaluator, notifier) = (Evaluator::new(ports.clone()), Notifier::new(ports));
    [
        tasks::essential("alerts", stop.clone(), evaluator.run(stop.clone())),
        tasks::essential("notices", stop.clone(), notifier.run(stop.clone())),
    ]
}

/// Exports spans until asked to stop, if there is a collector.
pub(crate) fn export(
    config: &Config,
    metrics: &Arc<Metrics>,
    stop: &Stop,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(otel) = &config.otel else { return Ok(None) };
    let network = (Arc::new(SystemResolver::default()) as _, Arc::new(SystemDialer::default()) as _);
    let exporter = Exporter::new(collector(otel)?, network, metrics.clone()).context("otel.endpoint")?;
    let waiting = metrics.traces().begin(otel.sample);
    Ok(Some(tasks::spawn("otlp", exporter.run(waiting, stop.clone()))))
}

fn mail_server(smtp: &Smtp) -> anyhow::Result<MailServer> {
    let password = match (&smtp.password, &smtp.password_file) {
        (Some(password), _) => Some(password.clone()),
        (None, Some(path)) => Some(Secret::new(read(path, "smtp.passwordFile")?.trim_end().to_owned())),
        (None, None) => None,
    };
    let options = MailOptions {
        host: smtp.parsed_host().context("smtp.host is neither a name nor an address")?,
        port: smtp.port(),
        security: match smtp.tls {
            MailSecurity::Starttls => Security::Starttls,
            MailSecurity::Implicit => Security::Implicit,
            MailSecurity::None => Security::None,
        },
        ca: smtp.ca.as_deref().map(|path| read(path, "smtp.ca")).transpose()?,
        from: smtp.from.clone(),
        credentials: smtp.user.clone().zip(password),
    };
    let (resolver, dialer) = (Arc::new(SystemResolver::default()), Arc::new(SystemDialer::default()));
    MailServer::new(options, resolver, dialer).context("smtp.ca")
}

fn collector(otel: &Otel) -> anyhow::Result<OtlpOptions> {
    let header = |(name, value): (&String, &Secret<String>)| {
        let name = name.parse().with_context(|| format!("otel.headers: {name} is no name of a header"))?;
        Ok::<_, anyhow::Error>((name, value.clone()))
    };
    Ok(OtlpOptions {
        endpoint: otel.endpoint.clone(),
        headers: otel.headers.iter().map(header).collect::<Result<_, _>>()?,
        ca: otel.ca.as_deref().map(|path| read(path, "otel.ca")).transpose()?,
    })
}

fn read(path: &Path, key: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{key}: cannot read {}", path.display()))
}

fn console(config: &Config, http: SocketAddr) -> String {
    let named = config.smtp.as_ref().and_then(|smtp| smtp.console.as_ref());
    let scheme = if config.http.tls.is_some() { "https" } else { "http" };
    let address = named.map_or_else(|| format!("{scheme}://{http}"), ToString::to_string);
    address.trim_end_matches('/').to_owned()
}
