//! Exports: written in one go, in steps, or interrupted anywhere they are the same files; a fork is a contradiction; receipts and witnesses.

use std::cell::Cell;
use std::io;

use gaung::ledger::checkpoint::Checkpoint;
use gaung::ledger::export::{ExportError, Place, Reader, Source, Writer};
use gaung::ledger::note::{KeyKind, Signer};
use gaung::ledger::proof::Proof;
use gaung::ledger::tree::{consistency_proof, inclusion_proof, leaf_hash, verify_consistency};
use gaung::ledger::verify::{Given, Unreadable, Verdict};

use super::sample::{Memory, ORIGIN, Story, export, key, signed, verified};

#[test]
fn an_export_is_the_same_in_one_go_and_in_steps() {
    let leaves = Story::of(70_000).bytes();
    let whole = Memory::default();
    export(&whole, &leaves, &[]);
    let steps = Memory::default();
    export(&steps, &leaves, &[1, 255, 256, 257, 511, 65_536, 65_537]);
    let mut files = steps.files();
    let older: Vec<_> = files.keys().filter(|path| path.starts_with("checkpoints/")).cloned().collect();
    assert_eq!(older.len(), 7, "{older:?}");
    assert!(older.is_sorted());
    for path in older {
        files.remove(&path);
    }
    assert!(files == whole.files(), "{:?}", files.keys().filter(|path| !whole.files().contains_key(*path)).collect::<Vec<_>>());
    for place in [&whole, &steps] {
        let report = verified(place, &Given { keys: vec![key().key().clone()], ..Given::default() }).unwrap();
        assert_eq!(report.verdict(), Verdict::Valid, "{:#?}", report.faults);
    }
    let report = verified(&steps, &Given::default()).unwrap();
    assert_eq!((report.older, report.own_keys_only, report.signed_by.len()), (7, true, 1));

    // Nodes come back from the tiles, whatever the level.
    let reader = Reader::open(&steps).unwrap();
    for older in [1, 256, 300, 65_536, 69_999] {
        let proof = consistency_proof(&reader, older, 70_000).unwrap();
        let then = Checkpoint::from_text(&signed(&leaves[..older as usize]).text).unwrap();
        verify_consistency((older, &then.root), (70_000, &reader.checkpoint().root), &proof).unwrap();
    }
}

/// A place that stops working after so many writes.
struct Failing<'m>(&'m Memory, Cell<usize>);

impl Source for Failing<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }
    fn names(&self, dir: &str) -> io::Result<Vec<String>> {
        self.0.names(dir)
    }
}

impl Place for Failing<'_> {
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let left = self.1.get().checked_sub(1).ok_or_else(|| io::Error::other("the disk is full"))?;
        self.1.set(left);
        self.0.write(path, bytes)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        self.0.remove(path)
    }
    fn settle(&self) -> io::Result<()> {
        Ok(())
    }
}

fn write(place: impl Place, leaves: &[Vec<u8>]) -> Result<u64, ExportError> {
    let mut writer = Writer::open(place)?;
    let began = writer.wants();
    for leaf in &leaves[usize::try_from(began).unwrap()..] {
        writer.append(leaf)?;
    }
    writer.finish(&signed(leaves), &[key().key().clone()])?;
    Ok(began)
}

#[test]
fn an_export_that_was_interrupted_anywhere_is_gone_on_with() {
    let leaves = Story::of(1_100).bytes();
    let whole = Memory::default();
    export(&whole, &leaves, &[]);
    let mut took_up = 0;
    for writes in 0..40 {
        let place = Memory::default();
        let first = write(Failing(&place, Cell::new(writes)), &leaves);
        if writes >= 14 {
            first.unwrap();
            break;
        }
        assert!(matches!(first, Err(ExportError::Io { .. })), "{writes}: {first:?}");
        let left = place.files();
        // What a power cut leaves of the newest tile: nothing; or one block of it is not what was written.
        for cut in [|_: &mut Vec<u8>| (), |tile: &mut Vec<u8>| tile.clear(), |tile: &mut Vec<u8>| tile[40] ^= 1] {
            let place = Memory::default();
            for (path, bytes) in &left {
                let mut bytes = bytes.clone();
                if left.keys().rfind(|path| path.starts_with("tile/entries")) == Some(path) {
                    cut(&mut bytes);
                }
                place.write(path, &bytes).unwrap();
            }
            took_up = took_up.max(write(&place, &leaves).unwrap());
            assert!(place.files() == whole.files(), "after {writes} writes");
        }
    }
    assert!(took_up >= 768, "{took_up}");
}

