//! Reading an export: its checkpoints, keys, entries and hashes. What is read is not believed: that is the verifier's.

use super::super::checkpoint::Checkpoint;
use super::super::note::{Note, VerifierKey};
use super::super::tile::{HEIGHT, Layer, TILE, Tile, hashes};
use super::super::tree::{Frontier, Hash, Hashes};
use super::{CHECKPOINT, CHECKPOINTS, ExportError, Source, VKEY};

/// An export as its newest checkpoint describes it.
pub struct Reader<S> {
    source: S,
    checkpoint: Checkpoint,
    note: Note,
}

impl<S: Source> Reader<S> {
    /// Opens an export.
    ///
    /// # Errors
    /// [`ExportError::Missing`] where there is no checkpoint; [`ExportError::Checkpoint`] where it is none.
    pub fn open(source: S) -> Result<Self, ExportError> {
        let bytes = source.read(CHECKPOINT).map_err(ExportError::io(CHECKPOINT))?;
        let bytes = bytes.ok_or_else(|| ExportError::Missing(CHECKPOINT.to_owned()))?;
        let invalid = |why| ExportError::Checkpoint { path: CHECKPOINT.to_owned(), why };
        let (checkpoint, note) = Checkpoint::parse(&bytes).map_err(invalid)?;
        Ok(Self { source, checkpoint, note })
    }

    /// The newest checkpoint, unverified.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note that it came in.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// The keys that the export itself names; none where it names none.
    ///
    /// # Errors
    /// [`ExportError::Key`] for a line that is no key.
    pub fn keys(&self) -> Result<Vec<VerifierKey>, ExportError> {
        let bytes = self.source.read(VKEY).map_err(ExportError::io(VKEY))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        text.lines().map(|line| line.parse().map_err(|why| ExportError::Key { path: VKEY.to_owned(), why })).collect()
    }

    /// The older checkpoints, by size: each with its path and its bytes.
    ///
    /// # Errors
    /// The source's failure.
    pub fn older(&self) -> Result<Vec<(String, Vec<u8>)>, ExportError> {
        let names = self.source.names(CHECKPOINTS).map_err(ExportError::io(CHECKPOINTS))?;
        let paths = names.into_iter().map(|name| format!("{CHECKPOINTS}/{name}"));
        paths
            .map(|path| {
                let bytes = self.source.read(&path).map_err(ExportError::io(&path))?;
                Ok((path.clone(), bytes.ok_or(ExportError::Missing(path))?))
            })
            .collect()
    }

    /// A tile's bytes.
    ///
    /// # Errors
    /// [`ExportError::Missing`]; the source's failure.
    pub fn tile(&self, tile: Tile) -> Result<Vec<u8>, ExportError> {
        let path = tile.path();
        self.source.read(&path).map_err(ExportError::io(&path))?.ok_or(ExportError::Missing(path))
    }

    /// The tile of a layer with this number, as wide as the tree makes it.
    #[must_use]
    pub fn place_of(&self, layer: Layer, index: u64) -> Tile {
        let (full, rest) = Tile::row(layer, self.checkpoint.size);
        Tile { layer, index, width: if index < full { 256 } else { rest } }
    }
}

impl<S: Source> Hashes for Reader<S> {
    type Error = ExportError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, ExportError> {
        let (layer, height) = (level / HEIGHT, level % HEIGHT);
        let first = index << height;
        let tile = self.place_of(Layer::Hashes(layer), first / TILE);
        let bytes = self.tile(tile)?;
        let row = hashes(&bytes, tile.width).map_err(|why| ExportError::Tile { path: tile.path(), why })?;
        let from = usize::try_from(first % TILE).unwrap_or_default();
        let missing = || ExportError::Missing(tile.path());
        let mut tree = Frontier::new();
        for hash in row.get(from..from + (1 << height)).ok_or_else(missing)? {
            tree.append(*hash);
        }
        Ok(tree.root())
    }
}
