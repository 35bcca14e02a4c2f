//! `usimctl auth`: a challenge, and what the SIM makes of it.

use aka::{Autn, Rand};
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use usim::{ApplicationKind, Authentication, GbaBootstrapping, Subscriber};

use crate::cli::{Exit, Failure, Report, hex, hex::Octets, report::Fields};

#[derive(Args)]
pub(crate) struct Auth {
    /// The challenge RAND, 32 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    rand: Rand,
    /// The token AUTN, 32 hexadecimal digits; the GSM context has none
    #[arg(long, value_name = "HEX")]
    autn: Option<Autn>,
    /// The security context
    #[arg(long, default_value = "3g")]
    context: Context,
    /// The application that answers
    #[arg(long, default_value = "usim")]
    app: Application,
    /// With --context gba: derive Ks_ext_NAF for this NAF_Id, too
    #[arg(long, value_name = "HEX", requires = "impi")]
    naf_id: Option<Octets>,
    /// The private identity that goes into Ks_ext_NAF
    #[arg(long, requires = "naf_id")]
    impi: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Context {
    /// UMTS AKA: RES, CK and IK
    #[value(name = "3g")]
    Umts,
    /// GSM: SRES and Kc
    Gsm,
    /// IMS AKA with the ISIM
    Ims,
    /// GBA bootstrapping: the keys stay on the card
    Gba,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Application {
    Usim,
    Isim,
}

impl Auth {
    pub(crate) fn run(&self, subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
        match self.context {
            Context::Gsm => self.gsm(subscriber),
            Context::Gba => self.gba(subscriber),
            Context::Ims => self.umts(subscriber, ApplicationKind::Isim),
            Context::Umts => self.umts(subscriber, self.app.kind()),
        }
    }

    fn umts(
        &self,
        subscriber: &mut dyn Subscriber,
        application: ApplicationKind,
    ) -> Result<Report, Failure> {
        match subscriber.authenticate(application, &self.rand, &self.autn()?)? {
            Authentication::Success(keys) => {
                let kc = keys.kc.as_ref().map(|kc| format!("{:X}", kc.expose_hex()));
                Ok(Fields::default()
                    .with("Result", "success")
                    .with("RES", format!("{:X}", keys.res.expose_hex()))
                    .with("CK", format!("{:X}", keys.ck.expose_hex()))
                    .with("IK", format!("{:X}", keys.ik.expose_hex()))
                    .with("Kc", kc)
                    .report())
            }
            Authentication::SyncFailure(auts) => Ok(stale(&auts)),
        }
    }

    fn gsm(&self, subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
        let answer = subscriber.authenticate_gsm(&self.rand)?;
        Ok(Fields::default()
            .with("Result", "success")
            .with("SRES", format!("{:X}", answer.sres.expose_hex()))
            .with("Kc", format!("{:X}", answer.kc.expose_hex()))
            .report())
    }

    fn gba(&self, subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
        match subscriber.gba_bootstrap(&self.rand, &self.autn()?)? {
            GbaBootstrapping::Success(res) => {
                let fields = Fields::default()
                    .with("Result", "success")
                    .with("RES", format!("{:X}", res.expose_hex()));
                let (Some(naf_id), Some(impi)) = (&self.naf_id, &self.impi) else {
                    return Ok(fields.report());
                };
                let ks = subscriber.gba_naf(&naf_id.0, impi)?;
                Ok(fields.with("Ks_ext_NAF", hex::text(ks.expose())).report())
            }
            GbaBootstrapping::SyncFailure(auts) => Ok(stale(&auts)),
        }
    }

    fn autn(&self) -> Result<Autn, Failure> {
        let missing = || Failure::Usage(anyhow!("--autn is needed; only --context gsm has none"));
        self.autn.ok_or_else(missing)
    }
}

impl Application {
    const fn kind(self) -> ApplicationKind {
        match self {
            Self::Usim => ApplicationKind::Usim,
            Self::Isim => ApplicationKind::Isim,
        }
    }
}

fn stale(auts: &aka::Auts) -> Report {
    Fields::default()
        .with("Result", "synchronisation failure")
        .with("AUTS", format!("{:X}", auts.hex()))
        .report()
        .with_exit(Exit::Stale)
}
