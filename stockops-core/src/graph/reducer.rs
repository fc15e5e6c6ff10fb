//! `Reducer`: what becomes of a field of the state when a node writes it.

use std::fmt::Debug;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// What becomes of a field when it is written: a type that is never made, only named in
/// [`state!`](crate::graph::state).
///
/// Values have to survive JSON, since state is kept as such: a float that is no number does not.
///
/// # Example
///
/// ```
/// use stockops_core::graph::{Reducer, state};
///
/// /// Keeps the largest.
/// struct Max;
///
/// impl Reducer for Max {
///     type Value = u32;
///     type Update = u32;
///     fn reduce(value: &mut u32, update: u32) {
///         *value = update.max(*value);
///     }
/// }
///
/// state! {
///     struct Race { fastest: Max }
/// }
/// assert_eq!(Race::default().fastest, 0);
/// ```
pub trait Reducer {
    /// What the state holds; its default is that of a field that was never written.
    type Value: Default + Clone + Debug + Serialize + DeserializeOwned + Send;
    /// What a node writes.
    type Update: Clone + Debug + Serialize + DeserializeOwned + Send;
    /// Whether two nodes of which neither is before the other may not both write it: where the order would decide.
    const ONE_WRITER: bool = false;

    /// Take `update` into `value`.
    fn reduce(value: &mut Self::Value, update: Self::Update);
}

/// The last value that was written, `None` before the first. Nodes side by side may not both write it.
#[derive(Debug)]
pub struct Last<T>(PhantomData<T>);

impl<T: Clone + Debug + Serialize + DeserializeOwned + Send> Reducer for Last<T> {
    type Value = Option<T>;
    type Update = T;
    const ONE_WRITER: bool = true;

    fn reduce(value: &mut Option<T>, update: T) {
        *value = Some(update);
    }
}

/// A list that grows by what is written. Of nodes side by side the order is that of the graph, not of time.
#[derive(Debug)]
pub struct Append<T>(PhantomData<T>);

impl<T: Clone + Debug + Serialize + DeserializeOwned + Send> Reducer for Append<T> {
    type Value = Vec<T>;
    type Update = Vec<T>;

    fn reduce(value: &mut Vec<T>, update: Vec<T>) {
        value.extend(update);
    }
}

/// A sum that begins at 0. Integers stay at their largest (smallest) value where it would be passed.
#[derive(Debug)]
pub struct Sum<T>(PhantomData<T>);

impl<T: Summable> Reducer for Sum<T> {
    type Value = T;
    type Update = T;

    fn reduce(value: &mut T, update: T) {
        *value = value.clone().plus(update);
    }
}

/// What [`Sum`] can sum: the numbers of Rust, and [`Total`].
pub trait Summable: Default + Clone + Debug + Serialize + DeserializeOwned + Send {
    /// `self + other`, held at the bounds of the type.
    #[must_use]
    fn plus(self, other: Self) -> Self;
}

macro_rules! summable {
    ($($integer:ty),+) => {$(
        impl Summable for $integer {
            fn plus(self, other: Self) -> Self {
                self.saturating_add(other)
            }
        }
    )+};
}

summable!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl Summable for f32 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Summable for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

/// A number whose kind is known when it comes: what a state without types sums. Integers stay integers among
/// themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Total(Number);

impl Default for Total {
    fn default() -> Self {
        Self(Number::from(0))
    }
}

impl Summable for Total {
    fn plus(self, other: Self) -> Self {
        if let (Some(a), Some(b)) = (self.0.as_i64(), other.0.as_i64()) {
            return Self(a.saturating_add(b).into());
        }
        let sum = self.0.as_f64().unwrap_or(0.0) + other.0.as_f64().unwrap_or(0.0);
        // A sum beyond all floats leaves the value, as a sum beyond all integers does.
        Number::from_f64(sum).map_or(self, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduced<R: Reducer>(updates: impl IntoIterator<Item = R::Update>) -> R::Value {
        updates.into_iter().fold(R::Value::default(), |mut value, update| {
            R::reduce(&mut value, update);
            value
        })
    }

    #[test]
    fn each_does_what_its_name_says() {
        assert_eq!(reduced::<Last<u8>>([]), None);
        assert_eq!(reduced::<Last<u8>>([1, 2]), Some(2));
        assert_eq!(reduced::<Append<u8>>([vec![1], vec![], vec![2, 3]]), [1, 2, 3]);
        assert_eq!(reduced::<Sum<i32>>([1, -3]), -2);
        assert_eq!(reduced::<Sum<f64>>([0.5, 0.25]), 0.75);
    }

    #[test]
    fn a_sum_stays_within_its_type() {
        assert_eq!(reduced::<Sum<u8>>([200, 100]), 255);
        assert_eq!(reduced::<Sum<i8>>([-100, -100]), -128);
        assert!(Sum::<u8>::ONE_WRITER == Append::<u8>::ONE_WRITER && Last::<u8>::ONE_WRITER);
    }

    #[test]
    fn a_total_is_an_integer_as_long_as_it_can_be() {
        let total = |words: &[&str]| {
            let numbers = words.iter().map(|word| serde_json::from_str::<Total>(word).unwrap());
            serde_json::to_string(&reduced::<Sum<Total>>(numbers)).unwrap()
        };
        assert_eq!(total(&["1", "2"]), "3");
        assert_eq!(total(&["1", "0.5"]), "1.5");
        assert_eq!(total(&["9223372036854775807", "1"]), "9223372036854775807");
        assert_eq!(total(&["1e308", "1e308"]), "1e+308");
    }
}
