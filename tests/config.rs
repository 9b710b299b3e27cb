//! The configuration: what wins over what, what is refused and by which name, and that no secret is shown.

use std::ffi::OsString;
use std::path::Path;

use gaung::config::{
    Config, ConfigError, DEFAULT_TOML, DatabaseUrl, DkimKey, MailTransport, Overrides, SecretUrl, TlsMode, load_or_create_secret,
};

fn load(file: Option<&str>, environment: &[(&str, &str)], overrides: &Overrides) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gaung.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::load_from(file.map(|_| path.as_path()), environment, overrides)
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    load(Some(text), &[], &Overrides::default())
}

fn from_environment(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load(None, environment, &Overrides::default())
}

#[test]
fn the_default_stands_alone_and_explains_every_key() {
    let config = load(None, &[("PATH", "/bin"), ("GAUNG_TEST_POSTGRES", "x")], &Overrides::default()).unwrap();
    assert_eq!(config.server.port, 8080);
    assert_eq!(config.mail.transport, MailTransport::Mailbox);
    assert_eq!(config.database_url().unwrap(), DatabaseUrl::Sqlite("gaung-data/gaung.db".into()));
    assert_eq!((config.message_id_domain(), config.from_name()), ("localhost", "Kementerian Contoh"));
    assert_eq!(config.hello_name(), "[127.0.0.1]");
    let mut before = "";
    for line in DEFAULT_TOML.lines() {
        let is_key = line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        assert!(!is_key || before.starts_with('#') || line.starts_with("en = "), "no comment above: {line}");
        before = line;
    }
}

#[test]
fn the_example_for_production_is_accepted() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/example.production.toml")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name).display().to_string()
    };
    let text = text
        .replace("/run/secrets/gaung-key", &file("key", &"k".repeat(32)))
        .replace("/run/secrets/gaung-database-url", &file("url", "postgres://gaung:geheim@db/gaung\n"))
        .replace("/run/secrets/gaung-smtp-password", &file("smtp", "geheim\n"));
    let config = from_file(&text).unwrap();
    assert_eq!(config.mail.transport, MailTransport::Smtp);
    assert_eq!(config.database_url().unwrap(), DatabaseUrl::Postgres("postgres://gaung:geheim@db/gaung".into()));
    assert!(!config.shows_mailbox());
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_default() {
    let file = "[server]\nport = 1000\nworkers = 3\n[mail.smtp]\nhost = \"a\"\ntls = \"none\"\n";
    let environment =
        [("GAUNG__SERVER__PORT", "2000"), ("GAUNG__MAIL__SMTP__TLS", "implicit"), ("GAUNG__DATABASE__URL", "sqlite:e.db")];
    let config = load(Some(file), &environment, &Overrides::default()).unwrap();
    assert_eq!((config.server.port, config.server.workers, config.server.dev_mailbox), (2000, 3, true));
    assert_eq!((config.mail.smtp.host.as_str(), config.mail.smtp.tls), ("a", TlsMode::Implicit));
    let overrides = Overrides { data_dir: Some("d".into()), database: Some(SecretUrl::new("")), port: Some(3000) };
    let config = load(Some(file), &environment, &overrides).unwrap();
    assert_eq!((config.server.port, config.database_url().unwrap()), (3000, DatabaseUrl::Sqlite("d/gaung.db".into())));
}

