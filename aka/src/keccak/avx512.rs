//! Two, four and eight states, with the rotations and three-way functions of AVX-512.
#![expect(unsafe_code, reason = "entering functions compiled for AVX-512")]

use super::State;
use crate::cpu::{Avx512, wipe_wide_registers};

/// A width of vector: how many states go into it, its type, and its instructions.
macro_rules! width {
    (
        $permute:ident, $module:ident, $count:literal, $lane:ident: $load:ident, $store:ident,
        $set1:ident, $xor:ident, $ternary:ident, $rotate:ident
    ) => {
        pub(super) fn $permute(_proof: Avx512, states: &mut [State; $count]) {
            // SAFETY: the proof says that the processor has AVX-512 F and VL.
            unsafe {
                $module::permute(states);
                wipe_wide_registers();
            }
        }

        mod $module {
            use core::arch::x86_64::{$lane, $load, $rotate, $set1, $store, $ternary, $xor};

            use crate::keccak::{State, rounds::rounds};

            #[target_feature(enable = "avx512f,avx512vl")]
            #[expect(
                clippy::indexing_slicing,
                reason = "a state has as many words as lanes"
            )]
            pub(super) fn permute(states: &mut [State; $count]) {
                let mut lanes = [splat(0); 25];
                for (index, lane) in lanes.iter_mut().enumerate() {
                    let words = states.each_ref().map(|state| state[index].cast_signed());
                    // SAFETY: the array is as wide as the vector; the load may be unaligned.
                    *lane = unsafe { $load(words.as_ptr()) };
                }
                lanes = all_rounds(lanes);
                for (index, lane) in lanes.into_iter().enumerate() {
                    let mut words = [0; $count];
                    // SAFETY: the array is as wide as the vector; the store may be unaligned.
                    unsafe { $store(words.as_mut_ptr(), lane) };
                    for (state, word) in states.iter_mut().zip(words) {
                        state[index] = word.cast_unsigned();
                    }
                }
            }

            rounds!($lane, "avx512f,avx512vl");

            #[target_feature(enable = "avx512f,avx512vl")]
            #[inline]
            fn splat(constant: u64) -> $lane {
                $set1(constant.cast_signed())
            }

            #[target_feature(enable = "avx512f,avx512vl")]
            #[inline]
            fn xor(a: $lane, b: $lane) -> $lane {
                $xor(a, b)
            }

            #[target_feature(enable = "avx512f,avx512vl")]
            #[inline]
            fn xor3(a: $lane, b: $lane, c: $lane) -> $lane {
                $ternary::<0x96>(a, b, c)
            }

            #[target_feature(enable = "avx512f,avx512vl")]
            #[inline]
            fn chi(a: $lane, b: $lane, c: $lane) -> $lane {
                $ternary::<0xd2>(a, b, c)
            }

            #[target_feature(enable = "avx512f,avx512vl")]
            #[inline]
            fn rotate_left<const N: i32>(a: $lane) -> $lane {
                $rotate::<N>(a)
            }
        }
    };
}

width! {
    permute2, pair, 2, __m128i: _mm_loadu_epi64, _mm_storeu_epi64,
    _mm_set1_epi64x, _mm_xor_si128, _mm_ternarylogic_epi64, _mm_rol_epi64
}
width! {
    permute4, four, 4, __m256i: _mm256_loadu_epi64, _mm256_storeu_epi64,
    _mm256_set1_epi64x, _mm256_xor_si256, _mm256_ternarylogic_epi64, _mm256_rol_epi64
}
width! {
    permute8, eight, 8, __m512i: _mm512_loadu_epi64, _mm512_storeu_epi64,
    _mm512_set1_epi64, _mm512_xor_si512, _mm512_ternarylogic_epi64, _mm512_rol_epi64
}
