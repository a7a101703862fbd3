//! Starts a relay: reads the flags, opens the ports, puts the node behind it, and waits to be told to stop.

use std::io;
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use kadenza_api::Error;
use kadenza_node::relay::{CircuitLimits, Config, Relay};
use kadenza_relay::cli::Cli;
use kadenza_relay::page::{BUILT, Page};
use kadenza_relay::server::{Site, serve};
use kadenza_relay::{logs, ports, stun};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = logs::start(&cli.log, cli.log_format) {
        eprintln!("kadenza-relay: logging could not start: {error}");
        return ExitCode::FAILURE;
    }
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the relay has stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: io::Error| Error::unavailable(format!("{what}: {error}"))
    };
    // Before anything else, so that a signal during the start is heard as well.
    let mut terminate = signal(SignalKind::terminate()).map_err(failed("signals cannot be heard"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed("signals cannot be heard"))?;

    let (listener, udp) = ports::open(cli.listen).await?;
    let stun = stun::Server::new(udp).map_err(failed("the UDP port cannot be used"))?;
    let listening = listener.local_addr().map_err(failed("the port is not known"))?;
    let addresses =
        cli.addresses(listening, &of_machine().map_err(failed("this machine's addresses are not known"))?);
    let link = addresses.first().cloned().unwrap_or_default();
    let relay = Relay::start(Config {
        data: cli.data.clone(),
        quota_bytes: cli.quota.get(),
        file_limit_bytes: cli.file_limit.get(),
        bootstrap: cli.bootstrap.clone(),
        stun: cli.stun_urls(&addresses, listening.port()),
        addresses,
        circuits: CircuitLimits {
            bytes: cli.circuit_bytes,
            minutes: cli.circuit_minutes,
            circuits: cli.circuits,
        },
    })
    .await?;

    let page = Page::new(BUILT).map_err(|error| Error::invalid(format!("the page's scripts: {error}")))?;
    let sockets = relay.clone();
    let site = Site {
        http: relay.http(),
        sockets: Arc::new(move |socket, from| sockets.accept(socket, from)),
        page: Arc::new(page),
    };
    tracing::info!(data = %cli.data.display(), "the relay is up; open {link}");
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    };
    let stun = tokio::spawn(stun.serve());
    serve(listener, site, stop).await;
    stun.abort();
    relay.stop().await;
    Ok(())
}

fn of_machine() -> io::Result<Vec<IpAddr>> {
    Ok(if_addrs::get_if_addrs()?.into_iter().map(|interface| interface.ip()).collect())
}
