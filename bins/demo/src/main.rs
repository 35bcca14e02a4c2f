//! The whole story on the software SIM: it is shared over HTTPS, a client asks who it is and has it
//! prove that, a replay is caught; a device proves it to an endorse server, and services believe the
//! token; somebody signs in with a passkey, and signs a document. Each step prints what happened.
//!
//! `cargo xtask demo` builds what it needs and runs it.
#![expect(clippy::print_stdout, reason = "a story is told on standard output")]

mod endorse_server;
mod passkeys;
mod program;
mod services;
mod sim_server;
mod story;

use clap::Parser;

use endorse_server::EndorseServer;
use passkeys::Passkeys;
use services::{LOGIN, STAFF_DEVICE, Services, UPLOAD};
use sim_server::SimServer;

/// The whole story on the software SIM
#[derive(Parser)]
struct Cli {
    /// End after the story instead of serving on
    #[arg(long)]
    exit: bool,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    println!("simkey: the whole story, on a SIM made of software");
    let mut sims = SimServer::start()?;
    let issuer = EndorseServer::start(&[UPLOAD, LOGIN])?;
    let services = Services::start(&issuer)?;
    let passkeys = Passkeys::start()?;
    story::tell(&sims, &issuer, &services, &passkeys)?;
    if cli.exit {
        return Ok(());
    }
    suggest(&sims, &issuer, &services);
    passkeys.suggest();
    sims.wait()
}

fn suggest(sims: &SimServer, issuer: &EndorseServer, services: &Services) {
    println!("\nThe servers stay until you press Ctrl-C. Try:");
    println!(
        "  {} in a browser (the certificate is the server's own)",
        sims.url()
    );
    println!("  curl -k '{}?type=imsi'", sims.url());
    println!("  curl -k {}v1/sims", sims.url());
    println!("  curl -k {}", issuer.keys());
    println!("a token for the SIM, wherever it is, and what it opens:");
    println!(
        "  cargo run -p usimctl --no-default-features -- --remote {} --certificate {} \\",
        sims.url(),
        sims.certificate().display()
    );
    println!(
        "    endorse --server {} --server-certificate {} --audience {UPLOAD} --imei {STAFF_DEVICE} > token",
        issuer.origin(),
        issuer.certificate().display()
    );
    println!(
        "  curl -H \"Authorization: Bearer $(cat token)\" -d data {}/upload",
        services.wifi
    );
    println!("and without any server:");
    println!("  cargo run -p usimctl --no-default-features -- --soft info");
    println!("  cargo run -p auc -- vector --help");
}
