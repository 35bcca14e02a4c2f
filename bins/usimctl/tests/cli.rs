//! What a person and a program see of `usimctl`, on the software card.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use aka::{Amf, K, Milenage, Opc, Rand, Sqn, algorithm::HomeAlgorithm};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tempfile::NamedTempFile;

const RAND: &str = "23553cbe9637a89d218ae64dae47bf35";

fn usimctl(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_usimctl"))
        .args(arguments)
        .env("COLUMNS", "100")
        // nobody's daemon
        .env("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd.comm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("usimctl starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // a command that takes no input may be gone already
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().expect("usimctl ends")
}

/// Exit status, standard output and standard error, as one text.
fn seen_with(arguments: &[&str], input: &str) -> String {
    let output = usimctl(arguments, input);
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn seen(arguments: &[&str]) -> String {
    seen_with(arguments, "")
}

/// An AUTN for the default card's keys, TS 35.208 test set 1.
fn autn(sqn: u64) -> String {
    let key = |digits: &str| digits.parse::<K>().expect("32 digits");
    let opc = |digits: &str| digits.parse::<Opc>().expect("32 digits");
    let milenage = Milenage::new(
        &key("465b5ce8b199b49faa5f0a2ee238a6bc"),
        &opc("cd63cb71954a9f4e48a5994e37a02baf"),
    );
    let rand: Rand = RAND.parse().expect("32 digits");
    let sqn = Sqn::new(sqn).expect("48 bits");
    let (autn, _) = milenage.challenge(&rand, sqn, Amf::SEPARATED);
    format!("{:x}", autn.hex())
}

fn file(text: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("there is room");
    std::fs::write(&file, text).expect("it is ours");
    file
}

/// The profile of a card that asks for its PIN.
fn locked() -> NamedTempFile {
    file("[pin1]\nenabled = true\n")
}

#[test]
fn a_card_for_people() {
    insta::assert_snapshot!(seen(&["--soft", "info"]));
}

#[test]
fn a_card_for_programs() {
    insta::assert_snapshot!(seen(&["--soft", "--json", "info"]));
}

#[test]
fn the_bare_imsi_is_for_shells() {
    assert_eq!(
        seen(&["--soft", "imsi"]),
        "exit status: 0\n001010000000001\n"
    );
}

#[test]
fn the_imsi_for_programs() {
    assert_eq!(
        seen(&["--json", "imsi", "--soft"]),
        "exit status: 0\n{\"imsi\":\"001010000000001\"}\n"
    );
}

#[test]
fn the_number_of_the_card() {
    assert_eq!(
        seen(&["--soft", "iccid"]),
        "exit status: 0\n8900101000000000019\n"
    );
}

#[test]
fn a_fresh_challenge_is_answered() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "auth",
        "--rand",
        RAND,
        "--autn",
        &autn(32)
    ]));
}

#[test]
fn a_stale_challenge_has_an_exit_status_of_its_own() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "--json",
        "auth",
        "--rand",
        RAND,
        "--autn",
        &autn(0)
    ]));
}

#[test]
fn a_forged_challenge_is_refused_with_a_hint() {
    let forged = "0".repeat(32);
    insta::assert_snapshot!(seen(&["--soft", "auth", "--rand", RAND, "--autn", &forged]));
}

#[test]
fn the_gsm_context_takes_no_autn() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "auth",
        "--context",
        "gsm",
        "--rand",
        RAND
    ]));
}

#[test]
fn the_3g_context_takes_an_autn() {
    insta::assert_snapshot!(seen(&["--soft", "auth", "--rand", RAND]));
}

#[test]
fn the_isim_answers_in_the_ims_context() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "auth",
        "--context",
        "ims",
        "--rand",
        RAND,
        "--autn",
        &autn(32)
    ]));
}

