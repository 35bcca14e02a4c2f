//! What every [`Directory`] must do, whatever lies behind it: call these from its tests with an
//! empty directory that holds the subscribers of [`subscribers`] and nobody else.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

mod crashes;

use std::{collections::BTreeSet, sync::Arc};

use aka::{
    Imsi, Rand, Sqn,
    algorithm::{Algorithm as _, CardAlgorithm as _},
    network::{Resynchronisation, Swap, Vector},
};

use crate::{Centre, CentreError, Directory, Functions, Subscriber, Subscribers};

pub use crashes::{Deaths, no_death_repeats_a_number};

/// Subscribers of MILENAGE, with the standard's constants and with others, and of TUAK; none of them
/// has used a sequence number.
pub fn subscribers() -> Subscribers {
    let text = "imsi,k,opc,topc,amf,res_length,iterations,constants\n\
        001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf,,b9b9,8,,\n\
        001010000000002,000102030405060708090a0b0c0d0e0f,101112131415161718191a1b1c1d1e1f,,8000,4,,\n\
        001010000000003,000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f,,\
        101112131415161718191a1b1c1d1e1f101112131415161718191a1b1c1d1e1f,8000,16,2,\n\
        001010000000004,000102030405060708090a0b0c0d0e0f,101112131415161718191a1b1c1d1e1f,,8000,8,,\
        00000000000000000000000000000001/1 00000000000000000000000000000002/2 \
        00000000000000000000000000000003/3 00000000000000000000000000000004/4 \
        00000000000000000000000000000005/5\n";
    Subscribers::parse(text).unwrap()
}

/// Keys and settings come back as they were given.
pub async fn subscribers_come_back_as_they_were(directory: &impl Directory) {
    for given in subscribers().iter() {
        let found = directory.find(&given.imsi).await.unwrap().unwrap();
        let (keys, expected) = (&found.keys, &given.keys);
        assert_eq!(keys.algorithm(), expected.algorithm());
        assert_eq!(keys.expose_k(), expected.expose_k());
        assert_eq!(keys.expose_operator(), expected.expose_operator());
        // iterations and constants enter what the functions give
        let [one, other] = [&found, given].map(|who| who.functions().respond(&rand()));
        assert_eq!(one.ck.expose(), other.ck.expose());
        assert_eq!(found.amf, given.amf);
        assert_eq!(found.sqn, Sqn::ZERO);
        assert_eq!(found.res_length, given.res_length);
        assert!(directory.knows(&given.imsi).await.unwrap());
    }
    let stranger = "999990000000009".parse().unwrap();
    assert!(directory.find(&stranger).await.unwrap().is_none());
    assert!(!directory.knows(&stranger).await.unwrap());
    let swapped = directory.compare_and_set(&stranger, Sqn::ZERO, number(1));
    assert!(swapped.await.is_err());
}

/// Of two that expect the same number one is told of the other's.
pub async fn a_lost_race_is_told(directory: &impl Directory) {
    let imsi = imsi();
    let swap = directory.compare_and_set(&imsi, Sqn::ZERO, number(32));
    assert_eq!(swap.await.unwrap(), Swap::Done);
    let swap = directory.compare_and_set(&imsi, Sqn::ZERO, number(64));
    assert_eq!(swap.await.unwrap(), Swap::Lost(number(32)));
    assert_eq!(subscriber(directory).await.sqn, number(32));
}

/// 64 tasks make 8 vectors each, and no two share a sequence number.
pub async fn no_number_is_issued_twice<D: Directory + 'static>(directory: D) -> Arc<Centre<D>> {
    let centre = Arc::new(Centre::new(directory));
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let centre = Arc::clone(&centre);
            tokio::spawn(async move {
                let mut vectors = Vec::new();
                for _ in 0..8 {
                    vectors.push(centre.vector(&imsi(), rand()).await.unwrap());
                }
                vectors
            })
        })
        .collect();
    let functions = subscriber(centre.directory()).await.functions();
    let mut numbers = BTreeSet::new();
    for task in tasks {
        for vector in task.await.unwrap() {
            assert!(numbers.insert(sqn(&functions, &vector)), "issued twice");
        }
    }
    assert_eq!(numbers.len(), 512);
    let highest = numbers.last().copied().unwrap();
    assert_eq!(subscriber(centre.directory()).await.sqn, highest);
    centre
}

/// An AUTS moves the number forward, a forged or old one never moves it.
pub async fn resynchronisation_never_goes_back<D: Directory>(centre: &Centre<D>) {
    let functions = subscriber(centre.directory()).await.functions();
    let ahead = number(1 << 20);
    let auts = functions.auts(&rand(), ahead);
    let moved = centre.resynchronise(&imsi(), &rand(), &auts).await.unwrap();
    assert_eq!(moved, Resynchronisation::Moved);
    let next = centre.vector(&imsi(), rand()).await.unwrap();
    assert_eq!(sqn(&functions, &next), number((1 << 20) + 32));

    let kept = centre.resynchronise(&imsi(), &rand(), &auts).await.unwrap();
    assert_eq!(kept, Resynchronisation::Kept);
    let other = Rand::new([9; 16]);
    let forged = centre.resynchronise(&imsi(), &other, &auts).await;
    assert!(matches!(forged, Err(CentreError::MacFailure)));
    let after = subscriber(centre.directory()).await.sqn;
    assert_eq!(after, number((1 << 20) + 32));
}

fn imsi() -> Imsi {
    "001010000000001".parse().unwrap()
}

fn rand() -> Rand {
    Rand::new([0x23; 16])
}

fn number(sqn: u64) -> Sqn {
    Sqn::new(sqn).unwrap()
}

async fn subscriber(directory: &impl Directory) -> Subscriber {
    directory.find(&imsi()).await.unwrap().unwrap()
}

fn sqn(functions: &Functions, vector: &Vector) -> Sqn {
    let (sqn, mac, _) = functions.open_autn(&vector.rand, &vector.autn);
    assert!(mac.verify(vector.autn.mac()), "a vector with a wrong MAC");
    sqn
}
