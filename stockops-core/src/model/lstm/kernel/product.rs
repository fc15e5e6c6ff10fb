//! The product of some rows with panels of sixteen weight columns: where almost all the time is spent.

use std::ops::Range;

use super::lanes::Lanes;
use super::line::{Line, WIDTH, blocks};
use super::tile::{Tile, WIDE_PANELS};

/// Left factor of a product, `(rows, depth)`: lines `(blocks(depth), stride)`, of which the first `rows` of each
/// block count.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) lines: &'a [Line],
    /// Lines from one block of sixteen columns to the next.
    pub(super) stride: usize,
    pub(super) rows: usize,
}

/// Right factor of a product: panels of sixteen weight columns side by side.
#[derive(Clone, Copy)]
pub(super) struct Panels<'a> {
    /// `(panels, stride)` lines, of which the first `depth` of each panel count.
    pub(super) lines: &'a [Line],
    /// Lines from one panel to the next.
    pub(super) stride: usize,
    pub(super) depth: usize,
}

impl<'a> Panels<'a> {
    /// Panels of `depth` lines, one after the other.
    pub(super) fn new(lines: &'a [Line], depth: usize) -> Self {
        Self { lines, stride: depth, depth }
    }

    #[inline(always)]
    fn one(&self, index: usize) -> &'a [Line] {
        &self.lines[index * self.stride..][..self.depth]
    }
}

/// What a product is added to.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// Nothing.
    Zero,
    /// One line for each panel, the same for every row.
    Bias(&'a [Line]),
    /// What the output holds already.
    Output,
}

impl<'a> Start<'a> {
    /// That of the panels from `first` on.
    #[inline(always)]
    fn from(self, first: usize) -> Self {
        match self {
            Self::Bias(bias) => Self::Bias(&bias[first..]),
            other => other,
        }
    }
}