#[test]
fn another_log_is_not_written_over_an_export() {
    let leaves = Story::of(600).bytes();
    let place = Memory::default();
    export(&place, &leaves[..512], &[]);
    let mut other = leaves.clone();
    other[3] = leaves[4].clone();
    assert!(matches!(write(&place, &other), Err(ExportError::OtherTree { size: 600 })));
    let writer = Writer::open(&place).unwrap();
    assert_eq!(writer.root(), Checkpoint::from_text(&signed(&leaves[..512]).text).unwrap().root);
    assert!(matches!(writer.finish(&signed(&leaves), &[]), Err(ExportError::OtherSize { checkpoint: 600, written: 512 })));
    let mut writer = Writer::open(&place).unwrap();
    assert!(matches!(writer.append(&vec![0; 65_536]), Err(ExportError::TooLarge(512))));
}

fn kept(leaves: &[Vec<u8>]) -> Given {
    Given { checkpoints: vec![("kept".into(), signed(leaves).to_bytes())], ..Given::default() }
}

#[test]
fn a_fork_and_a_shortened_log_contradict_a_checkpoint_that_was_kept() {
    let leaves = Story::of(900).bytes();
    let honest = Memory::default();
    export(&honest, &leaves, &[]);
    for size in [1, 255, 256, 257, 700, 900] {
        let report = verified(&honest, &kept(&leaves[..size])).unwrap();
        assert_eq!((report.verdict(), report.checkpoints.len()), (Verdict::Valid, 1), "{size}: {:#?}", report.contradictions);
    }
    // The whole log was made anew without one entry, and signed by the same key.
    let mut other = leaves.clone();
    other.remove(500);
    let forked = Memory::default();
    export(&forked, &other, &[]);
    assert_eq!(verified(&forked, &Given::default()).unwrap().verdict(), Verdict::Valid, "alone, nobody can tell");
    assert_eq!(verified(&forked, &kept(&leaves[..500])).unwrap().verdict(), Verdict::Valid, "it begins alike");
    for size in [501, 899] {
        let report = verified(&forked, &kept(&leaves[..size])).unwrap();
        assert_eq!((report.verdict(), report.contradictions[0].size), (Verdict::Contradicts, size as u64));
    }
    // Its end was cut off.
    let report = verified(&forked, &kept(&leaves)).unwrap();
    assert_eq!(report.verdict(), Verdict::Contradicts);
    assert!(report.contradictions[0].what.contains("more entries"), "{:?}", report.contradictions);
    // An older checkpoint within the export that is of the other history.
    forked.write("checkpoints/00000000000000000700", &signed(&leaves[..700]).to_bytes()).unwrap();
    assert_eq!(verified(&forked, &Given::default()).unwrap().verdict(), Verdict::Contradicts);
}

