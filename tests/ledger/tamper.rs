//! Tampering with an export: every byte, every entry, every file. Each is found, and the entry is the right one.

use gaung::ledger::export::Place as _;
use gaung::ledger::tile::Tile;
use gaung::ledger::verify::{Given, Verdict};

use super::sample::{Memory, Story, export, key, signed, verified};

/// So many that there are complete tiles, a right edge, and hashes on two levels.
const SIZE: usize = 530;

fn exported() -> (Memory, Vec<Vec<u8>>) {
    let leaves = Story::of(SIZE).bytes();
    let place = Memory::default();
    export(&place, &leaves, &[300]);
    (place, leaves)
}

fn first_bad(place: &Memory) -> Option<u64> {
    let report = verified(place, &Given::default()).unwrap();
    assert_eq!(report.verdict(), Verdict::Invalid, "{report:#?}");
    report.first_bad()
}

/// Which entry a byte of a file belongs to.
fn entry_at(path: &str, at: usize, bundle: &[u8]) -> Option<u64> {
    let tile = Tile::of_path(path)?;
    Some(match tile.layer {
        gaung::ledger::tile::Layer::Hashes(level) => (tile.index * 256 + at as u64 / 32) << (8 * level),
        gaung::ledger::tile::Layer::Entries => {
            let (mut entry, mut from) = (0, 0);
            while from < bundle.len() {
                from += 2 + usize::from(u16::from_be_bytes([bundle[from], bundle[from + 1]]));
                if at < from {
                    break;
                }
                entry += 1;
            }
            tile.index * 256 + entry
        }
    })
}

/// Changes bytes of every file, each `step`th, and says how many it tried.
fn sweep(place: &Memory, step: usize) -> usize {
    assert_eq!(verified(place, &Given::default()).unwrap().verdict(), Verdict::Valid);
    let mut tried = 0;
    for (path, bytes) in place.files().into_iter().filter(|(path, _)| path != "README.txt") {
        for at in (0..bytes.len()).step_by(step) {
            for mask in [1 << (at % 8), 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= mask;
                place.write(&path, &changed).unwrap();
                let found = first_bad(place);
                if let Some(entry) = entry_at(&path, at, &bytes) {
                    assert_eq!(found, Some(entry), "{path}, byte {at}, mask {mask}");
                }
                tried += 1;
            }
        }
        place.write(&path, &bytes).unwrap();
    }
    tried
}

#[test]
fn every_byte_that_is_changed_is_found_and_its_entry_named() {
    let leaves = Story::of(14).bytes();
    let small = Memory::default();
    export(&small, &leaves, &[9]);
    assert!(sweep(&small, 1) > 8_000);
    // With hashes on two levels, complete tiles and a right edge.
    assert!(sweep(&exported().0, 149) > 2_000);
}

/// A change to the entries of a bundle, at a place in it.
type Edit<'e> = &'e dyn Fn(&mut Vec<Vec<u8>>, usize);

/// An entry bundle of these entries.
fn bundle(leaves: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    leaves.iter().for_each(|leaf| assert!(gaung::ledger::tile::push_entry(&mut bytes, leaf)));
    bytes
}