#[test]
fn lists_come_from_the_environment_separated_by_commas() {
    let config = from_environment(&[
        ("GAUNG__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("GAUNG__CAMPAIGN__DISABLED_ACTIONS", "like,comment"),
        ("GAUNG__SERVER__DEV_MAILBOX", "false"),
    ]);
    let config = config.unwrap();
    assert_eq!(config.server.trusted_proxies, ["10.0.0.0/8", "::1"]);
    assert_eq!(config.campaign.disabled_actions.len(), 2);
    assert!(!config.server.dev_mailbox);
}

#[test]
fn what_does_not_exist_or_does_not_fit_is_refused_by_its_name() {
    let cases = [
        (
            "[server]\nprot = 1",
            "there is no setting server.prot; the keys of [server] are bind, clock_settle_s, dev_mailbox, drain_s, port,",
        ),
        ("[servers]\nport = 1", "there is no setting servers; the sections are api, campaign,"),
        ("[mail.smtp]\nfoo = 1", "there is no setting mail.smtp.foo"),
        ("port = 1", "there is no setting port"),
        ("[server]\nport = \"80\"", "server.port must be a whole number"),
        ("[server]\ntrusted_proxies = [1]", "server.trusted_proxies must be a list of texts"),
        ("[server]\nport = 70000", "server.port"),
        ("[server]\nbind = \"rumah\"", "server.bind"),
        ("[mail]\ntransport = \"pos\"", "mail.transport"),
        ("[institution]\ndefault_zone = \"Asia/Jakarte\"", "institution.default_zone"),
        ("[institution]\ndefault_locale = \"fr\"", "institution.default_locale"),
        ("[institution]\nname = \"a\\r\\nBcc: x\"", "institution.name"),
        ("[institution]\nbase_url = \"gaung.example\"", "institution.base_url"),
        ("[institution]\nbase_url = \"https://gaung.example/sub/\"", "institution.base_url"),
        ("[campaign]\ndisabled_actions = [\"follow\"]", "campaign.disabled_actions"),
        ("[privacy]\nsmall_group = 4", "privacy.small_group"),
        ("[mail]\nfrom_address = \"Gaung <g@x.id>\"", "mail.from_address"),
        ("[mail]\nbackoff_max_s = 1", "mail.backoff_max_s"),
        ("[secrets]\nkey = \"pendek\"", "secrets.key"),
        ("[secrets]\nkey_file = \"/tidak/ada\"", "secrets.key_file"),
        ("[database]\nurl = \"postgress://h/d\"", "database.url"),
        ("[server]\nport = = 1", "line 2"),
    ];
    for (text, expected) in cases {
        let error = from_file(text).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?} gave {error:?}, not {expected:?}");
        assert!(error.contains("gaung.toml") || error.starts_with(expected), "{error}");
    }
    for (name, value, expected) in [
        ("GAUNG__SERVER__PROT", "1", "GAUNG__SERVER__PROT: there is no setting server.prot"),
        ("GAUNG__SERVER", "1", "GAUNG__SERVER: there is no setting server"),
        ("GAUNG__SERVER__PORT", "many", "GAUNG__SERVER__PORT: server.port must be a whole number"),
        ("GAUNG__SERVER__PORT", "-1", "GAUNG__SERVER__PORT: server.port"),
        ("GAUNG__LOG__FORMAT", "xml", "GAUNG__LOG__FORMAT: log.format"),
    ] {
        let error = from_environment(&[(name, value)]).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{name} gave {error:?}");
    }
    let error = Config::load_from(Some(Path::new("/tidak/ada.toml")), [], &Overrides::default()).map(|_| ()).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }));
}

#[test]
fn the_address_for_reports_leaves_room_for_the_mark_of_a_mail() {
    use gaung::auth::return_path::LONGEST_LOCAL;
    let address = |length: usize| format!("{}@surat.example", "b".repeat(length));
    let with = |key: &str, length, verp: &str| from_environment(&[(key, &address(length)), ("GAUNG__MAIL__VERP", verp)]);
    for key in ["GAUNG__MAIL__BOUNCE_ADDRESS", "GAUNG__MAIL__FROM_ADDRESS"] {
        assert_eq!(with(key, LONGEST_LOCAL, "true").unwrap().bounce_address(), address(LONGEST_LOCAL));
        assert!(with(key, LONGEST_LOCAL + 1, "false").is_ok());
        let error = with(key, LONGEST_LOCAL + 1, "true").map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("22 characters before the @") && error.contains("mail.verp = false"), "{error}");
    }
    let both = [("GAUNG__MAIL__BOUNCE_ADDRESS", "pantulan@surat.example"), ("GAUNG__MAIL__FROM_ADDRESS", &address(40))];
    assert!(from_environment(&both).is_ok());
}

