//! The generator of FIPS 186-2 with change notice 1, as RFC 4187 §7 and Appendix A use it.

use zeroize::Zeroizing;

const INITIAL: [u32; 5] = [
    0x6745_2301,
    0xefcd_ab89,
    0x98ba_dcfe,
    0x1032_5476,
    0xc3d2_e1f0,
];

/// Fills blocks from a key of 160 bits.
pub(super) fn fill(key: &[u8; 20], blocks: &mut [[u8; 20]]) {
    let mut key = Zeroizing::new(*key);
    for block in blocks {
        *block = g(&key);
        step(&mut key, block);
    }
}

/// G: the compression of SHA-1 over the value with zeros behind it, not SHA-1's own padding.
fn g(value: &[u8; 20]) -> [u8; 20] {
    let mut padded = Zeroizing::new([0; 64]);
    for (to, from) in padded.iter_mut().zip(value) {
        *to = *from;
    }
    let mut state = Zeroizing::new(INITIAL);
    sha1::block_api::compress(&mut state, core::slice::from_ref(&*padded));
    let mut out = [0; 20];
    let (words, _) = out.as_chunks_mut();
    for (to, from) in words.iter_mut().zip(*state) {
        *to = from.to_be_bytes();
    }
    out
}

/// The next key: 1 + key + block, modulo 2^160.
fn step(key: &mut [u8; 20], block: &[u8; 20]) {
    let mut carry = 1;
    for (to, from) in key.iter_mut().zip(block).rev() {
        let [low, high] = (u16::from(*to) + u16::from(*from) + carry).to_le_bytes();
        *to = low;
        carry = u16::from(high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated<const N: usize>(key: &str) -> [[u8; 20]; N] {
        let mut octets = [0; 20];
        hex::decode_to_slice(key, &mut octets).unwrap();
        let mut blocks = [[0; 20]; N];
        fill(&octets, &mut blocks);
        blocks
    }

    #[test]
    fn a_key_of_zeros_gives_the_known_stream() {
        let stream = generated::<8>("0000000000000000000000000000000000000000");
        assert_eq!(
            hex::encode(stream.as_flattened()),
            "92b404e556588ced6c1acd4ebf053f6809f73a9355acad4d81ef20b346f80f4a\
             2bf74a28de5709797a1d99aa13d2cf2231fd6a0b6a72a6bd04d94d161f2e4ee2\
             983bba47409c8376093bcd12b305f2cd36508927b34a57565ab9719e424194a0\
             5820086f28c16be4cd8a4700f3d71d68ce2d37e48183c52bfa3f631e67deb968\
             ab16b0ee7daf4d3192ded1fc9eaac56a78d0ff7573976eb333bd999e46eb4ba8"
        );
    }

    #[test]
    fn the_key_block_of_rfc_4186_appendix_a_5_comes_out() {
        let stream = generated::<8>("e576d5ca332e9930018bf1baee2763c795b3c712");
        let expected = "536e5ebc4465582aa6a8ec9986ebb620\
             25af1942efcbf4bc72b3943421f2a974\
             39d45aeaf4e30601983e972b6cfd46d1c363773365690d09cd44976b525f47d3\
             a60a985e955c53b090b2e4b73719196a402542968fd14a888f46b9a7886e4488";
        assert_eq!(
            &hex::encode(stream.as_flattened())[..expected.len()],
            expected
        );
    }
}
