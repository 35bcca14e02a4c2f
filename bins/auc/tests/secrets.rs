//! What `auc` says of its work, at its most talkative, holds no secret: log, audit trail, metrics,
//! refusals and errors are searched for every value that went in and came out.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::{fs::PermissionsExt as _, net::UnixDatagram},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::Duration,
};

use aka::{
    K, Milenage, Opc, Rand, Sqn,
    algorithm::CardAlgorithm as _,
    card::{Card, Outcome},
    gba::Terminal,
    http_digest::Cnonce,
};
use base64ct::{Base64Unpadded, Encoding as _};
use serde_json::{Value, json};
use server_kit::caller::{Entry, Token};

const IMSI: &str = "001010000000001";
const KEY: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";
const BSF: &str = "bsf.mnc001.mcc001.pub.3gppnetwork.org";
const IMPI: &str = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";

/// The forms in which `secret` may come to light: as it is, and if it is hexadecimal, in capitals,
/// as a derived `Debug` prints octets, and in base64.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    if let Ok(octets) = hex::decode(secret) {
        let list = format!("{octets:?}");
        forms.push(secret.to_lowercase());
        forms.push(secret.to_uppercase());
        forms.push(list.trim_matches(['[', ']']).to_owned());
        forms.push(Base64Unpadded::encode_string(&octets));
    }
    forms
}

fn found<'a>(text: &str, secrets: &'a [String]) -> Option<&'a String> {
    let shown = |secret: &&String| forms(secret).iter().any(|form| text.contains(form));
    secrets.iter().find(shown)
}

/// The search fails where it must.
fn assert_that_the_search_finds(text: &str, secrets: &[String]) {
    for secret in secrets {
        for form in forms(secret) {
            let planted = format!("{text}{form}");
            assert!(found(&planted, secrets).is_some(), "{form}");
        }
    }
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).expect("the folder is ours");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
}

fn milenage() -> Milenage {
    let k: K = KEY.parse().expect("a key");
    let opc: Opc = OPC.parse().expect("OPc");
    Milenage::new(&k, &opc)
}

const DATABASE: [&str; 4] = [
    "--database",
    "sqlite:auc.db",
    "--sealing-key",
    "sealing.key",
];

/// What a command prints, both ways.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let auc = Command::new(env!("CARGO_BIN_EXE_auc"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("auc starts");
    [auc.stdout, auc.stderr]
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .concat()
}

/// A running `auc serve`: on hostapd's socket, over HTTP, and as a BSF.
struct Home {
    auc: Child,
    interface: String,
    ub: String,
    rest: Option<JoinHandle<String>>,
    said: String,
    token: Token,
    agent: ureq::Agent,
    hostapd: UnixDatagram,
}

