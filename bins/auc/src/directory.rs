//! Where the centre finds its subscribers and keeps their sequence numbers.

mod kept;
#[cfg(feature = "sql")]
mod sql;

use std::{error::Error, fmt, future::Future};

use aka::{Imsi, Sqn, network::Swap};

use crate::Subscriber;

pub use kept::Kept;
#[cfg(feature = "sql")]
pub use sql::{Added, OnConflict, SqlDirectory, SqlError};

/// The subscribers and their sequence numbers: a file with a journal, or a database.
///
/// Every change is a compare-and-set, so that threads, processes and machines may share one.
pub trait Directory: Send + Sync {
    /// The subscriber with this IMSI, its [`sqn`](Subscriber::sqn) being SQN_HE, the last number
    /// issued.
    ///
    /// # Errors
    /// [`DirectoryError`] when the directory cannot tell.
    fn find(
        &self,
        imsi: &Imsi,
    ) -> impl Future<Output = Result<Option<Subscriber>, DirectoryError>> + Send;

    /// Whether there is a subscriber with this IMSI. It should take as long for one as for none.
    ///
    /// # Errors
    /// [`DirectoryError`] when the directory cannot tell.
    fn knows(&self, imsi: &Imsi) -> impl Future<Output = Result<bool, DirectoryError>> + Send {
        async { Ok(self.find(imsi).await?.is_some()) }
    }

    /// Stores `new` if `expected` is what is stored, in one atomic step, and returns after it is
    /// durable.
    ///
    /// # Errors
    /// [`DirectoryError`] when the subscriber is unknown or nothing can be stored; whether `new`
    /// is stored is then unknown, which costs one number.
    fn compare_and_set(
        &self,
        imsi: &Imsi,
        expected: Sqn,
        new: Sqn,
    ) -> impl Future<Output = Result<Swap, DirectoryError>> + Send;
}

/// A directory cannot be read or written.
pub struct DirectoryError(Box<dyn Error + Send + Sync>);

impl DirectoryError {
    /// Wraps what the directory's own means report.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the subscribers' directory failed")
    }
}

impl fmt::Debug for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirectoryError").field(&self.0).finish()
    }
}

impl Error for DirectoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
