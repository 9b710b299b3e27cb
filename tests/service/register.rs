//! The public register names whom it must, and nobody else.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::account::AccountState;
use gaung::domain::kind::{AccountKind, Layer};
use gaung::domain::member::MemberState;
use gaung::domain::platform::Platform;
use gaung::service::register::{Answer, Ask, PublicAccount, PublicCampaign, Standing, account, campaign, news};
use gaung::service::{PageRequest, ServiceError};
use gaung::store::schema::{accounts, members};

use crate::support::campaigns::{crowd, now, opened, publish_wave, released};
use crate::support::database::Engine;
use crate::support::world::World;

/// The accounts that the register names, all on one page.
async fn listed(world: &World) -> Vec<PublicAccount> {
    account::list(world.app(), Ask::default(), PageRequest::first(200)).await.unwrap().items
}

async fn ran(world: &World) -> Vec<PublicCampaign> {
    campaign::list(world.app(), PageRequest::first(200)).await.unwrap().items
}

async fn it_names_disclosed_accounts_of_layers_0_to_2_and_counts_employees(engine: Engine) {
    let world = World::new(engine);
    let read = listed(&world).await;
    let all = world.north.accounts.iter().chain(&world.south.accounts);
    let open = all.filter(|(kind, ..)| kind.layer() != Layer::Advocacy).count();
    assert_eq!(read.len(), open);
    assert!(read.iter().all(|a| a.kind != AccountKind::Advocate && !a.statement.is_empty() && !a.unit.is_empty()));
    assert_eq!(account::around(world.app()).await.unwrap().1, None, "two employees are too few to tell");
    crowd(&world, world.north.unit, "r", AccountKind::Advocate, 6);
    assert_eq!(account::around(world.app()).await.unwrap().1, Some(8));
    gaung::service::register::count(world.app()).await.unwrap();
    crowd(&world, world.north.unit, "s", AccountKind::Advocate, 3);
    assert_eq!(account::around(world.app()).await.unwrap().1, Some(8), "as it was counted, whoever came since");
    gaung::service::register::count(world.app()).await.unwrap();
    assert_eq!(account::advocates(world.app()).await.unwrap(), Some(8), "not counted again so soon");
    world.test.advance(TimeDelta::minutes(6));
    gaung::service::register::count(world.app()).await.unwrap();
    assert_eq!(account::advocates(world.app()).await.unwrap(), Some(11));
    world.test.advance(TimeDelta::days(400));
    gaung::service::register::count(world.app()).await.unwrap();
    let later = (listed(&world).await, account::around(world.app()).await.unwrap());
    assert_eq!(later, (Vec::new(), (Vec::new(), None)), "a disclosure lapses, and with it the account's place here");
}

async fn pages_meet_and_filters_cut(engine: Engine) {
    let world = World::new(engine);
    world.account(world.north.member(AccountKind::Official), AccountKind::Official, Platform::Instagram, "a_b_c");
    let whole = listed(&world).await;
    let (mut pieces, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let read = account::list(world.app(), Ask::default(), page).await.unwrap();
        pieces.extend(read.items);
        match read.next {
            Some(next) => page = PageRequest::first(2).after(next),
            None => break,
        }
    }
    assert_eq!(pieces, whole);
    assert!(whole.windows(2).all(|pair| pair[0].layer <= pair[1].layer));
    let app = world.app();
    let of = |ask| async move { account::list(app, ask, PageRequest::default()).await.unwrap().items };
    let instagram = of(Ask { platform: Some(Platform::Instagram), unit_id: None }).await;
    assert_eq!(instagram.iter().map(|a| a.handle.as_str()).collect::<Vec<_>>(), ["@a_b_c"]);
    let north = of(Ask { platform: None, unit_id: Some(world.north.unit) }).await;
    assert!(!north.is_empty() && north.iter().all(|a| a.unit == "Unit UTR"));
    let refused = account::list(world.app(), Ask::default(), PageRequest::default().after("x")).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(_))));
}

async fn check(world: &World, q: &str) -> Answer {
    account::check(world.app(), q).await.unwrap()
}

