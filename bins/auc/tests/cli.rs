//! What a person and a program see of `auc`.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

const K: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
const OP: &str = "cdc202d5123e20f62b6d676ac72cb318";
const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";
const RAND: &str = "23553cbe9637a89d218ae64dae47bf35";

fn auc(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_auc"))
        .args(arguments)
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("auc starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // a command that takes no input may be gone already
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().expect("auc ends")
}

/// Exit status, standard output and standard error, as one text.
fn seen(arguments: &[&str], input: &str) -> String {
    let output = auc(arguments, input);
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn vector<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "vector",
        "--k",
        K,
        "--sqn",
        "ff9bb4d0b607",
        "--amf",
        "b9b9",
        "--rand",
        RAND,
    ];
    arguments.extend(more);
    arguments
}

#[test]
fn a_vector_for_people() {
    insta::assert_snapshot!(seen(&vector(&["--op", OP]), ""));
}

#[test]
fn a_vector_for_programs() {
    insta::assert_snapshot!(seen(&vector(&["--opc", OPC, "--json"]), ""));
}

#[test]
fn op_and_opc_give_the_same_vector() {
    assert_eq!(
        auc(&vector(&["--op", OP]), "").stdout,
        auc(&vector(&["--opc", OPC]), "").stdout
    );
}

#[test]
fn without_a_challenge_one_is_drawn() {
    let arguments = ["vector", "--k", K, "--opc", OPC, "--sqn", "32"];
    let [first, second] = [(); 2].map(|()| auc(&arguments, ""));
    assert!(first.status.success());
    assert_ne!(first.stdout, second.stdout);
}

#[test]
fn keys_come_from_files_and_from_lines_of_standard_input() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("{K}\n")).unwrap();
    let from_file = format!("@{}", file.path().display());
    let expected = auc(&["opc", "--k", K, "--op", OP], "").stdout;

    let read = auc(&["opc", "--k", &from_file, "--op", "-"], OP);
    assert_eq!(read.stdout, expected);
    let read = auc(&["opc", "--k", "-", "--op", "-"], &format!("{K}\n{OP}\n"));
    assert_eq!(read.stdout, expected);
}

#[test]
fn opc_for_people() {
    insta::assert_snapshot!(seen(&["opc", "--k", K, "--op", OP], ""));
}

