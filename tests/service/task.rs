//! A member's page and *Done*: what it shows, that looking changes nothing, one completion whoever presses how often, each refusal.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use gaung::auth::task_token::Purpose;
use gaung::domain::assignment::{AssignmentState, EvidenceLevel};
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::id::BlockedTargetId;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::platform::Platform;
use gaung::service::post::{self, NewPost};
use gaung::service::task::{self, Done, TargetView};
use gaung::store::neutrality::{self, BlockedTargetRow};
use gaung::store::schema::assignments;
use gaung::store::types::At;

use diesel::prelude::*;

use crate::support::campaign as campaigns;
use crate::support::database::Engine;
use crate::support::dump::dump;
use crate::support::stage::{Asked, Asking, Stage, code};

const URL: &str = "https://x.com/advocateutr/status/1900000000000000001";

fn advocate(stage: &Stage, asking: &Asking) -> Asked {
    stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), asking)
}

/// A registered post of the north's official account.
async fn official_post(stage: &Stage) -> gaung::domain::id::PostId {
    let account_id = stage.world.north.account(AccountKind::Official);
    let url = "https://x.com/officialutr/status/1800000000000000001".into();
    post::register(stage.world.app(), &stage.world.lead, NewPost { campaign_id: None, wave_id: None, account_id, url })
        .await
        .unwrap()
}

async fn looking_says_everything_and_changes_nothing(engine: Engine) {
    let stage = Stage::new(engine);
    let post = official_post(&stage).await;
    let texts = vec![(Locale::Id, "satu"), (Locale::En, "one"), (Locale::Id, "dua")];
    let wave = stage.wave(Layer::Advocacy, None);
    let task = stage.task(wave, &Asking { post: Some(post), texts, own_words: true, ..Asking::of(Action::Comment) });
    let asked = stage.ask(wave, task, stage.world.north.account(AccountKind::Advocate));
    let neighbour = stage.ask(wave, task, stage.world.south.account(AccountKind::Advocate));
    let app = stage.world.app();
    let before = dump(&app.db);
    let page = task::view(app, &stage.token(&asked)).await.unwrap();
    assert_eq!(page, task::view(app, &stage.token(&asked)).await.unwrap());
    let other = task::view(app, &stage.token(&neighbour)).await.unwrap();
    let own_page = task::pause_token(app, asked.member_id, 1);
    task::my_tasks(app, &own_page).await.unwrap();
    assert_eq!(before, dump(&app.db), "looking changed the database");
    task::decline(app, &stage.token(&neighbour), &other.nonce).await.unwrap();
    assert_ne!(before, dump(&app.db), "the dump sees what an act changes");

    assert_eq!((page.first_name.as_str(), page.locale, page.zone.as_str()), ("Orang", Locale::Id, "Asia/Jakarta"));
    assert_eq!(page.institution, app.config.institution.name);
    assert_eq!((page.sponsor.as_str(), page.asked_by.as_str()), ("Unit KEMENCONTOH", "lead"));
    assert_eq!((page.title.as_str(), page.message.as_str()), ("Pajak untuk jalan desa", "Pajak kembali sebagai jalan desa."));
    assert_eq!((page.facts.len(), page.avoid.len(), page.wave.as_str()), (1, 1, "Gelombang 3"));
    assert_eq!((page.action, page.platform, page.own_words), (Action::Comment, Platform::X, true));
    assert_eq!(page.account.handle, "@advocateutr");
    assert_eq!(page.account.profile_url.as_deref(), Some("https://x.com/advocateutr"));
    let TargetView::Post { url, owner, unit, .. } = &page.target else { panic!("{:?}", page.target) };
    assert_eq!(url, "https://x.com/officialutr/status/1800000000000000001");
    assert_eq!((owner.as_str(), unit.as_str()), ("Akun officialutr", "Unit UTR"));
    let read = |page: &task::TaskView| page.variants.iter().map(|v| v.text.clone()).collect::<Vec<_>>();
    assert_eq!((read(&page), read(&other)), (vec!["satu".into(), "dua".into()], vec!["dua".into(), "satu".into()]));
    assert!(page.is_open && page.completion.is_none() && page.undo_until.is_none());
    assert_eq!(stage.row(&asked).opened_at, None);
}

