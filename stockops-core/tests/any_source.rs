//! The example of the docs runs.

#[path = "../examples/any_source.rs"]
mod example;

#[test]
fn bars_of_a_shop_are_forecast() {
    example::main().unwrap();
}