/// Runs `$body` with the constant `$rows` equal to `$height`, which is 1 to 16.
macro_rules! with_constant_height {
    ($height:expr, $most:expr, $rows:ident => $body:expr) => {
        with_constant_height!(@arms $height, $most, $rows, $body; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    };
    (@arms $height:expr, $most:expr, $rows:ident, $body:expr; $($n:literal)*) => {
        match $height {
            $($n => {
                const $rows: usize = $n;
                // Taller tiles than the processor ever uses cost no code.
                if $rows <= $most { $body }
            })*
            height => unreachable!("a tile of {height} rows"),
        }
    };
}
pub(super) use with_constant_height;

/// `out = start + left * panels`; `out` is `(panels, rows, 16)`.
///
/// Each sum runs over the depth in order, so a row's result depends on no other row, on no cut of the batch and on no
/// shape of a tile.
#[inline(always)]
pub(super) fn product<V: Lanes>(shape: Tile, left: Left<'_>, panels: Panels<'_>, start: Start<'_>, out: &mut [Line]) {
    let mut first = 0;
    for out in out.chunks_mut(shape.panels() * left.rows) {
        let start = start.from(first);
        let panels = Panels { lines: &panels.lines[first * panels.stride..], ..panels };
        if shape == Tile::Wide && out.len() == WIDE_PANELS * left.rows {
            four_panels::<V>(left, panels, start, out);
        } else {
            for (index, out) in out.chunks_mut(left.rows).enumerate() {
                one_panel::<V>(left, panels.one(index), start.from(index), out);
            }
        }
        first += shape.panels();
    }
}

#[inline(always)]
fn one_panel<V: Lanes>(left: Left<'_>, panel: &[Line], start: Start<'_>, out: &mut [Line]) {
    let mut rest = &mut out[..left.rows];
    let mut row = 0;
    for height in even_heights(left.rows, V::TILE_ROWS) {
        let (tile_out, below) = rest.split_at_mut(height);
        let tile_left = Left { lines: &left.lines[row..], ..left };
        with_constant_height!(height, V::TILE_ROWS, ROWS => tile::<V, ROWS>(tile_left, panel, start, tile_out));
        rest = below;
        row += height;
    }
}

#[inline(always)]
fn four_panels<V: Lanes>(left: Left<'_>, panels: Panels<'_>, start: Start<'_>, out: &mut [Line]) {
    let mut row = 0;
    for height in even_heights(left.rows, V::WIDE_ROWS) {
        let tile_left = Left { lines: &left.lines[row..], ..left };
        let out = &mut out[row..];
        with_constant_height!(height, V::WIDE_ROWS, ROWS => wide_tile::<V, ROWS>(tile_left, panels, start, out));
        row += height;
    }
}

/// `rows` cut into tiles of at most `limit` whose heights differ by one at most.
#[inline(always)]
pub(super) fn even_heights(rows: usize, limit: usize) -> impl Iterator<Item = usize> {
    let tiles = rows.div_ceil(limit);
    (0..tiles).map(move |tile| rows / tiles + usize::from(tile < rows % tiles))
}

#[inline(always)]
fn tile<V: Lanes, const ROWS: usize>(left: Left<'_>, panel: &[Line], start: Start<'_>, out: &mut [Line]) {
    let out: &mut [Line; ROWS] = out.try_into().expect("a tile of ROWS rows");
    let mut sums = match start {
        Start::Zero => [V::splat(0.0); ROWS],
        Start::Bias(bias) => [V::load(&bias[0]); ROWS],
        Start::Output => std::array::from_fn(|r| V::load(&out[r])),
    };
    let (panel_blocks, panel_rest) = panel.as_chunks::<WIDTH>();
    for (block, weights) in panel_blocks.iter().enumerate() {
        let rows: &[Line; ROWS] = left.lines[block * left.stride..].first_chunk().expect("rows of the block");
        for (k, weights) in weights.iter().enumerate() {
            add_column(&mut sums, rows, k, weights);
        }
    }
    if !panel_rest.is_empty() {
        let rows = left.lines[panel_blocks.len() * left.stride..].first_chunk().expect("rows of the last block");
        for (k, weights) in panel_rest.iter().enumerate() {
            add_column(&mut sums, rows, k, weights);
        }
    }
    for r in 0..ROWS {
        sums[r].store(&mut out[r]);
    }
}

#[inline(always)]
fn add_column<V: Lanes, const ROWS: usize>(sums: &mut [V; ROWS], rows: &[Line; ROWS], k: usize, weights: &Line) {
    let weights = V::load(weights);
    for r in 0..ROWS {
        sums[r] = V::splat(rows[r].0[k]).mul_add(weights, sums[r]);
    }
}

/// As [`tile`], for four panels: `out` begins with the tile's rows of the first one, those of the next lie `left.rows` below.
#[inline(always)]
fn wide_tile<V: Lanes, const ROWS: usize>(left: Left<'_>, panels: Panels<'_>, start: Start<'_>, out: &mut [Line]) {
    let mut sums: [[V; ROWS]; WIDE_PANELS] = std::array::from_fn(|p| match start {
        Start::Zero => [V::splat(0.0); ROWS],
        Start::Bias(bias) => [V::load(&bias[p]); ROWS],
        Start::Output => {
            let out: &[Line; ROWS] = out[p * left.rows..].first_chunk().expect("a tile of ROWS rows");
            std::array::from_fn(|r| V::load(&out[r]))
        }
    });
    let panels: [&[Line]; WIDE_PANELS] = std::array::from_fn(|p| panels.one(p));
    for block in 0..blocks(panels[0].len()) {
        let rows: &[Line; ROWS] = left.lines[block * left.stride..].first_chunk().expect("rows of the block");
        let depth = block * WIDTH..panels[0].len().min((block + 1) * WIDTH);
        let panels: [&[Line]; WIDE_PANELS] = std::array::from_fn(|p| &panels[p][depth.clone()]);
        for (k, first) in panels[0].iter().enumerate() {
            let weights = [first, &panels[1][k], &panels[2][k], &panels[3][k]].map(|line| V::load(line));
            for r in 0..ROWS {
                let value = V::splat(rows[r].0[k]);
                for p in 0..WIDE_PANELS {
                    sums[p][r] = value.mul_add(weights[p], sums[p][r]);
                }
            }
        }
    }
    for p in 0..WIDE_PANELS {
        let out: &mut [Line; ROWS] = out[p * left.rows..].first_chunk_mut().expect("a tile of ROWS rows");
        for r in 0..ROWS {
            sums[p][r].store(&mut out[r]);
        }
    }
}

/// Adds to the four gates of sixteen units the product of a single row with their four panels, for batch 1.
///
/// One row alone gives too few independent sums to keep the multipliers busy; four panels side by side give enough.
/// `row` is `(blocks of the depth)`, of which only `blocks` take part; `panels` is `(4, depth, 16)`; gate `q` is line
/// `q * out_stride` of `out`.
#[inline(always)]
pub(super) fn row_product<V: Lanes>(
    row: &[Line],
    blocks: Range<usize>,
    panels: &[Line],
    out: &mut [Line],
    out_stride: usize,
) {
    let depth = panels.len() / 4;
    let (input, rest) = panels.split_at(depth);
    let (forget, rest) = rest.split_at(depth);
    let (candidate, output) = rest.split_at(depth);
    let mut sums: [V; 4] = std::array::from_fn(|q| V::load(&out[q * out_stride]));
    for block in blocks {
        let range = block * WIDTH..depth.min((block + 1) * WIDTH);
        let weights = input[range.clone()].iter().zip(&forget[range.clone()]);
        let weights = weights.zip(candidate[range.clone()].iter().zip(&output[range]));
        for (&value, ((i, f), (g, o))) in row[block].0.iter().zip(weights) {
            let value = V::splat(value);
            sums[0] = value.mul_add(V::load(i), sums[0]);
            sums[1] = value.mul_add(V::load(f), sums[1]);
            sums[2] = value.mul_add(V::load(g), sums[2]);
            sums[3] = value.mul_add(V::load(o), sums[3]);
        }
    }
    for q in 0..4 {
        sums[q].store(&mut out[q * out_stride]);
    }
}