#[test]
fn a_receipt_fits_its_export_and_contradicts_a_fork() {
    let leaves = Story::of(900).bytes();
    let place = Memory::default();
    export(&place, &leaves, &[]);
    let reader = Reader::open(&place).unwrap();
    let receipt = |index: u64, size: usize| {
        let hashes = inclusion_proof(&reader, index, size as u64).unwrap();
        let proof = Proof { extra: None, index, hashes, checkpoint: signed(&leaves[..size]) };
        proof.verify(&leaf_hash(&leaves[index as usize]), ORIGIN, &[key().key().clone()]).unwrap();
        proof
    };
    let with = |proof: &Proof| Given { proofs: vec![("receipt".into(), proof.to_bytes())], ..Given::default() };
    for (index, size) in [(0, 900), (899, 900), (513, 700)] {
        let report = verified(&place, &with(&receipt(index, size))).unwrap();
        assert_eq!((report.verdict(), report.proofs[0].number), (Verdict::Valid, index));
    }
    let mut of_another = receipt(513, 900);
    of_another.index = 514;
    let report = verified(&place, &with(&of_another)).unwrap();
    assert_eq!((report.verdict(), report.first_bad()), (Verdict::Invalid, Some(514)));
    let mut other = leaves.clone();
    other.remove(513);
    let forked = Memory::default();
    export(&forked, &other, &[]);
    assert_eq!(verified(&forked, &with(&receipt(513, 700))).unwrap().verdict(), Verdict::Contradicts);
    let useless = Given { proofs: vec![("receipt".into(), b"c2sp.org/tlog-proof@v2\n".to_vec())], ..Given::default() };
    assert!(matches!(verified(&place, &useless), Err(Unreadable::Given { .. })));
}

#[test]
fn a_witness_is_asked_for_and_found_where_it_cosigned() {
    let leaves = Story::of(300).bytes();
    let place = Memory::default();
    export(&place, &leaves, &[]);
    let witness = Signer::from_seed("auditor.example", KeyKind::Cosignature, [9; 32]).unwrap();
    let cosigned = |seconds, size: usize| {
        let checkpoint = Checkpoint::from_text(&signed(&leaves[..size]).text).unwrap();
        checkpoint.signed([&key(), &witness], seconds).to_bytes()
    };
    let given = |files: Vec<Vec<u8>>| Given {
        checkpoints: files.into_iter().map(|bytes| ("kept".to_owned(), bytes)).collect(),
        witnesses: vec![witness.key().clone()],
        ..Given::default()
    };
    let report = verified(&place, &given(vec![])).unwrap();
    assert_eq!(report.verdict(), Verdict::Invalid);
    assert!(report.faults[0].what.contains("cosigned by auditor.example"), "{:?}", report.faults);
    let report = verified(&place, &given(vec![cosigned(1_800_000_000, 300), cosigned(1_700_000_000, 200)])).unwrap();
    assert_eq!((report.verdict(), report.cosigned[0].size, report.cosigned[0].seconds), (Verdict::Valid, 300, 1_800_000_000));
    // A cosignature that was changed is none.
    let mut note = gaung::ledger::note::Note::parse(&cosigned(1_800_000_000, 300)).unwrap();
    note.signatures[1].bytes[70] ^= 1;
    assert_eq!(verified(&place, &given(vec![note.to_bytes()])).unwrap().verdict(), Verdict::Invalid);
}

#[test]
fn trust_is_said_to_rest_on_what_it_rests_on() {
    let leaves = Story::of(20).bytes();
    let place = Memory::default();
    export(&place, &leaves, &[]);
    let other = Signer::from_seed(ORIGIN, KeyKind::Ed25519, [8; 32]).unwrap();
    let report = verified(&place, &Given { keys: vec![other.key().clone()], ..Given::default() }).unwrap();
    assert_eq!(report.verdict(), Verdict::Invalid, "a given key wins over the export's own");
    assert!(report.faults[0].what.contains("trusted"), "{:?}", report.faults);
    place.remove("vkey").unwrap();
    assert!(matches!(verified(&place, &Given::default()), Err(Unreadable::NoKey)));
    let report = verified(&place, &Given { keys: vec![key().key().clone()], ..Given::default() }).unwrap();
    assert_eq!((report.verdict(), report.own_keys_only), (Verdict::Valid, false));
    place.remove("checkpoint").unwrap();
    assert!(matches!(verified(&place, &Given::default()), Err(Unreadable::Export(ExportError::Missing(_)))));
}
