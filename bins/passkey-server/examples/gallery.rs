//! Writes every page into a folder, in each language, for a browser to look at:
//! `cargo run -p passkey-server --example gallery -- FOLDER`

use std::{env, error::Error, fs, path::Path, time::SystemTime};

use passkey_server::pages::{
    ASSETS, Ask, Attachment, Connect, Consent, Content, Grant, Handover, Language, Leave, Message,
    NumberMatch, Opening, Party, Progress, Register, Render as _, Signed, Waiting, svg,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let folder = env::args().nth(1).ok_or("give a folder")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for asset in ASSETS {
        fs::write(
            folder.join(asset.path.trim_start_matches('/')),
            asset.content,
        )?;
    }
    fs::write(
        folder.join("qr.svg"),
        svg("http://localhost:8445/d/8Jq2mT0xGfY1cR5vKd3aZw")?,
    )?;
    for language in [Language::English, Language::Swedish] {
        for (name, html) in pages(language)? {
            fs::write(folder.join(format!("{name}.{}.html", language.tag())), html)?;
        }
    }
    Ok(())
}

fn pages(language: Language) -> Outcome<Vec<(&'static str, String)>> {
    let party = Party::new("Example Library", "library.example");
    let mut pages = asking(&party, language)?;
    pages.extend(telling(language)?);
    pages.extend(waiting(&party, language)?);
    Ok(pages)
}

fn asking(party: &Party, language: Language) -> Outcome<Vec<(&'static str, String)>> {
    let ask = |content: &Content| {
        let mut page = Ask::new(party, content, "/answer");
        page.language = language;
        page.options = r#"{"challenge":"AAAA","rpId":"localhost"}"#;
        page.ends = ends();
        page.seconds = 300;
        page.elsewhere = Some("/elsewhere");
        page.html()
    };
    let data = Attachment::new("text/csv", b"name;sum\nloan;1200\n", "9f".repeat(32));
    let sign = Content::Sign(Signed::markdown(CONTRACT), Some(data));
    let tricks = Content::Sign(
        Signed::plain("Pay 100\u{202e}000 1\u{200b}\nto <b>Eve</b>"),
        None,
    );
    let mut register = Register::new(party, "Anna", "/answer");
    register.language = language;
    register.options = r#"{"challenge":"AAAA"}"#;
    register.ends = ends();
    register.seconds = 300;
    register.elsewhere = Some("/elsewhere");
    let grants = ["openid", "profile", "offline_access", "loans:read"];
    let grants = grants.map(|scope| Grant::new(scope, language));
    let mut consent = Consent::new(party, &grants, "/answer");
    consent.language = language;
    Ok(vec![
        ("sign-in", ask(&Content::sign_in())?),
        (
            "message",
            ask(&Content::sign_in_with_message("Till 4 · 132,50"))?,
        ),
        ("sign", ask(&sign)?),
        ("tricks", ask(&tricks)?),
        ("register", register.html()?),
        ("consent", consent.html()?),
    ])
}

fn telling(language: Language) -> Outcome<Vec<(&'static str, String)>> {
    let invalid = Message::invalid(language)
        .with_detail("redirect_uri: not registered")
        .with_reference("01J8Z3W9");
    let handover = [("code", "abc"), ("state", "xyz")];
    let mut handover = Handover::new("/done", &handover);
    handover.language = language;
    Ok(vec![
        ("signed", Message::signed(language).html()?),
        (
            "rejected",
            Message::rejected(language).with_way_back("/").html()?,
        ),
        ("expired", Message::expired(language).html()?),
        ("answered", Message::answered(language).html()?),
        ("cancelled", Message::cancelled(language).html()?),
        ("elsewhere", Message::elsewhere(language).html()?),
        ("needs-code", Message::scan(language).html()?),
        ("refused", Message::refused(language).html()?),
        ("too-many", Message::too_many(language).html()?),
        ("signed-out", Message::signed_out(language).html()?),
        ("stayed", Message::stayed(language).html()?),
        ("opening", Opening::new(language, "/answer", "").html()?),
        ("invalid", invalid.html()?),
        ("failed", Message::failed(language).html()?),
        ("handover", handover.html()?),
        (
            "leave",
            Leave::new(language, &[], "")
                .asked_by("Example Library")
                .html()?,
        ),
    ])
}

fn waiting(party: &Party, language: Language) -> Outcome<Vec<(&'static str, String)>> {
    let mut waiting = Waiting::new(party, "/qr.svg", "/state.json");
    waiting.language = language;
    waiting.number = Some("42");
    waiting.cancel = "/cancel";
    waiting.ends = ends();
    waiting.seconds = 300;
    waiting.here = Some("/here");
    let mut number = NumberMatch::new(party, "/answer");
    number.language = language;
    number.wrong = true;
    let mut opened = waiting.clone();
    opened.progress = Progress::Viewed;
    let mut connect = Connect::new(language, "WDJB-MJHT", "");
    connect.wrong = true;
    Ok(vec![
        ("waiting", waiting.html()?),
        ("opened", opened.html()?),
        ("number", number.html()?),
        ("connect", connect.html()?),
        ("code-old", Message::scan_again(language).html()?),
        ("mismatched", Message::mismatched(language).html()?),
    ])
}

/// Ten minutes from now, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "pages count down to a real time")]
fn ends() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |now| (now.as_secs() + 600) * 1000)
}

const CONTRACT: &str = "# Loan of a book
I borrow **The Art of Computer Programming** and promise to

1. bring it back by the *last* of March,
2. keep it dry.

| What | Fee |
|------|-----|
| a day late | 5 kr |
| lost | 900 kr |

- No pets
- No coffee";
