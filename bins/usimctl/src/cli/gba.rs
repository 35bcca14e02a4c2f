//! `usimctl gba`: a key for any server that the home knows, out of the SIM.

mod bootstrap;
mod http;
mod keys;
mod naf;

use std::path::PathBuf;

use aka::kdf::gba::{KsNaf, NafId, UaProtocol};
use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use usim::{ApplicationKind, Subscriber, assumed_mnc_length};

use crate::cli::{Failure, Report, hex, report::Fields};
use bootstrap::{Bootstrapped, Who};
use http::{Client, Url};
use naf::Fetched;

#[derive(Args)]
pub(crate) struct Gba {
    /// The bootstrapping server of the home: http://HOST/ or https://HOST/
    #[arg(long, value_name = "URL")]
    bsf: Url,
    /// Its domain name, where that is not in the URL [default: bsf.mncNNN.mccNNN.pub.3gppnetwork.org]
    #[arg(long, value_name = "NAME")]
    bsf_name: Option<String>,
    /// Who keeps Ks: this machine, or the card
    #[arg(long, default_value = "me", value_name = "me|uicc")]
    on: Keeper,
    /// The application that answers, where this machine keeps Ks
    #[arg(long, default_value = "usim")]
    app: Application,
    /// The private identity [default: the ISIM's, or that of the IMSI]
    #[arg(long)]
    impi: Option<String>,
    /// Say who it is by this temporary identity, of the last bootstrapping
    #[arg(long)]
    tmpi: Option<String>,
    /// Get this resource of a server that authenticates by GBA
    #[arg(long, value_name = "URL")]
    naf: Option<Url>,
    /// The domain name of that server, or of the one to derive a key for [default: the URL's]
    #[arg(long, value_name = "NAME")]
    naf_name: Option<String>,
    /// How the key is used: a Ua security protocol identifier, 10 hexadecimal digits
    #[arg(long, value_name = "HEX", default_value_t = UaProtocol::HTTP_DIGEST)]
    ua_protocol: UaProtocol,
    /// Show the key
    #[arg(long)]
    show_keys: bool,
    /// Write the key into this file, which must not be there yet, for nobody else to read
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Trust the servers by this certificate, their own or an authority's, in PEM form
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Keeper {
    /// This machine gets CK and IK (GBA_ME)
    Me,
    /// The card keeps them, and gives a key for each server (GBA_U)
    Uicc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Application {
    Usim,
    Isim,
}

impl Gba {
    pub(crate) fn run(&self, subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
        self.check()?;
        let client = Client::new(self.trust.as_deref())?;
        let who = self.who(subscriber)?;
        let bootstrapped = bootstrap::run(&client, &self.bsf, &who, subscriber)?;
        let fields = self.told(&bootstrapped, &who);
        if let Some(url) = &self.naf {
            let name = self.naf_name.as_deref().unwrap_or(url.host());
            let mut key = |naf: NafId<'_>| bootstrapped.naf_key(&who, subscriber, naf);
            let (wanted, btid) = ((name, self.ua_protocol), &bootstrapped.session.btid);
            let fetched = Fetched::get(&client, url, wanted, btid, &mut key)?;
            let fields = self.with_key(fields, name, fetched.key.as_ref(), &bootstrapped)?;
            return Ok(fetched.tell(fields).report());
        }
        let Some(name) = &self.naf_name else {
            return Ok(fields.report());
        };
        let naf = NafId {
            fqdn: name,
            ua: self.ua_protocol,
        };
        let key = bootstrapped.naf_key(&who, subscriber, naf)?;
        let fields = self.with_key(fields, name, Some(&key), &bootstrapped)?;
        Ok(fields.report())
    }

    /// What makes no sense is said before a challenge is spent on it.
    fn check(&self) -> Result<(), Failure> {
        let wants_key = self.show_keys || self.keys.is_some();
        if wants_key && self.naf.is_none() && self.naf_name.is_none() {
            let missing = anyhow!("a key is for a server: give --naf URL or --naf-name NAME");
            return Err(Failure::Usage(missing));
        }
        Ok(())
    }

    fn who(&self, subscriber: &mut dyn Subscriber) -> Result<Who, Failure> {
        let impi = match &self.impi {
            Some(impi) => impi.clone(),
            None => subscriber.ims_identity()?.impi,
        };
        let bsf = match (&self.bsf_name, self.bsf.name()) {
            (Some(name), _) => name.clone(),
            (None, Some(name)) => name.to_owned(),
            (None, None) => home_bsf(subscriber)?,
        };
        Ok(Who {
            username: self.tmpi.clone().unwrap_or_else(|| impi.clone()),
            impi,
            bsf,
            application: match self.on {
                Keeper::Uicc => None,
                Keeper::Me => Some(self.app.kind()),
            },
        })
    }

    fn told(&self, bootstrapped: &Bootstrapped, who: &Who) -> Fields {
        let keeper = match self.on {
            Keeper::Me => "this machine",
            Keeper::Uicc => "the card",
        };
        Fields::default()
            .with("B-TID", bootstrapped.session.btid.as_str())
            .with("Key lifetime", bootstrapped.session.lifetime.to_string())
            .with("Ks is with", keeper)
            .with("TMPI", bootstrapped.tmpi(who))
    }

    fn with_key(
        &self,
        fields: Fields,
        naf: &str,
        key: Option<&KsNaf>,
        bootstrapped: &Bootstrapped,
    ) -> Result<Fields, Failure> {
        let Some(key) = key else {
            return Ok(fields);
        };
        if let Some(path) = &self.keys {
            let session = &bootstrapped.session;
            let written = keys::write(path, session, (naf, self.ua_protocol), key);
            let written = written.with_context(|| format!("cannot write {}", path.display()));
            written.map_err(Failure::System)?;
        }
        if self.show_keys {
            return Ok(fields.with(self.key_name(), hex::text(key.expose())));
        }
        Ok(fields)
    }

    const fn key_name(&self) -> &'static str {
        match self.on {
            Keeper::Me => "Ks_NAF",
            Keeper::Uicc => "Ks_ext_NAF",
        }
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

/// The name of every home's BSF (TS 23.003 §16.2).
fn home_bsf(subscriber: &mut dyn Subscriber) -> Result<String, Failure> {
    let identity = subscriber.identity()?;
    let length = identity.mnc_length;
    let length = length.unwrap_or_else(|| assumed_mnc_length(&identity.imsi));
    let home = identity.imsi.plmn(length);
    let (mnc, mcc) = (home.mnc(), home.mcc());
    Ok(format!("bsf.mnc{mnc:0>3}.mcc{mcc}.pub.3gppnetwork.org"))
}
