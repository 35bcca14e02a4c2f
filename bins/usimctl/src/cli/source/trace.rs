//! A trace of what passes between program and card.

use std::{fs::File, io, path::Path};

use anyhow::Context;
use usim::transport::{
    Transport,
    trace::{Pcap, Text, Trace},
};

use crate::cli::Failure;

/// Traces `transport` to a new file, without secrets: for people where its name ends in `.txt`,
/// otherwise for Wireshark.
pub(super) fn to(
    path: &Path,
    transport: Box<dyn Transport>,
) -> Result<Box<dyn Transport>, Failure> {
    let traced = start(path, transport).with_context(|| path.display().to_string());
    traced.map_err(Failure::System)
}

fn start(path: &Path, transport: Box<dyn Transport>) -> io::Result<Box<dyn Transport>> {
    let file = File::create(path)?;
    if path.extension().is_some_and(|extension| extension == "txt") {
        return Ok(Box::new(Trace::new(transport, Text::new(file))));
    }
    Ok(Box::new(Trace::new(transport, Pcap::new(file)?)))
}
