//! The LSTM cell of sixteen units, forward and backward: everything between two products.
//!
//! ```text
//! i = sigmoid(gate 0)   f = sigmoid(gate 1)   g = tanh(gate 2)   o = sigmoid(gate 3)
//! c = f * c_before + i * g          h = o * tanh(c)
//! ```

use super::activation::{sigmoid, tanh};
use super::lanes::Lanes;
use super::line::Line;

/// What a step of sixteen units reads and writes in training; every slice is `(rows, 16)`.
pub(super) struct Saving<'a> {
    pub(super) cell_before: &'a [Line],
    pub(super) cell: &'a mut [Line],
    pub(super) tanh_cell: &'a mut [Line],
    pub(super) hidden: &'a mut [Line],
}

/// One step that keeps what the backward pass needs: `gates` `(4, rows, 16)` are replaced by their activations.
#[inline(always)]
pub(super) fn forward_saving<V: Lanes>(gates: &mut [Line], step: Saving<'_>) {
    let Saving { cell_before, cell, tanh_cell, hidden } = step;
    let rows = cell.len();
    let [input, forget, candidate, output] = quarters_mut(gates, rows);
    let (cell_before, tanh_cell, hidden) = (&cell_before[..rows], &mut tanh_cell[..rows], &mut hidden[..rows]);
    for r in 0..rows {
        let i = sigmoid(V::load(&input[r]));
        let f = sigmoid(V::load(&forget[r]));
        let g = tanh(V::load(&candidate[r]));
        let o = sigmoid(V::load(&output[r]));
        let c = f.mul_add(V::load(&cell_before[r]), i.mul(g));
        let t = tanh(c);
        i.store(&mut input[r]);
        f.store(&mut forget[r]);
        g.store(&mut candidate[r]);
        o.store(&mut output[r]);
        c.store(&mut cell[r]);
        t.store(&mut tanh_cell[r]);
        o.mul(t).store(&mut hidden[r]);
    }
}

/// One step that keeps nothing: `cell` `(rows, 16)` is updated in place.
#[inline(always)]
pub(super) fn forward<V: Lanes>(gates: &[Line], cell: &mut [Line], hidden: &mut [Line]) {
    let rows = cell.len();
    let [input, forget, candidate, output] = quarters(gates, rows);
    let hidden = &mut hidden[..rows];
    for r in 0..rows {
        let i = sigmoid(V::load(&input[r]));
        let f = sigmoid(V::load(&forget[r]));
        let g = tanh(V::load(&candidate[r]));
        let o = sigmoid(V::load(&output[r]));
        let c = f.mul_add(V::load(&cell[r]), i.mul(g));
        c.store(&mut cell[r]);
        o.mul(tanh(c)).store(&mut hidden[r]);
    }
}

/// What the step back through sixteen units reads and writes; every slice is `(rows, 16)`.
pub(super) struct Backward<'a> {
    pub(super) cell_before: &'a [Line],
    pub(super) tanh_cell: &'a [Line],
    pub(super) d_hidden: &'a [Line],
    /// Gradient of the cell, from the step after on entry, to the step before on return.
    pub(super) d_cell: &'a mut [Line],
}

/// One step back: `gates` `(4, rows, 16)` hold activations on entry, gradients before activation on return.
#[inline(always)]
pub(super) fn backward<V: Lanes>(gates: &mut [Line], step: Backward<'_>) {
    let Backward { cell_before, tanh_cell, d_hidden, d_cell } = step;
    let rows = d_cell.len();
    let one = V::splat(1.0);
    let [input, forget, candidate, output] = quarters_mut(gates, rows);
    let (cell_before, tanh_cell, d_hidden) = (&cell_before[..rows], &tanh_cell[..rows], &d_hidden[..rows]);
    for r in 0..rows {
        let (i, f) = (V::load(&input[r]), V::load(&forget[r]));
        let (g, o) = (V::load(&candidate[r]), V::load(&output[r]));
        let (t, d_h) = (V::load(&tanh_cell[r]), V::load(&d_hidden[r]));
        let d_c = d_h.mul(o).mul_add(t.neg_mul_add(t, one), V::load(&d_cell[r]));
        d_c.mul(g).mul(i.mul(one.sub(i))).store(&mut input[r]);
        d_c.mul(V::load(&cell_before[r])).mul(f.mul(one.sub(f))).store(&mut forget[r]);
        d_c.mul(i).mul(g.neg_mul_add(g, one)).store(&mut candidate[r]);
        d_h.mul(t).mul(o.mul(one.sub(o))).store(&mut output[r]);
        d_c.mul(f).store(&mut d_cell[r]);
    }
}

/// The gates i, f, g, o of `(4, rows, 16)`.
#[inline(always)]
fn quarters(gates: &[Line], rows: usize) -> [&[Line]; 4] {
    [&gates[..rows], &gates[rows..2 * rows], &gates[2 * rows..3 * rows], &gates[3 * rows..4 * rows]]
}

#[inline(always)]
fn quarters_mut(gates: &mut [Line], rows: usize) -> [&mut [Line]; 4] {
    let (input, rest) = gates.split_at_mut(rows);
    let (forget, rest) = rest.split_at_mut(rows);
    let (candidate, rest) = rest.split_at_mut(rows);
    [input, forget, candidate, &mut rest[..rows]]
}
