//! Any text as a frame of a QR code, of either kind.
//!
//! Holds: nothing verifies but what was made with the secret, and that is the only form of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passkey_idp::Duration;
use passkey_idp::id::{OrderId, OrderSecret, QrStartSecret, QrStartToken};
use passkey_idp::qr::{Window, bankid, uyulala};

const AGE: Duration = Duration::from_seconds(60);

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(frame) = uyulala::Unverified::parse(text) {
        let secret = OrderSecret::from([2; 32]);
        if frame.verify(&secret, AGE, Window::FIVE_SECONDS).is_ok() {
            assert_eq!(frame.order(), OrderId::from([1; 16]));
        }
        assert!(frame.authentic(&OrderSecret::from([3; 32])).is_err());
    }
    if let Ok(frame) = bankid::Unverified::parse(text) {
        let secret = QrStartSecret::from([2; 32]);
        if frame.verify(&secret, AGE).is_ok() {
            let ages = (55..=61).map(Duration::from_seconds);
            let mut made = ages.map(|age| bankid::frame(&frame.start_token(), &secret, age));
            assert!(made.any(|made| made == text), "another form of a frame");
        }
        assert!(frame.verify(&QrStartSecret::from([3; 32]), AGE).is_err());
    }
    let start = QrStartToken::from([1; 16]);
    assert!(
        bankid::Unverified::parse(&bankid::frame(&start, &QrStartSecret::from([2; 32]), AGE))
            .is_ok()
    );
});
