//! Whom a wave asks: each part of the rule, each reason not to ask in its order, and the same on both databases.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use gaung::domain::account::AccountState;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::audience::Audience;
use gaung::domain::id::{AccountId, AssignmentId, CampaignId, MemberId, UnitId, WaveId};
use gaung::domain::kind::{AccountKind, ConsentKind, Layer};
use gaung::domain::member::MemberState;
use gaung::domain::platform::Platform;
use gaung::store::account::AccountRow;
use gaung::store::audience::{self, Scope, with_ranked};
use gaung::store::member::MemberRow;
use gaung::store::schema::{assignments, suppressions};
use gaung::store::sql_text::SqlText;
use gaung::store::types::At;
use gaung::store::types::sql::Uid;
use gaung::store::{StoreError, account, member};

use crate::support::campaigns::{now, opinion_wave, released, tasks};
use crate::support::database::Engine;
use crate::support::world::World;

#[derive(QueryableByName)]
struct Ranked {
    #[diesel(sql_type = Uid)]
    account_id: AccountId,
    #[diesel(sql_type = Nullable<Text>)]
    skip: Option<String>,
}

const BOTH: &[Platform] = &[Platform::X, Platform::Instagram];

/// Asking layer 1 on X and Instagram in the whole institution, now, without a cap.
fn scope<'a>(world: &World, rule: &'a Audience) -> Scope<'a> {
    Scope {
        campaign_id: CampaignId::new(),
        campaign_unit: world.root,
        wave_id: WaveId::new(),
        layer: Layer::Opinion,
        platforms: BOTH,
        rule,
        participate_version: "1",
        operate_version: "1",
        weekly_cap: None,
        now: now(world),
        members: (None, None),
    }
}

/// Every account that the rule names, with the reason why it is not asked.
fn named(world: &World, scope: &Scope<'_>) -> BTreeMap<AccountId, Option<String>> {
    let mut sql = SqlText::new();
    with_ranked(&mut sql, scope);
    sql.push("SELECT account_id, skip FROM ranked");
    let rows: Vec<Ranked> =
        world.app().db.read_blocking(|conn| Ok::<_, StoreError>(sql.query().load(conn)?)).expect("the audience");
    let count = rows.len();
    let named: BTreeMap<_, _> = rows.into_iter().map(|row| (row.account_id, row.skip)).collect();
    assert_eq!(named.len(), count, "an account is named once");
    named
}

/// Those who are asked, sorted.
fn asked(world: &World, scope: &Scope<'_>) -> Vec<AccountId> {
    named(world, scope).into_iter().filter(|(_, skip)| skip.is_none()).map(|(id, _)| id).collect()
}

fn skip(world: &World, scope: &Scope<'_>, id: AccountId) -> Option<String> {
    named(world, scope).remove(&id).expect("the account is named by the rule")
}

fn change_account(world: &World, id: AccountId, f: impl FnOnce(&mut AccountRow)) {
    let mut row = world.account_row(id);
    f(&mut row);
    world.change(|tx| account::save(tx, &row));
}

fn change_member(world: &World, id: MemberId, f: impl FnOnce(&mut MemberRow)) {
    let mut row = world.member_row(id);
    f(&mut row);
    world.change(|tx| member::save(tx, &row));
}

fn suppress(world: &World, email_norm: &str, scope: &str) {
    world.change(|tx| {
        Ok(diesel::insert_into(suppressions::table)
            .values((
                suppressions::id.eq(AssignmentId::new()),
                suppressions::email_norm.eq(email_norm),
                suppressions::scope.eq(scope),
                suppressions::reason.eq("requested"),
                suppressions::created_at.eq(At(tx.now)),
            ))
            .execute(tx.conn)?)
    });
}