/// TS 35.233, test set 1.
#[test]
fn topc_comes_of_top() {
    let k = "abababababababababababababababab";
    let top = "55".repeat(32);
    let said = auc(&["opc", "--k", k, "--top", &top], "");
    let topc = "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff";
    assert!(String::from_utf8_lossy(&said.stdout).contains(topc));
    for wrong in [
        &["opc", "--k", k][..],
        &["opc", "--k", k, "--top", &top, "--op", OP],
    ] {
        assert_eq!(auc(wrong, "").status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_token_is_for_what_it_names_only() {
    let arguments = [
        "token",
        "new",
        "naf",
        "--scope",
        "auc:naf-keys",
        "--only",
        "naf.example",
    ];
    let table = String::from_utf8(auc(&arguments, "").stdout).unwrap();
    assert!(table.contains("only = [\"naf.example\"]"), "{table}");
}

const RESYNC: [&str; 9] = [
    "resync",
    "--k",
    "90dca4eda45b53cf0f12d7c9c3bc6a89",
    "--opc",
    "cb9cccc4b9258e6dca4760379fb82581",
    "--rand",
    "85239c1fc80f27e6ba07cba4eacc2969",
    "--auts",
    "7c3f6f95eda94477c0d3d98dab9a",
];

#[test]
fn an_auts_is_read_and_verified() {
    insta::assert_snapshot!(seen(&RESYNC, ""));
}

#[test]
fn an_auts_of_another_card_is_told_by_its_mac() {
    let mut arguments = RESYNC;
    arguments[2] = K;
    insta::assert_snapshot!(seen(&[&arguments[..], &["--json"]].concat(), ""));
}

#[test]
fn wrong_keys_are_named_and_not_repeated() {
    insta::assert_snapshot!(seen(&["opc", "--k", "12zz", "--op", OP], ""));
}

#[test]
fn a_missing_line_of_standard_input_is_explained() {
    insta::assert_snapshot!(seen(&["opc", "--k", "-", "--op", "-"], K));
}

#[test]
fn op_and_opc_exclude_each_other() {
    insta::assert_snapshot!(seen(&vector(&["--op", OP, "--opc", OPC]), ""));
}

#[test]
fn a_wrong_sequence_number_shows_both_forms() {
    let arguments = ["vector", "--k", K, "--opc", OPC, "--sqn", "0x20"];
    insta::assert_snapshot!(seen(&arguments, ""));
}

#[test]
fn an_absent_subscribers_file_is_named() {
    let arguments = [
        "serve",
        "--hostapd-socket",
        "s",
        "--subscribers",
        "/nowhere/subscribers",
    ];
    insta::assert_snapshot!(seen(&arguments, ""));
}

#[test]
fn a_socket_for_everybody_is_refused() {
    let arguments = [
        "serve",
        "--hostapd-socket",
        "s",
        "--subscribers",
        "f",
        "--socket-mode",
        "666",
    ];
    insta::assert_snapshot!(seen(&arguments, ""));
}

#[test]
fn help_warns_of_keys_on_the_command_line() {
    insta::assert_snapshot!(seen(&["vector", "--help"], ""));
}

#[test]
fn manuals_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let written = auc(&["manuals", &folder.path().display().to_string()], "");
    assert!(written.status.success());
    for name in ["auc.1", "auc-serve.1", "auc.bash", "auc.fish", "_auc"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
}

#[test]
fn an_explained_vector() {
    let mut arguments = vector(&["--opc", OPC]);
    arguments[0] = "explain";
    insta::assert_snapshot!(seen(&arguments, ""));
}

fn diagnose<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["diagnose", "--k", K, "--rand", RAND];
    arguments.extend(more);
    arguments
}

const AUTN: &str = "55f328b43577b9b94a9ffac354dfafb3";

#[test]
fn op_given_as_opc_is_diagnosed() {
    insta::assert_snapshot!(seen(&diagnose(&["--opc", OP, "--autn", AUTN]), ""));
}

#[test]
fn a_stale_challenge_is_diagnosed() {
    let arguments = ["--opc", OPC, "--autn", AUTN, "--card-sqn", "ff9bb4d0b647"];
    insta::assert_snapshot!(seen(&diagnose(&arguments), ""));
}

#[test]
fn a_right_challenge_is_diagnosed_for_programs() {
    let arguments = [
        "--op",
        OP,
        "--autn",
        AUTN,
        "--res",
        "a54211d5e3ba50bf",
        "--json",
    ];
    insta::assert_snapshot!(seen(&diagnose(&arguments), ""));
}

#[test]
fn a_token_of_nobody_is_not_explained() {
    let arguments = ["--opc", OPC, "--auts", "00000000000000000000000000ff"];
    insta::assert_snapshot!(seen(&diagnose(&arguments), ""));
}

/// A folder with a database, and the arguments that name it.
fn database(folder: &std::path::Path) -> Vec<String> {
    ["subscriber", "--database"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("sqlite:{}", folder.join("auc.db").display())])
        .chain(["--sealing-key".to_owned()])
        .chain([folder.join("key").display().to_string()])
        .collect()
}

fn in_database(folder: &std::path::Path, more: &[&str]) -> String {
    let arguments = database(folder);
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.extend(more);
    seen(&arguments, "")
}

#[test]
fn subscribers_are_added_listed_exported_imported_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let imsi = "001010000000001";
    let add = ["add", "--imsi", imsi, "--k", K, "--op", OP];
    assert_eq!(
        in_database(folder.path(), &add),
        "exit status: 0\nADDED   1\n"
    );
    let again = in_database(folder.path(), &add);
    assert!(
        again.contains("exit status: 1") && again.contains("there already"),
        "{again}"
    );
    let listed = in_database(folder.path(), &["list"]);
    assert_eq!(
        listed,
        "exit status: 0\n001010000000001  milenage  AMF 8000  SQN 000000000000\n"
    );

    for format in ["csv", "hlr-auc-gw", "open5gs", "toml"] {
        let file = folder.path().join(format);
        let file = file.to_str().unwrap();
        let export = ["export", file, "--format", format];
        assert_eq!(
            in_database(folder.path(), &export),
            "exit status: 0\nWRITTEN  1\n"
        );
        let over = in_database(folder.path(), &export);
        assert!(
            over.contains("exit status: 1"),
            "a file is not written over: {over}"
        );
        assert_eq!(
            in_database(folder.path(), &["remove", imsi]),
            "exit status: 0\nREMOVED  1\n"
        );
        let import = in_database(folder.path(), &["import", file]);
        assert_eq!(import, "exit status: 0\nADDED   1\nKEPT    0\n");
    }
    let exported = std::fs::read_to_string(folder.path().join("csv")).unwrap();
    assert!(exported.ends_with(&format!(
        "{imsi},{K},{OPC},8000,000000000000,8,milenage,,,\n"
    )));
}

