//! The shape of a tile: which sums a product holds in registers at a time, and the choice of it.

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

/// Whether wide tiles are faster on this machine: on processors of Intel they were, on Zen 4 and Zen 5 they were not.
pub(super) fn is_faster_wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        let maker = std::arch::x86_64::__cpuid(0);
        // "GenuineIntel"
        [maker.ebx, maker.edx, maker.ecx] == [*b"Genu", *b"ineI", *b"ntel"].map(u32::from_le_bytes)
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Why a shape is chosen where nobody names one.
pub(super) fn reason(tile: Tile) -> &'static str {
    match tile {
        Tile::Tall => "the fastest instructions that this machine has",
        Tile::Wide => {
            "the fastest instructions that this machine has, and the tile that is faster on processors of Intel"
        }
    }
}
