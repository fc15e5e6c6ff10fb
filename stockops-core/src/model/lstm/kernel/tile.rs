//! The shape of a tile: how many rows and panels of sums a product holds in registers.

/// Panels, or pieces of gates, that a wide tile covers: the four gates of sixteen units.
pub(super) const WIDE_PANELS: usize = 4;

/// The shape of the tiles of sums. It changes the speed and no bit: every sum has one order, whatever the tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tile {
    /// As many rows as fit, one panel: each panel is read once for them, and each sum needs a load.
    Tall,
    /// Some rows, four panels: each panel is read again for the next rows, and a sum needs less than half a load.
    Wide,
}

impl Tile {
    /// Panels of a tile.
    pub(super) fn panels(self) -> usize {
        match self {
            Self::Tall => 1,
            Self::Wide => WIDE_PANELS,
        }
    }
}