async fn each_part_of_the_rule_narrows_the_audience(engine: Engine) {
    let world = World::new(engine);
    let (north, south) = (&world.north, &world.south);
    let account = |unit: UnitId, no: &str, kind, platform| world.account(world.member(unit, no), kind, platform, no);
    let below = account(north.office, "below", AccountKind::KolInternal, Platform::X);
    let gram = account(north.unit, "gram", AccountKind::KolExternal, Platform::Instagram);
    let far = account(south.office, "far", AccountKind::KolInternal, Platform::Instagram);
    let top = account(world.root, "top", AccountKind::KolExternal, Platform::X);
    change_account(&world, below, |row| row.followers = 10);
    change_account(&world, gram, |row| (row.followers, row.language) = (5_000, "en".into()));
    change_account(&world, far, |row| row.language = "jv".into());
    world.change(|tx| {
        account::set_topics(tx, below, &["pajak".into()])?;
        account::set_topics(tx, gram, &["bea".into(), "cukai".into(), "pajak".into()])
    });
    let (ni, ne) = (north.account(AccountKind::KolInternal), north.account(AccountKind::KolExternal));
    let (si, se) = (south.account(AccountKind::KolInternal), south.account(AccountKind::KolExternal));
    let everyone = vec![below, gram, far, top, ni, ne, si, se];

    let any = Audience::default();
    let rule = |f: fn(&mut Audience)| {
        let mut rule = Audience::default();
        f(&mut rule);
        rule
    };
    let units = |units: &[UnitId], exclude: &[UnitId]| Audience {
        units: units.to_vec(),
        exclude_units: exclude.to_vec(),
        ..Audience::default()
    };
    let cases: Vec<(&str, Audience, Vec<AccountId>)> = vec![
        ("no restriction", any.clone(), everyone.clone()),
        ("a subtree", units(&[north.unit], &[]), vec![below, gram, ni, ne]),
        ("a leaf", units(&[north.office], &[]), vec![below]),
        ("two subtrees", units(&[north.office, south.unit], &[]), vec![below, far, si, se]),
        ("without a subtree", units(&[], &[north.unit]), vec![far, top, si, se]),
        ("without a part of what is in", units(&[north.unit], &[north.office]), vec![gram, ni, ne]),
        ("out wins over in", units(&[north.office], &[north.unit]), vec![]),
        ("a kind", rule(|r| r.kinds = vec![AccountKind::KolExternal]), vec![gram, top, ne, se]),
        ("both kinds", rule(|r| r.kinds = vec![AccountKind::KolExternal, AccountKind::KolInternal]), everyone.clone()),
        ("a kind of another layer", rule(|r| r.kinds = vec![AccountKind::Advocate]), vec![]),
        ("a language", rule(|r| r.languages = vec!["en".into()]), vec![gram]),
        ("two languages", rule(|r| r.languages = vec!["en".into(), "jv".into()]), vec![gram, far]),
        ("a topic", rule(|r| r.topics = vec!["pajak".into()]), vec![below, gram]),
        ("one of two topics", rule(|r| r.topics = vec!["bea".into(), "cukai".into()]), vec![gram]),
        ("an unknown topic", rule(|r| r.topics = vec!["zakat".into()]), vec![]),
        ("followers, the least included", rule(|r| r.min_followers = Some(1_000)), vec![gram, far, top, ni, ne, si, se]),
        ("more followers", rule(|r| r.min_followers = Some(1_001)), vec![gram]),
        ("without two by name", Audience { exclude_accounts: vec![gram, top], ..any.clone() }, vec![below, far, ni, ne, si, se]),
        (
            "several at once",
            Audience { kinds: vec![AccountKind::KolInternal], ..units(&[north.unit, south.unit], &[south.office]) },
            vec![below, ni, si],
        ),
    ];
    for (what, rule, mut expected) in cases {
        expected.sort();
        assert_eq!(asked(&world, &scope(&world, &rule)), expected, "{what}");
    }

    let sorted = |mut ids: Vec<AccountId>| {
        ids.sort();
        ids
    };
    let base = scope(&world, &any);
    let on = |platforms: &'static [Platform]| asked(&world, &Scope { platforms, ..base.clone() });
    assert_eq!(on(&[Platform::Instagram]), sorted(vec![gram, far]));
    assert_eq!(on(&[Platform::Facebook]), vec![]);
    assert_eq!(on(&[]), vec![]);
    let main = Scope { layer: Layer::Main, ..base.clone() };
    let official = [north.account(AccountKind::Official), south.account(AccountKind::Official)];
    assert_eq!(asked(&world, &main), sorted(official.to_vec()));

    // The campaign's own subtree bounds every rule, whatever it names.
    for (rule, expected) in [
        (any.clone(), vec![below, gram, ni, ne]),
        (units(&[world.root], &[]), vec![below, gram, ni, ne]),
        (units(&[south.unit], &[]), vec![]),
        (units(&[south.unit, north.office], &[]), vec![below]),
    ] {
        let inside = Scope { campaign_unit: north.unit, ..scope(&world, &rule) };
        assert_eq!(named(&world, &inside).into_keys().collect::<Vec<_>>(), sorted(expected), "{rule:?}");
    }

    // A chunk: after one member, up to another.
    let mut people: Vec<(MemberId, AccountId)> = everyone.iter().map(|id| (world.account_row(*id).member_id, *id)).collect();
    people.sort();
    let chunk = Scope { members: (Some(people[1].0), Some(people[4].0)), ..base.clone() };
    assert_eq!(asked(&world, &chunk), sorted(people[2..=4].iter().map(|(_, id)| *id).collect()));
}

