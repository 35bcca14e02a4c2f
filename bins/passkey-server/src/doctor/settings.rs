//! Files and tables that the settings name.

use std::io;

use anyhow::Error;
use server_kit::tls;

use super::Finding;
use crate::config::Options;
use crate::state::scope;

pub(super) fn findings(options: &Options) -> Vec<Finding> {
    let callers = options.callers.guard(scope::ALL, &[]);
    let ca = options.listen.client_ca.as_deref();
    let looked = [
        ("metadata", options.party.metadata().err(), METADATA),
        ("callers", callers.err().map(Error::from), CALLERS),
        (
            "client CA",
            ca.and_then(|ca| tls::client_config(Some(ca)).err())
                .map(Error::from),
            "a file of certificates in PEM: --client-ca FILE",
        ),
        (
            "messages",
            options.notify.outbound().err().map(Error::from),
            "a file of certificates in PEM: --notify-ca FILE",
        ),
        ("audit trail", audit(options).err().map(Error::from), AUDIT),
    ];
    let wrong = looked.into_iter().filter_map(|(what, error, mend)| {
        error.map(|error| Finding::wrong(what, format!("{error:#}"), mend))
    });
    wrong.collect()
}

fn audit(options: &Options) -> io::Result<()> {
    options.audit.file().map_or(Ok(()), server_kit::trial::file)
}

const METADATA: &str =
    "--mds FILE with a blob from https://mds3.fidoalliance.org, and --mds-root FILE with its root";
const CALLERS: &str =
    "`passkey-server token new NAME --scope passkey:metrics` prints a table as it should be";
const AUDIT: &str = "--audit with a file in a folder that the server may write to";
