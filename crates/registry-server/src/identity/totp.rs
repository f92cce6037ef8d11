//! One-time passwords by the time (RFC 6238), as authenticator apps make them.

use std::fmt;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

use super::random;
use crate::RegistryError;

/// Seconds that a code is shown.
const PERIOD: i64 = 30;

/// Steps that a clock may be off, either way.
const WINDOW: i64 = 1;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a user's authenticator app and the registry share.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

/// A period of time with one code, counted since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(pub i64);

impl TotpSecret {
    /// Errors: no randomness.
    pub fn generate() -> Result<TotpSecret, RegistryError> {
        Ok(TotpSecret(random::bytes()?))
    }

    /// Base32, as apps take it: 32 letters and digits.
    pub fn to_base32(&self) -> String {
        let mut text = String::with_capacity(32);
        for chunk in self.0.chunks_exact(5) {
            let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for position in (0..8).rev() {
                text.push(char::from(BASE32[(bits >> (position * 5) & 31) as usize]));
            }
        }
        text
    }

    /// What [`to_base32`](Self::to_base32) gave; `None` for another text.
    pub fn from_base32(text: &str) -> Option<TotpSecret> {
        let mut secret = [0; 20];
        if text.len() != 32 {
            return None;
        }
        for (chunk, characters) in secret.chunks_exact_mut(5).zip(text.as_bytes().chunks_exact(8)) {
            let mut bits = 0_u64;
            for character in characters {
                bits = bits << 5 | BASE32.iter().position(|known| known == character)? as u64;
            }
            chunk.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(TotpSecret(secret))
    }

    /// The address that a QR code for authenticator apps has in it.
    pub fn otpauth_uri(&self, issuer: &str, user: &str) -> String {
        let issuer = utf8_percent_encode(issuer, NON_ALPHANUMERIC);
        let user = utf8_percent_encode(user, NON_ALPHANUMERIC);
        format!("otpauth://totp/{issuer}:{user}?secret={}&issuer={issuer}", self.to_base32())
    }

    /// The step whose code `code` is, if it may be used `now`; `None` if it is wrong, old or was used.
    ///
    /// The caller keeps the step: with it as `last_used` neither this code nor an older one is good again.
    pub fn verify(&self, code: &str, now: Timestamp, last_used: Option<TotpStep>) -> Option<TotpStep> {
        let code = code.trim();
        if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let current = now.as_second().div_euclid(PERIOD);
        (current - WINDOW..=current + WINDOW)
            .map(TotpStep)
            .filter(|step| last_used.is_none_or(|last| *step > last))
            .find(|step| self.code(*step) == code)
    }

    /// The six digits of a step (RFC 4226, section 5.3).
    fn code(&self, step: TotpStep) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.0.to_be_bytes());
        let offset = tag.as_ref().last().map_or(0, |byte| usize::from(byte & 15));
        let word = tag.as_ref().iter().skip(offset).take(4);
        let number = word.fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{TotpSecret, TotpStep};

    /// The secret of RFC 6238's table of SHA-1 values.
    fn secret() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn codes_are_those_of_the_specification() {
        // Appendix B has eight digits; six are the last of them.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().verify(code, at(second), None), Some(TotpStep(second / 30)), "{second}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_ones_beside_and_once() {
        let step = TotpStep(1);
        for (second, last_used, expected) in [
            (59, None, Some(step)),
            (89, None, Some(step)),
            (0, None, Some(step)),
            (90, None, None),
            (59, Some(TotpStep(0)), Some(step)),
            (59, Some(TotpStep(1)), None),
            (59, Some(TotpStep(2)), None),
        ] {
            assert_eq!(secret().verify("287082", at(second), last_used), expected, "{second} {last_used:?}");
        }
        assert_eq!(secret().verify(" 287082\n", at(59), None), Some(step));
        for wrong in ["", "287083", "28708", "2870820", "+87082", "２８７０８２", "287 82"] {
            assert_eq!(secret().verify(wrong, at(59), None), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_comes_back_from_base32_and_does_not_print() {
        assert_eq!(secret().to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), Some(secret()));
        for wrong in
            ["", "GEZDGNBVGY3TQOJQ", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
        {
            assert_eq!(TotpSecret::from_base32(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", secret()), "TotpSecret(..)");
        assert_eq!(
            secret().otpauth_uri("registry.example:4873", "ada"),
            "otpauth://totp/registry%2Eexample%3A4873:ada\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=registry%2Eexample%3A4873"
        );
    }
}