impl Home {
    fn start(folder: &Path) -> Self {
        let token = Token::generate("auc").expect("there is randomness");
        let scopes = ["vectors", "resync", "metrics", "naf-keys", "naf-identities"];
        let scopes = scopes.map(|scope| format!("auc:{scope}")).to_vec();
        let caller = Entry::for_token("lab", token.digest(), scopes).to_toml();
        private(&folder.join("callers.toml"), &caller.expect("a table"));
        let mut auc = Command::new(env!("CARGO_BIN_EXE_auc"))
            .arg("serve")
            .args(DATABASE)
            .args([
                "--hostapd-socket",
                "auc.sock",
                "--token-file",
                "callers.toml",
            ])
            .args(["--http", "--listen", "127.0.0.1:0", "--bsf", "127.0.0.1:0"])
            .args(["--bsf-name", BSF, "--log", "trace", "--audit", "stderr"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("auc starts");
        let mut log = BufReader::new(auc.stderr.take().expect("it is piped"));
        let mut said = String::new();
        let [interface, ub] = [(); 2].map(|()| listening(&mut log, &mut said));
        let rest = std::thread::spawn(move || {
            let mut rest = String::new();
            log.read_to_string(&mut rest).expect("the log is text");
            rest
        });
        let hostapd = UnixDatagram::bind(folder.join("hostapd.sock")).expect("the folder is ours");
        hostapd
            .connect(folder.join("auc.sock"))
            .expect("auc listens");
        let patience = Some(Duration::from_secs(20));
        hostapd.set_read_timeout(patience).expect("it is not zero");
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        Self {
            agent: config.timeout_global(patience).build().into(),
            rest: Some(rest),
            auc,
            interface,
            ub,
            said,
            token,
            hostapd,
        }
    }

    fn post(&self, token: &str, path: &str, body: &str) -> String {
        let post = self.agent.post(format!("{}{path}", self.interface));
        let post = post.header("authorization", format!("Bearer {token}"));
        let post = post.header("content-type", "application/json");
        let mut answer = post.send(body).expect("auc answers");
        answer.body_mut().read_to_string().expect("it is text")
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(self.token.expose(), path, &body.to_string());
        serde_json::from_str(&answer).expect("it is JSON")
    }

    fn metrics(&self) -> String {
        let get = self.agent.get(format!("{}metrics", self.interface));
        let get = get.header("authorization", format!("Bearer {}", self.token.expose()));
        let mut answer = get.call().expect("auc answers");
        answer.body_mut().read_to_string().expect("it is text")
    }

    /// What a terminal gets at Ub: a field of the answer, and its body.
    fn ub(&self, credentials: &str, field: &str) -> (String, String) {
        let get = self
            .agent
            .get(&self.ub)
            .header("authorization", credentials);
        let mut answer = get.header("host", BSF).call().expect("auc answers");
        let value = answer.headers().get(field).expect("the field is there");
        let value = value.to_str().expect("it is text").to_owned();
        let body = answer.body_mut().read_to_string().expect("it is text");
        (value, body)
    }

    fn hostapd(&self, message: &str) -> String {
        self.hostapd.send(message.as_bytes()).expect("auc listens");
        let mut buffer = [0; 1000];
        let size = self.hostapd.recv(&mut buffer).expect("auc answers");
        String::from_utf8_lossy(buffer.get(..size).unwrap_or_default()).into_owned()
    }

    /// All that it said, once it is gone.
    fn end(mut self) -> String {
        self.auc.kill().expect("auc runs");
        let rest = self.rest.take().expect("it is asked once");
        std::mem::take(&mut self.said) + &rest.join().expect("it is read to its end")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.auc.kill());
        drop(self.auc.wait());
    }
}

/// The next address in the log.
fn listening(log: &mut impl std::io::BufRead, said: &mut String) -> String {
    for line in log.lines() {
        let line = line.expect("the log is text");
        said.push_str(&line);
        said.push('\n');
        if let Some((_, url)) = line.split_once("listening url=") {
            return url.trim().trim_matches('"').to_owned();
        }
    }
    unreachable!("auc ended: {said}")
}

/// RAND, AUTN and keys of vectors, on both edges; AUTS that are followed and one that is forged.
fn ask_for_vectors(home: &Home) -> Vec<String> {
    let answer = home.ask("v1/vectors", &json!({"imsi": IMSI, "count": 2}));
    let vectors = answer.get("vectors").and_then(Value::as_array);
    let vectors = vectors.expect("two vectors");
    let values = vectors
        .iter()
        .flat_map(|vector| vector.as_object().expect("an object"));
    let mut secrets: Vec<String> = values
        .map(|(_, value)| value.as_str().expect("hexadecimal").to_owned())
        .collect();
    assert_eq!(secrets.len(), 10, "each vector has five values");
    let answers = [
        home.hostapd(&format!("AKA-REQ-AUTH {IMSI}")),
        home.hostapd(&format!("SIM-REQ-AUTH {IMSI} 3")),
    ];
    let words = answers
        .iter()
        .flat_map(|answer| answer.split([' ', ':']).skip(2));
    secrets.extend(words.map(str::to_owned));
    assert_eq!(secrets.len(), 10 + 5 + 9, "{answers:?}");

    let rand = Rand::new([0x5d; 16]);
    for (sqn, rand_sent) in [(32_000, rand), (64_000, Rand::new([0x3c; 16]))] {
        let auts = milenage().auts(&rand, Sqn::new(sqn).expect("48 bits"));
        let (auts, rand) = (
            format!("{:x}", auts.hex()),
            format!("{:x}", rand_sent.hex()),
        );
        home.ask(
            "v1/resync",
            &json!({"imsi": IMSI, "rand": rand, "auts": auts}),
        );
        let message = format!("AKA-AUTS {IMSI} {auts} {rand}");
        home.hostapd.send(message.as_bytes()).expect("auc listens");
        secrets.extend([auts, rand]);
    }
    secrets
}

/// RES, CK, IK and the key of a NAF.
fn bootstrap(home: &Home) -> Vec<String> {
    let terminal = || Terminal::new(IMPI, BSF, "/").expect("they are texts");
    let (challenge, _) = home.ub(&terminal().credentials().to_string(), "www-authenticate");
    let challenged = terminal().challenged(&challenge).expect("a challenge");
    let outcome = Card::default().authenticate(&milenage(), challenged.rand(), challenged.autn());
    let Ok(Outcome::Success { res, ck, ik, .. }) = outcome else {
        unreachable!("the card is new")
    };
    let (ck, ik) = (
        format!("{:x}", ck.expose_hex()),
        format!("{:x}", ik.expose_hex()),
    );
    let ks = format!("{ck}{ik}");
    let res_text = format!("{:x}", res.expose_hex());
    let rand = format!("{:x}", challenged.rand().hex());
    let mut secrets = vec![ck, ik, ks, res_text, rand];
    let answered = challenged.answer(&res, Cnonce::new([4; 16]));
    let (proof, body) = home.ub(&answered.credentials().to_string(), "authentication-info");
    let session = answered.finish(Some(&proof), body.as_bytes());
    let btid = session.expect("the BSF proves itself").btid;
    let answer = home.ask(
        "v1/naf-keys",
        &json!({"btid": btid, "naf": "naf.home1.net"}),
    );
    let key = answer.get("key").and_then(Value::as_str);
    secrets.push(key.expect("a key").to_owned());
    secrets
}

/// Requests with secrets in the wrong places; what they are answered.
fn ask_wrongly(home: &Home) -> String {
    let bodies = [
        json!({"imsi": IMSI, "k": KEY}).to_string(),
        json!({"imsi": KEY}).to_string(),
        json!({"imsi": IMSI, "rand": OPC, "auts": KEY}).to_string(),
        json!({"imsi": IMSI, "rand": KEY, "auts": &OPC[..28]}).to_string(),
        format!("{{\"imsi\":\"{KEY}"),
    ];
    let mut refusals = String::new();
    for body in &bodies {
        for path in ["v1/vectors", "v1/resync", "v1/naf-keys"] {
            refusals += &home.post(home.token.expose(), path, body);
        }
    }
    refusals += &home.post("auc_00", "v1/vectors", &bodies[0]);
    refusals += &home.hostapd(KEY);
    let resync = format!("AKA-AUTS {IMSI} {KEY} {OPC}"); // which is not answered
    home.hostapd.send(resync.as_bytes()).expect("auc listens");
    refusals += &home.hostapd("AKA-REQ-AUTH 999990000000009");
    // what comes before an answer to the next is counted
    refusals + &home.hostapd("SIM-REQ-AUTH 999990000000009 3")
}

#[test]
fn nothing_that_a_serving_home_says_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let subscribers = format!("imsi,k,opc\n{IMSI},{KEY},{OPC}\n");
    private(&folder.path().join("all.csv"), &subscribers);
    let import = [&["subscriber"], &DATABASE[..], &["import", "all.csv"]].concat();
    let mut said = printed(folder.path(), &import);
    assert!(said.contains("ADDED   1"), "{said}");

