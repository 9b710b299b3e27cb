//! Tiles: the tree's hashes and the entries in files of 256, with the paths and forms of <https://c2sp.org/tlog-tiles>.

use super::text::decimal;
use super::tree::Hash;

/// How many hashes or entries a complete tile has: the tree is cut every eight levels.
pub const TILE: u64 = 256;

/// The levels of the tree that one tile spans.
pub const HEIGHT: u8 = 8;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The entries' bytes.
    Entries,
    /// The hashes of level 8 × this number: 0 are the leaves' hashes.
    Hashes(u8),
}

/// One tile: a layer, its number there, and how many hashes or entries of it there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub layer: Layer,
    /// Which one of the layer, counted from the left from 0.
    pub index: u64,
    /// How many it holds, 1 to 256: less than 256 only at the right edge of a tree.
    pub width: u16,
}

impl Tile {
    /// The layer's tiles of a tree with this many leaves: how many complete ones there are, and the width of the one after them (0: none).
    #[must_use]
    pub const fn row(layer: Layer, size: u64) -> (u64, u16) {
        let nodes = match layer {
            Layer::Entries => size,
            Layer::Hashes(level) if level < 8 => size >> (HEIGHT * level),
            Layer::Hashes(_) => 0,
        };
        (nodes / TILE, (nodes % TILE) as u16)
    }

    /// All tiles of a tree with this many leaves: the entries, then the hashes from the leaves up; each from the left.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        std::iter::once(Layer::Entries).chain((0..8).map(Layer::Hashes)).flat_map(move |layer| {
            let (full, rest) = Self::row(layer, size);
            let complete = (0..full).map(move |index| Self { layer, index, width: 256 });
            complete.chain((rest > 0).then_some(Self { layer, index: full, width: rest }))
        })
    }

    /// The tiles at the right edge of a tree with this many leaves: those that are not complete.
    pub fn all_partial(size: u64) -> impl Iterator<Item = Self> {
        std::iter::once(Layer::Entries).chain((0..8).map(Layer::Hashes)).filter_map(move |layer| {
            let (index, width) = Self::row(layer, size);
            (width > 0).then_some(Self { layer, index, width })
        })
    }

    /// Its path below the log's directory: `tile/<level>/<number>[.p/<width>]` with the number in groups of three digits.
    #[must_use]
    pub fn path(self) -> String {
        let mut path = match self.layer {
            Layer::Entries => "tile/entries".to_owned(),
            Layer::Hashes(level) => format!("tile/{level}"),
        };
        let digits = self.index.to_string();
        let digits = format!("{}{digits}", "0".repeat((3 - digits.len() % 3) % 3));
        let groups = digits.len() / 3;
        for (at, group) in digits.as_bytes().chunks(3).enumerate() {
            path.push_str(if at + 1 < groups { "/x" } else { "/" });
            path.extend(group.iter().map(|digit| char::from(*digit)));
        }
        if u64::from(self.width) < TILE {
            path.push_str(&format!(".p/{}", self.width));
        }
        path
    }

    /// The tile of a path, if it is written in the one form that [`Tile::path`] gives.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (layer, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let layer = if layer == "entries" { Layer::Entries } else { Layer::Hashes(u8::try_from(decimal(layer)?).ok()?) };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE),
            Some((number, width)) => (number, decimal(width)?),
        };
        let digits: String = number.split('/').flat_map(|group| group.strip_prefix('x').unwrap_or(group).chars()).collect();
        let index = decimal(match digits.trim_start_matches('0') {
            "" => "0",
            number => number,
        })?;
        let tile = Self { layer, index, width: u16::try_from(width).ok().filter(|width| *width > 0)? };
        (tile.path() == path).then_some(tile)
    }
}

/// Why bytes are no tile of this width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTile {
    /// Hashes: not 32 bytes each.
    #[error("a tile of {width} hashes has {} bytes, not {bytes}", u64::from(*width) * 32)]
    Hashes {
        /// How many it should hold.
        width: u16,
        /// How many bytes it has.
        bytes: usize,
    },
    /// Entries: the bytes end within this one, counted from 0 within the tile.
    #[error("the tile ends within its entry {0}")]
    Short(u16),
    /// Entries: bytes are left after the last.
    #[error("the tile has {0} bytes after its last entry")]
    Long(usize),
}

/// The hashes of a tile's bytes.
///
/// # Errors
/// [`BadTile::Hashes`].
pub fn hashes(bytes: &[u8], width: u16) -> Result<&[Hash], BadTile> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if hashes.len() == usize::from(width) && rest.is_empty() {
        Ok(hashes)
    } else {
        Err(BadTile::Hashes { width, bytes: bytes.len() })
    }
}

/// The most bytes of one entry: its length is written in 16 bits.
pub const MOST_ENTRY: usize = u16::MAX as usize;

/// Appends an entry to a bundle: its length, big-endian in 16 bits, then its bytes. `false`, and nothing appended, beyond [`MOST_ENTRY`].
#[must_use]
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(length) = u16::try_from(entry.len()) else { return false };
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    true
}

/// The entries of a bundle's bytes.
///
/// # Errors
/// [`BadTile::Short`] or [`BadTile::Long`].
pub fn entries(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, BadTile> {
    let mut rest = bundle;
    let mut found = Vec::with_capacity(usize::from(width));
    for at in 0..width {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(BadTile::Short(at))?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(BadTile::Short(at))?;
        found.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(found) } else { Err(BadTile::Long(rest.len())) }
}
