//! What is kept, as a file that another database takes in.

use passkey_idp::Instant;
use passkey_idp::evidence::{Evidence, Refusal, Statement, Trust, verify};
use passkey_idp::random::Digest;
use passkey_idp::seal::Sealer;
use passkey_idp::store::{
    Change, Commit, Kind, List, NewRow, Over, PageSize, Row, RowId, Store, StoreError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use strict_jws::SystemRandom;

use crate::keys::{KeyError, StoredKey};
use lasting::Lasting;

mod lasting;

/// All that lasts: no orders, codes and sessions, which are over within minutes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    format: String,
    exported_at: Instant,
    rows: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: String,
    id: RowId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<RowId>,
    state: String,
    created_at: Instant,
    expires_at: Instant,
    purge_at: Instant,
    body: Value,
}

/// Whether the keys that sign go into the file, wrapped with the sealing key as they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Secrets {
    /// They do: whoever has the sealing key, too, can sign in the server's name.
    Wrapped,
    /// They do not: the server makes another key.
    LeftOut,
}

/// Why nothing is taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotImported {
    /// The text is no export.
    #[error("the file is no export of this version")]
    Form(#[from] serde_json::Error),
    /// It is another format.
    #[error("the file is of the format {0:?}, not {FORMAT:?}")]
    Format(String),
    /// An entry is not what is kept under such a name.
    #[error("{kind} {id}: not what is kept")]
    Entry {
        /// What it claims to be.
        kind: String,
        /// Its name.
        id: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Evidence does not verify.
    #[error("evidence {id} does not verify")]
    Evidence {
        /// Its name.
        id: RowId,
        /// Why.
        #[source]
        source: Refusal,
    },
    /// A key that signs was sealed with another sealing key.
    #[error(
        "the key {id} was sealed with another sealing key: give that one, or export without keys"
    )]
    Sealed {
        /// Its name.
        id: RowId,
        /// What came of opening it.
        #[source]
        source: KeyError,
    },
    /// The database has something of that name.
    #[error("{kind} {id} is there already; import into an empty database")]
    Taken {
        /// What it is.
        kind: String,
        /// Its name.
        id: RowId,
    },
    /// The store has failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads all that lasts and has not expired.
///
/// # Errors
/// The store has failed.
pub async fn export(
    store: &dyn Store,
    secrets: Secrets,
    now: Instant,
) -> Result<Export, StoreError> {
    let mut rows = Vec::new();
    for lasting in Lasting::ALL {
        if secrets == Secrets::LeftOut && lasting.kind == Kind::SigningKey {
            continue;
        }
        let mut after = None;
        loop {
            let page = store.list(list(lasting.kind, after.as_ref())).await?;
            after = page.last().map(|row| row.id.clone());
            let useful = page.into_iter().filter(|row| row.expires_at > now);
            for row in useful {
                rows.push(Entry::try_from(row)?);
            }
            if after.is_none() {
                break;
            }
        }
    }
    let format = FORMAT.to_owned();
    Ok(Export {
        format,
        exported_at: now,
        rows,
    })
}

impl Export {
    /// Reads a file.
    ///
    /// # Errors
    /// [`NotImported::Form`] and [`NotImported::Format`].
    pub fn parse(text: &str) -> Result<Self, NotImported> {
        let export: Self = serde_json::from_str(text)?;
        if export.format == FORMAT {
            Ok(export)
        } else {
            Err(NotImported::Format(export.format))
        }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Puts everything into `store`, or nothing: what is malformed, what does not verify and what is
    /// there already refuses all of it.
    ///
    /// # Errors
    /// [`NotImported`]
    pub async fn import(
        self,
        store: &dyn Store,
        sealer: &Sealer,
        now: Instant,
    ) -> Result<usize, NotImported> {
        let names: Vec<_> = self.rows.iter().map(Entry::name).collect();
        let rows = self.rows.into_iter();
        let changes: Result<Vec<_>, _> = rows.map(|entry| entry.insertion(sealer)).collect();
        match store.commit(changes?, now).await? {
            Commit::Done(rows) => Ok(rows.len()),
            Commit::Refused { at } => {
                let taken = names.into_iter().nth(at);
                let (kind, id) = taken.expect("one of the changes was refused");
                Err(NotImported::Taken { kind, id })
            }
        }
    }
}

impl Entry {
    fn name(&self) -> (String, RowId) {
        (self.kind.clone(), self.id.clone())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "others hold nothing to verify"
    )]
    fn insertion(self, sealer: &Sealer) -> Result<Change, NotImported> {
        let malformed = |source| NotImported::Entry {
            kind: self.kind.clone(),
            id: self.id.to_string(),
            source,
        };
        let lasting = Lasting::named(&self.kind).ok_or_else(|| malformed("unknown kind".into()))?;
        let state = lasting.state(&self).map_err(malformed)?;
        match lasting.kind {
            Kind::Evidence => {
                let evidence: Evidence = serde_json::from_value(self.body.clone())?;
                let id = self.id.clone();
                let verified = verify(&evidence.package, &Trust::Embedded)
                    .map_err(|source| NotImported::Evidence { id, source })?;
                if !says(&verified.statement, &evidence, &self.id) {
                    return Err(malformed("its package says something else".into()));
                }
            }
            Kind::SigningKey => {
                let key: StoredKey = serde_json::from_value(self.body.clone())?;
                let id = self.id.clone();
                let signer = key
                    .open(sealer, &SystemRandom::new())
                    .map_err(|source| NotImported::Sealed { id, source })?;
                let said = (signer.key_id().as_str(), signer.algorithm().name());
                if said != (self.id.as_str(), key.algorithm.as_str()) {
                    return Err(malformed(
                        "it is the key of another name or algorithm".into(),
                    ));
                }
            }
            _ => {}
        }
        let row = NewRow {
            kind: lasting.kind,
            id: self.id,
            owner: self.owner,
            state,
            created_at: Some(self.created_at),
            expires_at: self.expires_at,
            purge_at: self.purge_at,
            body: self.body.to_string(),
        };
        Ok(Change::Insert(row, Over::Nothing))
    }
}

/// Whether a package is the one that such a row of that name keeps. Names begin with the time.
fn says(statement: &Statement, kept: &Evidence, id: &RowId) -> bool {
    let began = |id: &RowId| id.as_str().split_once('-').map(|(at, _)| at.to_owned());
    let signed = RowId::in_time(statement.signed_at, &Digest::sha256(b""));
    let said = (&statement.user, &statement.application, &statement.order);
    said == (&kept.user, &kept.application, &kept.order) && began(id) == began(&signed)
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let body = serde_json::from_str(&row.body);
        let body = body.map_err(|source| StoreError::Malformed {
            kind: row.kind.name(),
            source: source.into(),
        })?;
        Ok(Self {
            kind: row.kind.name().to_owned(),
            id: row.id,
            owner: row.owner,
            state: row.state.into(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            purge_at: row.purge_at,
            body,
        })
    }
}

const fn list(kind: Kind, after: Option<&RowId>) -> List<'_> {
    List {
        kind,
        owner: None,
        after,
        reversed: false,
        limit: PageSize::MAX,
    }
}

const FORMAT: &str = "passkey-server/export/1";