    let home = Home::start(folder.path());
    let mut secrets = [KEY, OPC, IMSI, home.token.expose()]
        .map(str::to_owned)
        .to_vec();
    // first, while a new card takes the home's numbers
    secrets.extend(bootstrap(&home));
    secrets.extend(ask_for_vectors(&home));
    said += &ask_wrongly(&home);
    said += &home.metrics();
    said += &home.end();

    for expected in [
        "\"caller\":\"lab\",\"resource\":\"subscriber\",\"action\":\"vectors\",\"outcome\":\"success\"",
        "\"caller\":\"lab\",\"resource\":\"subscriber\",\"action\":\"resync\",\"outcome\":\"mac_failure\"",
        "\"caller\":\"hostapd\",\"resource\":\"subscriber\",\"action\":\"vectors\",\"outcome\":\"success\"",
        "\"caller\":\"hostapd\",\"resource\":\"subscriber\",\"action\":\"triplets\",\"outcome\":\"success\"",
        "\"caller\":\"hostapd\",\"resource\":\"subscriber\",\"action\":\"resync\",\"outcome\":\"mac_failure\"",
        "\"caller\":\"hostapd\",\"resource\":\"subscriber\",\"action\":\"unknown\",\"outcome\":\"bad_request\"",
        "auc_requests_total{edge=\"hostapd\",action=\"vectors\",outcome=\"unknown_subscriber\"} 1\n",
        "auc_requests_total{edge=\"http\",action=\"resync\",outcome=\"success\"} 1\n",
        "auc_bootstrapping_total{outcome=\"success\"} 1\n",
        "auc_vectors_total{kind=\"triplet\"} 3\n",
        "auc_vectors_total{kind=\"vector\"} 4\n",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(found(&said, &secrets), None, "{said}");
    assert_that_the_search_finds(&said, &secrets);
}

#[test]
fn no_error_of_the_command_line_holds_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let bad =
        format!("imsi,k,opc\n{IMSI},{KEY},{OPC}00\n{IMSI},{KEY}zz,{OPC}\n{KEY},{OPC},{KEY}\n");
    private(&folder.path().join("bad.csv"), &bad);
    private(
        &folder.path().join("bad.toml"),
        &format!("[[subscriber]]\nk = {KEY}\nopc = '{OPC}"),
    );
    private(
        &folder.path().join("bad.txt"),
        &format!("{IMSI} {KEY} {OPC} 80 00\n"),
    );
    private(
        &folder.path().join("bad.json"),
        &format!("{{\"imsi\":\"{IMSI}\",\"security\":{{\"k\":\"{KEY}\",\"opc\":\"{OPC}\""),
    );
    let (short, long) = (&KEY[..31], format!("{OPC}0"));
    let mut said = String::new();
    for file in ["bad.csv", "bad.toml", "bad.txt", "bad.json"] {
        let import = [&["subscriber"], &DATABASE[..], &["import", file]].concat();
        let serve = ["serve", "--hostapd-socket", "s", "--subscribers", file];
        for arguments in [&import[..], &serve] {
            let refused = printed(folder.path(), arguments);
            assert!(!refused.contains("ADDED"), "{file}: {refused}");
            said += &refused;
        }
    }
    for (k, opc) in [(short, OPC), (KEY, &long), (&long, KEY)] {
        for command in ["vector", "explain"] {
            let refused = [command, "--k", k, "--opc", opc, "--sqn", "32"];
            said += &printed(folder.path(), &refused);
        }
    }
    let url = format!("postgres://auc:{KEY}@127.0.0.1:1/auc");
    let unreachable = [
        "subscriber",
        "--database",
        &url,
        "--sealing-key",
        "k",
        "list",
    ];
    said += &printed(folder.path(), &unreachable);
    let config = [
        "serve",
        "--database",
        &url,
        "--sealing-key",
        "k",
        "--print-config",
    ];
    said += &printed(folder.path(), &config);

    assert!(said.lines().count() > 20, "it says what is wrong: {said}");
    let secrets = [KEY, OPC, short].map(str::to_owned);
    assert_eq!(found(&said, &secrets), None, "{said}");
    assert_that_the_search_finds(&said, &secrets);
}
