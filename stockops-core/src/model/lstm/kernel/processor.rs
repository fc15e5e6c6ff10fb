//! Which instructions this machine has, and each kernel compiled for each of them.

#[cfg(test)]
use super::activation;
use std::ops::Range;

use super::dropout::{Dropout, RowKey};
use super::line::Line;
use super::outer::{Extent, Factor};
use super::portable::Portable;
use super::product::{Left, Start};
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};
use super::{cell, dropout, outer, product};

/// The instruction set that the kernel runs with.
///
/// A value other than [`portable`](Self::portable) is proof that the instructions were found on this machine.
/// AVX2 and AVX-512 give the same bits: the same fused operations in the same order.
/// The portable path rounds products before adding them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Processor(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Processor {
    /// The fastest that this machine has.
    #[must_use]
    pub(crate) fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self::portable())
    }

    /// What people call its instructions.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "AVX-512",
        }
    }

    /// The one that every machine has.
    #[must_use]
    pub(crate) fn portable() -> Self {
        Self(Kind::Portable)
    }

    /// All that this machine has, the slowest first.
    #[must_use]
    pub(crate) fn available() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            const ALL: [Processor; 3] = [Processor(Kind::Portable), Processor(Kind::Avx2), Processor(Kind::Avx512)];
            return if is_x86_feature_detected!("avx512f") { &ALL } else { &ALL[..2] };
        }
        &[Self(Kind::Portable)]
    }
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
                match self.0 {
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
    fn product = product::product(left: Left<'_>, panel: &[Line], start: Start<'_>, out: &mut [Line]);
    /// See [`product::row_product`].
    fn row_product = product::row_product(
        row: &[Line], blocks: Range<usize>, panels: &[Line], out: &mut [Line], out_stride: usize
    );
    /// See [`outer::outer`].
    fn outer = outer::outer(
        left: Factor<'_>, right: Factor<'_>, ahead: Option<Factor<'_>>, extent: Extent, sums: &mut [Line]
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
