//! What is kept, over memory and over a real Redis.
