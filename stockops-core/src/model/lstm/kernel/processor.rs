//! Which instructions this machine has, and each kernel compiled for each of them.

#[cfg(test)]
use super::activation;
use std::ops::Range;
use std::sync::OnceLock;

use super::dropout::{Dropout, RowKey};
use super::line::Line;
use super::outer::{Extent, Factor, Sums};
use super::portable::Portable;
use super::product::{Left, Panels, Start};
use super::tile::Tile;
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};
use super::{cell, dropout, outer, product};

/// The instruction set that the kernel runs with, and the shape of its tiles.
///
/// A value other than [`portable`](Self::portable) is proof that the instructions were found on this machine.
/// AVX2 and AVX-512 give the same bits, whatever the tile: the same fused operations in the same order.
/// The portable path rounds products before adding them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Processor {
    kind: Kind,
    tile: Tile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// What `STOCKOPS_KERNEL` may say, the slowest first.
const ALL: &[Processor] = &[
    Processor { kind: Kind::Portable, tile: Tile::Tall },
    #[cfg(target_arch = "x86_64")]
    Processor { kind: Kind::Avx2, tile: Tile::Tall },
    #[cfg(target_arch = "x86_64")]
    Processor { kind: Kind::Avx512, tile: Tile::Wide },
    #[cfg(target_arch = "x86_64")]
    Processor { kind: Kind::Avx512, tile: Tile::Tall },
];

impl Processor {
    /// The one that the environment names in `STOCKOPS_KERNEL`, else the fastest for this machine; chosen once a process.
    #[must_use]
    pub(crate) fn detect() -> Self {
        static CHOSEN: OnceLock<Processor> = OnceLock::new();
        *CHOSEN.get_or_init(|| Self::named().unwrap_or_else(Self::fastest))
    }

    /// The one that `STOCKOPS_KERNEL` names, where this machine has it.
    fn named() -> Option<Self> {
        let word = asked()?;
        Self::available().find(|one| one.word() == word)
    }

    /// The fastest for this machine, as far as it was measured: see `docs/benchmarks.md`.
    fn fastest() -> Self {
        Self::available().last().unwrap_or(Self::portable())
    }

    /// Its word and why it was chosen, such as `portable, as STOCKOPS_KERNEL says`.
    #[must_use]
    pub(crate) fn story(self) -> String {
        let why = match asked() {
            Some(word) if word == self.word() => "as STOCKOPS_KERNEL says".into(),
            Some(word) => {
                let words: Vec<_> = Self::available().map(Self::word).collect();
                format!("the fastest: STOCKOPS_KERNEL is {word:?} and this machine has {}", words.join(", "))
            }
            None => "the fastest that this machine has".into(),
        };
        format!("{}, {why}", self.word())
    }

    /// Its word in `STOCKOPS_KERNEL`: instructions, and rows by panels of sixteen columns of a tile.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match (self.kind, self.tile) {
            (Kind::Portable, _) => "portable",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx2, _) => "avx2-6x1",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx512, Tile::Tall) => "avx512-16x1",
            #[cfg(target_arch = "x86_64")]
            (Kind::Avx512, Tile::Wide) => "avx512-6x4",
        }
    }

    /// The shape of its tiles.
    pub(super) fn tile(self) -> Tile {
        self.tile
    }

    /// The one that every machine has.
    #[must_use]
    pub(crate) fn portable() -> Self {
        ALL[0]
    }

    /// All that this machine has, the slowest first.
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let (avx2, avx512) =
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"), is_x86_feature_detected!("avx512f"));
        ALL.iter().copied().filter(move |one| match one.kind {
            Kind::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => avx2 && avx512,
        })
    }

    /// See [`product::product`].
    #[inline]
    pub(super) fn product(self, left: Left<'_>, panels: Panels<'_>, start: Start<'_>, out: &mut [Line]) {
        self.product_in(self.tile, left, panels, start, out);
    }

    /// See [`outer::outer`].
    #[inline]
    pub(super) fn outer(
        self,
        left: Factor<'_>,
        right: Factor<'_>,
        ahead: Option<Factor<'_>>,
        extent: Extent,
        sums: Sums<'_>,
    ) {
        self.outer_in(self.tile, left, right, ahead, extent, sums);
    }
}

/// What the environment asks for; an empty word asks for nothing.
fn asked() -> Option<String> {
    let word = std::env::var_os("STOCKOPS_KERNEL")?.to_string_lossy().into_owned();
    (!word.is_empty()).then_some(word)
}

/// Compiles each generic kernel once for each processor and makes it a method that picks the right one.
macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident = $module:ident::$kernel:ident($($argument:ident: $type:ty),*);)*) => {
        impl Processor {$(
            $(#[$doc])*
            #[inline]
            pub(super) fn $name(self, $($argument: $type),*) {
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,fma")]
                fn with_avx2($($argument: $type),*) {
                    $module::$kernel::<Avx2>($($argument),*);
                }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx2,fma")]
                fn with_avx512($($argument: $type),*) {
                    $module::$kernel::<Avx512>($($argument),*);
                }
                match self.kind {
                    Kind::Portable => $module::$kernel::<Portable>($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: this value is only made by `available`, after AVX2 and FMA were detected.
                    Kind::Avx2 => unsafe { with_avx2($($argument),*) },
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: this value is only made by `available`, after AVX-512F, AVX2 and FMA were detected.
                    Kind::Avx512 => unsafe { with_avx512($($argument),*) },
                }
            }
        )*}
    };
}

kernels! {
    /// See [`product::product`].
    fn product_in = product::product(
        shape: Tile, left: Left<'_>, panels: Panels<'_>, start: Start<'_>, out: &mut [Line]
    );
    /// See [`product::row_product`].
    fn row_product = product::row_product(
        row: &[Line], blocks: Range<usize>, panels: &[Line], out: &mut [Line], out_stride: usize
    );
    /// See [`outer::outer`].
    fn outer_in = outer::outer(
        shape: Tile, left: Factor<'_>, right: Factor<'_>, ahead: Option<Factor<'_>>, extent: Extent, sums: Sums<'_>
    );
    /// See [`outer::sum`].
    fn sum = outer::sum(factor: Factor<'_>, extent: Extent, sum: &mut Line);
    /// See [`cell::forward_saving`].
    fn cell_forward_saving = cell::forward_saving(gates: &mut [Line], step: cell::Saving<'_>);
    /// See [`cell::forward`].
    fn cell_forward = cell::forward(gates: &[Line], cell: &mut [Line], hidden: &mut [Line]);
    /// See [`cell::backward`].
    fn cell_backward = cell::backward(gates: &mut [Line], step: cell::Backward<'_>);
    /// See [`dropout::scale`].
    fn dropout_scale = dropout::scale(lines: &mut [Line], rows: &[RowKey], block: usize, dropout: Dropout);
    /// See [`activation::both`].
    #[cfg(test)]
    fn activations = activation::both(x: &Line, tanh: &mut Line, sigmoid: &mut Line);
}
