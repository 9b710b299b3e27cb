//! Writing an export: leaf by leaf, with flat memory; interrupted at any point it is gone on with where complete tiles end.

use super::super::checkpoint::Checkpoint;
use super::super::note::{Note, VerifierKey};
use super::super::tile::{HEIGHT, Layer, TILE, Tile, entries, hashes, push_entry};
use super::super::tree::{Frontier, Hash, leaf_hash};
use super::{CHECKPOINT, ExportError, Place, README, VKEY, checkpoint_path};

/// The layers that a tree of 2^63 leaves has.
const LAYERS: u8 = 8;

const ABOUT: &str = include_str!("readme.txt");

/// Writes an export, or goes on with one.
///
/// Everything is on the disk before the checkpoint over it is written. What lies beyond the checkpoint, after an interruption, is taken
/// if it is whole.
pub struct Writer<P> {
    place: P,
    tree: Frontier,
    /// By layer: the hashes since its last complete tile.
    rows: Vec<Vec<Hash>>,
    /// The entries since the last complete bundle.
    bundle: Vec<u8>,
}

impl<P: Place> Writer<P> {
    /// Opens a place, which may be empty or hold an export that is complete, older, or was interrupted.
    ///
    /// # Errors
    /// The place's failure; a tile there that is none.
    pub fn open(place: P) -> Result<Self, ExportError> {
        let mut writer = Self { place, tree: Frontier::new(), rows: vec![Vec::new(); LAYERS.into()], bundle: Vec::new() };
        // What a checkpoint was written over is on the disk.
        if let Some(bytes) = read(&writer.place, CHECKPOINT)?
            && let Ok((checkpoint, _)) = Checkpoint::parse(&bytes)
        {
            writer.take_up(checkpoint.size / TILE * TILE)?;
        }
        while writer.go_on()? {}
        Ok(writer)
    }

    /// Takes the next complete bundle from the disk, where an interrupted export left one that is whole.
    fn go_on(&mut self) -> Result<bool, ExportError> {
        let index = self.tree.size() / TILE;
        let (bundle, row) = (full(Layer::Entries, index), full(Layer::Hashes(0), index));
        let (Some(bundle), Some(row)) = (read(&self.place, &bundle)?, read(&self.place, &row)?) else { return Ok(false) };
        let (Ok(leaves), Ok(row)) = (entries(&bundle, 256), hashes(&row, 256)) else { return Ok(false) };
        if !leaves.iter().zip(row).all(|(leaf, hash)| leaf_hash(leaf) == *hash) {
            return Ok(false);
        }
        for leaf in leaves {
            self.append(leaf)?;
        }
        Ok(true)
    }

    /// Reads back the right edge of a tree that ends with a complete tile.
    fn take_up(&mut self, size: u64) -> Result<(), ExportError> {
        for level in (1..LAYERS).rev() {
            let nodes = size >> (HEIGHT * level);
            for index in nodes / TILE * TILE..nodes {
                let root = self.tile_root(level - 1, index)?;
                if let Some(row) = self.rows.get_mut(usize::from(level)) {
                    row.push(root);
                }
                if !self.tree.append_subtree(HEIGHT * level, root) {
                    return Err(ExportError::Missing(full(Layer::Hashes(level), index)));
                }
            }
        }
        Ok(())
    }

    fn tile_root(&self, level: u8, index: u64) -> Result<Hash, ExportError> {
        let path = full(Layer::Hashes(level), index);
        let bytes = read(&self.place, &path)?.ok_or_else(|| ExportError::Missing(path.clone()))?;
        let mut tree = Frontier::new();
        for hash in hashes(&bytes, 256).map_err(|why| ExportError::Tile { path, why })? {
            tree.append(*hash);
        }
        Ok(tree.root())
    }

    /// The index of the leaf that it wants next: how many it has.
    #[must_use]
    pub const fn wants(&self) -> u64 {
        self.tree.size()
    }

    /// The root of what it has, to be compared with the log's before more is added.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Appends the next leaf by its bytes.
    ///
    /// # Errors
    /// [`ExportError::TooLarge`]; the place's failure, after which the writer is to be opened anew.
    pub fn append(&mut self, leaf: &[u8]) -> Result<(), ExportError> {
        let index = self.tree.size();
        if !push_entry(&mut self.bundle, leaf) {
            return Err(ExportError::TooLarge(index));
        }
        let rows = &mut self.rows;
        self.tree.append_noting(leaf_hash(leaf), |level, _, hash| {
            if level.is_multiple_of(HEIGHT)
                && let Some(row) = rows.get_mut(usize::from(level / HEIGHT))
            {
                row.push(*hash);
            }
        });
        if self.tree.size().is_multiple_of(TILE) { self.complete() } else { Ok(()) }
    }