/// For SQN 32, with MAC ⊕ Trunc(SHA-1(IK)) in place of MAC, as a BSF sends it to a card that keeps
/// Ks (TS 33.220 §5.3.2).
const AUTN_GBA_U: &str = "aa689c648350800056ac7e8b3d85c30f";

#[test]
fn gba_keeps_its_keys_and_derives_one_for_a_naf() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "--json",
        "auth",
        "--context",
        "gba",
        "--rand",
        RAND,
        "--autn",
        AUTN_GBA_U,
        "--naf-id",
        "6e61662e6578616d706c650100000001",
        "--impi",
        "001010000000001@ims.mnc001.mcc001.3gppnetwork.org",
    ]));
}

#[test]
fn commands_go_out_in_their_order() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "apdu",
        "00A40004022FE2",
        "00 B0 00 00 0A",
        "00:b0:00:00:00"
    ]));
}

#[test]
fn raw_commands_are_not_followed() {
    insta::assert_snapshot!(seen(&[
        "--soft",
        "--json",
        "apdu",
        "--raw",
        "00A40004023F00"
    ]));
}

#[test]
fn a_refused_command_shows_in_the_exit_status() {
    insta::assert_snapshot!(seen(&["--soft", "apdu", "00A40004021234"]));
}

#[test]
fn octets_that_are_no_command_are_refused() {
    insta::assert_snapshot!(seen(&["--soft", "apdu", "00A4"]));
    insta::assert_snapshot!(seen(&["--soft", "apdu", "00A"]));
}

#[test]
fn files_for_people() {
    insta::assert_snapshot!(seen(&["--soft", "files"]));
}

#[test]
fn files_for_programs() {
    let output = usimctl(&["--soft", "--json", "files"], "");
    let tree: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(tree[0]["name"], "MF");
    let imsi = tree[1]["files"]
        .as_array()
        .and_then(|files| files.iter().find(|file| file["name"] == "EF_IMSI"));
    assert_eq!(imsi.unwrap()["content"][0], "001010000000001");
}

#[test]
fn keys_in_files_are_shown_only_when_asked_for() {
    let line = |arguments: &[&str]| {
        let output = usimctl(arguments, "");
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find(|line| line.contains("EF_Keys "));
        line.unwrap().to_owned()
    };
    assert!(line(&["--soft", "files"]).ends_with("(keys, shown with --raw)"));
    assert!(line(&["--soft", "files", "--raw"]).ends_with(&"F".repeat(64)));
}

#[test]
fn how_the_pins_stand() {
    insta::assert_snapshot!(seen(&["--soft", "pin", "status"]));
    insta::assert_snapshot!(seen(&["--soft", "--json", "pin", "status"]));
}

#[test]
fn a_right_pin_is_verified() {
    let (profile, pin) = (locked(), file("1234\n"));
    let [profile, pin] = [&profile, &pin].map(|file| file.path().display().to_string());
    assert_eq!(
        seen(&[
            "--soft-profile",
            &profile,
            "pin",
            "verify",
            "--pin-file",
            &pin
        ]),
        "exit status: 0\nResult  verified\n"
    );
}

#[test]
fn a_wrong_pin_tells_the_tries_left() {
    let profile = locked();
    let profile = profile.path().display().to_string();
    insta::assert_snapshot!(seen_with(
        &[
            "--soft-profile",
            &profile,
            "pin",
            "verify",
            "--pin-file",
            "-"
        ],
        "0000\n"
    ));
}

#[test]
fn a_disabled_pin_cannot_be_verified() {
    insta::assert_snapshot!(seen_with(
        &["--soft", "pin", "verify", "--pin-file", "-"],
        "1234\n"
    ));
}

#[test]
fn what_is_no_pin_is_not_sent_and_not_repeated() {
    insta::assert_snapshot!(seen_with(
        &["--soft", "pin", "verify", "--pin-file", "-"],
        "12345678901\n"
    ));
}

