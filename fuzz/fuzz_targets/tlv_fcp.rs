//! Any octets as data objects and as what a card says of a file.
//!
//! Holds: values lie within the octets and in their order; what is read, written and read again is
//! the same; an FCP that is read survives the same round.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::fcp::{Fcp, GsmFile};
use usim::tlv::{Reader, Tlv, TlvError, Writer};

fuzz_target!(|data: &[u8]| {
    objects(data);
    if let Ok(fcp) = Fcp::parse(data) {
        let written = fcp.encode();
        assert_eq!(Fcp::parse(&written), Ok(fcp));
    }
    // sizes only: it has no form to be written in
    drop(GsmFile::parse(data));
});

fn objects(data: &[u8]) {
    let read: Result<Vec<Tlv<'_>>, TlvError> = Reader::new(data).collect();
    let Ok(objects) = read else {
        return;
    };
    let mut end = data.as_ptr();
    for tlv in &objects {
        let value = tlv.value.as_ptr_range();
        assert!(end <= value.start, "values overlap");
        end = value.end;
    }
    assert!(end <= data.as_ptr_range().end, "a value lies past the end");
    let write = |writer: Writer, tlv: &Tlv<'_>| writer.put(tlv.tag, tlv.value);
    let written = objects.iter().fold(Writer::new(), write).into_vec();
    let again: Result<Vec<Tlv<'_>>, TlvError> = Reader::new(&written).collect();
    assert_eq!(again, Ok(objects));
}
