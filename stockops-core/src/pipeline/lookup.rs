//! Versions in a registry: the parent that children come from, champions, and any other.

use super::shipped::{PARENT_TICKER, shipped_parent};
use crate::error::{Error, Result};
use crate::files::sha256_hex;
use crate::forecaster::{Forecaster, ParentRef};
use crate::market::Ticker;
use crate::model::Device;
use crate::registry::{ModelRegistry, Version, VersionId};

/// A parent and its name.
#[derive(Debug, Clone)]
pub struct Parent {
    /// The parent itself.
    pub forecaster: Forecaster,
    /// Its version; version 0 is the one that ships with the crate.
    pub id: VersionId,
}

impl Parent {
    /// How a child's bundle refers to it.
    pub(super) fn to_ref(&self) -> Result<ParentRef> {
        Ok(ParentRef {
            version: self.id.to_string(),
            sha256: sha256_hex(&self.forecaster.to_bytes()?),
            last_seen_day: self.forecaster.about().last_seen_day,
            training: Some(self.forecaster.recipe().train),
        })
    }
}

/// Which version children come from: the one that was named the parent last ([`ModelRegistry::set_parent`]).
///
/// Where none is named, as in a home of stockops 0.1, it is the champion of `^GSPC` if that was trained as a parent, else
/// version 0 of `^GSPC`, which ships with the crate. A child of the index is never the parent of others.
pub fn parent_id(registry: &dyn ModelRegistry) -> Result<VersionId> {
    if let Some(id) = registry.parent()? {
        return Ok(id);
    }
    let ticker = Ticker::new(PARENT_TICKER)?;
    let champion = registry.champion(&ticker)?.filter(Version::is_parent);
    Ok(VersionId { ticker, version: champion.map_or(0, |champion| champion.version) })
}

/// Make a version the parent that children come from; version 0 of `^GSPC` for the one that ships with the crate.
///
/// # Errors
///
/// [`NotFound`](crate::Error::NotFound) for an unknown version, [`Config`](crate::Error::Config) for one that was not trained as
/// a parent; those of the registry.
pub fn make_parent(registry: &dyn ModelRegistry, id: &VersionId) -> Result<()> {
    if id.version == 0 && id.ticker.as_str() != PARENT_TICKER {
        let hint = format!("the parent that ships with stockops is {PARENT_TICKER}@0");
        return Err(Error::NotFound { kind: "version", name: id.to_string(), hint });
    }
    registry.set_parent(id)
}

/// The parent that [`parent_id`] names.
pub fn find_parent(registry: &dyn ModelRegistry, device: Device) -> Result<Parent> {
    let id = parent_id(registry)?;
    let forecaster = if id.version == 0 { shipped_parent(device)? } else { load(registry, &id, device)? };
    Ok(Parent { forecaster, id })
}

/// The forecaster of a version.
///
/// # Errors
///
/// Those of [`ModelRegistry::get`] and [`Forecaster::from_bytes`].
pub fn load(registry: &dyn ModelRegistry, id: &VersionId, device: Device) -> Result<Forecaster> {
    Forecaster::from_bytes(&id.to_string(), &registry.get(&id.ticker, id.version)?, device)
}

/// The version that forecasts `ticker`, where it has one.
pub fn load_champion(
    registry: &dyn ModelRegistry,
    ticker: &Ticker,
    device: Device,
) -> Result<Option<(Forecaster, VersionId)>> {
    let Some(champion) = registry.champion(ticker)? else { return Ok(None) };
    let id = VersionId { ticker: ticker.clone(), version: champion.version };
    Ok(Some((load(registry, &id, device)?, id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{MemoryRegistry, VersionNote};

    fn put(registry: &MemoryRegistry, ticker: &str, strategy: &str, over: Option<u32>) {
        let note = VersionNote::new(strategy, chrono::NaiveDate::default());
        registry.put_over(&ticker.parse().unwrap(), b"weights", note, &[], over).unwrap();
    }

    /// In a home of stockops 0.1 nothing names the parent.
    #[test]
    fn where_no_parent_is_named_a_champion_of_the_index_is_it_if_it_was_trained_as_one() {
        let registry = MemoryRegistry::new();
        let parent = || parent_id(&registry).unwrap().to_string();
        assert_eq!(parent(), "^GSPC@0");
        put(&registry, "IBM", "parent", None);
        assert_eq!(parent(), "^GSPC@0");
        put(&registry, "^GSPC", "parent", None);
        assert_eq!(parent(), "^GSPC@1");
        put(&registry, "^GSPC", "freeze", Some(1));
        assert_eq!(parent(), "^GSPC@0", "a child of the index is nobody's parent");
        make_parent(&registry, &"^GSPC@1".parse().unwrap()).unwrap();
        assert_eq!(parent(), "^GSPC@1", "what is named counts, whoever is champion");
        assert!(make_parent(&registry, &"^GSPC@2".parse().unwrap()).is_err());
    }

    #[test]
    fn the_shipped_parent_can_be_named_again_under_its_own_name() {
        let registry = MemoryRegistry::new();
        put(&registry, "^GSPC", "parent", None);
        let zero = |ticker: &str| VersionId { ticker: ticker.parse().unwrap(), version: 0 };
        make_parent(&registry, &zero("^GSPC")).unwrap();
        assert_eq!(find_parent(&registry, Device::Cpu).unwrap().id, zero("^GSPC"));
        let text = make_parent(&registry, &zero("IBM")).unwrap_err().to_string();
        assert_eq!(text, "no version named IBM@0; the parent that ships with stockops is ^GSPC@0");
    }
}
