//! A short command takes no memory from the heap, from `Card` down to the software card.
#![cfg(feature = "soft")]
#![expect(unsafe_code, reason = "an allocator is unsafe by its trait")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use usim::{
    Card,
    apdu::Command,
    soft::{Profile, SoftCard},
    transport::Protocol,
};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_short_command_allocates_nothing() {
    for protocol in [Protocol::T0, Protocol::T1] {
        let mut profile = Profile::default();
        profile.protocol = protocol;
        let mut card = Card::open(SoftCard::new(profile)).unwrap();
        let mut answer = [0; 258];
        let select = Command::new(0x00, 0xa4, 0x00, 0x04)
            .with_data(&[0x2f, 0xe2])
            .unwrap();
        let read = Command::new(0x00, 0xb0, 0x00, 0x00).expecting_short(10);

        let before = ALLOCATIONS.load(Ordering::Relaxed);
        for _ in 0..100 {
            card.transmit(&select.expecting_short(0), &mut answer)
                .unwrap();
            assert_eq!(card.transmit(&read, &mut answer).unwrap().data().len(), 10);
        }
        assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), before, "{protocol:?}");
    }
}
