//! What a server announced in its answer to EHLO (RFC 5321 4.1.1.1), as far as this client uses it.

use super::reply::Reply;

/// The service extensions of one connection. Forgotten and asked again after STARTTLS (RFC 3207 4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 2920: commands may be sent in groups.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit_mime: bool,
    /// RFC 6531.
    pub smtputf8: bool,
    /// RFC 1870: the largest message taken, in bytes; `None` when not said.
    pub size_limit: Option<u64>,
    /// RFC 4954 with RFC 4616.
    pub auth_plain: bool,
    /// The older LOGIN mechanism.
    pub auth_login: bool,
}

impl Extensions {
    /// Reads the lines after the first, which is the server's name.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        let mut found = Self::default();
        for line in reply.lines.iter().skip(1) {
            // "AUTH=PLAIN" is an old spelling that some servers still give.
            let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_ascii_whitespace();
            match words.next().unwrap_or_default() {
                "STARTTLS" => found.starttls = true,
                "PIPELINING" => found.pipelining = true,
                "8BITMIME" => found.eight_bit_mime = true,
                "SMTPUTF8" => found.smtputf8 = true,
                "SIZE" => found.size_limit = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0),
                "AUTH" => words.for_each(|mechanism| {
                    found.auth_plain |= mechanism == "PLAIN";
                    found.auth_login |= mechanism == "LOGIN";
                }),
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_in_any_case_and_the_first_line_is_a_name() {
        let lines = ["STARTTLS.example.org", "pipelining", "SIZE 1000", "AUTH=LOGIN", "AUTH CRAM-MD5 plain", "X-NEW"];
        let found = Extensions::of(&Reply { code: 250, lines: lines.map(str::to_owned).to_vec() });
        let expected =
            Extensions { pipelining: true, size_limit: Some(1000), auth_plain: true, auth_login: true, ..Extensions::default() };
        assert_eq!(found, expected);
    }

    #[test]
    fn size_zero_means_no_limit() {
        let found = Extensions::of(&Reply { code: 250, lines: vec!["x".to_owned(), "SIZE 0".to_owned()] });
        assert_eq!(found.size_limit, None);
    }
}
