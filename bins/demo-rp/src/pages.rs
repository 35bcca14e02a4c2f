//! What people see. All text goes through the templates' escaping, and nothing hides in it.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use passkey_idp::visible::{Piece, pieces};
use server_kit::page::{Asset, ICON, STYLE, routes};

use crate::document::{Document, Mismatch, Standing};
use crate::oidc::Person;
use crate::state::App;

mod proven;
mod waiting;

pub(crate) use proven::Proven;
pub(crate) use waiting::Waiting;

const ASSETS: [Asset; 6] = [
    STYLE,
    ICON,
    Asset {
        path: "/assets/demo.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../assets/demo.css"),
    },
    Asset {
        path: "/assets/follow.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../assets/follow.js"),
    },
    Asset {
        path: "/verify/verify.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../../passkey-verify/page/verify.css"),
    },
    Asset {
        path: "/verify/verify.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../../passkey-verify/page/verify.js"),
    },
];

/// The page that verifies evidence by itself, and forbids itself any network.
pub(crate) fn verifier(app: &App) -> Response {
    let page = include_str!("../../passkey-verify/page/index.html");
    let mut response = Html(page).into_response();
    app.headers().put_on(response.headers_mut());
    response
}

/// The files beside the pages.
pub(crate) fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes(&ASSETS)
}

/// A page with the header fields of every page.
pub(crate) fn answer(app: &App, status: StatusCode, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "no page");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(html)).into_response();
    app.headers().put_on(response.headers_mut());
    response
}

/// The first page of somebody who has not signed in.
#[derive(Template)]
#[template(path = "welcome.html")]
pub(crate) struct Welcome<'a> {
    pub(crate) issuer: &'a str,
}

/// The first page of somebody who has.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home<'a> {
    name: Vec<Piece>,
    person: &'a Person,
    since: Option<String>,
    meaning: String,
    documents: Vec<Listed>,
}

/// A document in a list.
pub(crate) struct Listed {
    id: String,
    title: Vec<Piece>,
    state: &'static str,
}

/// The form for a document.
#[derive(Template)]
#[template(path = "new.html")]
pub(crate) struct New {}

/// Says what happened and what to do now.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    class: &'static str,
    what: &'static str,
    detail: Vec<Piece>,
    advice: &'static str,
    onward: String,
}

impl<'a> Home<'a> {
    pub(crate) fn new(person: &'a Person, documents: Vec<Listed>) -> Self {
        let name = person.name.as_deref().unwrap_or(&person.subject);
        let since = person
            .signed_in
            .and_then(|at| jiff::Timestamp::from_second(at).ok());
        Self {
            name: pieces(name),
            person,
            since: since.map(|at| at.to_string()),
            meaning: person
                .level
                .iter()
                .chain(&person.means)
                .map(|code| meaning(code))
                .collect::<Vec<_>>()
                .join(", "),
            documents,
        }
    }
}

/// What an `acr` or `amr` means, if it is one of ours.
fn meaning(code: &str) -> &str {
    match code {
        "phr" => "resistant to phishing",
        "https://refeds.org/profile/mfa" => "by more than one factor",
        "hwk" => "a passkey that stays on its device",
        "swk" => "a passkey that may be on several devices",
        "user" => "somebody was there",
        "mfa" => "and was verified by PIN or biometrics",
        other => other,
    }
}

impl Listed {
    pub(crate) fn new(document: &Document) -> Self {
        Self {
            id: document.placed.id.to_string(),
            title: pieces(document.asked.title()),
            state: state(&document.standing),
        }
    }
}

impl Message {
    /// Something went wrong.
    pub(crate) fn new(what: &'static str, detail: impl AsRef<str>, advice: &'static str) -> Self {
        Self {
            class: "bad",
            what,
            detail: pieces(detail.as_ref()),
            advice,
            onward: "/".to_owned(),
        }
    }

    /// Nothing was done, as the person wished.
    pub(crate) fn calm(what: &'static str, advice: &'static str) -> Self {
        let mut page = Self::new(what, "", advice);
        page.class = "calm";
        page
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            "There is no such page",
            "",
            "It may have been somebody else's, or forgotten.",
        )
    }

    /// Another device has answered than the one that waits.
    pub(crate) fn answered() -> Self {
        let advice = "Go on where you began: what you answered is known there.";
        Self::calm("You can close this page", advice)
    }

    /// The service was asked for by another name than its own.
    pub(crate) fn elsewhere(origin: &str) -> Self {
        let advice = "Your browser keeps what belongs to this service under its own address.";
        let mut page = Self::new("This service has another address", origin, advice);
        page.onward = format!("{origin}/");
        page
    }
}

/// What came of a document that is not signed.
pub(crate) fn over(standing: &Standing) -> Message {
    let advice = "Nothing was signed. You can ask again.";
    let mut page = match standing {
        Standing::Unproven(mismatch) => {
            let advice = match mismatch {
                Mismatch::Signer => "It was signed with the passkey of another person.",
                Mismatch::Refused(_) | Mismatch::Order | Mismatch::Content => {
                    "Do not rely on it, and tell whoever operates the identity provider."
                }
            };
            return Message::new("This is not proven", mismatch.to_string(), advice);
        }
        ended @ (Standing::Pending
        | Standing::Viewed
        | Standing::Collected(_)
        | Standing::Signed(_)
        | Standing::Rejected
        | Standing::Expired) => Message::new(state(ended), "", advice),
    };
    page.class = "calm";
    page
}

/// How a document stands, in words.
pub(crate) const fn state(standing: &Standing) -> &'static str {
    match standing {
        Standing::Pending => "Waiting for you to look at it",
        Standing::Viewed => "Open: waiting for your passkey",
        Standing::Collected(_) => "Signed, to be verified",
        Standing::Signed(_) => "Signed",
        Standing::Rejected => "You said no",
        Standing::Expired => "The time is over",
        Standing::Unproven(_) => "Not proven",
    }
}
