//! `State`: what nodes share, as a struct of one's own (made by `state!`) or as a JSON object.

use serde_json::Value;

use super::fields::{Fields, Object};
use crate::error::Fault;

/// What the nodes of a graph share. [`state!`](crate::graph::state) makes one; [`Object`] is one whose fields are known
/// at run time.
pub trait State: Sized + Send + 'static {
    /// What a node writes: some of the fields.
    type Update: Send + 'static;

    /// The state as JSON; [`Fault::Value`] names a field that has none.
    fn into_object(self) -> Result<Object, Fault>;

    /// The state that `object` holds; [`Fault::Value`] names a field that does not fit.
    fn from_object(object: Object) -> Result<Self, Fault>;

    /// An update as JSON: the fields that it writes.
    fn update_into_object(update: Self::Update) -> Result<Object, Fault>;
}

/// A state whose fields are known to the compiler.
pub trait Declared: State {
    /// Its fields with their reducers.
    fn fields() -> Fields;
}

/// What nodes write of a state.
pub type Update<S> = <S as State>::Update;

impl State for Object {
    type Update = Object;

    fn into_object(self) -> Result<Object, Fault> {
        Ok(self)
    }

    fn from_object(object: Object) -> Result<Self, Fault> {
        Ok(object)
    }

    fn update_into_object(update: Object) -> Result<Object, Fault> {
        Ok(update)
    }
}

/// A struct that nodes share: each field with its [`Reducer`](crate::graph::Reducer).
///
/// The struct has public fields of the reducers' values and is `Debug`, `Clone` and `Default`; `Name::update()` begins
/// an update, with a setter a field. What checkpoints hold of it is JSON: whoever changes what is inside a field raises
/// the graph's version.
///
/// # Example
///
/// ```
/// use stockops_core::graph::{Append, Last, Sum, state};
///
/// state! {
///     /// What the writers share.
///     pub struct Essay {
///         /// What it is about.
///         topic: Last<String>,
///         notes: Append<String>,
///         rounds: Sum<u32>,
///     }
/// }
///
/// let essay = Essay { topic: Some("tides".into()), ..Essay::default() };
/// assert!(essay.notes.is_empty() && essay.rounds == 0);
/// let update = Essay::update().notes(vec!["the moon".into()]).rounds(1);
/// # let _ = update;
/// ```
#[macro_export]
macro_rules! state {
    (
        $(#[$meta:meta])*
        $visible:vis struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $reducer:ty),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default)]
        #[allow(unreachable_pub)]
        $visible struct $name {
            $($(#[$field_meta])* pub $field: <$reducer as $crate::graph::Reducer>::Value,)*
        }

        // A field that only the start sets, or a state that nobody updates, is no mistake.
        #[allow(unreachable_pub, dead_code)]
        const _: () = {
            use $crate::graph::__private as private;

            /// Some of the fields, as a node writes them.
            #[derive(Debug, Clone, Default)]
            pub struct Update {
                $($field: ::core::option::Option<<$reducer as $crate::graph::Reducer>::Update>,)*
            }

            impl Update {
                $(
                    #[doc = concat!("Write `", stringify!($field), "`.")]
                    #[must_use]
                    pub fn $field(mut self, update: <$reducer as $crate::graph::Reducer>::Update) -> Self {
                        self.$field = ::core::option::Option::Some(update);
                        self
                    }
                )*
            }

            impl $name {
                /// An update that writes nothing yet.
                pub fn update() -> Update {
                    Update::default()
                }
            }

            impl $crate::graph::State for $name {
                type Update = Update;

                fn into_object(self) -> ::core::result::Result<$crate::graph::Object, $crate::error::Fault> {
                    let mut object = $crate::graph::Object::new();
                    $(
                        let value = private::field_to_json(stringify!($field), &self.$field)?;
                        object.insert(stringify!($field).into(), value);
                    )*
                    Ok(object)
                }

                fn from_object(
                    mut object: $crate::graph::Object,
                ) -> ::core::result::Result<Self, $crate::error::Fault> {
                    Ok(Self { $($field: private::field_from_json(stringify!($field), &mut object)?,)* })
                }

                fn update_into_object(
                    update: Update,
                ) -> ::core::result::Result<$crate::graph::Object, $crate::error::Fault> {
                    let mut object = $crate::graph::Object::new();
                    $(if let Some(update) = update.$field {
                        object.insert(stringify!($field).into(), private::field_to_json(stringify!($field), &update)?);
                    })*
                    Ok(object)
                }
            }

            impl $crate::graph::Declared for $name {
                fn fields() -> $crate::graph::Fields {
                    $crate::graph::Fields::new()$(.with::<$reducer>(stringify!($field), stringify!($reducer)))*
                }
            }
        };
    };
}

/// What the code that `state!` writes needs.
#[doc(hidden)]
pub mod __private {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::{Fault, Object, Value};
    use crate::graph::fields::{from_json, to_json};

    pub fn field_to_json<T: Serialize>(name: &str, value: &T) -> Result<Value, Fault> {
        to_json(&format!("`{name}`"), value)
    }

    pub fn field_from_json<T: DeserializeOwned>(name: &str, object: &mut Object) -> Result<T, Fault> {
        from_json(&format!("`{name}`"), object.remove(name).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Append, Last, Sum};
    use serde_json::json;

    state! {
        /// All three.
        #[derive(PartialEq)]
        struct Three { last: Last<String>, list: Append<u8>, sum: Sum<f64> }
    }

    #[test]
    fn a_state_comes_back_from_its_json() {
        let three = Three { last: Some("a".into()), list: vec![1, 2], sum: 0.1 + 0.2 };
        assert_eq!(Three::from_object(three.clone().into_object().unwrap()), Ok(three));
        let empty = Three::fields().completed(Object::new()).unwrap();
        assert_eq!(Three::from_object(empty), Ok(Three::default()));
    }

    #[test]
    fn an_update_holds_what_was_written_and_is_reduced() {
        let mut state = Three { list: vec![1], ..Three::default() }.into_object().unwrap();
        let update = Three::update_into_object(Three::update().list(vec![2]).sum(0.5)).unwrap();
        assert_eq!(Value::Object(update.clone()), json!({ "list": [2], "sum": 0.5 }));
        Three::fields().apply(&mut state, &update).unwrap();
        assert_eq!(Three::from_object(state), Ok(Three { last: None, list: vec![1, 2], sum: 0.5 }));
        assert_eq!(Three::fields().rules()["last"], "Last<String>");
    }

    #[test]
    fn what_does_not_fit_names_its_field() {
        let object = json!({ "last": 1, "list": [], "sum": 0.0 }).as_object().cloned().unwrap();
        let text = Three::from_object(object).unwrap_err().to_string();
        assert_eq!(text, "`last` does not fit: invalid type: integer `1`, expected a string");
        // JSON has no such number, so it would come back as none.
        let object = Three { sum: f64::NAN, ..Three::default() }.into_object().unwrap();
        assert!(
            Three::from_object(object).unwrap_err().to_string().starts_with("`sum` does not fit: invalid type: null")
        );
    }
}
