//! File control parameters, as SELECT and STATUS give them (TS 102 221 §11.1.1.3).

use super::{
    files::{Elementary, File, FileId, Files, Kind, Rule, Structure},
    pin::Pins,
    reply::Reply,
};

/// Writes the FCP template of the file at `id`.
pub(super) fn put(files: &Files, pins: &Pins, id: FileId, reply: &mut Reply<'_>) {
    let Some(file) = files.get(id) else { return };
    reply.nest(0x62, |fcp| match &file.kind {
        Kind::Elementary(elementary) => {
            put_elementary(file, *elementary, files.octets(*elementary).len(), fcp);
            put_rule(files, file, elementary.rule, fcp);
            put_size(*elementary, files.octets(*elementary).len(), fcp);
        }
        Kind::Directory | Kind::Application(_) => {
            put_directory(file, id, fcp);
            put_rule(files, file, Rule::Public, fcp);
            put_pins(pins, fcp);
        }
    });
}

/// Fills a template up to 256 octets with discretionary data.
pub(super) fn lengthen(reply: &mut Reply<'_>) {
    let mut template = [0xff; 256];
    let (head, body) = template.split_at_mut(3);
    head.copy_from_slice(&[0x62, 0x81, 253]);
    let old = reply.octets().get(2..).unwrap_or_default();
    let filler = 250_usize.saturating_sub(old.len());
    let tag = [0xa5, 0x81, u8::try_from(filler).unwrap_or_default()];
    let object = [
        0xc1,
        0x81,
        u8::try_from(filler.saturating_sub(3)).unwrap_or_default(),
    ];
    let front = old.iter().chain(&tag).chain(&object);
    for (to, from) in body.iter_mut().zip(front) {
        *to = *from;
    }
    reply.truncate(0);
    reply.put(&template);
}

fn put_elementary(file: &File, elementary: Elementary, size: usize, fcp: &mut Reply<'_>) {
    let records = |record: u8| {
        let count = size.checked_div(usize::from(record)).unwrap_or_default();
        u8::try_from(count).unwrap_or(u8::MAX)
    };
    match elementary.structure {
        Structure::Transparent => fcp.put(&[0x82, 0x02, 0x41, 0x21]),
        Structure::Linear(record) => {
            fcp.put(&[0x82, 0x05, 0x42, 0x21, 0x00, record, records(record)]);
        }
        Structure::Cyclic(record) => {
            fcp.put(&[0x82, 0x05, 0x46, 0x21, 0x00, record, records(record)]);
        }
    }
    let [high, low] = file.fid.to_be_bytes();
    fcp.put(&[0x83, 0x02, high, low, 0x8a, 0x01, 0x05]);
}

fn put_size(elementary: Elementary, size: usize, fcp: &mut Reply<'_>) {
    let [high, low] = u16::try_from(size).unwrap_or(u16::MAX).to_be_bytes();
    fcp.put(&[0x80, 0x02, high, low]);
    match elementary.sfi {
        0 => fcp.put(&[0x88, 0x00]),
        sfi => fcp.put(&[0x88, 0x01, sfi << 3]),
    }
}

fn put_directory(file: &File, id: FileId, fcp: &mut Reply<'_>) {
    let [high, low] = file.fid.to_be_bytes();
    fcp.put(&[0x82, 0x02, 0x78, 0x21, 0x83, 0x02, high, low]);
    if let Kind::Application(application) = &file.kind {
        fcp.nest(0x84, |name| name.put(&application.aid));
    }
    if id == FileId::MF {
        // all three voltage classes, the clock may stop at either level
        fcp.nest(0xa5, |proprietary| proprietary.put(&[0x80, 0x01, 0x71]));
    }
    fcp.put(&[0x8a, 0x01, 0x05]);
}

/// Names the record of EF_ARR that holds the rule (§11.1.1.4.7).
fn put_rule(files: &Files, file: &File, rule: Rule, fcp: &mut Reply<'_>) {
    let below = files.application(file.parent).is_some();
    let inside = below || matches!(file.kind, Kind::Application(_));
    let arr = if inside { 0x6f } else { 0x2f };
    fcp.put(&[0x8b, 0x03, arr, 0x06, rule.record()]);
}

/// The PIN status template (§11.1.1.4.10): which are enabled, and their key references.
fn put_pins(pins: &Pins, fcp: &mut Reply<'_>) {
    let bit = |enabled: bool, bit: u8| if enabled { bit } else { 0 };
    let enabled = bit(pins.pin1.is_enabled(), 0x80)
        | bit(pins.pin2.is_enabled(), 0x40)
        | bit(pins.universal.is_enabled(), 0x20);
    let usage = if pins.replaced { 0x08 } else { 0x00 };
    fcp.nest(0xc6, |template| {
        template.put(&[0x90, 0x01, enabled, 0x83, 0x01, 0x01, 0x83, 0x01, 0x81]);
        template.put(&[0x95, 0x01, usage, 0x83, 0x01, 0x11]);
    });
}