#[test]
fn keys_that_sign_come_as_sections_or_as_texts() {
    let expected = |n: usize| {
        let key = |selector: &str| DkimKey {
            domain: "a.id".into(),
            selector: selector.into(),
            key_file: format!("/k/{selector}.pem").into(),
        };
        ["g1", "g2"].into_iter().take(n).map(key).collect::<Vec<_>>()
    };
    let sections = "[[mail.dkim]]\ndomain = \"a.id\"\nselector = \"g1\"\nkey_file = \"/k/g1.pem\"\n[[mail.dkim]]\ndomain = \"a.id\"\nselector = \"g2\"\nkey_file = \"/k/g2.pem\"\n";
    let config = from_file(sections).unwrap();
    assert_eq!(config.mail.dkim, expected(2));
    assert_eq!(from_file(&config.masked_toml()).unwrap().mail.dkim, expected(2), "a dump is a valid file again");
    assert_eq!(
        from_file("[mail]\ndkim = [{ domain = \"a.id\", selector = \"g1\", key_file = \"/k/g1.pem\" }]").unwrap().mail.dkim,
        expected(1)
    );
    let variable = from_environment(&[("GAUNG__MAIL__DKIM", "a.id:g1:/k/g1.pem, a.id:g2:/k/g2.pem")]).unwrap();
    assert_eq!(variable.mail.dkim, expected(2));
    for (text, expected) in [
        (
            "dkim = [{ domain = \"a.id\", selektor = \"g\" }]",
            "there is no setting mail.dkim.selektor; the keys of [[mail.dkim]] are domain,",
        ),
        ("dkim = [{ domain = \"a.id\", selector = \"g\" }]", "mail.dkim.key_file: is missing"),
        ("dkim = [{ domain = 1, selector = \"g\", key_file = \"k\" }]", "mail.dkim.domain must be text"),
        ("dkim = [1]", "mail.dkim must be a list of sections"),
        ("dkim = [\"a.id:g\"]", "is not of the form domain:selector:file"),
        ("dkim = [\"a_.id.:g:k\"]", "must be names of DNS"),
        ("dkim = [\"a.id:g:k\", \"A.id:G:l\"]", "is there twice"),
        ("resolver = \"dns.example\"", "mail.resolver: must be an IP address"),
        ("unsubscribe_address = \"berhenti-dari-semua-surat@a.id\"", "mail.unsubscribe_address: has 25 characters"),
    ] {
        let error = from_file(&format!("[mail]\n{text}")).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text} gave {error:?}");
    }
    for good in ["192.0.2.53", "192.0.2.53:5353", "::1", "[::1]:53"] {
        assert!(from_environment(&[("GAUNG__MAIL__RESOLVER", good)]).is_ok(), "{good}");
    }
}

#[test]
fn the_sender_of_a_feedback_id_has_five_to_fifteen_letters() {
    for (short_name, expected) in [
        ("Kemencontoh", "kemencontoh"),
        ("KLHK", "klhksuratexampl"),
        ("Badan Pengawas Obat", "badanpengawasob"),
        ("é", "suratexampleid"),
    ] {
        let config = from_environment(&[
            ("GAUNG__INSTITUTION__SHORT_NAME", short_name),
            ("GAUNG__MAIL__FROM_ADDRESS", "g@surat.example.id"),
        ]);
        assert_eq!(config.unwrap().feedback_sender(), expected);
    }
}

#[test]
fn no_dump_no_debug_output_and_no_error_shows_a_secret() {
    let text = concat!(
        "[database]\nurl = \"postgres://g:geheim@h/d\"\n[secrets]\nkey = \"geheimgeheimgeheimgeheimgeheimgeheim\"\n",
        "[mail.smtp]\nusername = \"u\"\npassword = \"geheim\"\n"
    );
    let config = from_file(text).unwrap();
    let (toml, json, debug) = (config.masked_toml(), config.masked_json().to_string(), format!("{config:?}"));
    for dump in [&toml, &json, &debug] {
        assert!(!dump.contains("geheim"), "{dump}");
    }
    assert!(toml.contains("url = \"postgres://g:***@h/d\"") && toml.contains("password = \"***\""), "{toml}");
    // A dump of the defaults is a valid file again.
    let defaults = from_environment(&[]).unwrap().masked_toml();
    assert_eq!(from_file(&defaults).unwrap().masked_toml(), defaults);
    for wrong in
        ["[mail.smtp]\npassword = [\"geheim\"]", "[mail.smtp]\npassword = \"geheim\"", "[mail.smtp]\npassword = \"geheim"]
    {
        let error = from_file(wrong).map(|_| ()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("geheim"), "{error:?}");
    }
}

#[test]
fn a_secret_file_stands_for_its_key_and_never_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    std::fs::write(&path, "geheim\n").unwrap();
    let with_file = [("GAUNG__MAIL__SMTP__USERNAME", "u"), ("GAUNG__MAIL__SMTP__PASSWORD_FILE", path.to_str().unwrap())];
    assert_eq!(from_environment(&with_file).unwrap().mail.smtp.password.reveal(), "geheim");
    let both = [with_file.as_slice(), &[("GAUNG__MAIL__SMTP__PASSWORD", "x")]].concat();
    let error = from_environment(&both).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("mail.smtp.password is set as well"), "{error}");
    std::fs::write(&path, "\n").unwrap();
    assert!(from_environment(&with_file).is_err());
}

#[test]
fn the_data_directorys_secret_is_made_once_even_by_many_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a/b");
    let secrets: Vec<_> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..8).map(|_| scope.spawn(|| load_or_create_secret(&data).unwrap())).collect();
        starters.into_iter().map(|starter| starter.join().unwrap()).collect()
    });
    assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.reveal().len() == 64));
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["secret.key"]);
    let path = data.join("secret.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(load_or_create_secret(&data).unwrap_err().to_string().contains("other users"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    std::fs::write(&path, "pendek\n").unwrap();
    assert!(load_or_create_secret(&data).unwrap_err().to_string().contains("6 bytes"));
}
