//! `auc serve`: the home behind hostapd.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use aka::{Ind, Rand, kdf::gsm::SresFunction};
use anyhow::{Context, anyhow, ensure};
use auc::{Centre, Journal, Kept, Responder, Socket, Subscribers};
use clap::{Args, ValueEnum};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::cli::Failure;

/// In hostapd.conf: eap_sim_db=unix:PATH
#[derive(Args)]
#[command(after_help = FILES)]
pub(crate) struct Serve {
    /// The unix datagram socket to answer on
    #[arg(long, value_name = "PATH")]
    hostapd_socket: PathBuf,
    /// The subscribers and their keys
    #[arg(long, value_name = "FILE")]
    subscribers: PathBuf,
    /// The sequence numbers, made at the first start [default: the subscribers' file with .sqn
    /// behind its name]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Permissions of the socket; 660 lets a group ask for keys
    #[arg(long, value_name = "OCTAL", default_value = "600", value_parser = permissions)]
    socket_mode: u32,
    /// The slot of the cards' SQN arrays that this home uses, 0 to 31
    #[arg(long, default_value = "0", value_parser = ind)]
    ind: Ind,
    /// How the operator makes SRES of RES, for EAP-SIM
    #[arg(long, default_value = "folded")]
    sres: Sres,
    /// Do not log each request (never with an identity or a key) to standard error
    #[arg(long, short)]
    quiet: bool,
}

const FILES: &str = "\
The subscribers' file is CSV with a header (imsi, k, opc or op; optionally amf, sqn, res_length), \
or has lines \"IMSI Ki OPc AMF SQN [RES_len]\" as hostapd's hlr_auc_gw reads them. Each sequence \
number is on the disk before its vector leaves; killing auc at any moment repeats none.";

#[derive(Clone, Copy, ValueEnum)]
enum Sres {
    /// c2: all of RES, folded (GSM-MILENAGE function 1)
    Folded,
    /// The first 4 octets of RES (function 2)
    Truncated,
}

impl Serve {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let subscribers = read(&self.subscribers)?;
        let count = subscribers.len();
        let state = self.state_path();
        let journal = Journal::open(&state, subscribers.numbers())
            .with_context(|| state.display().to_string())
            .map_err(Failure::Failed)?;
        let centre = Centre::new(Kept::new(subscribers, journal))
            .with_ind(self.ind)
            .with_sres(self.sres.function());
        let runtime = Runtime::new()
            .context("cannot start")
            .map_err(Failure::Failed)?;
        let mut responder = Responder::new(Arc::new(centre), || Rand::generate(getrandom::fill));
        let socket = Socket::bind(&self.hostapd_socket, self.socket_mode)
            .map_err(|error| Failure::Failed(error.into()))?;
        eprintln!(
            "auc: {count} subscribers, answering at {}",
            self.hostapd_socket.display()
        );
        let Err(error) = socket.serve(runtime.handle(), &mut responder, |event| self.log(event));
        Err(Failure::Failed(anyhow!(error).context("the socket failed")))
    }

    fn log(&self, event: &auc::Event) {
        if self.quiet {
            return;
        }
        let logged = writeln!(io::stderr(), "auc: {event}");
        // the home goes on without a log
        drop(logged);
    }

    fn state_path(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| {
            let mut name = self.subscribers.as_os_str().to_owned();
            name.push(".sqn");
            name.into()
        })
    }
}

impl Sres {
    const fn function(self) -> SresFunction {
        match self {
            Self::Folded => SresFunction::Folded,
            Self::Truncated => SresFunction::Truncated,
        }
    }
}

fn read(path: &Path) -> Result<Subscribers, Failure> {
    let subscribers = fs::read_to_string(path)
        .context("cannot read the subscribers")
        .and_then(|text| Ok(Subscribers::parse(&Zeroizing::new(text))?))
        .with_context(|| path.display().to_string())
        .and_then(|subscribers| {
            ensure!(!subscribers.is_empty(), "{}: nobody in it", path.display());
            Ok(subscribers)
        })
        .map_err(Failure::Usage)?;
    let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode());
    if mode & 0o077 != 0 {
        eprintln!(
            "auc: warning: {} holds keys and others may read it; chmod 600 it",
            path.display()
        );
    }
    Ok(subscribers)
}

fn permissions(text: &str) -> Result<u32, &'static str> {
    let mode = u32::from_str_radix(text, 8).ok();
    // whoever may write to the socket gets keys
    mode.filter(|mode| mode & !0o660 == 0)
        .ok_or("expected 600 or 660: nobody else may ask for keys")
}

fn ind(text: &str) -> Result<Ind, &'static str> {
    let index = text.parse().ok().and_then(|index| Ind::new(index).ok());
    index.ok_or("expected a number from 0 to 31")
}