async fn it_answers_who_is_affiliated_and_keeps_employees_apart(engine: Engine) {
    let world = World::new(engine);
    let official = world.account_row(world.north.account(AccountKind::Official));
    for q in [
        format!("@{}", official.handle),
        format!("https://x.com/{}", official.handle.to_uppercase()),
        format!("x.com/{}/status/1851234567890123456", official.handle),
    ] {
        let answer = check(&world, &q).await;
        assert_eq!(answer.listed.iter().map(|a| a.id).collect::<Vec<_>>(), [official.id], "{q}");
    }
    let stranger = check(&world, "@tidakdikenal").await;
    let employee = world.account_row(world.north.account(AccountKind::Advocate));
    let silent = check(&world, &employee.handle).await;
    assert!(
        silent.listed.is_empty() && silent.former.is_empty() && stranger.listed.is_empty(),
        "an employee looks like a stranger"
    );
    assert!(matches!(account::get(world.app(), employee.id).await, Err(ServiceError::NotFound(_))));
    let choose = |chosen: bool| {
        world.change(|tx| {
            Ok(diesel::update(accounts::table.find(employee.id)).set(accounts::public_name.eq(chosen)).execute(tx.conn)?)
        })
    };
    choose(true);
    let named = check(&world, &employee.handle).await;
    assert_eq!(named.listed.len(), 1);
    assert_eq!(named.listed[0].name, format!("@{}", employee.handle), "called by the handle, never by a name");
    let set = |state: MemberState| {
        world.change(|tx| {
            Ok(diesel::update(members::table.find(employee.member_id)).set(members::state.eq(state)).execute(tx.conn)?)
        })
    };
    set(MemberState::Paused);
    assert_eq!(check(&world, &employee.handle).await, named, "a pause does not show");
    set(MemberState::Left);
    assert!(check(&world, &employee.handle).await.listed.is_empty());
    let faults = account::check(world.app(), "https://t.co/x").await;
    assert!(matches!(faults, Err(ServiceError::Invalid(_))));
}

async fn an_account_out_of_force_is_said_to_be(engine: Engine) {
    let world = World::new(engine);
    let official = world.account_row(world.north.account(AccountKind::Official));
    assert!(matches!(account::get(world.app(), official.id).await.unwrap(), Standing::Listed(_)));
    world.change(|tx| {
        Ok(diesel::update(accounts::table.find(official.id)).set(accounts::state.eq(AccountState::Suspended)).execute(tx.conn)?)
    });
    assert!(
        matches!(account::get(world.app(), official.id).await.unwrap(), Standing::Former(former) if former.id == official.id)
    );
    let answer = check(&world, &official.handle).await;
    assert_eq!((answer.listed.len(), answer.former.len()), (0, 1));
    assert!(listed(&world).await.iter().all(|a| a.id != official.id));
}

async fn it_tells_campaigns_that_ran_and_withholds_small_figures(engine: Engine) {
    let world = World::new(engine);
    released(&world, vec![publish_wave(now(&world) + TimeDelta::hours(5))]).await;
    assert!(ran(&world).await.is_empty(), "what has not opened a wave has not run");
    let (few, many) = (opened(&world, "few", 3).await, opened(&world, "many", 7).await);
    let read = ran(&world).await;
    let of = |id| read.iter().find(|c| c.id == id).unwrap();
    for c in [of(few.campaign_id), of(many.campaign_id)] {
        assert!(!c.message.is_empty() && !c.sponsor.is_empty() && !c.paid);
        let (same, _) = campaign::get(world.app(), c.slug.clone()).await.unwrap();
        assert_eq!(&same, c);
    }
    assert_eq!(of(few.campaign_id).layers.iter().map(|l| l.figures).collect::<Vec<_>>(), [None]);
    assert_eq!(of(many.campaign_id).layers.iter().map(|l| l.figures).collect::<Vec<_>>(), [Some((7, 0))]);
    let first = campaign::list(world.app(), PageRequest::first(1)).await.unwrap();
    let second = campaign::list(world.app(), PageRequest::first(1).after(first.next.unwrap())).await.unwrap();
    assert_eq!([first.items, second.items].concat(), read);
    let news = news::latest(world.app()).await.unwrap();
    assert!(news.windows(2).all(|pair| pair[0].at() >= pair[1].at()), "latest first");
    assert!(news.iter().any(|piece| matches!(piece, news::News::Campaign(c) if c.id == few.campaign_id)));
    assert!(matches!(campaign::get(world.app(), "no-such".into()).await, Err(ServiceError::NotFound(_))));
}

async fn who_is_paid_is_told(engine: Engine) {
    let world = World::new(engine);
    let opened = opened(&world, "paid", 5).await;
    world.change(|tx| {
        let mut row = gaung::store::campaign::get(tx.conn, opened.campaign_id)?;
        row.content.0.paid = true;
        gaung::store::campaign::save(tx, &mut row)
    });
    assert!(ran(&world).await[0].paid);
}

on_both!(
    it_names_disclosed_accounts_of_layers_0_to_2_and_counts_employees,
    pages_meet_and_filters_cut,
    it_answers_who_is_affiliated_and_keeps_employees_apart,
    an_account_out_of_force_is_said_to_be,
    it_tells_campaigns_that_ran_and_withholds_small_figures,
    who_is_paid_is_told,
);
