//! The register of posts: by completion and by a lead, the cascade, uniqueness, scope, removal.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::event::EventKind;
use gaung::domain::id::{AccountId, BlockedTargetId, CampaignId, PostId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::service::page::PageRequest;
use gaung::service::post::{self, NewPost};
use gaung::service::{Caller, ServiceError, task};
use gaung::store::neutrality::{self, BlockedTargetRow};
use gaung::store::schema::accounts;
use gaung::store::types::At;

use crate::support::database::Engine;
use crate::support::dump::dump;
use crate::support::stage::{Asking, Stage, code};

const URL: &str = "https://x.com/officialutr/status/1900000000000000001";

fn new(account_id: AccountId, url: &str) -> NewPost {
    NewPost { campaign_id: None, wave_id: None, account_id, url: url.into() }
}

async fn register(stage: &Stage, caller: &Caller, new: NewPost) -> Result<PostId, ServiceError> {
    post::register(stage.world.app(), caller, new).await
}

async fn a_completion_registers_its_post_and_wakes_the_waves_that_wait(engine: Engine) {
    let stage = Stage::new(engine);
    let account = stage.world.north.account(AccountKind::Official);
    let asked = stage.asked(Layer::Main, account, &Asking::of(Action::Publish));
    let waiting = stage.wave(Layer::Opinion, Some(asked.wave_id));
    let elsewhere = stage.wave(Layer::Opinion, Some(waiting));
    let app = stage.world.app();
    task::complete(app, &stage.token(&asked), stage.done(&asked, Some(URL)).await).await.unwrap();
    let opens_at = stage.opens_at(waiting);
    assert_eq!(opens_at, Some(app.clock.now() + TimeDelta::minutes(15)));
    assert_eq!(stage.opens_at(elsewhere), None);
    let page = post::list(app, &stage.world.lead, Some(stage.campaign), PageRequest::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let line = &page.items[0];
    assert_eq!((line.url.as_str(), line.wave_id, line.layer, line.account_id), (URL, Some(asked.wave_id), 0, account));
    assert_eq!(stage.world.entries(EventKind::PostRegistered), 1);
    // The first post decides; a second one moves no wave.
    stage.world.test.advance(TimeDelta::minutes(5));
    let second = NewPost { wave_id: Some(asked.wave_id), ..new(account, "https://x.com/officialutr/status/2") };
    register(&stage, &stage.world.lead, second).await.unwrap();
    assert_eq!(stage.opens_at(waiting), opens_at);
}

async fn a_lead_registers_once_and_a_later_done_finds_it(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let account = world.north.account(AccountKind::Official);
    let id = register(&stage, &world.north_lead, new(account, URL)).await.unwrap();
    for url in [URL, "https://twitter.com/i/status/1900000000000000001"] {
        assert_eq!(register(&stage, &world.lead, new(account, url)).await.unwrap(), id);
    }
    assert_eq!(world.entries(EventKind::PostRegistered), 1);
    // On X any handle may stand before the number: it is the same post, and not this account's.
    let white = world.north.account(AccountKind::WhiteLabel);
    let twin = new(white, "https://x.com/i/status/1900000000000000001");
    assert_eq!(code(register(&stage, &world.lead, twin).await), "url:post.already_registered");
    let other = stage.asked(Layer::Conversation, white, &Asking::of(Action::Rephrase));
    let done = stage.done(&other, Some("https://x.com/i/status/1900000000000000001")).await;
    let before = dump(&world.app().db);
    assert_eq!(code(task::complete(world.app(), &stage.token(&other), done).await), "url:post.already_registered");
    assert_eq!(before, dump(&world.app().db));

    // Its own account's *Done* gives the loose post its wave, and the wave that waits its time.
    let asked = stage.asked(Layer::Main, account, &Asking::of(Action::Publish));
    let waiting = stage.wave(Layer::Opinion, Some(asked.wave_id));
    task::complete(world.app(), &stage.token(&asked), stage.done(&asked, Some(URL)).await).await.unwrap();
    let page = post::list(world.app(), &world.lead, Some(stage.campaign), PageRequest::default()).await.unwrap();
    assert_eq!(page.items.iter().map(|line| (line.id, line.wave_id)).collect::<Vec<_>>(), [(id, Some(asked.wave_id))]);
    assert!(stage.opens_at(waiting).is_some());
}

async fn each_refusal_of_a_registration(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let account = world.north.account(AccountKind::Official);
    let before = dump(&world.app().db);
    for (caller, expected) in [
        (&world.south_lead, "not_found"),
        (&world.coordinator, "forbidden"),
        (&world.auditor, "forbidden"),
        (&world.approver, "forbidden"),
    ] {
        assert_eq!(code(register(&stage, caller, new(account, URL)).await), expected);
    }
    let lead = &world.lead;
    for (url, expected) in [
        ("https://x.com/officialslt/status/3", "url:completion.not_this_account"),
        ("https://x.com/officialutr", "url:post_url.profile"),
        ("https://www.instagram.com/p/Cabc123/", "url:post_url.other_platform"),
    ] {
        assert_eq!(code(register(&stage, lead, new(account, url)).await), expected);
    }
    assert_eq!(code(register(&stage, lead, new(AccountId::new(), URL)).await), "not_found");
    let advocate = new(world.north.account(AccountKind::Advocate), "https://x.com/advocateutr/status/3");
    assert_eq!(code(register(&stage, lead, advocate).await), "post.layer_not_registered");
    let astray = NewPost { campaign_id: Some(CampaignId::new()), ..new(account, URL) };
    assert_eq!(code(register(&stage, lead, astray).await), "not_found");
    // The campaign is the root's: a lead of the north registers for their own unit, not for it.
    let above = NewPost { campaign_id: Some(stage.campaign), ..new(account, URL) };
    assert_eq!(code(register(&stage, &world.north_lead, above).await), "not_found");
    assert_eq!(before, dump(&world.app().db), "a refusal changed the database");

    let wave = stage.wave(Layer::Opinion, None);
    let astray = NewPost { wave_id: Some(wave), ..new(account, URL) };
    assert_eq!(code(register(&stage, lead, astray).await), "post.wave_mismatch");
    world.change(|tx| {
        let row = BlockedTargetRow {
            id: BlockedTargetId::new(),
            platform: Platform::X,
            handle: "officialutr".into(),
            handle_norm: "officialutr".into(),
            label: "Partai".into(),
            added_at: At(tx.now),
        };
        neutrality::insert_blocked(tx, &row)
    });
    assert_eq!(code(register(&stage, lead, new(account, URL)).await), "target.blocked");
    let south = world.south.account(AccountKind::Official);
    world.change(|tx| {
        let row = diesel::update(accounts::table.find(south));
        Ok(row.set(accounts::disclosed_until.eq(At(tx.now))).execute(tx.conn).map(drop)?)
    });
    let hidden = new(south, "https://x.com/officialslt/status/3");
    assert_eq!(code(register(&stage, lead, hidden).await), "account.undisclosed");
}

async fn removing_is_scoped_and_spares_targets(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    let account = world.north.account(AccountKind::Official);
    let id = register(&stage, &world.lead, new(account, URL)).await.unwrap();
    let wave = stage.wave(Layer::Advocacy, None);
    assert_eq!(code(post::remove(app, &world.south_lead, id).await), "not_found");
    assert_eq!(code(post::remove(app, &world.auditor, id).await), "forbidden");
    assert_eq!(code(post::remove(app, &world.lead, PostId::new()).await), "not_found");
    let other = register(&stage, &world.lead, new(account, "https://x.com/officialutr/status/9")).await.unwrap();
    stage.task(wave, &Asking { post: Some(id), ..Asking::of(Action::Like) });
    assert_eq!(code(post::remove(app, &world.lead, id).await), "post.already_target");
    post::remove(app, &world.north_lead, other).await.unwrap();
    assert_eq!(code(post::remove(app, &world.lead, other).await), "post.already_removed");
    assert_eq!(world.entries(EventKind::PostRemoved), 1);
    // Taken off, it can be registered again; and lists are scoped and paged.
    let again = register(&stage, &world.lead, new(account, "https://x.com/officialutr/status/9")).await.unwrap();
    let first = post::list(app, &world.auditor, None, PageRequest::first(1)).await.unwrap();
    assert_eq!(first.items.iter().map(|line| line.id).collect::<Vec<_>>(), [again]);
    let next = post::list(app, &world.auditor, None, PageRequest::first(1).after(first.next.unwrap())).await.unwrap();
    assert_eq!((next.items[0].id, next.items[0].tasks, next.next), (id, 1, None));
    assert!(post::list(app, &world.south_lead, None, PageRequest::default()).await.unwrap().items.is_empty());
}

on_both!(
    a_completion_registers_its_post_and_wakes_the_waves_that_wait,
    a_lead_registers_once_and_a_later_done_finds_it,
    each_refusal_of_a_registration,
    removing_is_scoped_and_spares_targets,
);
