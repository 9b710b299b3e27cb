//! The settings as types, one struct a section. What each means, and its default, stands in `config/default.toml`.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::calendar::{Hours, QuietHours};
use super::dkim_key::DkimKey;
use super::ledger::Ledger;
use super::operate::{Health, Metrics};
use super::retention::Retention;
use super::secret_text::{SecretText, SecretUrl};
use crate::domain::kind::Action;
use crate::domain::locale::Locale;
use crate::domain::mail_hours::DayTime;
use crate::text_enum;

text_enum! {
    /// How mail leaves.
    pub enum MailTransport {
        /// It stays in the database and is shown at /mailbox.
        Mailbox = "mailbox",
        /// It is sent.
        Smtp = "smtp",
    }
}

text_enum! {
    /// How the connection to the SMTP server is protected.
    pub enum TlsMode {
        /// Not at all.
        None = "none",
        /// STARTTLS where it is offered, whoever answers.
        Opportunistic = "opportunistic",
        /// STARTTLS with a valid certificate, or no mail.
        Required = "required",
        /// TLS from the first byte, with a valid certificate.
        Implicit = "implicit",
    }
}

text_enum! {
    /// Whether PostgreSQL keeps prepared statements for each connection.
    pub enum Prepared {
        /// Unless a pooler is found that hands a connection's transactions to different servers.
        Auto = "auto",
        /// Always: on a direct connection, or behind a pooler that keeps track of them.
        Always = "always",
        /// Never.
        Never = "never",
    }
}

text_enum! {
    /// For whom the log is written.
    pub enum LogFormat {
        /// People.
        Text = "text",
        /// Machines.
        Json = "json",
    }
}

macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Serialize, confique::Config)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: $type),+
        }
    };
}

