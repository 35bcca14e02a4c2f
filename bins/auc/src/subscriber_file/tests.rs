use aka::Amf;

use super::*;
use super::{column::Column, record::wrong};
use crate::{AlgorithmName, Keys, ResLength, Subscriber};

const K1: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
const OP1: &str = "cdc202d5123e20f62b6d676ac72cb318";
const OPC1: &str = "cd63cb71954a9f4e48a5994e37a02baf";

fn only(text: &str) -> Subscriber {
    let subscribers = Subscribers::parse(text).unwrap();
    assert_eq!(subscribers.len(), 1);
    let imsi = "001010000000001".parse().unwrap();
    subscribers.get(&imsi).unwrap().clone()
}

fn problem(text: &str) -> (usize, Problem) {
    let error = Subscribers::parse(text).unwrap_err();
    (error.line, error.problem)
}

#[test]
fn csv_names_its_columns_in_any_order() {
    let text = format!("# test\n\nsqn, IMSI, opc, ki\n000000000020,001010000000001,{OPC1},{K1}\n");
    let subscriber = only(&text);

    assert_eq!(hex::encode(subscriber.keys.expose_k()), K1);
    assert_eq!(hex::encode(subscriber.keys.expose_operator()), OPC1);
    assert_eq!(subscriber.sqn.get(), 32);
    assert_eq!(subscriber.amf, Amf::SEPARATED);
    assert_eq!(subscriber.res_length, ResLength::FULL);
}

#[test]
fn op_becomes_opc() {
    let subscriber = only(&format!("imsi,k,op\n001010000000001,{K1},{OP1}"));
    assert_eq!(hex::encode(subscriber.keys.expose_operator()), OPC1);
}

#[test]
fn each_line_takes_op_or_opc() {
    let text =
        format!("imsi,k,op,opc\n001010000000001,{K1},{OP1},\n001010000000002,{K1},,{OPC1}\n");
    assert_eq!(Subscribers::parse(&text).unwrap().len(), 2);
    let both = format!("imsi,k,op,opc\n001010000000001,{K1},{OP1},{OPC1}\n");
    assert_eq!(problem(&both), (2, Problem::BothOperatorFields));
}

#[test]
fn lines_of_hlr_auc_gw_are_read() {
    let line = format!("001010000000001 {K1}\t{OPC1} 61df 0000000000ff");
    let subscriber = only(&line);
    assert_eq!(subscriber.amf.as_bytes(), &[0x61, 0xdf]);
    assert_eq!(subscriber.sqn.get(), 255);

    let subscriber = only(&format!("{line} 4"));
    assert_eq!(subscriber.res_length, ResLength::new(4).unwrap());
}

#[test]
fn wrong_fields_are_named_with_their_line_and_without_their_text() {
    let error = Subscribers::parse("imsi,k,opc\n00101000000000x,11,22\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: k: expected 32 hexadecimal digits"
    );
    let short = format!("imsi,k,opc\n00101000000000x,{K1},{OPC1}\n");
    assert_eq!(
        problem(&short),
        (2, wrong(Column::Imsi, AlgorithmName::Milenage)),
        "the letter is no digit"
    );
    let long_res = format!("001010000000001 {K1} {OPC1} 8000 000000000000 9");
    assert_eq!(
        problem(&long_res),
        (1, wrong(Column::ResLength, AlgorithmName::Milenage))
    );
}

#[test]
fn missing_fields_are_named() {
    let missing = |column| Problem::Missing { column };
    let text = format!("imsi,k,opc\n001010000000001,{K1},\n");
    assert_eq!(problem(&text), (2, missing("opc")));
    let text = format!("imsi,opc\n001010000000001,{OPC1}\n");
    assert_eq!(problem(&text), (2, missing("k")));
}

#[test]
fn headers_are_checked() {
    assert_eq!(problem("imsi,key\n"), (1, Problem::UnknownColumn));
    assert_eq!(problem("imsi,k,ki\n"), (1, Problem::RepeatedColumn));
}