#[test]
fn decoys_are_listed_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let decoy = "000000000000127";
    in_database(
        folder.path(),
        &["add", "--imsi", decoy, "--k", K, "--op", OP],
    );
    assert_eq!(in_database(folder.path(), &["list"]), "exit status: 0\n");
    let listed = in_database(folder.path(), &["list", "--decoys"]);
    assert!(listed.contains(decoy), "{listed}");
}

#[test]
fn an_export_that_fails_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let imsi = "001010000000001";
    let tuak = ["add", "--imsi", imsi, "--k", K, "--topc", TUAK[3]];
    assert_eq!(
        in_database(folder.path(), &tuak),
        "exit status: 0\nADDED   1\n"
    );
    let file = folder.path().join("all");
    let export = ["export", file.to_str().unwrap(), "--format", "hlr-auc-gw"];
    let failed = in_database(folder.path(), &export);
    assert!(
        failed.contains("exit status: 1") && failed.contains("MILENAGE"),
        "{failed}"
    );
    assert!(!file.exists());
}

#[test]
fn a_server_that_nobody_could_ask_says_so() {
    insta::assert_snapshot!(seen(&["serve", "--subscribers", "x.csv"], ""));
}

#[test]
fn a_server_that_knows_no_caller_says_so() {
    let arguments = ["serve", "--subscribers", "x.csv", "--listen", "127.0.0.1:0"];
    assert_eq!(
        seen(&arguments, ""),
        "exit status: 2\nauc: nobody may ask at --listen: give --token-file FILE, which `auc token new` makes\n"
    );
}

/// TS 35.233 §4.3, test set 1.
const TUAK: [&str; 6] = [
    "--k",
    "abababababababababababababababab",
    "--top",
    "5555555555555555555555555555555555555555555555555555555555555555",
    "--rand",
    "42424242424242424242424242424242",
];

#[test]
fn a_vector_of_tuak() {
    let arguments = [
        &["vector"],
        &TUAK[..],
        &["--sqn", "111111111111", "--amf", "ffff"],
    ];
    insta::assert_snapshot!(seen(&arguments.concat(), ""));
}

#[test]
fn an_explained_vector_of_tuak() {
    let arguments = [
        &["explain"],
        &TUAK[..],
        &["--sqn", "32", "--naf", "naf.example.com"],
    ];
    let text = seen(&arguments.concat(), "");
    let names: Vec<&str> = text
        .lines()
        .map(|line| line.split("  ").next().unwrap())
        .collect();
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn a_home_that_asks_tuak_for_another_res_is_diagnosed() {
    let vector = [
        &["vector"],
        &TUAK[..],
        &["--sqn", "32", "--res-length", "16", "--json"],
    ];
    let vector = auc(&vector.concat(), "");
    let vector: serde_json::Value = serde_json::from_slice(&vector.stdout).unwrap();
    let autn = ["--autn", vector["autn"].as_str().unwrap()];
    insta::assert_snapshot!(seen(&[&["diagnose"], &TUAK[..], &autn].concat(), ""));
}

#[test]
fn a_challenge_and_its_refusal_tell_how_stale_it_was() {
    let arguments = [
        "--opc",
        OPC,
        "--autn",
        AUTN,
        "--auts",
        "ba853f3c125c9c334c301c1391d2",
    ];
    insta::assert_snapshot!(seen(&diagnose(&arguments), ""));
}

#[test]
fn xor_needs_its_flag_and_a_warning_word() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("subscribers.toml");
    let text =
        format!("[[subscriber]]\nimsi = \"001010000000001\"\nk = \"{K}\"\nalgorithm = \"xor\"\n");
    std::fs::write(&file, text).unwrap();
    let import = ["import", file.to_str().unwrap()];
    let refused = in_database(folder.path(), &import);
    assert!(
        refused.contains("--danger-xor-for-tests allows it"),
        "{refused}"
    );
    let allowed = [&["--danger-xor-for-tests"], &import[..]].concat();
    let taken = in_database(folder.path(), &allowed);
    assert!(taken.contains("ADDED   1"), "{taken}");
}
