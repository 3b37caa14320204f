//! Tokens that carry a checksum of themselves: made-up ones give themselves away.

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// GitHub and npm: 30 characters after the prefix, then their CRC-32.
pub(super) fn is_github(token: &str) -> bool {
    let Some((_, body)) = token.split_once('_') else { return false };
    body.len() == 36 && crc(&body[..30]) == body.as_bytes()[30..]
}

/// Our own keys: the checksum is of all that stands before it, the prefix too (contract 6.1).
pub(super) fn is_gateway(token: &str) -> bool {
    token.len() == 57 && crc(&token[..51]) == token.as_bytes()[51..]
}

fn crc(text: &str) -> [u8; 6] {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
pub(super) fn with_crc(text: &str, of: usize) -> String {
    let checksum = crc(&text[of..]);
    text.chars().chain(checksum.map(char::from)).collect()
}
