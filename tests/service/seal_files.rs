//! The log as files: an export that the verifier takes, receipts that prove, and a comparison that finds what was done to the rows.

use diesel::prelude::*;
use gaung::app::App;
use gaung::cli::Directory;
use gaung::domain::actor::Actor;
use gaung::domain::assignment::EvidenceLevel;
use gaung::domain::event::EventKind;
use gaung::domain::id::{AssignmentId, CompletionId};
use gaung::domain::kind::AccountKind;
use gaung::domain::kind::{Action, Layer};
use gaung::ledger::commitment::commit;
use gaung::ledger::note::VerifierKey;
use gaung::ledger::proof::Proof;
use gaung::ledger::tree::leaf_hash;
use gaung::ledger::verify::{Given, InTurn, Verdict, verify};
use gaung::service::seal::export::{NotExported, export};
use gaung::service::seal::reconcile::{Finding, reconcile};
use gaung::service::seal::{key, proof};
use gaung::service::task;
use gaung::store::schema::{completions, ledger_entries, ledger_secrets, members};
use gaung::store::types::{At, Doc};
use gaung::store::{StoreError, Tx, completion, seal as store};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::ops::ControlFlow;

use super::refusal;
use super::seal::{checkpoints, seal, write};
use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

fn change<T>(app: &App, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
    let write = app.db.write_blocking(Actor::System, |tx| {
        tx.without_entry("a test");
        f(tx)
    });
    write.unwrap()
}

fn keys(app: &App) -> Vec<VerifierKey> {
    app.db.read_blocking(key::known).unwrap().iter().map(|key| key.vkey.parse().unwrap()).collect()
}

/// The export is valid by the keys as everybody knows them, with every checkpoint that was ever signed and these receipts.
fn is_valid(app: &App, dir: &std::path::Path, proofs: &[Vec<u8>]) -> u64 {
    let source = Directory::open(dir).unwrap();
    let named = |(n, bytes): (usize, Vec<u8>)| (n.to_string(), bytes);
    let given = Given {
        keys: keys(app),
        checkpoints: checkpoints(app).into_iter().map(|row| row.note.into_bytes()).enumerate().map(named).collect(),
        proofs: proofs.iter().cloned().enumerate().map(named).collect(),
        witnesses: Vec::new(),
    };
    let report = verify(&source, &given, &InTurn, &|_| ()).unwrap();
    assert_eq!(report.verdict(), Verdict::Valid, "{report:?}");
    report.size
}

fn go_on(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

async fn an_export_is_valid_and_goes_on(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let dir = tempfile::tempdir().unwrap();
    let place = Directory::create(dir.path()).unwrap();
    assert!(matches!(export(app, &place, None, go_on), Err(NotExported::Nothing)));
    opened(&world, "a", 3).await;
    seal(app).await;
    export(app, &place, None, go_on).unwrap();
    let first = is_valid(app, dir.path(), &[]);
    // It is interrupted, and goes on; whatever was sealed meanwhile comes with it.
    write(app, 3_000).await;
    seal(app).await;
    let mut pieces = 0;
    let stopped = export(app, &place, None, |_, _| {
        pieces += 1;
        if pieces == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(NotExported::Stopped)), "{stopped:?}");
    write(app, 5).await;
    seal(app).await;
    let done = export(app, &place, None, go_on).unwrap();
    assert_eq!(done.size, first + 3_005);
    assert!(done.added < 3_005, "what was there is not written again: {done:?}");
    assert_eq!(is_valid(app, dir.path(), &[]), first + 3_005);
    assert_eq!(export(app, &place, None, go_on).unwrap().added, 0);
    // After an erasure nothing of it looks otherwise.
    change(app, |tx| Ok(diesel::delete(ledger_secrets::table).execute(tx.conn)?));
    let again = tempfile::tempdir().unwrap();
    export(app, &Directory::create(again.path()).unwrap(), None, go_on).unwrap();
    is_valid(app, again.path(), &[]);
    for file in ["checkpoint", "tile/0/000", "tile/entries/000"] {
        assert_eq!(std::fs::read(dir.path().join(file)).unwrap(), std::fs::read(again.path().join(file)).unwrap(), "{file}");
    }
    // Into the directory of another log nothing is written.
    let stranger = World::new(engine);
    write(stranger.app(), 10).await;
    seal(stranger.app()).await;
    assert!(matches!(export(stranger.app(), &place, None, go_on), Err(NotExported::Other { .. })));
}

async fn a_member_keeps_a_receipt_that_proves(engine: Engine) {
    let stage = Stage::new(engine);
    let app = stage.world.app();
    let asked = stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &Asking::of(Action::Comment));
    let token = stage.token(&asked);
    assert_eq!(refusal(&task::receipt(app, &token).await.unwrap_err()), "receipt.nothing_done");
    stage.world.test.advance(chrono::TimeDelta::seconds(30));
    let done = stage.done(&asked, None).await;
    task::complete(app, &token, done).await.unwrap();
    assert_eq!(refusal(&task::receipt(app, &token).await.unwrap_err()), "receipt.not_sealed");
    seal(app).await;
    let receipt = task::receipt(app, &token).await.unwrap();
    let proof = Proof::parse(&receipt.bytes).unwrap();
    let leaf = proof.extra.clone().unwrap();
    let (checkpoint, _) = proof.verify(&leaf_hash(&leaf), "127.0.0.1/ledger", &keys(app)).unwrap();
    assert!(checkpoint.size > proof.index);
    let told: serde_json::Value = serde_json::from_slice(&leaf).unwrap();
    assert_eq!((&told["kind"], &told["assignment"]), (&json!("assignment.done"), &json!(asked.id.to_string())));
    // Of another entry's bytes, or by another key, it proves nothing.
    assert!(proof.verify(&leaf_hash(b"something else"), "127.0.0.1/ledger", &keys(app)).is_err());
    let other = World::new(engine);
    write(other.app(), 1).await;
    seal(other.app()).await;
    assert!(proof.verify(&leaf_hash(&leaf), "127.0.0.1/ledger", &keys(other.app())).is_err());
    assert!(task::receipt(app, &format!("{token}x")).await.is_err());
    // Who may read an entry gets its receipt; the south does not learn that it is there.
    let of = proof::for_reader(app, &stage.world.auditor, receipt.entry).await.unwrap();
    assert_eq!(of.map(|of| of.index), Some(receipt.index));
    assert!(proof::for_reader(app, &stage.world.south_lead, receipt.entry).await.is_err());
}

