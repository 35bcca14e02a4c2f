//! Whom TLS trusts.

use super::*;

fn certificate() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

fn polite(_asked: &Asked) -> Reply {
    json(200, r#"{"imsi":"001010000000001"}"#)
}

fn imsi(server: &Server) -> Result<String, Kind> {
    let identity = RemoteSubscriber::new(server, Dialect::Original).identity();
    let identity = identity.map_err(|error| kind(&error))?;
    Ok(identity.imsi.as_str().to_owned())
}

#[test]
fn a_certificate_is_verified_unless_told_otherwise() {
    let server = TestServer::start_tls(&certificate(), polite);
    let address = Server::new(&server.tls_address()).unwrap();
    assert_eq!(imsi(&address), Err(Kind::Unavailable));
    let address = address.danger_accept_any_certificate();
    assert_eq!(imsi(&address), Ok("001010000000001".to_owned()));
}

#[test]
fn the_servers_own_certificate_can_be_trusted_and_no_other_is_then() {
    let ours = certificate();
    let server = TestServer::start_tls(&ours, polite);
    let address = || Server::new(&server.tls_address()).unwrap();
    let trusting = address()
        .with_certificates(ours.cert.pem().as_bytes())
        .unwrap();
    assert_eq!(imsi(&trusting), Ok("001010000000001".to_owned()));
    let other = certificate().cert.pem();
    let mistaken = address().with_certificates(other.as_bytes()).unwrap();
    assert_eq!(imsi(&mistaken), Err(Kind::Unavailable));
}

#[test]
fn certificates_come_from_a_file_too() {
    let ours = certificate();
    let server = TestServer::start_tls(&ours, polite);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.pem");
    let address = || Server::new(&server.tls_address()).unwrap();
    assert_eq!(
        address().with_certificate_file(&file).unwrap_err(),
        InvalidServer::Certificate
    );
    std::fs::write(&file, ours.signing_key.serialize_pem()).unwrap();
    assert_eq!(
        address().with_certificate_file(&file).unwrap_err(),
        InvalidServer::Certificate
    );
    std::fs::write(&file, ours.signing_key.serialize_pem() + &ours.cert.pem()).unwrap();
    let trusting = address().with_certificate_file(&file).unwrap();
    assert_eq!(imsi(&trusting), Ok("001010000000001".to_owned()));
}

#[test]
fn a_client_certificate_needs_its_key() {
    let ours = certificate();
    let address = || Server::new("sim.example").unwrap();
    let alone = ours.cert.pem();
    assert_eq!(
        address()
            .with_client_certificate(alone.as_bytes())
            .unwrap_err(),
        InvalidServer::Certificate
    );
    let both = alone + &ours.signing_key.serialize_pem();
    address().with_client_certificate(both.as_bytes()).unwrap();
}
