//! What a wave's form offers to choose from: only what its layer may be asked and may point at.

use std::collections::BTreeSet;

use super::wave_form::WaveForm;
use crate::app::App;
use crate::domain::claim::ClaimState;
use crate::domain::content::CampaignContent;
use crate::domain::id::{UnitId, WaveId};
use crate::domain::kind::{AccountKind, Action, Layer};
use crate::domain::platform::Platform;
use crate::domain::target::{TargetClass, may_target};
use crate::domain::text_enum::TextEnum as _;
use crate::domain::zone;
use crate::service::campaign::CampaignView;
use crate::service::page::PageRequest;
use crate::service::unit::{self, Unit};
use crate::service::{claim, post};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::view::View;

/// Something to choose: its word in the form, and what people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The word.
    pub word: String,
    /// What people read.
    pub label: String,
}

/// A choice of these words.
pub fn choice(word: impl ToString, label: impl Into<String>) -> Choice {
    Choice { word: word.to_string(), label: label.into() }
}

/// Everything that a wave's form offers.
pub struct Choices {
    /// The sponsor unit and those below it, in the order of the tree.
    pub units: Vec<Unit>,
    /// Zones.
    pub zones: Vec<Choice>,
    /// Waves that this one may wait for.
    pub sources: Vec<Choice>,
    /// Layers.
    pub layers: Vec<Choice>,
    /// Kinds of account of the layer.
    pub kinds: Vec<Choice>,
    /// What the layer may be asked.
    pub actions: Vec<Choice>,
    /// What the layer may point at.
    pub targets: Vec<Choice>,
    /// Platforms.
    pub platforms: Vec<Choice>,
}

/// Registered posts and claims that the list of targets holds at most.
const TARGETS: u32 = 50;

/// The choices for the `i`-th wave of a campaign, for the layer that its form names.
///
/// # Errors
/// The database's failure.
pub async fn offered(
    (app, signed, v): (&App, &Signed, &View),
    campaign: &CampaignView,
    i: usize,
    form: &WaveForm,
) -> Result<Choices, Failure> {
    let units = below(unit::list(app, &signed.caller).await?, campaign.unit_id);
    let layer = form.layer().unwrap_or(Layer::Main);
    let content = &campaign.content;
    let earlier = || content.waves.iter().take(i);
    Ok(Choices {
        zones: zones(v, app, &units, &form.zone),
        units,
        sources: earlier().map(|wave| choice(wave.id, wave.name.clone())).collect(),
        layers: Layer::ALL.iter().map(|layer| choice(layer, v.word("composer-layer", layer))).collect(),
        kinds: AccountKind::of_layer(layer).map(|kind| choice(kind, v.word("kind", kind))).collect(),
        actions: actions(app, layer).into_iter().map(|action| choice(action, v.word("do", action))).collect(),
        targets: targets((app, signed, v), content, i, layer).await?,
        platforms: Platform::ALL.iter().map(|platform| choice(platform, v.word("platform", platform))).collect(),
    })
}

/// What accounts of a layer may be asked here.
#[must_use]
pub fn actions(app: &App, layer: Layer) -> Vec<Action> {
    let switched_off = &app.config.campaign.disabled_actions;
    let may = |action: &Action| AccountKind::of_layer(layer).any(|kind| kind.may(*action)) && !switched_off.contains(action);
    Action::ALL.iter().copied().filter(may).collect()
}

/// A unit and those below it, out of a list in the order of the tree; depths are counted from that unit.
fn below(units: Vec<Unit>, root: UnitId) -> Vec<Unit> {
    let mut found: Vec<Unit> = Vec::new();
    for unit in units {
        match found.first().map(|first| first.depth) {
            None if unit.id == root => found.push(unit),
            Some(top) if unit.depth > top => found.push(unit),
            Some(_) => break,
            None => {}
        }
    }
    let top = found.first().map_or(0, |first| first.depth);
    found.iter_mut().for_each(|unit| unit.depth -= top);
    found
}

fn zones(v: &View, app: &App, units: &[Unit], chosen: &str) -> Vec<Choice> {
    let mut names: Vec<String> = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"].map(str::to_owned).into();
    let others: BTreeSet<String> =
        units.iter().map(|unit| unit.zone.clone()).chain([app.config.institution.default_zone.name().to_owned()]).collect();
    names.extend(others);
    names.push(chosen.trim().to_owned());
    let mut zones: Vec<Choice> = Vec::new();
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        if zones.iter().any(|zone| zone.word == name) {
            continue;
        }
        let label = zone::parse(&name).map_or_else(|_| name.clone(), |tz| format!("{} · {name}", zone::zone_label(tz, v.now)));
        zones.push(Choice { word: name, label });
    }
    zones
}

/// The earlier waves whose posts a layer may point at.
pub fn source_waves(content: &CampaignContent, i: usize, layer: Layer) -> impl Iterator<Item = (WaveId, &str)> {
    let earlier = content.waves.iter().take(i);
    earlier.filter(move |wave| may_target(layer, TargetClass::Post(wave.layer))).map(|wave| (wave.id, wave.name.as_str()))
}

async fn targets(
    (app, signed, v): (&App, &Signed, &View),
    content: &CampaignContent,
    i: usize,
    layer: Layer,
) -> Result<Vec<Choice>, Failure> {
    let mut targets = Vec::new();
    if may_target(layer, TargetClass::Message) {
        targets.push(choice("message", v.s("composer-target-message")));
    }
    for (id, name) in source_waves(content, i, layer) {
        targets.push(choice(format!("wave:{id}"), v.a("composer-target-wave", "wave", name)));
    }
    let posts = post::list(app, &signed.caller, None, PageRequest::first(TARGETS)).await?.items;
    for post in posts {
        if Layer::from_number(post.layer).is_some_and(|of| may_target(layer, TargetClass::Post(of))) {
            let label = format!("{}: {} · {}", v.word("platform", post.platform), post.account_name, v.when(&post.registered_at));
            targets.push(choice(format!("post:{}", post.id), label));
        }
    }
    if may_target(layer, TargetClass::Claim) {
        let answerable = [ClaimState::Open, ClaimState::Checking, ClaimState::Ready, ClaimState::Answering];
        for claim in claim::list(app, &signed.caller, None, answerable.to_vec(), PageRequest::first(TARGETS)).await?.items {
            let short: String = claim.claim.chars().take(80).collect();
            targets.push(choice(format!("claim:{}", claim.id), v.a("composer-target-claim", "claim", short)));
        }
    }
    Ok(targets)
}
