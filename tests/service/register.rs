//! The public register names whom it must, and nobody else.

use chrono::TimeDelta;
use gaung::domain::kind::{AccountKind, Layer};
use gaung::service::register;

use crate::support::campaigns::{crowd, now, opened, publish_wave, released};
use crate::support::database::Engine;
use crate::support::world::World;

async fn it_names_disclosed_accounts_of_layers_0_to_2_and_counts_employees(engine: Engine) {
    let world = World::new(engine);
    let read = register::read(world.app()).await.unwrap();
    let all = world.north.accounts.iter().chain(&world.south.accounts);
    let open = all.filter(|(kind, ..)| kind.layer() != Layer::Advocacy).count();
    assert_eq!(read.accounts.len(), open);
    assert!(read.accounts.iter().all(|a| a.kind != AccountKind::Advocate && !a.statement.is_empty() && !a.unit.is_empty()));
    assert_eq!(read.advocates, None, "two employees are too few to tell");
    crowd(&world, world.north.unit, "r", AccountKind::Advocate, 6);
    assert_eq!(register::read(world.app()).await.unwrap().advocates, Some(8));
    world.test.advance(TimeDelta::days(400));
    let later = register::read(world.app()).await.unwrap();
    assert_eq!((later.accounts.len(), later.advocates), (0, None), "a disclosure lapses, and with it the account's place here");
}

async fn it_tells_campaigns_that_ran_and_withholds_small_figures(engine: Engine) {
    let world = World::new(engine);
    released(&world, vec![publish_wave(now(&world) + TimeDelta::hours(5))]).await;
    assert!(register::read(world.app()).await.unwrap().campaigns.is_empty(), "what has not opened a wave has not run");
    let (few, many) = (opened(&world, "few", 3).await, opened(&world, "many", 7).await);
    let read = register::read(world.app()).await.unwrap();
    let figures = |id| {
        let campaign = read.campaigns.iter().find(|c| c.id == id).unwrap();
        assert!(!campaign.message.is_empty() && !campaign.sponsor.is_empty() && !campaign.paid);
        campaign.layers.iter().map(|l| l.figures).collect::<Vec<_>>()
    };
    assert_eq!(figures(few.campaign_id), [None]);
    assert_eq!(figures(many.campaign_id), [Some((7, 0))]);
}

on_both!(
    it_names_disclosed_accounts_of_layers_0_to_2_and_counts_employees,
    it_tells_campaigns_that_ran_and_withholds_small_figures,
);