#[test]
fn a_missing_line_is_named() {
    insta::assert_snapshot!(seen_with(
        &["--soft", "pin", "change", "--pin-file", "-"],
        "1234\n"
    ));
}

#[test]
fn a_pin_is_changed() {
    let profile = locked();
    let profile = profile.path().display().to_string();
    let input = "1234\n4321\n";
    let changed = seen_with(
        &[
            "--soft-profile",
            &profile,
            "pin",
            "change",
            "--pin-file",
            "-",
        ],
        input,
    );
    assert_eq!(changed, "exit status: 0\nResult  changed\n");
}

#[test]
fn a_locked_card_wants_its_pin_and_takes_it_from_a_file() {
    let profile = locked();
    let profile = profile.path().display().to_string();
    insta::assert_snapshot!(seen(&["--soft-profile", &profile, "imsi"]));
    let pin = file("1234");
    let pin = pin.path().display().to_string();
    assert_eq!(
        seen(&["--soft-profile", &profile, "--unlock", &pin, "imsi"]),
        "exit status: 0\n001010000000001\n"
    );
}

#[test]
fn a_shell_goes_on_after_a_wrong_line() {
    let output = usimctl(
        &["--soft", "shell"],
        "imsi # who\n\nnonsense\napdu 00A4\nreset\niccid\n",
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "001010000000001\n8900101000000000019\n"
    );
    assert_eq!(output.status.code(), Some(0), "as the last command");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(complaints.contains("unrecognized subcommand 'nonsense'"));
    assert!(complaints.contains("not a command APDU"));
}

#[test]
fn a_card_keeps_its_state_within_a_shell() {
    let challenge = format!("auth --rand {RAND} --autn {}\n", autn(32));
    let output = usimctl(&["--soft", "--json", "shell"], &challenge.repeat(2));
    let text = String::from_utf8(output.stdout).unwrap();
    let results: Vec<bool> = text
        .lines()
        .map(|line| line.contains("\"success\""))
        .collect();
    assert_eq!(results, [true, false], "the second is a replay");
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn without_a_daemon_readers_say_so() {
    insta::assert_snapshot!(seen(&["readers"]));
}

#[test]
fn without_a_card_anywhere_a_place_is_suggested() {
    insta::assert_snapshot!(seen(&["info"]));
}

#[test]
fn a_wrong_profile_is_named() {
    let profile = file("imsi = \"12\"\n");
    let path = profile.path().display().to_string();
    let text = seen(&["--soft-profile", &path, "info"]).replace(&path, "PROFILE");
    insta::assert_snapshot!(text);
}

#[test]
fn manuals_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let written = usimctl(&["manuals", &folder.path().display().to_string()], "");
    assert!(written.status.success());
    for name in [
        "usimctl.1",
        "usimctl-auth.1",
        "usimctl.bash",
        "usimctl.fish",
        "_usimctl",
    ] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
}

#[test]
fn a_kept_state_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("card").display().to_string();
    let challenge = ["auth", "--rand", RAND, "--autn", &autn(32)];
    let results = [(); 2].map(|()| {
        let arguments = [&["--soft-state", &state][..], &challenge].concat();
        usimctl(&arguments, "").status.code()
    });
    assert_eq!(results, [Some(0), Some(4)], "the second is a replay");
}

/// Waits for the card for as long as its program lives.
fn accept(reader: &TcpListener, card: &mut Child) -> TcpStream {
    reader.set_nonblocking(true).expect("a socket can");
    loop {
        if let Ok((stream, _)) = reader.accept() {
            stream.set_nonblocking(false).expect("a socket can");
            let limit = Some(Duration::from_secs(20));
            stream.set_read_timeout(limit).expect("a socket can");
            return stream;
        }
        let ended = card.try_wait().expect("it is ours");
        assert!(ended.is_none(), "the card ended");
        thread::yield_now();
    }
}