async fn a_link_opens_its_own_assignment_and_nothing_else(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = advocate(&stage, &Asking::of(Action::Comment));
    let other = stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Advocate));
    let app = stage.world.app();
    let token = stage.token(&asked);
    for glued in [
        format!("{token}."),
        format!("{token})>"),
        format!(" {token}!\""),
        format!("%{:02X}{}", token.as_bytes()[0], &token[1..]),
    ] {
        assert_eq!(task::view(app, &glued).await.unwrap().assignment_id, asked.id, "{glued}");
    }
    let swapped: String = token.chars().rev().collect();
    let consent = app.tokens.seal(Purpose::OptIn, asked.id.uuid(), 1, None);
    let nobody = app.tokens.seal(Purpose::Task, uuid::Uuid::now_v7(), 1, None);
    let own_page = task::pause_token(app, asked.member_id, 1);
    for bad in ["", "x", &token[..50], &swapped, &consent, &nobody, &own_page] {
        assert_eq!(code(task::view(app, bad).await), "link.invalid", "{bad}");
    }
    // Another assignment's form is no form of this page.
    let foreign = Done { nonce: stage.nonce(&other).await, ..stage.done(&asked, None).await };
    assert_eq!(code(task::complete(app, &token, foreign.clone()).await), "form.not_from_page");
    assert_eq!(code(task::decline(app, &token, &foreign.nonce).await), "form.not_from_page");
    assert_eq!(code(task::undo(app, &token, "").await), "form.not_from_page");
    assert_eq!(code(task::confirm(app, &token, &token).await), "form.not_from_page");
    let nonce = stage.nonce(&asked).await;
    stage.world.change(|tx| {
        let row = diesel::update(assignments::table.find(asked.id));
        Ok(row.set(assignments::link_version.eq(2)).execute(tx.conn).map(drop)?)
    });
    assert_eq!(code(task::view(app, &token).await), "link.revoked");
    assert_eq!(code(task::decline(app, &token, &nonce).await), "link.revoked");
    let token = stage.token(&asked);
    assert!(task::view(app, &token).await.is_ok());
    stage.world.test.advance(TimeDelta::days(40));
    assert_eq!(code(task::view(app, &token).await), "link.expired");
}

async fn fifty_presses_at_once_give_one_completion_and_fifty_equal_answers(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = advocate(&stage, &Asking { evidence_required: true, ..Asking::of(Action::Comment) });
    let done = stage.done(&asked, Some("http://mobile.twitter.com/AdvocateUTR/status/1900000000000000001?s=20&t=abc.")).await;
    let token = stage.token(&asked);
    let press = |_| {
        let (app, token, done) = (stage.world.app().clone(), token.clone(), done.clone());
        tokio::spawn(async move { task::complete(&app, &token, done).await.unwrap() })
    };
    let mut answers = Vec::new();
    for answer in (0..50).map(press).collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    let first = answers[0].clone();
    assert!(answers.iter().all(|answer| *answer == first));
    assert_eq!((first.level, first.url.as_deref(), first.suspected), (EvidenceLevel::Linked, Some(URL), false));
    assert_eq!(stage.world.entries(EventKind::AssignmentDone), 1);
    assert_eq!(dump(&stage.world.app().db)["completions"].len(), 1);
    let row = stage.row(&asked);
    assert_eq!(row.state, AssignmentState::Done);
    assert!(row.settled_at.is_some() && row.opened_at == row.settled_at);
    let counts = stage.counts(asked.wave_id);
    assert_eq!((counts.done, counts.mail_cancelled), (1, 1), "counted once; the reminder is cancelled once");
    // Nothing of layer 3 is registered.
    assert_eq!(stage.world.entries(EventKind::PostRegistered), 0);

    // Once more with no address, or the same post at another address: the same. Another post: undo first.
    let app = stage.world.app();
    for url in
        [None, Some("x.com/advocateutr/status/1900000000000000001/photo/1"), Some("https://x.com/i/status/1900000000000000001")]
    {
        assert_eq!(task::complete(app, &token, stage.done(&asked, url).await).await.unwrap(), first, "{url:?}");
    }
    for url in ["https://x.com/advocateutr/status/2", "nonsense"] {
        assert_eq!(code(task::complete(app, &token, stage.done(&asked, Some(url)).await).await), "assignment.already_done");
    }
    let page = task::view(app, &token).await.unwrap();
    assert_eq!((page.is_open, page.completion.unwrap().url.as_deref()), (false, Some(URL)));
    assert_eq!(page.undo_until, row.settled_at.map(|at| at.0 + TimeDelta::hours(24)));
}