async fn the_leaves_tell_nobody_who_is_asked_about(engine: Engine) {
    let stage = Stage::new(engine);
    let app = stage.world.app();
    let asked = stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &Asking::of(Action::Comment));
    stage.world.test.advance(chrono::TimeDelta::seconds(30));
    let handle = stage.world.account_row(stage.world.north.account(AccountKind::Advocate)).handle;
    let url = format!("https://x.com/{handle}/status/1234567890");
    let done = stage.done(&asked, Some(&url)).await;
    task::complete(app, &stage.token(&asked), done).await.unwrap();
    seal(app).await;
    let (rows, people) = app
        .db
        .read_blocking(|conn| {
            let people: Vec<(String, String)> = members::table.select((members::email_norm, members::name)).load(conn)?;
            Ok::<_, StoreError>((store::sealed(conn, 0, i64::MAX)?, people))
        })
        .unwrap();
    assert!(people.len() > 5);
    let leaves: Vec<_> = rows.into_iter().map(|row| store::leaf(row).unwrap()).collect();
    let commitments: Vec<[u8; 32]> = leaves.iter().filter_map(|leaf| leaf.commitment).collect();
    assert!(!commitments.is_empty());
    let all: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.encode().unwrap()).collect();
    let text = String::from_utf8(all).unwrap().to_lowercase();
    let words: Vec<String> = people.iter().flat_map(|(email, name)| [email.clone(), name.clone()]).chain([handle, url]).collect();
    for word in &words {
        assert!(!text.contains(&word.to_lowercase()), "{word} stands in a leaf");
        // What somebody who knows the word would try: its hashes, and the commitment with every salt that the leaves themselves give.
        let plain: [u8; 32] = Sha256::digest(word).into();
        let hashed: [u8; 32] = Sha256::digest(plain).into();
        assert!(!text.contains(&hex::encode(plain)), "{word} stands in a leaf as its hash");
        let details = ["url", "email", "address", "name", "handle", "reason", "note"].map(|key| json!({ key: word }));
        let mut salts = vec![[0; 32], plain, hashed];
        salts.extend(leaves.iter().map(|leaf| <[u8; 32]>::from(Sha256::digest(leaf.id.as_bytes()))));
        for (salt, detail) in salts.iter().flat_map(|salt| details.iter().map(move |detail| (salt, detail))) {
            assert!(!commitments.contains(&commit(salt, detail).unwrap()), "{detail} is found by guessing");
        }
    }
    // The control: with the salt that is kept apart, it is found at once.
    let kept: Vec<(Vec<u8>, Doc<serde_json::Value>)> = app
        .db
        .read_blocking(|conn| {
            Ok::<_, StoreError>(ledger_secrets::table.select((ledger_secrets::salt, ledger_secrets::detail)).load(conn)?)
        })
        .unwrap();
    assert!(kept.iter().any(|(salt, Doc(detail))| {
        let salt: [u8; 32] = salt.clone().try_into().unwrap();
        detail.get("url").is_some() && commitments.contains(&commit(&salt, detail).unwrap())
    }));
}