#[test]
fn entries_that_are_changed_swapped_deleted_doubled_or_added_are_found() {
    let (place, leaves) = exported();
    let last = "tile/entries/002.p/18";
    let at_place = |index: usize, path: &str, edit: Edit<'_>| {
        let start = index / 256 * 256;
        let mut mine = leaves[start..(start + 256).min(SIZE)].to_vec();
        let before = place.files()[path].clone();
        edit(&mut mine, index - start);
        place.write(path, &bundle(&mine)).unwrap();
        let found = first_bad(&place);
        place.write(path, &before).unwrap();
        found
    };
    for index in (0..SIZE).filter(|index| index % 7 == 0 || *index > 250 && *index < 260 || *index > 525) {
        let path = if index >= 512 { last.to_owned() } else { format!("tile/entries/{:03}", index / 256) };
        let expected = Some(index as u64);
        let edits: [(&str, Edit<'_>); 5] = [
            ("deleted", &|mine, at| drop(mine.remove(at))),
            ("emptied", &|mine, at| mine[at].clear()),
            ("doubled", &|mine, at| mine.insert(at, b"{}".to_vec())),
            ("another's", &|mine, at| mine[at] = mine[(at + 1) % mine.len()].clone()),
            ("cut short", &|mine, at| mine[at].truncate(3)),
        ];
        for (what, edit) in edits {
            assert_eq!(at_place(index, &path, edit), expected, "{what}: {index}");
        }
        if index % 256 != 255 && index + 1 < SIZE {
            assert_eq!(at_place(index, &path, &|mine, at| mine.swap(at, at + 1)), expected, "swapped: {index}");
        }
    }
    assert_eq!(at_place(SIZE - 1, last, &|mine, _| mine.push(b"{}".to_vec())), Some(SIZE as u64), "appended");
    assert_eq!(at_place(255, "tile/entries/000", &|mine, _| mine.push(b"{}".to_vec())), Some(256), "appended to a whole bundle");
}

#[test]
fn files_that_are_missing_cut_short_or_another_ones_are_found() {
    let (place, _) = exported();
    for (path, bytes) in place.files() {
        let Some(tile) = Tile::of_path(&path) else { continue };
        let start = entry_at(&path, 0, &bytes);
        place.remove(&path).unwrap();
        assert_eq!(first_bad(&place), start, "{path} is missing");
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            place.write(&path, &bytes[..cut]).unwrap();
            let found = first_bad(&place);
            match tile.layer {
                gaung::ledger::tile::Layer::Hashes(_) => assert_eq!(found, start, "{path} cut to {cut}"),
                gaung::ledger::tile::Layer::Entries => assert_eq!(found, entry_at(&path, cut, &bytes), "{path} cut to {cut}"),
            }
        }
        place.write(&path, &[&bytes[..], b"x"].concat()).unwrap();
        first_bad(&place);
        place.write(&path, &bytes).unwrap();
    }
    let (one, two) = ("tile/entries/000", "tile/entries/001");
    let files = place.files();
    place.write(one, &files[two]).unwrap();
    place.write(two, &files[one]).unwrap();
    assert_eq!(first_bad(&place), Some(0), "two bundles swapped");
}

#[test]
fn who_changes_an_entry_and_every_hash_above_it_is_found_by_the_signature_and_by_older_checkpoints() {
    let (_, leaves) = exported();
    let mut other = leaves.clone();
    // Another mail instead of a completion: no rule is broken.
    other[400] = leaves[398].clone();
    let place = Memory::default();
    export(&place, &other, &[300]);
    // All tiles fit the changed entry; the checkpoint is the true one.
    place.write("checkpoint", &signed(&leaves).to_bytes()).unwrap();
    let report = verified(&place, &Given::default()).unwrap();
    assert_eq!((report.verdict(), report.first_bad()), (Verdict::Invalid, Some(300)), "{report:#?}");
    assert!(report.faults.iter().any(|fault| fault.what.contains("root")), "{:?}", report.faults);
    let kept = Given { checkpoints: vec![("kept".into(), signed(&leaves[..390]).to_bytes())], ..Given::default() };
    assert_eq!(verified(&place, &kept).unwrap().first_bad(), Some(390), "what was kept says how far it is right");
    // A checkpoint by somebody else's key.
    let forger =
        gaung::ledger::note::Signer::from_seed(super::sample::ORIGIN, gaung::ledger::note::KeyKind::Ed25519, [1; 32]).unwrap();
    let forged = gaung::ledger::checkpoint::Checkpoint::from_text(&signed(&other).text).unwrap().signed([&forger], 0);
    place.write("checkpoint", &forged.to_bytes()).unwrap();
    let given = Given { keys: vec![key().key().clone()], ..Given::default() };
    let report = verified(&place, &given).unwrap();
    assert_eq!(report.verdict(), Verdict::Invalid);
    assert!(report.faults.iter().any(|fault| fault.what.contains("trusted")), "{:?}", report.faults);
}