async fn every_fault_of_a_form_is_named_at_once(engine: Engine) {
    let stage = Stage::new(engine);
    let asking = Asking { evidence_required: true, own_words: true, ..Asking::of(Action::Comment) };
    let asked = advocate(&stage, &asking);
    let (app, token) = (stage.world.app(), stage.token(&asked));
    let nonce = stage.done(&asked, None).await.nonce;
    let before = dump(&app.db);
    let press = |url: Option<&str>| {
        let done = Done { url: url.map(Into::into), disclosure_confirmed: true, own_words: true, nonce: nonce.clone() };
        task::complete(app, &token, done)
    };
    let nothing = Done { nonce: nonce.clone(), ..Done::default() };
    assert_eq!(
        code(task::complete(app, &token, nothing).await),
        "disclosure:completion.disclosure_not_confirmed own_words:completion.own_words_missing url:completion.evidence_missing"
    );
    assert_eq!(code(press(Some("  ")).await), "url:completion.evidence_missing");
    for (url, expected) in [
        ("https://x.com/advocateslt/status/5", "url:completion.not_this_account"),
        ("https://www.instagram.com/p/Cabc123/", "url:post_url.other_platform"),
        ("https://t.co/abc", "url:post_url.short_link"),
        ("https://127.0.0.1/status/5", "url:post_url.ip_address"),
        ("https://x.com/advocateutr", "url:post_url.profile"),
    ] {
        assert_eq!(code(press(Some(url)).await), expected, "{url}");
    }
    assert_eq!(before, dump(&app.db), "a refusal changed the database");

    // The same post cannot serve another account, not even under that account's handle in the address.
    press(Some(URL)).await.unwrap();
    let south = stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Advocate));
    let done = stage.done(&south, Some("https://x.com/advocateslt/status/1900000000000000001")).await;
    assert_eq!(code(task::complete(app, &stage.token(&south), done).await), "url:completion.already_used");
    assert_eq!(stage.row(&south).state, AssignmentState::Notified);
    assert_eq!(stage.counts(asked.wave_id).done, 1);
    // An address that does not show whose post it is counts as linked; the reviewer decides.
    let done = stage.done(&south, Some("https://x.com/i/web/status/1900000000000000002")).await;
    assert_eq!(task::complete(app, &stage.token(&south), done).await.unwrap().level, EvidenceLevel::Linked);
}

async fn a_like_leaves_no_address_and_stays_declared(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = advocate(&stage, &Asking { evidence_required: true, ..Asking::of(Action::Like) });
    let done = stage.done(&asked, Some(URL)).await;
    let completed = task::complete(stage.world.app(), &stage.token(&asked), done).await.unwrap();
    assert_eq!((completed.level, completed.url), (EvidenceLevel::Declared, None));
}