async fn reasons_not_to_ask_come_in_their_order(engine: Engine) {
    let world = World::new(engine);
    let (id, person) = (world.north.account(AccountKind::KolExternal), world.north.member(AccountKind::KolExternal));
    let at = now(&world);
    let rule = Audience::default();
    let capped = Scope { weekly_cap: Some(1), ..scope(&world, &rule) };
    let campaign = released(&world, vec![opinion_wave(at + TimeDelta::hours(1))]).await;
    give_task(&world, campaign, person, id, (at, AssignmentState::Done));

    let reason = |expected: &str| assert_eq!(skip(&world, &capped, id).as_deref(), Some(expected));
    change_account(&world, id, |row| (row.state, row.disclosed_until) = (AccountState::Suspended, None));
    change_member(&world, person, |row| (row.state, row.participate_version) = (MemberState::Paused, None));
    suppress(&world, &world.member_row(person).email_norm, "tasks");
    reason("account_not_active");
    change_account(&world, id, |row| row.state = AccountState::Retired);
    reason("account_not_active");
    change_account(&world, id, |row| row.state = AccountState::Active);
    reason("undisclosed");
    change_account(&world, id, |row| row.disclosed_until = Some(At(at)));
    reason("undisclosed");
    change_account(&world, id, |row| row.disclosed_until = Some(At(at + TimeDelta::microseconds(1))));
    reason("member_not_active");
    change_member(&world, person, |row| row.state = MemberState::Left);
    reason("member_not_active");
    change_member(&world, person, |row| row.state = MemberState::Active);
    reason("no_consent");
    // The operator's confirmation, which this person gave, is another thing; so is an older text.
    assert!(world.member_row(person).consented(ConsentKind::Operate).is_some());
    change_member(&world, person, |row| row.participate_version = Some("0".into()));
    reason("no_consent");
    change_member(&world, person, |row| row.participate_version = Some("1".into()));
    reason("suppressed_address");
    world.change(|tx| Ok(diesel::delete(suppressions::table).execute(tx.conn)?));
    suppress(&world, &world.member_row(person).email_norm, "all");
    reason("suppressed_address");
    world.change(|tx| Ok(diesel::delete(suppressions::table).execute(tx.conn)?));
    reason("weekly_cap");
    let uncapped = scope(&world, &rule);
    assert_eq!(skip(&world, &uncapped, id), None);
    let larger = world.account(person, AccountKind::KolExternal, Platform::Instagram, "larger");
    change_account(&world, larger, |row| row.followers = 9_999);
    assert_eq!(skip(&world, &uncapped, id).as_deref(), Some("asked_once"));
    assert_eq!(skip(&world, &uncapped, larger), None);

    // An operator's account needs the operator's confirmation, not the other.
    let inside = (world.north.account(AccountKind::KolInternal), world.north.member(AccountKind::KolInternal));
    change_member(&world, inside.1, |row| row.participate_version = None);
    assert_eq!(skip(&world, &uncapped, inside.0), None);
    change_member(&world, inside.1, |row| row.operate_version = Some("0".into()));
    assert_eq!(skip(&world, &uncapped, inside.0).as_deref(), Some("no_consent"));
}

