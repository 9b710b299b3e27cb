//! Which server a connection to PostgreSQL takes, and how long it waits for one that has gone silent: what the operator's URL leaves open is said here.

/// A server that can't be reached is given up after seconds, not after the operating system's minutes; a connection whose other end
/// went without a word (a cable, a firewall, a machine that lost its power) is found out within about ten seconds, so that a longer
/// cut leaves nobody waiting for a retransmission after it is over. Only a server that takes writes will do: of several hosts the one that
/// does, of one host none rather than a standby.
const DEFAULTS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("target_session_attrs", "read-write"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];

/// The URL with a value for each of them that it does not set itself.
pub(super) fn impatient(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let named: Vec<&str> = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, _)| key).collect();
    let missing = DEFAULTS.iter().filter(|(key, _)| !named.contains(key)).map(|(key, value)| format!("{key}={value}"));
    let pairs: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).chain(missing).collect();
    format!("{place}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::impatient;

    #[test]
    fn what_the_url_says_itself_stays() {
        let rest =
            "target_session_attrs=read-write&keepalives_idle=5&keepalives_interval=2&keepalives_count=3&tcp_user_timeout=10000";
        assert_eq!(impatient("postgres://u:p@h/d"), format!("postgres://u:p@h/d?connect_timeout=5&{rest}"));
        assert_eq!(
            impatient("postgres://u:p@h/d?connect_timeout=60&sslmode=disable"),
            format!("postgres://u:p@h/d?connect_timeout=60&sslmode=disable&{rest}")
        );
    }
}
