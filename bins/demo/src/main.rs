//! The whole story on the software SIM: it is shared over HTTPS, a client asks who it is and has it
//! prove that, and a replay is caught. Each step prints what happened.
//!
//! `cargo xtask demo` builds what it needs and runs it.
#![expect(clippy::print_stdout, reason = "a story is told on standard output")]

mod server;
mod story;

use clap::Parser;

use server::SimServer;

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
    let mut server = SimServer::start()?;
    story::tell(&server)?;
    if cli.exit {
        return Ok(());
    }
    println!("\nThe server stays until you press Ctrl-C. Try:");
    println!(
        "  {} in a browser (the certificate is the server's own)",
        server.url()
    );
    println!("  curl -k '{}?type=imsi'", server.url());
    println!("  curl -k {}v1/sims", server.url());
    println!("  cargo run -p usimctl --no-default-features -- --soft info");
    println!("  cargo run -p auc -- vector --help");
    server.wait()
}
