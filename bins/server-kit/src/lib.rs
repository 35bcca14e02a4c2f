//! What the servers share, so that each of them is routes and nothing else.
//!
//! A server reads its settings ([`config`]), opens its sockets ([`listen`], [`tls`]), finds out who
//! calls ([`caller`]) and whether a web page makes them call ([`browser`]), holds them to a rate
//! ([`limit`]), says what went wrong ([`problem`]), and leaves traces for people ([`observe`]) and
//! for auditors ([`audit`]). What it stores lies in a database ([`sql`]), secrets sealed ([`seal`]).
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use server_kit::listen::{self, Limits, Listener};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let app = Router::new().route("/healthz", get(|| async { "ok" }));
//! let listener = Listener::plain(&"127.0.0.1:8080".parse()?).await?;
//! listen::serve(vec![listener], app, Limits::default(), listen::terminated()?).await;
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//! - what may listen where, and what is refused: [`listen::Exposure`]
//! - the way into every server: [`gate::Gate`]
//! - what every request passes, and every answer says: [`frame::Frame`]
//! - the command line, from arguments to an exit code: [`cli`]
//! - where a bearer token is compared: [`caller::Tokens`]
//! - what the start would stumble over: [`trial`]
//! - what a log never shows: [`observe::Scrubbed`]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod audit;
pub mod body;
pub mod browser;
pub mod caller;
pub mod cli;
pub mod config;
pub mod form;
pub mod frame;
pub mod gate;
pub mod limit;
pub mod listen;
pub mod manuals;
pub mod observe;
#[cfg(feature = "pages")]
pub mod page;
pub mod problem;
pub mod seal;
#[cfg(feature = "sql")]
pub mod sql;
pub mod tls;
pub mod trial;
