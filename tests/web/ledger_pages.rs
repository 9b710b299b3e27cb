//! The sealed log over HTTP: the page for everybody, its files, receipts; entries for those alone who may read the whole log.

use gaung::ledger::checkpoint::Checkpoint;
use gaung::ledger::note::VerifierKey;
use gaung::ledger::proof::Proof;
use gaung::ledger::tile::entries;
use gaung::ledger::tree::{Frontier, leaf_hash};
use gaung::service::seal;
use reqwest::StatusCode;

use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::http::{Served, text};
use crate::support::world::World;

async fn whoever_comes_can_check_the_log_with_its_files(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.anonymous();
    assert_eq!(client.get("/ledger/checkpoint").await.status(), StatusCode::NOT_FOUND);
    let page = text(client.get("/ledger?lang=en").await, StatusCode::OK).await;
    assert!(page.contains("Nothing was sealed yet"), "{page}");
    opened(&world, "a", 5).await;
    seal::sweep(world.app()).await.unwrap();
    let answer = client.get("/ledger/checkpoint").await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(answer.headers().get("set-cookie").is_none());
    let note = text(answer, StatusCode::OK).await;
    let keys: Vec<VerifierKey> =
        text(client.get("/ledger/vkey").await, StatusCode::OK).await.lines().map(|line| line.parse().unwrap()).collect();
    let (checkpoint, _) = Checkpoint::open(note.as_bytes(), "127.0.0.1/ledger", &keys).unwrap();
    let width = checkpoint.size % 256;
    assert_eq!(checkpoint.size / 256, 0, "one tile is enough here");
    let tile = client.get(&format!("/ledger/tile/0/000.p/{width}")).await;
    assert_eq!(tile.status(), StatusCode::OK);
    let hashes = tile.bytes().await.unwrap().to_vec();
    let mut tree = Frontier::new();
    hashes.as_chunks::<32>().0.iter().for_each(|hash| tree.append(*hash));
    assert_eq!((tree.size(), tree.root()), (checkpoint.size, checkpoint.root), "the tile is what was signed");
    let page = text(client.get("/ledger?lang=en").await, StatusCode::OK).await;
    assert!(page.contains(note.lines().nth(2).unwrap()) && page.contains("Not checked yet"), "{page}");
    let register = text(client.get("/register?lang=en").await, StatusCode::OK).await;
    assert!(register.contains(&format!("{} entries, signed", checkpoint.size)), "{register}");
    for none in
        ["/ledger/tile/0/000", "/ledger/tile/0/001.p/1", "/ledger/tile/9/000.p/1", "/ledger/tile/0/x", "/ledger/tile/../x"]
    {
        assert_eq!(client.get(none).await.status(), StatusCode::NOT_FOUND, "{none}");
    }
    assert_eq!(client.get("/ledger/former/2/checkpoint").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(text(client.get("/ledger/former/1/checkpoint").await, StatusCode::OK).await, note);

    // The entries themselves: not for strangers, not for who may read a part.
    let bundle = format!("/ledger/tile/entries/000.p/{width}");
    let sent_away = client.get(&bundle).await;
    assert!(!sent_away.text().await.unwrap().contains("campaign.released"));
    for caller in [&world.north_lead, &world.coordinator] {
        let refused = served.browser(caller).get(&bundle).await;
        assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&refused.status()), "{}", refused.status());
    }
    let read = served.browser(&world.auditor).get(&bundle).await;
    assert_eq!(read.status(), StatusCode::OK);
    let bytes = read.bytes().await.unwrap();
    let leaves = entries(&bytes, u16::try_from(width).unwrap()).unwrap();
    assert!(leaves.iter().zip(hashes.as_chunks::<32>().0).all(|(leaf, hash)| leaf_hash(leaf) == *hash));
}

async fn the_log_page_says_how_the_log_stands_and_an_entry_has_its_receipt(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    opened(&world, "a", 5).await;
    let auditor = served.browser(&world.auditor);
    let page = text(auditor.get("/log?lang=en").await, StatusCode::OK).await;
    assert!(page.contains(r#"data-state="unchecked""#) && page.contains("has waited"), "{page}");
    seal::sweep(world.app()).await.unwrap();
    while !seal::recheck(world.app()).await.unwrap().is_idle() {}
    let page = text(auditor.get("/log?lang=en").await, StatusCode::OK).await;
    assert!(page.contains(r#"data-state="intact""#), "{page}");
    let entry = world.app().db.read_blocking(|conn| gaung::store::seal::sealed(conn, 1, 2)).unwrap().remove(0);
    let receipt = auditor.get(&format!("/log/{}/receipt", entry.id)).await;
    assert!(receipt.headers()["content-disposition"].to_str().unwrap().contains("gaung-1.tlog-proof"));
    let proof = Proof::parse(&receipt.bytes().await.unwrap()).unwrap();
    assert_eq!(proof.index, 1);
    let south = served.browser(&world.south_lead).get(&format!("/log/{}/receipt", entry.id)).await;
    assert_ne!(south.status(), StatusCode::OK);
    let shown = text(auditor.get(&format!("/log/{}", entry.id)).await, StatusCode::OK).await;
    assert!(shown.contains("/receipt\""), "{shown}");
    // The record says another thing than the database: everything but sealing goes on, and the page says so.
    std::fs::remove_file(world.app().config.ledger_record_file()).unwrap();
    opened(&world, "b", 1).await;
    seal::sweep(world.app()).await.unwrap();
    let page = text(auditor.get("/log?lang=en").await, StatusCode::OK).await;
    assert!(page.contains("Nothing is sealed at present") && page.contains("gaung ledger adopt"), "{page}");
}

on_both!(whoever_comes_can_check_the_log_with_its_files, the_log_page_says_how_the_log_stands_and_an_entry_has_its_receipt,);
