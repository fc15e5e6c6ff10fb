//! A line: sixteen floats on one cache line, the unit in which every buffer of the kernel is laid out.

/// Floats in a [`Line`]; widths that are no multiple of it are padded with zeros.
pub(super) const WIDTH: usize = 16;

/// Sixteen neighbouring columns of one row, or one row of a weight panel.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [f32; WIDTH]);

impl Line {
    pub(super) const ZERO: Self = Self([0.0; WIDTH]);
}

/// Lines that hold `width` columns.
pub(super) fn blocks(width: usize) -> usize {
    width.div_ceil(WIDTH)
}

/// Writes one row `(width)` into lines `stride` apart, the last one filled up with zeros.
pub(super) fn scatter(row: &[f32], lines: &mut [Line], stride: usize) {
    for (part, line) in row.chunks(WIDTH).zip(lines.iter_mut().step_by(stride)) {
        *line = Line::ZERO;
        line.0[..part.len()].copy_from_slice(part);
    }
}

/// Reads one row `(width)` back from lines `stride` apart.
pub(super) fn gather(lines: &[Line], stride: usize, row: &mut [f32]) {
    for (part, line) in row.chunks_mut(WIDTH).zip(lines.iter().step_by(stride)) {
        part.copy_from_slice(&line.0[..part.len()]);
    }
}
