//! Any sequence of PIN commands against what TS 102 221 §9.5 says of it, told in plain words.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Act {
    Verify(u8),
    Change(u8, u8),
    Disable(u8),
    Enable(u8),
    Unblock(u8, u8),
    Reset,
}

const PUK: u8 = 9;

/// Code number `n`: one of few, so that random ones are right often enough.
fn code(n: u8) -> Code {
    Code::from_digits(&format!("{n}{n}{n}{n}{n}{n}{n}{n}")).unwrap()
}

fn acts() -> impl Strategy<Value = Act> {
    let pin = || 1_u8..4;
    prop_oneof![
        4 => pin().prop_map(Act::Verify),
        1 => (pin(), pin()).prop_map(|(old, new)| Act::Change(old, new)),
        1 => pin().prop_map(Act::Disable),
        1 => pin().prop_map(Act::Enable),
        2 => (8_u8..=PUK, pin()).prop_map(|(puk, new)| Act::Unblock(puk, new)),
        1 => Just(Act::Reset),
    ]
}

/// What a person keeping a tally would write down.
#[derive(Debug)]
struct Tally {
    pin: u8,
    tries: u8,
    puk_tries: u8,
    enabled: bool,
    verified: bool,
}

impl Tally {
    fn present(&mut self, pin: u8) -> Result<(), Refusal> {
        if self.tries == 0 {
            self.verified = false;
            return Err(Refusal::Blocked);
        }
        self.verified = pin == self.pin;
        self.tries = if self.verified { 3 } else { self.tries - 1 };
        match (self.verified, self.tries) {
            (true, _) => Ok(()),
            (false, 0) => Err(Refusal::Blocked),
            (false, left) => Err(Refusal::Wrong(left)),
        }
    }

    fn act(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::Verify(_) | Act::Change(..) | Act::Disable(_) if !self.enabled => {
                Err(Refusal::Disabled)
            }
            Act::Enable(_) if self.enabled => Err(Refusal::Enabled),
            Act::Verify(pin) => self.present(pin),
            Act::Change(old, new) => self.present(old).map(|()| self.pin = new),
            Act::Disable(pin) => self.present(pin).map(|()| {
                self.enabled = false;
                self.verified = false;
            }),
            Act::Enable(pin) => self.present(pin).map(|()| self.enabled = true),
            Act::Unblock(_, _) if self.puk_tries == 0 => Err(Refusal::Blocked),
            Act::Unblock(PUK, new) => {
                *self = Self {
                    pin: new,
                    tries: 3,
                    puk_tries: 10,
                    enabled: true,
                    verified: true,
                };
                Ok(())
            }
            Act::Unblock(..) => {
                self.puk_tries -= 1;
                match self.puk_tries {
                    0 => Err(Refusal::Blocked),
                    left => Err(Refusal::Wrong(left)),
                }
            }
            Act::Reset => {
                self.verified = false;
                Ok(())
            }
        }
    }
}

fn act(pin: &mut Pin, act: Act) -> Result<(), Refusal> {
    match act {
        Act::Verify(n) => pin.verify(&code(n)),
        Act::Change(old, new) => pin.change(&code(old), &code(new)),
        Act::Disable(n) => pin.disable(&code(n)),
        Act::Enable(n) => pin.enable(&code(n)),
        Act::Unblock(puk, new) => pin.unblock(&code(puk), &code(new)),
        Act::Reset => {
            pin.reset();
            Ok(())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_sequence_of_commands_ends_as_the_tally_says(
        acts in proptest::collection::vec(acts(), 0..60),
        enabled in any::<bool>(),
    ) {
        let mut pin = Pin::new(code(1), code(PUK), enabled);
        let mut tally = Tally { pin: 1, tries: 3, puk_tries: 10, enabled, verified: false };
        for step in acts {
            prop_assert_eq!(act(&mut pin, step), tally.act(step), "{:?} in {:?}", step, tally);
            prop_assert_eq!(pin.is_verified(), tally.verified, "{:?}", tally);
            prop_assert_eq!(pin.is_enabled(), tally.enabled);
            prop_assert_eq!((pin.tries(), pin.puk_tries()), (tally.tries, tally.puk_tries));
            let mut other = Pin::new(code(3), code(PUK), !enabled);
            other.restore(&pin.memory());
            prop_assert_eq!(other.memory(), pin.memory());
        }
    }
}

#[test]
fn debug_shows_no_digit() {
    assert_eq!(format!("{:?}", code(7)), "Code([redacted])");
}