#[test]
fn lines_of_another_length_are_refused() {
    let (expected, actual) = (3, 2);
    assert_eq!(
        problem("imsi,k,opc\n1,2\n"),
        (2, Problem::FieldCount { expected, actual })
    );
    let (expected, actual) = (6, 4);
    assert_eq!(
        problem("1 2 3 4\n"),
        (1, Problem::FieldCount { expected, actual })
    );
}

#[test]
fn a_repeated_imsi_is_refused() {
    let line = format!("001010000000001 {K1} {OPC1} 8000 000000000000\n");
    assert_eq!(problem(&line.repeat(2)), (2, Problem::Repeated));
}

const K256: &str = "465b5ce8b199b49faa5f0a2ee238a6bc465b5ce8b199b49faa5f0a2ee238a6bc";
const TOPC: &str = "1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn tuak_has_columns_of_its_own() {
    let text = format!("imsi,k,topc,iterations,res_length\n001010000000001,{K256},{TOPC},3,16\n");
    let subscriber = only(&text);
    assert_eq!(subscriber.res_length, ResLength::LONGEST);
    let Keys::Tuak { iterations, .. } = &subscriber.keys else {
        panic!("topc is TUAK's");
    };
    assert_eq!(iterations.get(), 3);
    assert_eq!(hex::encode(subscriber.keys.expose_k()), K256);
    assert_eq!(hex::encode(subscriber.keys.expose_operator()), TOPC);

    let top = only(&format!("imsi,k,top\n001010000000001,{K1},{TOPC}\n"));
    assert_eq!(top.keys.expose_k().len(), 16);
    assert_ne!(
        hex::encode(top.keys.expose_operator()),
        TOPC,
        "it is derived"
    );
}

#[test]
fn operators_constants_are_read() {
    let constants: Vec<String> = (0..5).map(|n| format!("{:032x}/{n}", 7)).collect();
    let text = format!(
        "imsi,k,opc,constants\n001010000000001,{K1},{OPC1},{}\n",
        constants.join(" ")
    );
    let Keys::Milenage { constants, .. } = only(&text).keys else {
        panic!("it is MILENAGE's");
    };
    assert_eq!(constants.expose().1, [0, 1, 2, 3, 4]);
    let equal = text.replace("/4", "/3");
    let expected = wrong(Column::Constants, AlgorithmName::Milenage);
    assert_eq!(problem(&equal), (2, expected));
}

#[test]
fn a_field_of_another_algorithm_is_refused() {
    let misplaced = |column, algorithm| (2, Problem::Misplaced { column, algorithm });
    let text = format!("imsi,k,opc,iterations\n001010000000001,{K1},{OPC1},2\n");
    assert_eq!(problem(&text), misplaced("iterations", "milenage"));
    let text = format!("imsi,k,opc,algorithm\n001010000000001,{K1},{OPC1},tuak\n");
    assert_eq!(problem(&text), misplaced("opc", "tuak"));
    let text = format!("imsi,k,topc,algorithm\n001010000000001,{K1},,tuak\n");
    assert_eq!(problem(&text), (2, Problem::Missing { column: "topc" }));
    let text = format!("imsi,k,opc,algorithm\n001010000000001,{K1},{OPC1},comp128\n");
    let expected = wrong(Column::Algorithm, AlgorithmName::Milenage);
    assert_eq!(problem(&text), (2, expected));
    let text = format!("imsi,k,topc,res_length\n001010000000001,{K1},{TOPC},6\n");
    let expected = wrong(Column::ResLength, AlgorithmName::Tuak);
    assert_eq!(problem(&text), (2, expected));
}

#[test]
fn xor_is_taken_only_where_it_is_allowed() {
    let text = format!("imsi,k,algorithm\n001010000000001,{K1},xor\n");
    assert_eq!(problem(&text), (2, Problem::XorForTests));
    let taken = Subscribers::parse_with(&text, XorForTests::DangerAllowed).unwrap();
    let subscriber = taken.iter().next().unwrap();
    assert_eq!(subscriber.keys.algorithm(), AlgorithmName::Xor);
    assert_eq!(subscriber.res_length, ResLength::LONGEST);
}