#[test]
fn a_software_card_answers_a_virtual_reader() {
    let reader = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = reader.local_addr().unwrap().to_string();
    for program in [
        &["emulate", "--vpcd", &address][..],
        &["--soft", "attach", "--vpcd", &address],
    ] {
        let mut card = Command::new(env!("CARGO_BIN_EXE_usimctl"))
            .args(program)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stream = accept(&reader, &mut card);
        // power on, then SELECT MF without an answer
        stream.write_all(&[0, 1, 1]).unwrap();
        stream
            .write_all(&[0, 7, 0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00])
            .unwrap();
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, [0, 2, 0x90, 0x00]);
        card.kill().unwrap();
        card.wait().unwrap();
    }
}

#[test]
fn a_software_card_sits_in_a_modem() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem").display().to_string();
    let mut modem = Command::new(env!("CARGO_BIN_EXE_usimctl"))
        .args(["emulate", "--pty", &link])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let stderr = modem.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut ready).unwrap();
    assert_eq!(ready, format!("usimctl: the modem is at {link}\n"));

    let read = seen(&["--modem", &link, "imsi"]);
    modem.kill().unwrap();
    modem.wait().unwrap();
    assert_eq!(read, "exit status: 0\n001010000000001\n");
}

#[test]
fn a_trace_for_people_shows_commands_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.txt").display().to_string();
    let challenge = ["auth", "--rand", RAND, "--autn", &autn(32)];
    let arguments = [&["--soft", "--trace", &path][..], &challenge].concat();
    assert_eq!(usimctl(&arguments, "").status.code(), Some(0));

    let trace = std::fs::read_to_string(&path).unwrap();
    assert!(trace.contains("> 00A4040410A0000000871002"), "{trace}");
    assert!(trace.contains("> 0088008122"), "{trace}");
    assert!(!trace.to_lowercase().contains(RAND), "{trace}");
}

#[test]
fn a_trace_for_wireshark_is_a_pcap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.pcap").display().to_string();
    assert_eq!(
        usimctl(&["--soft", "--trace", &path, "imsi"], "")
            .status
            .code(),
        Some(0)
    );
    let trace = std::fs::read(&path).unwrap();
    assert!(matches!(
        trace.get(..4),
        Some([0xd4, 0xc3, 0xb2, 0xa1] | [0xa1, 0xb2, 0xc3, 0xd4])
    ));
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let address = format!("http://{free}");
    let output = usimctl(&["--remote", &address, "imsi"], "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_certificate_that_is_not_there_is_told_from_one_that_is_none() {
    for (file, told) in [
        (
            "/nowhere/ca.pem",
            "/nowhere/ca.pem: No such file or directory",
        ),
        (
            "/dev/null",
            "--certificate: no certificate or key in PEM form",
        ),
    ] {
        let seen = seen(&["--remote", "https://sim.example", "--ca", file, "imsi"]);
        assert!(
            seen.starts_with(&format!("exit status: 2\nusimctl: {told}")),
            "{seen}"
        );
    }
}

#[test]
fn plain_text_is_for_this_machine_only() {
    insta::assert_snapshot!(seen(&["--remote", "http://sim.example", "imsi"]));
}

#[test]
fn a_token_is_asked_for_where_nobody_can_listen() {
    let arguments = [
        "--soft",
        "endorse",
        "--aud",
        "https://api.example",
        "--server",
    ];
    insta::assert_snapshot!(
        seen(&[&arguments[..], &["http://endorse.example"]].concat()),
        @r"
    exit status: 2
    usimctl: --server http://endorse.example: an issuer is https://HOST or https://HOST:PORT; http is for this machine only
    "
    );
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", free.local_addr().expect("it has one"));
    drop(free);
    let unreachable = seen(&[&arguments[..], &[&origin]].concat());
    assert!(
        unreachable.starts_with("exit status: 1\nusimctl: the issuer cannot be reached: "),
        "{unreachable}"
    );
}

