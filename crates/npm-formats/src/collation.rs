//! The order npm sorts in: JavaScript's `a.localeCompare(b, 'en')`.
//!
//! ASCII is decided from a table without allocation; anything else goes to ICU4X. Both follow the root collation
//! of CLDR, which for English has no tailoring. Other locales are not offered.

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale::locale;
use std::cmp::Ordering;
use std::sync::LazyLock;

/// How `a.localeCompare(b, 'en')` orders two strings.
///
/// Equal does not mean identical: control characters are ignored. A stable sort keeps such strings in their order,
/// as JavaScript's does. Source: observed in Node 20.20.2 (ICU 78.2).
pub fn compare(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { compare_ascii(a.as_bytes(), b.as_bytes()) } else { compare_icu(a, b) }
}

/// Every ASCII character that collation does not ignore, in ascending order; a letter's upper case follows it and
/// differs from it only if nothing else does.
const ORDER: &[u8] = b"\t\n\x0B\x0C\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ";

/// Primary weight by character; zero for those that are ignored.
const PRIMARY: [u8; 128] = primary_weights();

const fn primary_weights() -> [u8; 128] {
    let mut weights = [0; 128];
    let mut weight = 0;
    let mut index = 0;
    while index < ORDER.len() {
        let byte = ORDER[index];
        if !byte.is_ascii_uppercase() {
            weight += 1;
        }
        weights[byte as usize] = weight;
        index += 1;
    }
    weights
}

fn primary(byte: u8) -> u8 {
    PRIMARY.get(usize::from(byte)).copied().unwrap_or(0)
}

fn compare_ascii(a: &[u8], b: &[u8]) -> Ordering {
    // Paths and scoped names share long beginnings; equal text never decides.
    let same = 8 * a.chunks_exact(8).zip(b.chunks_exact(8)).take_while(|(x, y)| x == y).count();
    let mut case = Ordering::Equal;
    for (&x, &y) in a.iter().zip(b).skip(same) {
        if x == y {
            continue;
        }
        let (weight_x, weight_y) = (primary(x), primary(y));
        if weight_x == 0 || weight_y == 0 {
            return compare_ascii_with_ignored(a, b);
        }
        if weight_x != weight_y {
            return weight_x.cmp(&weight_y);
        }
        // The same letter in two cases, lower before upper; only the first such place counts.
        if case == Ordering::Equal {
            case = y.cmp(&x);
        }
    }
    let common = a.len().min(b.len());
    let rest = |text: &[u8]| text.iter().skip(common).any(|byte| primary(*byte) != 0);
    rest(a).cmp(&rest(b)).then(case)
}

/// The same comparison over the characters that count, for strings with control characters in them.
fn compare_ascii_with_ignored(a: &[u8], b: &[u8]) -> Ordering {
    let counted = |text: &[u8]| text.iter().copied().filter(|byte| primary(*byte) != 0).collect::<Vec<u8>>();
    let (a, b) = (counted(a), counted(b));
    a.iter()
        .map(|byte| primary(*byte))
        .cmp(b.iter().map(|byte| primary(*byte)))
        .then_with(|| b.iter().map(u8::is_ascii_lowercase).cmp(a.iter().map(u8::is_ascii_lowercase)))
}

static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| Collator::try_new(locale!("en").into(), CollatorOptions::default()).ok());

fn compare_icu(a: &str, b: &str) -> Ordering {
    // The data is compiled in, so the collator is always there; code point order is the fallback of form.
    COLLATOR.as_ref().map_or_else(|| a.cmp(b), |collator| collator.compare(a, b))
}

#[cfg(test)]
mod tests;
