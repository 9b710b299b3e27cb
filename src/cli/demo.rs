//! `gaung demo`: a believable institution runs a four-layer campaign for real, with its clock sped up; then it can be looked at.

mod institution;
mod mailbox;
mod place;
mod report;
mod setup;
mod simulate;
mod story;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Context as _;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Asia::Jakarta;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::mailbox::Reader;
use self::setup::Desks;
use self::simulate::Simulation;
use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, serve, start};
use crate::app::App;
use crate::clock::{Clock as _, ManualClock, SystemClock};
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, PostId};
use crate::domain::text_enum::TextEnum as _;
use crate::service::page::PageRequest;
use crate::service::{campaign, post};

/// `gaung demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Runs the campaign, checks the promises, prints the numbers and ends instead of serving
    #[arg(long)]
    once: bool,
    /// Employees, besides the people who run the institution's own accounts
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    members: u32,
    /// The same seed gives the same institution and the same answers
    #[arg(long, value_name = "N", default_value_t = 2026)]
    seed: u64,
    /// Serves on this port afterwards; 0 takes any free one
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// For whom the numbers are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Demo {
    /// Runs the demo; without `--once`, serves it until it is asked to stop.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let began = Instant::now();
        let mut config = place::config(place, self.port)?;
        start::log(&config)?;
        let listener = if self.once { None } else { Some(serve::listen(&config)?) };
        let address =
            listener.as_ref().map(std::net::TcpListener::local_addr).transpose().map_err(|e| Failure::Environment(e.into()))?;
        if let Some(address) = address {
            serve::follow_port(&mut config, address);
        }
        let opening = monday_like_morning(SystemClock.now());
        let clock = ManualClock::at(opening - TimeDelta::hours(2));
        let app = App::build(config.clone(), clock.shared())?;
        place::check_empty(&app)?;
        let (desks, report) =
            start::block_on(async { self.play(&app, &clock, opening, began).await.map_err(Failure::Environment) })?;
        match self.format {
            Format::Json => say_json(&report)?,
            Format::Text => say(&report.text()),
        }
        let outcome = if report.holds() { Outcome::Done } else { Outcome::Faulty };
        let (Some(listener), Some(address)) = (listener, address) else { return Ok(outcome) };
        let member_link = start::block_on(async { open_now(&app, &clock, &desks).await.map_err(Failure::Environment) })?;
        drop(app);
        let app = start::build(config)?;
        invite(&desks, address, member_link.as_deref());
        start::block_on(serve::serve(app, listener, true))
    }

    async fn play(
        &self,
        app: &App,
        clock: &ManualClock,
        opening: DateTime<Utc>,
        began: Instant,
    ) -> anyhow::Result<(Desks, report::Report)> {
        let bar = self.bar();
        bar.set_message("importing units, members and accounts");
        let files = setup::files(self.seed, self.members);
        let desks = setup::found(app, &files).await.context("founding the institution")?;
        bar.set_message("a second person confirms the disclosures");
        setup::confirm_disclosures(app, &desks.approver.caller).await.context("confirming disclosures")?;
        bar.set_message("members confirm through the link in their mail");
        let mut reader = Reader::default();
        // One employee in twenty does not answer; operators and opinion leaders do.
        let agrees = |address: &str| {
            !address.chars().any(|c| c.is_ascii_digit()) || institution::Draw::new(self.seed, address).below(20) > 0
        };
        let root = (&desks.registrar.caller, desks.root);
        setup::collect_consents(app, clock, root, &mut reader, agrees).await.context("collecting consents")?;
        bar.set_message("writing and releasing the campaign");
        let id = release(app, &desks, story::four_layers(opening.with_timezone(&Jakarta).naive_local())).await?;
        let mut simulation = Simulation { app, clock, seed: self.seed, bar: &bar, reader };
        simulation.run(&desks.lead.caller, id).await.context("running the campaign")?;
        bar.set_message("checking the promises");
        let report = report::make(app, began).await?;
        bar.finish_and_clear();
        Ok((desks, report))
    }

    /// Shows what happens, on a terminal only.
    fn bar(&self) -> ProgressBar {
        let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{spinner} {elapsed_precise}  {pos} answers  {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        bar
    }
}

/// Nine in the morning in Jakarta, three days ago: everything that the demo tells is over by now.
fn monday_like_morning(now: DateTime<Utc>) -> DateTime<Utc> {
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default();
    let day = (now - TimeDelta::days(3)).with_timezone(&Jakarta).date_naive();
    crate::domain::zone::resolve_local(day.and_time(nine), Jakarta)
}

/// The lead writes and submits it, the approver releases it.
async fn release(app: &App, desks: &Desks, content: CampaignContent) -> anyhow::Result<CampaignId> {
    let (lead, approver) = (&desks.lead.caller, &desks.approver.caller);
    let draft = campaign::create(app, lead, desks.root, content).await?;
    let submitted = campaign::submit(app, lead, draft.id, draft.version, false).await.map_err(spelt_out)?;
    campaign::release(app, approver, submitted.id, &submitted.content_hash).await.map_err(spelt_out)?;
    Ok(submitted.id)
}

/// Faults with their places: the demo's own campaign should have none.
fn spelt_out(error: crate::service::ServiceError) -> anyhow::Error {
    match error {
        crate::service::ServiceError::Invalid(faults) => anyhow::anyhow!("{faults:?}"),
        other => other.into(),
    }
}

/// Leaves a second campaign open, so that there is something to do; gives one member's task link.
async fn open_now(app: &App, clock: &ManualClock, desks: &Desks) -> anyhow::Result<Option<String>> {
    let now = SystemClock.now();
    clock.set(now - TimeDelta::minutes(3));
    let mut reader = Reader::default();
    while !reader.read(app).await?.is_empty() {}
    let Some(post_id) = first_official_post(app, desks).await? else { return Ok(None) };
    let opens = (now - TimeDelta::minutes(2)).with_timezone(&Jakarta).naive_local();
    release(app, desks, story::open_now(opens, post_id)).await?;
    clock.set(now);
    let bar = ProgressBar::hidden();
    Simulation { app, clock, seed: 0, bar: &bar, reader: Reader::default() }.drain().await?;
    let letters = reader.read(app).await?;
    let base = &app.config.institution.base_url;
    Ok(letters.iter().find_map(|letter| letter.link("/t/")).map(|token| format!("{base}/t/{token}")))
}

async fn first_official_post(app: &App, desks: &Desks) -> anyhow::Result<Option<PostId>> {
    let page = post::list(app, &desks.lead.caller, None, PageRequest::first(200)).await?;
    let official = page.items.into_iter().find(|p| p.platform.as_str() == "x" && p.layer == 0);
    Ok(official.map(|p| p.id))
}

/// Says where to go and as whom.
fn invite(desks: &Desks, address: SocketAddr, member_link: Option<&str>) {
    let url = format!("http://{}", serve::seen_from_here(address));
    say("");
    say(&format!("Gaung is running at {url}"));
    say(&format!("  sign in     {url}/sign-in"));
    for (desk, user) in
        [("lead", &desks.lead), ("approver", &desks.approver), ("auditor", &desks.auditor), ("admin", &desks.registrar)]
    {
        say(&format!("  {desk:<10}  {:<28}  {}", user.email, user.password));
    }
    if let Some(link) = member_link {
        say(&format!("  member      {link}"));
    }
    say(&format!("  mailbox     {url}/mailbox"));
    say("Stop it with Ctrl-C.");
}