#[test]
fn a_certificate_of_the_servers_own_is_named_with_the_flag_that_trusts_it() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .expect("they are a pair");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut tls = rustls::ServerConnection::new(Arc::new(config)).expect("it is complete");
        tls.complete_io(&mut stream)
            .expect_err("the client does not trust it")
    });
    let origin = format!("https://localhost:{port}");
    let arguments = ["--soft", "endorse", "--aud", "a", "--server", &origin];
    let seen = seen(&arguments);
    server.join().expect("it ends");
    assert!(
        seen.starts_with("exit status: 1\nusimctl: the issuer's certificate is not trusted: "),
        "{seen}"
    );
    assert!(seen.contains("\nhint: --server-certificate FILE"), "{seen}");
}

#[test]
fn a_key_is_made_for_this_user_only_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("device.pem");
    let key = path.to_str().expect("it is text");
    let arguments = [
        "--soft",
        "endorse",
        "--aud",
        "a",
        "--server",
        "x",
        "--dpop-key",
        key,
    ];
    usimctl(&arguments, "");
    let made = std::fs::read_to_string(&path).expect("it is made");
    assert!(made.starts_with("-----BEGIN PRIVATE KEY-----"));
    let mode = std::fs::metadata(&path).expect("it is there").permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );
    usimctl(&arguments, "");
    assert_eq!(std::fs::read_to_string(&path).expect("it stays"), made);
}

#[test]
fn what_goes_wrong_is_json_too_where_that_is_wanted() {
    let forged = "0".repeat(32);
    let output = usimctl(
        &[
            "--soft", "--json", "auth", "--rand", RAND, "--autn", &forged,
        ],
        "",
    );
    assert_eq!(output.status.code(), Some(3));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
    assert!(
        told["error"]
            .as_str()
            .is_some_and(|error| error.contains("MAC")),
        "{told}"
    );
    assert!(told["hint"].is_string(), "{told}");
    assert!(output.stderr.is_empty());
}

/// A server that answers as usim-server does to a caller with `sim:read` only.
fn reading_only() -> (String, thread::JoinHandle<()>) {
    const SIM: &str = r#"{"index":0,"name":"soft:0","alias":"lab","kind":"soft","state":"ready",
        "iccid":"8900101000000000019","imsi":"001010000000001","mnc_length":2,
        "applications":[{"aid":"a0000000871002","kind":"usim","label":null}],
        "pin":{"enabled":true,"tries_left":3}}"#;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let serve = move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut head = String::new();
            let mut lines = BufReader::new(stream.try_clone().expect("a socket"));
            while lines.read_line(&mut head).is_ok_and(|size| size > 2) {}
            let (status, body) = match head.split(' ').nth(1) {
                Some("/v1/sims") => ("200 OK", format!("{{\"sims\":[{SIM}]}}")),
                Some("/v1/sims/0") => ("200 OK", SIM.to_owned()),
                Some("/end") => return,
                _ => ("403 Forbidden", r#"{"code":"scope_missing"}"#.to_owned()),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            drop(stream.write_all(answer.as_bytes()));
        }
    };
    (url, thread::spawn(serve))
}

#[test]
fn a_server_is_asked_for_its_sims_and_for_what_takes_no_command() {
    let (url, server) = reading_only();
    insta::assert_snapshot!(seen(&["--remote", &url, "readers"]), @r"
    exit status: 0
    0  soft:0 (lab)  ready
    ");
    insta::assert_snapshot!(seen(&["--remote", &url, "info"]), @r"
    exit status: 0
    Reader        soft:0
    State         ready
    ICCID         8900101000000000019
    IMSI          001010000000001
    MNC length    2
    Applications  USIM  A0000000871002  -
    PIN           3 tries left
    ");
    let mut end = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    end.write_all(b"GET /end HTTP/1.1\r\n\r\n")
        .expect("it reads");
    server.join().expect("it ends");
}
