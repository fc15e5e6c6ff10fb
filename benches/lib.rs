//! Benches of stockops, one file a stage; run `cargo bench -p stockops-benches`.
