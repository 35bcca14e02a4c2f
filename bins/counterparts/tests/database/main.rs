//! What keeps its state in a database, on a real PostgreSQL.

mod auc;
mod endorse;
mod passkey;
