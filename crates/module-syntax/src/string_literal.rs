//! The value of a string literal.

/// The value of a quoted literal, its quotes included in `literal`. `None` if it holds half of a surrogate pair or
/// is no string literal.
pub(crate) fn unquoted(literal: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(literal).ok()?;
    let text = text.get(1..text.len().checked_sub(1)?)?;
    if !text.contains('\\') {
        return Some(text.to_owned());
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '\\' {
            push(&mut units, char);
            continue;
        }
        match chars.next()? {
            'n' => units.push(u16::from(b'\n')),
            't' => units.push(u16::from(b'\t')),
            'r' => units.push(u16::from(b'\r')),
            'b' => units.push(0x08),
            'v' => units.push(0x0b),
            'f' => units.push(0x0c),
            '0' if !chars.peek().is_some_and(char::is_ascii_digit) => units.push(0),
            'x' => units.push(u16::try_from(hexadecimal(&mut chars, 2)?).ok()?),
            'u' if chars.peek() == Some(&'{') => {
                chars.next();
                let mut value = 0u32;
                loop {
                    match chars.next()? {
                        '}' => break,
                        digit => value = value.checked_mul(16)?.checked_add(digit.to_digit(16)?)?,
                    }
                }
                match char::from_u32(value) {
                    Some(char) => push(&mut units, char),
                    None => units.push(u16::try_from(value).ok()?),
                }
            }
            'u' => units.push(u16::try_from(hexadecimal(&mut chars, 4)?).ok()?),
            '\r' => {
                chars.next_if_eq(&'\n');
            }
            '\n' | '\u{2028}' | '\u{2029}' => {}
            other => push(&mut units, other),
        }
    }
    String::from_utf16(&units).ok()
}

fn push(units: &mut Vec<u16>, char: char) {
    units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
}

fn hexadecimal(chars: &mut impl Iterator<Item = char>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0, |value, _| Some(value * 16 + chars.next()?.to_digit(16)?))
}
