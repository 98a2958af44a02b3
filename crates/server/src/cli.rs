//! What can be asked of the binary: one variant for each command, each in a file of its own.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{self, End, out};

/// Carehook: a self-hosted webhook platform for health care.
#[derive(Parser)]
#[command(name = "carehook", version, after_help = AFTER, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// Does what was asked; what went wrong is told on standard error.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.command.run() {
            Ok(end) => ExitCode::from(end as u8),
            Err(error) => {
                out::complain(&error);
                ExitCode::from(End::of(&error) as u8)
            }
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Show everything on this machine: synthetic patients, HL7 v2, FHIR, signed deliveries
    Demo(commands::demo::Demo),
    /// Run the server
    Serve(commands::serve::Serve),
    /// Write a new master key to a file; never overwrites
    Keygen(commands::keygen::Keygen),
    /// Say everything that is wrong with a configuration
    Check(commands::check::Check),
    /// Manage API keys in the store, while no server runs on it
    #[command(subcommand)]
    Key(commands::key::Key),
    /// Print a one-time link that signs you in to the console of a running server
    SignIn(commands::sign_in::SignIn),
    /// Receive events of a running server here, through a temporary webhook
    Listen(commands::listen::Listen),
    /// Send sample events of the catalogue, marked as test
    Trigger(commands::trigger::Trigger),
    /// Send HL7 v2 messages over MLLP and print the acknowledgements
    SendHl7(commands::send_hl7::SendHl7),
    /// Send events again to everybody who was sent them before
    Replay(commands::replay::Replay),
    /// Look at dead letters, or send them again
    #[command(subcommand)]
    Dlq(commands::dlq::Dlq),
    /// Look at FHIR servers before you connect them
    #[command(subcommand)]
    Source(commands::source::Source),
    /// Manage organisations of a running server
    #[command(subcommand)]
    Org(commands::org::Org),
    /// Check the audit log while no server runs on it, or print the log of a running server
    #[command(subcommand)]
    Audit(commands::audit::Audit),
    /// Measure a running server
    Bench(Box<commands::bench::Bench>),
    /// Print the description of the HTTP surface as OpenAPI
    Openapi(commands::openapi::Openapi),
    /// Print the page of an error code
    Explain(commands::explain::Explain),
    /// Try a FHIRPath expression on a file
    Fhirpath(commands::fhirpath::Fhirpath),
}

impl Command {
    fn run(self) -> anyhow::Result<End> {
        match self {
            Command::Demo(demo) => demo.run(),
            Command::Serve(serve) => serve.run(),
            Command::Keygen(keygen) => keygen.run(),
            Command::Check(check) => check.run(),
            Command::Key(key) => key.run(),
            Command::SignIn(sign_in) => sign_in.run(),
            Command::Listen(listen) => listen.run(),
            Command::Trigger(trigger) => trigger.run(),
            Command::SendHl7(send) => send.run(),
            Command::Replay(replay) => replay.run(),
            Command::Dlq(dlq) => dlq.run(),
            Command::Source(source) => source.run(),
            Command::Org(org) => org.run(),
            Command::Audit(audit) => audit.run(),
            Command::Bench(bench) => bench.run(),
            Command::Openapi(openapi) => openapi.run(),
            Command::Explain(explain) => explain.run(),
            Command::Fhirpath(fhirpath) => fhirpath.run(),
        }
    }
}

const AFTER: &str = "\
Exit codes:
  0  done
  1  failed, or ended with something that needs attention
  2  wrong usage or configuration
  3  the server cannot be reached

Commands that talk to a running server take its address from CAREHOOK_URL
(http://127.0.0.1:8080 where it is not set) and an API key from CAREHOOK_KEY.
Data goes to standard output, everything else to standard error.

Carehook notifies in the second place; it is not a primary alarm.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_is_well_formed_and_says_how_it_ends() {
        Cli::command().debug_assert();
        assert!(Cli::command().render_help().to_string().contains("3  the server cannot be reached"));
    }

    #[test]
    fn the_lines_of_the_contract_are_understood() {
        for line in [
            "demo",
            "serve --config a --data b --http 127.0.0.1:0 --key-file c --admin-key-file d --audit-anchor e --dev --behind-proxy",
            "keygen FILE",
            "check --config a",
            "key create --role admin --name NAME --data DIR --key-file FILE",
            "sign-in --output json",
            "listen --forward-to http://127.0.0.1:3000/hook --types lab.*,encounter.admitted",
            "trigger lab.result.critical --count 3 --rate 2.5 --override data.status=final --patient 7",
            "send-hl7 a.hl7 b.hl7 --to 127.0.0.1:2575",
            "replay evt_1 evt_2",
            "dlq list --output json",
            "dlq redrive --webhook whk_1 --type lab.result.critical --error http_5xx --yes",
            "source probe https://ehr.example/fhir --output json",
            "org create Clinic --output json",
            "audit export --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00.000Z",
            "audit verify --data DIR --key-file FILE --audit-anchor FILE",
            "bench",
            "openapi",
            "explain dns",
            "fhirpath name.given a.json --previous b.json --trace --output json",
        ] {
            let words = std::iter::once("carehook").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }
}