async fn what_is_over_cannot_be_done(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = advocate(&stage, &Asking::of(Action::Comment));
    let (app, token) = (stage.world.app(), stage.token(&asked));
    let states = [
        (AssignmentState::Expired, "assignment.expired"),
        (AssignmentState::Withdrawn, "assignment.withdrawn"),
        (AssignmentState::Declined, "assignment.already_declined"),
        (AssignmentState::Checked, "assignment.already_checked"),
    ];
    for (state, expected) in states {
        stage.world.change(|tx| {
            let row = diesel::update(assignments::table.find(asked.id));
            Ok(row.set(assignments::state.eq(state)).execute(tx.conn).map(drop)?)
        });
        let done = stage.done(&asked, Some(URL)).await;
        assert_eq!(code(task::complete(app, &token, done).await), expected);
        assert_eq!(stage.counts(asked.wave_id).done, 0);
    }
    // The deadline itself, before any sweep noticed.
    let late = stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Advocate));
    let done = stage.done(&late, None).await;
    stage.world.test.clock.set(stage.row(&late).expires_at.0);
    assert_eq!(code(task::complete(app, &stage.token(&late), done.clone()).await), "assignment.expired");
    stage.world.test.advance(TimeDelta::microseconds(-1));
    // A paused campaign does not undo what people did.
    stage.set_campaign(CampaignState::Paused);
    assert!(task::complete(app, &stage.token(&late), done).await.is_ok());
}

async fn nothing_is_done_at_a_blocked_target(engine: Engine) {
    let stage = Stage::new(engine);
    let post = official_post(&stage).await;
    let claim_id = campaigns::claim(&stage.world, stage.world.root, Some("https://x.com/calon_satu/status/77?s=20"));
    let at_post = advocate(&stage, &Asking { post: Some(post), ..Asking::of(Action::Comment) });
    let account = stage.world.north.account(AccountKind::Interactive);
    let at_claim = stage.asked(Layer::Conversation, account, &Asking { claim: Some(claim_id), ..Asking::of(Action::Answer) });
    assert!(matches!(task::view(stage.world.app(), &stage.token(&at_claim)).await.unwrap().target, TargetView::Claim { .. }));
    for handle in ["officialutr", "calon_satu"] {
        stage.world.change(|tx| {
            let row = BlockedTargetRow {
                id: BlockedTargetId::new(),
                platform: Platform::X,
                handle: handle.into(),
                handle_norm: handle.into(),
                label: "Calon".into(),
                added_at: At(tx.now),
            };
            neutrality::insert_blocked(tx, &row)
        });
    }
    for asked in [at_post, at_claim] {
        let done = stage.done(&asked, None).await;
        assert_eq!(code(task::complete(stage.world.app(), &stage.token(&asked), done).await), "target.blocked");
        assert_eq!(stage.row(&asked).state, AssignmentState::Notified);
    }
}

async fn the_log_names_the_member_by_reference_and_no_address(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = advocate(&stage, &Asking::of(Action::Comment));
    let done = stage.done(&asked, Some(URL)).await;
    task::complete(stage.world.app(), &stage.token(&asked), done).await.unwrap();
    let entries = &dump(&stage.world.app().db)["ledger_entries"];
    let person = stage.world.member_row(asked.member_id);
    let about: BTreeSet<_> = entries.iter().filter(|line| line.contains("assignment.done")).collect();
    assert_eq!(about.len(), 1);
    for line in about {
        assert!(line.contains(&person.subject_ref) && line.contains("linked"), "{line}");
        for personal in [person.name.as_str(), person.email.as_str(), "advocateutr", "status/"] {
            assert!(!line.contains(personal), "{personal}: {line}");
        }
    }
}

on_both!(
    looking_says_everything_and_changes_nothing,
    a_link_opens_its_own_assignment_and_nothing_else,
    fifty_presses_at_once_give_one_completion_and_fifty_equal_answers,
    every_fault_of_a_form_is_named_at_once,
    a_like_leaves_no_address_and_stays_declared,
    what_is_over_cannot_be_done,
    nothing_is_done_at_a_blocked_target,
    the_log_names_the_member_by_reference_and_no_address,
);