section! {
    /// Everything an operator may set.
    Config {
        /// Who runs this.
        #[config(nested)] institution: Institution,
        /// Where it listens.
        #[config(nested)] server: Server,
        /// Where it keeps its rows.
        #[config(nested)] database: Database,
        /// Where it keeps its files.
        #[config(nested)] data: Data,
        /// What it signs with.
        #[config(nested)] secrets: Secrets,
        /// How it sends mail.
        #[config(nested)] mail: Mail,
        /// How campaigns run.
        #[config(nested)] campaign: Campaign,
        /// What people agree to.
        #[config(nested)] consent: Consent,
        /// How long a disclosure lasts.
        #[config(nested)] disclosure: Disclosure,
        /// How long a console session lasts.
        #[config(nested)] session: Session,
        /// How long an API token lasts.
        #[config(nested)] api: Api,
        /// What is withheld.
        #[config(nested)] privacy: Privacy,
        /// What goes after its time.
        #[config(nested)] retention: Retention,
        /// How its log is sealed.
        #[config(nested)] ledger: Ledger,
        /// When it counts as ready.
        #[config(nested)] health: Health,
        /// Who reads its figures.
        #[config(nested)] metrics: Metrics,
        /// What is logged.
        #[config(nested)] log: Log,
    }
}
section! {
    /// `[institution]`
    Institution {
        /// The full name.
        name: String,
        /// The short name.
        short_name: String,
        /// Where people reach this installation, without a slash at the end.
        base_url: String,
        /// The language of people who chose none.
        default_locale: Locale,
        /// An IANA zone.
        default_zone: chrono_tz::Tz,
        /// Whom members may write to; empty: the sender's address.
        contact_email: String,
    }
}
section! {
    /// `[server]`
    Server {
        /// The address to listen on.
        bind: IpAddr,
        /// The port; 0 for any.
        port: u16,
        /// Threads; 0 for one each core.
        workers: usize,
        /// Addresses or networks whose X-Forwarded-For is believed.
        trusted_proxies: Vec<String>,
        /// How long it goes on answering after SIGTERM, in seconds.
        drain_s: u32,
        /// Whether /mailbox shows the built-in mailbox.
        dev_mailbox: bool,
        /// How long a clock that jumped must run evenly before it is trusted again, in seconds.
        clock_settle_s: u32,
    }
}
section! {
    /// `[database]`
    Database {
        /// The URL; read it through [`Config::database_url`].
        url: SecretUrl,
        /// A file that holds the URL.
        url_file: PathBuf,
        /// Connections.
        pool_size: u32,
        /// Whether PostgreSQL keeps prepared statements for each connection.
        prepared_statements: Prepared,
        /// PostgreSQL's limit on a statement, in milliseconds.
        statement_timeout_ms: u32,
        /// SQLite's wait for another writer, in milliseconds.
        busy_timeout_ms: u32,
    }
}
section! {
    /// `[data]`
    Data {
        /// The data directory.
        dir: PathBuf,
    }
}
section! {
    /// `[secrets]`
    Secrets {
        /// The signing secret; read it through [`Config::master_secret`].
        key: SecretText,
        /// A file that holds it.
        key_file: PathBuf,
    }
}
section! {
    /// `[mail]`
    Mail {
        /// How mail leaves.
        transport: MailTransport,
        /// The sender's name; see [`Config::from_name`].
        from_name: String,
        /// The sender's address.
        from_address: String,
        /// Where reports of failures come back to; see [`Config::bounce_address`].
        bounce_address: String,
        /// Whether the envelope sender says which mail it is.
        verp: bool,
        /// After the @ of a Message-ID; see [`Config::message_id_domain`].
        message_id_domain: String,
        /// Mails claimed at once.
        batch_size: u32,
        /// How long a claim holds, in seconds.
        lease_s: u32,
        /// Attempts before a mail has failed.
        max_attempts: u32,
        /// The first wait, in seconds.
        backoff_first_s: u32,
        /// The longest wait, in seconds.
        backoff_max_s: u32,
        /// Soft bounces in a row after which an address gets no tasks.
        soft_bounce_limit: u32,
        /// Where a mail server puts what comes back; empty: nowhere.
        maildir: PathBuf,
        /// Takes wishes to unsubscribe by mail; empty: none does.
        unsubscribe_address: String,
        /// The name server that `gaung doctor mail` asks; empty: the system's.
        resolver: String,
        /// The keys that sign every mail.
        dkim: Vec<DkimKey>,
        /// A file of holidays; empty: the national ones.
        holidays_file: PathBuf,
        /// When leads get their report of the day.
        report_at: DayTime,
        /// When people are mailed who chose no hours of their own.
        #[config(nested)] hours: Hours,
        /// When nobody is.
        #[config(nested)] quiet: QuietHours,
        /// The server.
        #[config(nested)] smtp: Smtp,
        /// How fast.
        #[config(nested)] pace: MailPace,
        /// When it stops by itself.
        #[config(nested)] breaker: MailBreaker,
    }
}
section! {
    /// `[mail.pace]`
    MailPace {
        /// Mails a minute to one destination domain; 0 for no limit.
        per_minute: u32,
        /// Mails under way at once to one destination domain; 0 for no limit.
        at_once: u32,
        /// Destinations with limits of their own; read them through [`MailPace::of`].
        destinations: Vec<String>,
        /// Mails a destination gets on its first day, its second, and so on.
        warm_up: Vec<u32>,
    }
}
section! {
    /// `[mail.breaker]`
    MailBreaker {
        /// How long results are looked at together, in minutes.
        window_min: u32,
        /// Mails that a destination must have refused or put off before it rests ...
        destination_least: u32,
        /// ... and their share of all, in percent.
        destination_percent: u32,
        /// Its first rest, in minutes; each further one is twice as long.
        rest_min: u32,
        /// Mails of a campaign that must have been refused before it stops ...
        campaign_least: u32,
        /// ... and their share, in percent.
        campaign_percent: u32,
    }
}
section! {
    /// `[mail.smtp]`
    Smtp {
        /// The server's name.
        host: String,
        /// Its port.
        port: u16,
        /// How the connection is protected.
        tls: TlsMode,
        /// Empty: no sign-in.
        username: String,
        /// The password, also when it came from `password_file`.
        password: SecretText,
        /// A file that holds it.
        password_file: PathBuf,
        /// PEM certificates to trust besides the system's; empty: none.
        ca_file: PathBuf,
        /// Connections at once.
        connections: u32,
        /// Mails on one connection.
        messages_per_connection: u32,
        /// The EHLO name; see [`Config::hello_name`].
        hello_name: String,
        /// The wait for a connection and each answer but the last, in seconds.
        timeout_s: u32,
        /// The wait for the answer after a message's end, in seconds.
        data_timeout_s: u32,
    }
}
section! {
    /// `[campaign]`
    Campaign {
        /// How late a wave may open, in seconds.
        wave_grace_s: u32,
        /// Accounts in one transaction of an opening wave.
        chunk_size: u32,
        /// Tasks a member is given in seven days; 0 for no limit.
        weekly_cap_default: u32,
        /// How long "Done" may be taken back, in hours.
        undo_window_h: u32,
        /// A "Done" this soon after hand-over is suspected automation, in seconds; 0 for never.
        suspected_automation_s: u32,
        /// When the reminder goes out, in percent of the time given; 0 for never.
        remind_after_percent: u8,
        /// Actions that are switched off.
        disabled_actions: Vec<Action>,
        /// How long a wave waits for another wave's post, in hours.
        cascade_wait_h: u32,
    }
}
section! {
    /// `[consent]`
    Consent {
        /// The version of `participate_text`.
        participate_version: String,
        /// The version of `operate_text`.
        operate_version: String,
        /// What employees and outside KOLs agree to.
        #[config(nested)] participate_text: ConsentText,
        /// What operators confirm.
        #[config(nested)] operate_text: ConsentText,
    }
}
section! {
    /// A consent's text in each language.
    ConsentText {
        /// Indonesian.
        id: String,
        /// English.
        en: String,
    }
}
section! {
    /// `[disclosure]`
    Disclosure {
        /// How long a disclosure lasts, in months.
        valid_months: u32,
    }
}
section! {
    /// `[session]`
    Session {
        /// The longest pause between two requests, in minutes.
        idle_min: u32,
        /// The longest session, in hours.
        absolute_h: u32,
    }
}
section! {
    /// `[api]`
    Api {
        /// How long a token lasts, in minutes.
        token_ttl_min: u32,
    }
}
section! {
    /// `[privacy]`
    Privacy {
        /// Figures about fewer people are withheld.
        small_group: u32,
        /// For how many days copies of the database are kept elsewhere; a person who is erased is told so.
        backup_days: u32,
    }
}
section! {
    /// `[log]`
    Log {
        /// For whom.
        format: LogFormat,
        /// What, as an `EnvFilter`.
        filter: String,
    }
}
