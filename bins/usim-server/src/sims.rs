//! All SIMs of the server, by the names they go by.

use std::sync::{Arc, PoisonError, RwLock};

use server_kit::caller::Caller;

use crate::{error::ApiError, sim::Sim};

/// The SIMs in the order in which they were given; more may come while the server runs.
#[derive(Debug, Default)]
pub struct Sims {
    list: RwLock<Vec<Arc<Sim>>>,
}

impl Sims {
    /// These SIMs.
    pub fn new(sims: impl IntoIterator<Item = Arc<Sim>>) -> Self {
        Self {
            list: RwLock::new(sims.into_iter().collect()),
        }
    }

    /// Adds one behind the others.
    pub fn push(&self, sim: Arc<Sim>) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        list.push(sim);
    }

    /// All of them, with their indexes.
    pub fn all(&self) -> Vec<(usize, Arc<Sim>)> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.iter().cloned().enumerate().collect()
    }

    /// Those that `caller` may use.
    pub fn of(&self, caller: &Caller) -> Vec<(usize, Arc<Sim>)> {
        let mut sims = self.all();
        sims.retain(|(index, sim)| reaches(caller, *index, sim).is_ok());
        sims
    }

    /// The one that goes by `id`: an alias, a reader's name, an ICCID or an index; the caller's
    /// first one without an `id`.
    ///
    /// # Errors
    /// There is none, or the caller may not use it.
    pub fn find(&self, caller: &Caller, id: Option<&str>) -> Result<(usize, Arc<Sim>), ApiError> {
        let Some(id) = id else {
            let first = self.of(caller).into_iter().next();
            return first.ok_or(ApiError::NoSim);
        };
        let (index, sim) = self.named(id).ok_or(ApiError::NoSuchSim)?;
        reaches(caller, index, &sim)?;
        Ok((index, sim))
    }

    /// The SIM that goes by `id`, or has it as its index, whoever may use it.
    pub(crate) fn named(&self, id: &str) -> Option<(usize, Arc<Sim>)> {
        let sims = self.all();
        let named = sims.iter().find(|(_, sim)| sim.goes_by(id));
        let found = named.or_else(|| sims.get(id.parse::<usize>().ok()?));
        found.cloned()
    }
}

fn reaches(caller: &Caller, index: usize, sim: &Sim) -> Result<(), ApiError> {
    let (index, iccid) = (index.to_string(), sim.iccid());
    let names = [
        Some(sim.name()),
        sim.alias(),
        iccid.as_deref(),
        Some(&index),
    ];
    Ok(caller.reaches(names.into_iter().flatten())?)
}
