//! Tests of the kernel against a plain LSTM in `f64`, and of its promises: same bits, no hang, dropout where it says.

mod activation;
mod cases;
mod dropout;
mod gradients;
mod inference;
mod reference;
mod reproducible;
mod seam;
