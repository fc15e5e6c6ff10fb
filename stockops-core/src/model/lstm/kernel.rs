//! A stacked LSTM on a CPU, fused: forward, gradients and inference in plain Rust on slices of `f32`.
//!
//! Weights, gate order (i, f, g, o) and dropout are PyTorch's. Results are the same, bit for bit, for any number of
//! threads: work is cut by the sizes alone and every sum has a fixed order.
//!
//! ```text
//! seams       training.rs   forward_train -> Saved -> backward -> Gradients       inference.rs   PackedLstm
//! passes      forward.rs   backward.rs   weight_gradient.rs       chunk.rs   single.rs   duet.rs
//! buffers     line.rs   pack.rs   shard.rs   shape.rs   dropout.rs
//! kernels     product.rs   outer.rs   cell.rs   activation.rs, all generic over lanes.rs; tile.rs
//! machines    portable.rs   avx2.rs   avx512.rs, chosen in processor.rs: the only `unsafe` code
//! ```

mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod backward;
mod cell;
mod chunk;
mod dropout;
mod duet;
mod forward;
mod inference;
mod lanes;
mod line;
mod outer;
mod pack;
mod portable;
mod processor;
mod product;
mod shape;
mod shard;
mod single;
#[cfg(test)]
mod tests;
mod tile;
mod training;
mod weight_gradient;

pub(crate) use dropout::{Dropout, dropout_mask};
pub(crate) use inference::PackedLstm;
pub(crate) use processor::Processor;
pub(crate) use shape::{LayerWeights, LstmShape, Output, Sequences, SizeError};
#[cfg(test)]
pub(crate) use training::{Gradients, forward_train_on};
pub(crate) use training::{Saved, forward_train};
