//! The product behind a weight gradient: a sum of outer products over steps and rows.

use super::lanes::Lanes;
use super::line::{Line, WIDTH};
use super::product::{even_heights, with_constant_height};
use super::tile::{Tile, WIDE_PANELS};

/// One factor of the sum: `(steps, rows)` lines, `step` lines from one step to the next.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    pub(super) lines: &'a [Line],
    pub(super) step: usize,
}

/// Steps and rows that are summed over.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) steps: usize,
    pub(super) rows: usize,
}

/// Where the sums of some columns of the left factor go.
pub(super) struct Sums<'a> {
    /// `(pieces, stride)` lines, of which the first `columns` of each piece count.
    pub(super) lines: &'a mut [Line],
    /// Lines from one piece to the next.
    pub(super) stride: usize,
    /// Columns of the left factor, up to 16.
    pub(super) columns: usize,
}

/// `sums[p, i] += left[.., i] * right[p]` summed over all steps and rows.
///
/// `right` has one piece for each panel of a tile, `extent.rows` lines from one to the next. `ahead` is a factor of a sum that
/// follows. It is fetched meanwhile, since steps lie too far apart for the processor to foresee them.
#[inline(always)]
pub(super) fn outer<V: Lanes>(
    shape: Tile,
    left: Factor<'_>,
    right: Factor<'_>,
    ahead: Option<Factor<'_>>,
    extent: Extent,
    sums: Sums<'_>,
) {
    let Sums { lines, stride, columns } = sums;
    let most = if shape == Tile::Wide { V::WIDE_ROWS } else { V::TILE_ROWS };
    let mut first = 0;
    for height in even_heights(columns, most) {
        let out = &mut lines[first..];
        match shape {
            Tile::Tall => with_constant_height!(height, V::TILE_ROWS, ROWS => {
                tile::<V, ROWS>(left, first, right, ahead, extent, &mut out[..ROWS]);
            }),
            Tile::Wide => with_constant_height!(height, V::WIDE_ROWS, ROWS => {
                wide_tile::<V, ROWS>(left, first, right, ahead, extent, (out, stride));
            }),
        }
        first += height;
    }
}

#[inline(always)]
fn tile<V: Lanes, const ROWS: usize>(
    left: Factor<'_>,
    first: usize,
    right: Factor<'_>,
    ahead: Option<Factor<'_>>,
    extent: Extent,
    out: &mut [Line],
) {
    assert!(first + ROWS <= WIDTH, "columns {first} and {ROWS} more of a line");
    let out: &mut [Line; ROWS] = out.try_into().expect("a tile of ROWS columns");
    let mut sums: [V; ROWS] = std::array::from_fn(|i| V::load(&out[i]));
    for step in 0..extent.steps {
        let left = &left.lines[step * left.step..][..extent.rows];
        let right = &right.lines[step * right.step..][..extent.rows];
        let ahead = ahead.map_or(left, |ahead| &ahead.lines[step * ahead.step..][..extent.rows]);
        for ((values, line), ahead) in left.iter().zip(right).zip(ahead) {
            V::prefetch(ahead);
            let line = V::load(line);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = V::splat(values.0[first + i]).mul_add(line, *sum);
            }
        }
    }
    for i in 0..ROWS {
        sums[i].store(&mut out[i]);
    }
}

/// As [`tile`], for four pieces of the right factor, whose sums lie `stride` lines apart.
#[inline(always)]
fn wide_tile<V: Lanes, const ROWS: usize>(
    left: Factor<'_>,
    first: usize,
    right: Factor<'_>,
    ahead: Option<Factor<'_>>,
    extent: Extent,
    (out, stride): (&mut [Line], usize),
) {
    assert!(first + ROWS <= WIDTH, "columns {first} and {ROWS} more of a line");
    let mut sums: [[V; WIDE_PANELS]; ROWS] =
        std::array::from_fn(|i| std::array::from_fn(|p| V::load(&out[p * stride + i])));
    for step in 0..extent.steps {
        let left = &left.lines[step * left.step..][..extent.rows];
        let right = &right.lines[step * right.step..];
        let right: [&[Line]; WIDE_PANELS] = std::array::from_fn(|p| &right[p * extent.rows..][..extent.rows]);
        let ahead = ahead.map_or(left, |ahead| &ahead.lines[step * ahead.step..][..extent.rows]);
        for (row, (values, ahead)) in left.iter().zip(ahead).enumerate() {
            V::prefetch(ahead);
            let lines = right.map(|piece| V::load(&piece[row]));
            for (i, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(values.0[first + i]);
                for (sum, line) in sums.iter_mut().zip(lines) {
                    *sum = value.mul_add(line, *sum);
                }
            }
        }
    }
    for (i, sums) in sums.into_iter().enumerate() {
        for (p, sum) in sums.into_iter().enumerate() {
            sum.store(&mut out[p * stride + i]);
        }
    }
}

/// `sum += factor` summed over all steps and rows.
#[inline(always)]
pub(super) fn sum<V: Lanes>(factor: Factor<'_>, extent: Extent, sum: &mut Line) {
    // Four sums, since one alone would wait for each addition.
    let mut sums = [V::splat(0.0); 4];
    for step in 0..extent.steps {
        let (fours, rest) = factor.lines[step * factor.step..][..extent.rows].as_chunks::<4>();
        for four in fours {
            for (sum, line) in sums.iter_mut().zip(four) {
                *sum = sum.add(V::load(line));
            }
        }
        for line in rest {
            sums[0] = sums[0].add(V::load(line));
        }
    }
    let [a, b, c, d] = sums;
    V::load(sum).add(a.add(b).add(c.add(d))).store(sum);
}