    /// Writes the tiles that became complete with the last leaf.
    fn complete(&mut self) -> Result<(), ExportError> {
        for (level, row) in (0_u8..).zip(&mut self.rows) {
            if row.len() as u64 == TILE {
                let index = (self.tree.size() >> (HEIGHT * level)) / TILE - 1;
                write(&self.place, &full(Layer::Hashes(level), index), row.as_flattened())?;
                row.clear();
            }
        }
        write(&self.place, &full(Layer::Entries, self.tree.size() / TILE - 1), &self.bundle)?;
        self.bundle.clear();
        Ok(())
    }

    /// Adds a checkpoint that was signed before the newest one.
    ///
    /// # Errors
    /// The place's failure; a note that is no checkpoint.
    pub fn older(&self, note: &Note) -> Result<(), ExportError> {
        let path = checkpoint_path(0);
        let checkpoint = Checkpoint::from_text(&note.text).map_err(|why| ExportError::Checkpoint { path, why })?;
        write(&self.place, &checkpoint_path(checkpoint.size), &note.to_bytes())
    }

    /// Ends the export with the checkpoint over what was written and the keys that sign, the newest first. What was the newest
    /// checkpoint before is kept among the older ones.
    ///
    /// # Errors
    /// [`ExportError::OtherSize`], [`ExportError::OtherTree`]; the place's failure.
    pub fn finish(self, note: &Note, keys: &[VerifierKey]) -> Result<Checkpoint, ExportError> {
        let invalid = |why| ExportError::Checkpoint { path: CHECKPOINT.to_owned(), why };
        let checkpoint = Checkpoint::from_text(&note.text).map_err(invalid)?;
        let size = self.tree.size();
        if checkpoint.size != size {
            return Err(ExportError::OtherSize { checkpoint: checkpoint.size, written: size });
        }
        if checkpoint.root != self.tree.root() {
            return Err(ExportError::OtherTree { size });
        }
        for tile in Tile::all_partial(size) {
            let bytes = match tile.layer {
                Layer::Entries => &self.bundle,
                Layer::Hashes(level) => self.rows.get(usize::from(level)).map_or(&[][..], |row| row.as_flattened()),
            };
            write(&self.place, &tile.path(), bytes)?;
        }
        let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
        write(&self.place, VKEY, lines.as_bytes())?;
        write(&self.place, README, ABOUT.as_bytes())?;
        let former = read(&self.place, CHECKPOINT)?.filter(|bytes| *bytes != note.to_bytes());
        let former = former.and_then(|bytes| Checkpoint::parse(&bytes).ok().map(|(checkpoint, _)| (checkpoint.size, bytes)));
        if let Some((former, bytes)) = &former
            && *former < size
        {
            write(&self.place, &checkpoint_path(*former), bytes)?;
        }
        self.place.settle().map_err(ExportError::io(CHECKPOINT))?;
        write(&self.place, CHECKPOINT, &note.to_bytes())?;
        self.place.settle().map_err(ExportError::io(CHECKPOINT))?;
        if let Some((former, _)) = former {
            self.sweep(former, size)?;
        }
        Ok(checkpoint)
    }

    /// Removes the tiles of the former right edge that the tree has outgrown.
    fn sweep(&self, former: u64, size: u64) -> Result<(), ExportError> {
        let kept: Vec<Tile> = Tile::all_partial(size).collect();
        for tile in Tile::all_partial(former).filter(|tile| !kept.contains(tile)) {
            self.place.remove(&tile.path()).map_err(ExportError::io(&tile.path()))?;
        }
        Ok(())
    }
}

fn full(layer: Layer, index: u64) -> String {
    Tile { layer, index, width: 256 }.path()
}

fn read<P: Place>(place: &P, path: &str) -> Result<Option<Vec<u8>>, ExportError> {
    place.read(path).map_err(ExportError::io(path))
}

fn write<P: Place>(place: &P, path: &str, bytes: &[u8]) -> Result<(), ExportError> {
    place.write(path, bytes).map_err(ExportError::io(path))
}
