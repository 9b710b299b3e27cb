//! Tiles: paths as the specification's examples have them, and bundles that are whole or refused.

use gaung::ledger::tile::{BadTile, Layer, MOST_ENTRY, Tile, entries, hashes, push_entry};

#[test]
fn paths_are_those_of_the_specification() {
    let path = |layer, index, width| Tile { layer, index, width }.path();
    assert_eq!(path(Layer::Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path(Layer::Hashes(1), 273, 94), "tile/1/273.p/94");
    assert_eq!(path(Layer::Entries, 0, 1), "tile/entries/000.p/1");
    assert_eq!(path(Layer::Entries, 1_000, 256), "tile/entries/x001/000");
    for (layer, index, width) in [(Layer::Entries, 70_000, 3), (Layer::Hashes(2), 0, 256), (Layer::Hashes(0), 999_999, 255)] {
        let tile = Tile { layer, index, width };
        assert_eq!(Tile::of_path(&tile.path()), Some(tile));
    }
    for wrong in [
        "tile/0/1",
        "tile/0/001.p/256",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/00/001",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/",
        "tile/data/000",
        "tiles/0/000",
    ] {
        assert_eq!(Tile::of_path(wrong), None, "{wrong}");
    }
}

#[test]
fn a_trees_tiles_are_those_of_the_specifications_example() {
    // https://c2sp.org/tlog-tiles: a tree of 70,000 has 273 complete tiles and one of 112 at level 0, then 1 and 17, then 1.
    assert_eq!(Tile::row(Layer::Hashes(0), 70_000), (273, 112));
    assert_eq!(Tile::row(Layer::Hashes(1), 70_000), (1, 17));
    assert_eq!(Tile::row(Layer::Hashes(2), 70_000), (0, 1));
    assert_eq!(Tile::row(Layer::Hashes(3), 70_000), (0, 0));
    assert_eq!(Tile::all(70_000).count(), 274 + 274 + 2 + 1);
    assert_eq!(Tile::all(0).count(), 0);
    let of_256: Vec<_> = Tile::all(256).map(Tile::path).collect();
    assert_eq!(of_256, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
}

#[test]
fn a_bundle_is_whole_or_refused() {
    let mut bundle = Vec::new();
    assert!(push_entry(&mut bundle, b"one"));
    assert!(push_entry(&mut bundle, b""));
    assert!(push_entry(&mut bundle, &vec![7; MOST_ENTRY]));
    assert_eq!(&bundle[..7], b"\x00\x03one\x00\x00");
    assert!(!push_entry(&mut bundle, &vec![7; MOST_ENTRY + 1]));
    let found = entries(&bundle, 3).unwrap();
    assert_eq!((found.len(), found[0], found[2].len()), (3, b"one".as_slice(), MOST_ENTRY));
    assert_eq!(entries(&bundle, 4), Err(BadTile::Short(3)));
    assert_eq!(entries(&bundle, 2), Err(BadTile::Long(2 + MOST_ENTRY)));
    assert_eq!(entries(&bundle[..4], 1), Err(BadTile::Short(0)));
    assert_eq!(hashes(&[0; 64], 2).unwrap().len(), 2);
    assert_eq!(hashes(&[0; 63], 2), Err(BadTile::Hashes { width: 2, bytes: 63 }));
    assert_eq!(hashes(&[0; 64], 1), Err(BadTile::Hashes { width: 1, bytes: 64 }));
}
