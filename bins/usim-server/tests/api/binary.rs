//! The program itself: its command line, its log, its end.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use crate::home::{CK, Centre, IK, RAND, RES};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usim-server"));
    command.env_clear().stdin(Stdio::null());
    command
}

fn output(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).unwrap()
}

/// A running program; it is killed when dropped.
struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
    address: String,
}

impl Running {
    fn start(args: &[&str]) -> Self {
        let mut command = program();
        command
            .args(["--http", "--listen", "127.0.0.1:0"])
            .args(args);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(
                log.read_line(&mut line).unwrap(),
                0,
                "it ended before it listened"
            );
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.split('/').next().unwrap().to_owned();
            }
        };
        Self {
            child,
            log,
            address,
        }
    }

    fn get(&self, target: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {target} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Tells it to end and gives the rest of its log.
    fn terminate(mut self) -> String {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended already
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

#[test]
fn a_software_sim_is_shared_with_one_command() {
    let server = Running::start(&["--soft"]);
    let answer = server.get("/?type=imsi");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 OK\r\n"), "{head}");
    assert_eq!(body, "{\n\t\"imsi\": \"001010000000001\"\n}");
    server.terminate();
}

#[test]
fn nothing_secret_is_logged_even_at_the_finest_level() {
    let server = Running::start(&["--soft", "--log", "trace"]);
    let (centre, challenge) = (Centre::new(), Centre::new().challenge());
    assert!(server.get(&challenge).contains(&RES.to_uppercase()));
    let auts = server.get(&challenge);
    let auts = auts.split("\"auts\": \"").nth(1).unwrap()[..28].to_owned();
    server.get("/?type=apdu&hex=00A40004023F00");
    server.get("/?type=isim");
    server.get("/v1/sims/8900101000000000019");
    let log = server.terminate().to_lowercase();
    assert!(log.contains("\"outcome\":\"success\""), "{log}");
    let autn = centre.autn();
    let secrets = [
        RAND,
        RES,
        CK,
        IK,
        &autn,
        &auts.to_lowercase(),
        "001010000000001",
        "8900101000000000019",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[test]
fn on_loopback_without_settings_everything_but_commands_is_open() {
    let server = Running::start(&["--soft"]);
    for target in [
        "/?type=imsi",
        "/v1/sims",
        "/metrics",
        &Centre::new().challenge(),
    ] {
        assert!(server.get(target).starts_with("HTTP/1.0 200 "), "{target}");
    }
    let refused = server.get("/?type=apdu&hex=00A40004023F00");
    assert!(refused.starts_with("HTTP/1.0 403 "), "{refused}");
    server.terminate();
}

#[test]
fn beyond_loopback_it_asks_for_callers_and_says_the_two_lines() {
    let refused = output(&["--soft", "--listen", "0.0.0.0:0"]);
    assert!(!refused.status.success());
    let said = text(&refused.stderr);
    for line in [
        "usim-server token new NAME --scope sim:read > callers.toml",
        "usim-server --listen 0.0.0.0:0 --token-file callers.toml",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let plain = output(&["--soft", "--http", "--listen", "0.0.0.0:0"]);
    assert!(!plain.status.success());
    assert!(text(&plain.stderr).contains("plain HTTP would show everything"));
}

#[test]
fn a_token_is_shown_once_and_lets_its_caller_in() {
    let made = output(&["token", "new", "lab", "--scope", "sim:apdu"]);
    let token = text(&made.stderr).lines().last().unwrap().to_owned();
    assert!(token.starts_with("usim_"), "{token}");
    assert!(!text(&made.stdout).contains(&token));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.toml");
    std::fs::write(&path, &made.stdout).unwrap();
    let server = Running::start(&["--soft", "--token-file", path.to_str().unwrap()]);
    assert!(server.get("/?type=imsi").starts_with("HTTP/1.0 401 "));
    let target = "/?type=apdu&hex=00A4000C023F00";
    let with_token = format!("{target} HTTP/1.0\r\nAuthorization: Bearer {token}\r\nX-Rest:");
    let answer = server.get(&with_token);
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    server.terminate();
}

#[test]
fn without_a_sim_it_says_which_flags_name_one() {
    let refused = output(&["--http", "--listen", "127.0.0.1:0"]);
    assert!(!refused.status.success());
    let said = text(&refused.stderr);
    assert!(
        said.contains("give --soft, --reader, --modem or --all-readers"),
        "{said}"
    );
}

#[test]
fn the_settings_in_effect_are_printed_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usim-server.toml");
    let digest = "00".repeat(32);
    let file = format!(
        "soft = ['']\nrate-per-sim = 7\n[[caller]]\nname = 'lab'\ntoken-sha256 = '{digest}'\n\
         scopes = ['sim:read']\n"
    );
    std::fs::write(&path, file).unwrap();
    let mut command = program();
    command.env("USIM_SERVER_RATE_PER_CALLER", "8");
    command.args([
        "--config",
        path.to_str().unwrap(),
        "--longest-lease",
        "9",
        "--print-config",
    ]);
    let printed = command.output().unwrap();
    assert_eq!(
        text(&printed.stdout),
        "audit = \"stderr\"\ndeadline-ms = 4500\nlisten = [\"127.0.0.1:8443\"]\n\
         longest-lease = 9\nrate-per-caller = 8\nrate-per-sim = 7\nsoft = [\"\"]\n\n\
         [[caller]]\nname = \"lab\"\nscopes = [\"sim:read\"]\ntoken-sha256 = \"[redacted]\"\n"
    );
}

#[test]
fn an_unknown_key_in_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usim-server.toml");
    std::fs::write(&path, "sofft = ['']\n").unwrap();
    let refused = output(&["--config", path.to_str().unwrap()]);
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("unknown key `sofft`"));
}

#[test]
fn a_software_sim_with_a_state_file_never_takes_a_challenge_twice() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("card.state");
    let args = ["--soft", "--soft-state", state.to_str().unwrap()];
    let challenge = Centre::new().challenge();
    let server = Running::start(&args);
    assert!(server.get(&challenge).contains(&RES.to_uppercase()));
    server.terminate();
    let server = Running::start(&args);
    let again = server.get(&challenge);
    assert!(again.contains("\"ck\": null"), "{again}");
    server.terminate();
}