/// Gives a person a task in the campaign's first wave, as if it had been planned at an instant and stood so.
fn give_task(
    world: &World,
    campaign_id: gaung::domain::id::CampaignId,
    member_id: MemberId,
    account_id: AccountId,
    (planned_at, state): (chrono::DateTime<chrono::Utc>, AssignmentState),
) {
    let wave = crate::support::campaigns::planned(world.app(), campaign_id).remove(0).id;
    let task = tasks(world.app(), wave).remove(0).id;
    world.change(|tx| {
        Ok(diesel::insert_into(assignments::table)
            .values((
                assignments::id.eq(AssignmentId::new()),
                assignments::task_id.eq(task),
                assignments::wave_id.eq(wave),
                assignments::campaign_id.eq(campaign_id),
                assignments::account_id.eq(account_id),
                assignments::member_id.eq(member_id),
                assignments::unit_id.eq(world.north.unit),
                assignments::state.eq(state),
                assignments::planned_at.eq(At(planned_at)),
                assignments::expires_at.eq(At(planned_at + TimeDelta::days(1))),
                assignments::link_version.eq(1),
                assignments::variant_no.eq(1),
            ))
            .execute(tx.conn)?)
    });
}

async fn the_weekly_cap_counts_a_persons_tasks_over_all_campaigns(engine: Engine) {
    let world = World::new(engine);
    let (id, person) = (world.north.account(AccountKind::KolInternal), world.north.member(AccountKind::KolInternal));
    let at = now(&world);
    let mut campaigns = Vec::new();
    for _ in 0..5 {
        campaigns.push(released(&world, vec![opinion_wave(at + TimeDelta::hours(1))]).await);
    }
    let wave_of = |i: usize| crate::support::campaigns::planned(world.app(), campaigns[i]).remove(0).id;
    let give = |i: usize, ago: TimeDelta, state| give_task(&world, campaigns[i], person, id, (at - ago, state));
    give(0, TimeDelta::zero(), AssignmentState::Notified);
    give(1, TimeDelta::days(7) - TimeDelta::microseconds(1), AssignmentState::Declined);
    // Neither what is a full week old nor what was taken back counts.
    give(2, TimeDelta::days(7), AssignmentState::Done);
    give(3, TimeDelta::hours(1), AssignmentState::Withdrawn);

    let rule = |weekly_cap| Audience { weekly_cap, ..Audience::default() };
    let (own, two, three) = (rule(None), rule(Some(2)), rule(Some(3)));
    let with = |rule, weekly_cap, wave_id| skip(&world, &Scope { weekly_cap, wave_id, ..scope(&world, rule) }, id);
    let capped = Some("weekly_cap".to_owned());
    let other = wave_of(4);
    assert_eq!(with(&own, None, other), None, "no cap at all");
    assert_eq!(with(&own, Some(2), other), capped, "the organisation's cap");
    assert_eq!(with(&own, Some(3), other), None);
    assert_eq!(with(&two, Some(3), other), capped, "the rule's own cap is tighter");
    assert_eq!(with(&three, Some(2), other), None, "the rule's own cap is wider");
    assert_eq!(with(&own, Some(2), wave_of(0)), None, "a wave does not count its own assignments");
    assert_eq!(with(&own, Some(1), wave_of(0)), capped);
    let stranger = world.south.account(AccountKind::KolInternal);
    assert_eq!(skip(&world, &Scope { weekly_cap: Some(1), ..scope(&world, &own) }, stranger), None, "a cap is a person's own");
}

