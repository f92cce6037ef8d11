//! JSON without the white space between its tokens.

/// `json` without insignificant white space; strings are copied as they are spelled.
///
/// Not a validator: what is not JSON may come out as JSON (`1 2` as `12`).
pub fn compact_json(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut in_string = false;
    let mut escaped = false;
    for &byte in json {
        if in_string {
            out.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            in_string = byte == b'"';
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_white_space_between_tokens_goes() {
        for (json, compact) in [
            ("{ \"a\" : [ 1 , true ] }\n", "{\"a\":[1,true]}"),
            ("{\"a \\\" b\": \"c \\\\\" , \"d\": 1}", "{\"a \\\" b\":\"c \\\\\",\"d\":1}"),
            ("", ""),
        ] {
            assert_eq!(super::compact_json(json.as_bytes()), compact.as_bytes());
        }
    }
}
