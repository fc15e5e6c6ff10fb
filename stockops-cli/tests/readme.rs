//! The README's Rust is the crate's, which runs as a doc-test.

#[test]
fn both_readmes_show_the_same_twenty_lines() {
    let block = |text: &str| {
        let start = text.find("```rust").expect("a block of Rust");
        let end = text[start + 3..].find("```").expect("its end");
        text[start..start + end].to_string()
    };
    let (root, core) = (include_str!("../../README.md"), include_str!("../../stockops-core/README.md"));
    assert_eq!(block(root), block(core));
}