async fn a_person_is_asked_once_and_an_institutions_account_each(engine: Engine) {
    let world = World::new(engine);
    let person = world.member(world.north.office, "P1");
    let x = world.account(person, AccountKind::KolInternal, Platform::X, "p1_x");
    let gram = world.account(person, AccountKind::KolInternal, Platform::Instagram, "p1_gram");
    let rule = Audience { units: vec![world.north.office], ..Audience::default() };
    let base = scope(&world, &rule);
    let once = Some("asked_once".to_owned());
    // Equal followers: the platform's name decides, so that the choice can be repeated.
    assert_eq!(named(&world, &base), BTreeMap::from([(x, once.clone()), (gram, None)]));
    change_account(&world, x, |row| row.followers = 1_001);
    assert_eq!(named(&world, &base), BTreeMap::from([(x, None), (gram, once.clone())]));
    // An account that can't be asked does not take the place of one that can.
    change_account(&world, x, |row| row.disclosed_until = None);
    assert_eq!(named(&world, &base), BTreeMap::from([(x, Some("undisclosed".into())), (gram, None)]));
    // Only platforms with a task count.
    change_account(&world, x, |row| row.disclosed_until = Some(At(now(&world) + TimeDelta::days(1))));
    assert_eq!(named(&world, &Scope { platforms: &[Platform::Instagram], ..base.clone() }), BTreeMap::from([(gram, None)]));
    // Both kinds of one person are still one person.
    change_account(&world, gram, |row| row.kind = AccountKind::KolExternal);
    assert_eq!(named(&world, &base), BTreeMap::from([(x, None), (gram, once)]));

    let operator = world.member(world.north.office, "OP1");
    let run: Vec<AccountId> = [
        (AccountKind::Interactive, Platform::X, "tanya"),
        (AccountKind::WhiteLabel, Platform::X, "merek"),
        (AccountKind::Interactive, Platform::Instagram, "tanya_gram"),
    ]
    .map(|(kind, platform, handle)| world.account(operator, kind, platform, handle))
    .into();
    let conversation = Scope { layer: Layer::Conversation, ..base };
    assert_eq!(named(&world, &conversation), run.into_iter().map(|id| (id, None)).collect());
}

async fn a_sample_takes_those_asked_least_often_and_can_be_repeated(engine: Engine) {
    let world = World::new(engine);
    let people: Vec<(MemberId, AccountId)> = ["S3", "S1", "S2", "S5", "S4"]
        .map(|no| {
            let person = world.member(world.north.office, no);
            (person, world.account(person, AccountKind::KolInternal, Platform::X, no))
        })
        .into();
    let at = now(&world);
    let campaign = released(&world, vec![opinion_wave(at + TimeDelta::hours(1))]).await;
    // S1 was asked before, even if it was long ago; S5 can't be asked at all.
    give_task(&world, campaign, people[1].0, people[1].1, (at - TimeDelta::days(300), AssignmentState::Expired));
    change_account(&world, people[3].1, |row| row.disclosed_until = None);
    let drawn = |n: u32| {
        let rule = Audience { units: vec![world.north.office], sample: Some(n), ..Audience::default() };
        let (mut asked, mut out) = (0, 0);
        let groups = world.app().db.read_blocking(|conn| audience::groups(conn, &scope(&world, &rule))).unwrap();
        for group in groups {
            match group.skip.as_deref() {
                None => asked += group.n,
                Some("not_sampled") => out += group.n,
                Some(other) => assert_eq!((other, group.n), ("undisclosed", 1)),
            }
        }
        (asked, out)
    };
    assert_eq!((drawn(1), drawn(3), drawn(4), drawn(9)), ((1, 3), (3, 1), (4, 0), (4, 0)));

    // The opening draws the same as the preview: by number of tasks so far, then by employee number.
    let mut plan = opinion_wave(at + TimeDelta::minutes(1));
    plan.audience = Audience { units: vec![world.north.office], sample: Some(3), ..plan.audience };
    let campaign = released(&world, vec![plan]).await;
    let wave = crate::support::campaigns::planned(world.app(), campaign).remove(0).id;
    world.test.advance(TimeDelta::minutes(2));
    gaung::service::dispatch::open_due_waves(world.app()).await.unwrap();
    gaung::service::dispatch::fill_opening_waves(world.app()).await.unwrap();
    let chosen: std::collections::BTreeSet<AccountId> =
        crate::support::campaigns::assigned(world.app(), wave).into_iter().map(|a| a.account_id).collect();
    assert_eq!(chosen, [people[0].1, people[2].1, people[4].1].into());
}

on_both!(
    each_part_of_the_rule_narrows_the_audience,
    reasons_not_to_ask_come_in_their_order,
    the_weekly_cap_counts_a_persons_tasks_over_all_campaigns,
    a_person_is_asked_once_and_an_institutions_account_each,
    a_sample_takes_those_asked_least_often_and_can_be_repeated,
);