fn finding(app: &App) -> Option<Finding> {
    reconcile(app, go_on).unwrap().finding
}

async fn what_was_done_to_the_rows_is_found(engine: Engine) {
    let stage = Stage::new(engine);
    let app = stage.world.app();
    let account = stage.world.north.account(AccountKind::Advocate);
    let asked = stage.asked(Layer::Advocacy, account, &Asking::of(Action::Comment));
    stage.world.test.advance(chrono::TimeDelta::seconds(30));
    let done = stage.done(&asked, None).await;
    task::complete(app, &stage.token(&asked), done).await.unwrap();
    write(app, 300).await;
    seal(app).await;
    write(app, 2).await;
    seal(app).await;
    let sound = reconcile(app, go_on).unwrap();
    assert_eq!((&sound.finding, sound.checkpoints), (&None, 2), "{sound:?}");
    let row = app.db.read_blocking(|conn| completion::find_current(conn, asked.id)).unwrap().unwrap();
    // A fabricated completion.
    let fabricated = completion::CompletionRow {
        id: CompletionId::new(),
        undone_at: Some(row.completed_at),
        completed_at: At(row.completed_at.0 + chrono::TimeDelta::seconds(1)),
        level: EvidenceLevel::Declared,
        ..row.clone()
    };
    change(app, |tx| completion::insert(tx, &fabricated));
    let found = finding(app).unwrap();
    assert!(found.what.contains(&fabricated.id.to_string()) && found.what.contains("no entry"), "{found:?}");
    change(app, |tx| Ok(diesel::delete(completions::table.find(fabricated.id)).execute(tx.conn)?));
    assert_eq!(finding(app), None);
    // A completion that somebody removed.
    change(app, |tx| Ok(diesel::delete(completions::table.find(row.id)).execute(tx.conn)?));
    let found = finding(app).unwrap();
    assert!(found.what.contains("has no row") && found.index.is_some(), "{found:?}");
    change(app, |tx| completion::insert(tx, &row));
    // A changed row.
    let at = |leaf: i64| ledger_entries::table.filter(ledger_entries::leaf_index.eq(leaf));
    let before: Doc<serde_json::Value> =
        app.db.read_blocking(|conn| Ok::<_, StoreError>(at(123).select(ledger_entries::payload).first(conn)?)).unwrap();
    let set = |to: Doc<serde_json::Value>| {
        change(app, |tx| Ok(diesel::update(at(123)).set(ledger_entries::payload.eq(to)).execute(tx.conn)?))
    };
    set(Doc(json!({ "n": -1 })));
    assert_eq!(finding(app).unwrap().index, Some(123));
    let exported = export(app, &Directory::create(tempfile::tempdir().unwrap().path()).unwrap(), None, go_on);
    assert!(exported.is_err(), "it cannot be exported as if it were whole");
    set(before);
    assert_eq!(finding(app), None);
    // Somebody else is said to have done it, by what no leaf holds.
    let said = |kind: &str| {
        change(app, |tx| Ok(diesel::update(at(123)).set(ledger_entries::actor_kind.eq(kind.to_owned())).execute(tx.conn)?))
    };
    let kind: String =
        app.db.read_blocking(|conn| Ok::<_, StoreError>(at(123).select(ledger_entries::actor_kind).first(conn)?)).unwrap();
    for other in ["system", "operator", "user", "member", "nobody"].into_iter().filter(|other| *other != kind) {
        said(other);
        let found = finding(app);
        assert!(
            found.as_ref().is_some_and(|found| found.index == Some(123) && found.what.contains("actor")),
            "{other}: {found:?}"
        );
    }
    said(&kind);
    assert_eq!(finding(app), None);
    // A removed entry; an entry in another's place.
    let stolen: AssignmentId = AssignmentId::new();
    change(app, |tx| {
        Ok(diesel::update(at(200))
            .set((ledger_entries::kind.eq(EventKind::AssignmentDone), ledger_entries::assignment_id.eq(stolen)))
            .execute(tx.conn)?)
    });
    assert_eq!(finding(app).unwrap().index, Some(200));
    change(app, |tx| {
        diesel::delete(ledger_secrets::table).execute(tx.conn)?;
        Ok(diesel::delete(at(77)).execute(tx.conn)?)
    });
    let found = finding(app).unwrap();
    assert_eq!((found.index, found.what.as_str()), (Some(77), "the entry is missing"));
}

on_both!(
    an_export_is_valid_and_goes_on,
    a_member_keeps_a_receipt_that_proves,
    the_leaves_tell_nobody_who_is_asked_about,
    what_was_done_to_the_rows_is_found,
);
