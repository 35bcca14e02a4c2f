//! `usim-server` shares a card whose pcscd is killed again and again.

use std::time::Duration;

use anyhow::Result;
use counterparts::{Draw, Namespace, Pcscd, Server, SoftCard, pcscd, server, wait};

const IMSI: &str = "{\n\t\"imsi\": \"001010000000001\"\n}";

#[test]
#[ignore = "kills pcscd 20 times: cargo xtask test --only crashes"]
fn a_server_recovers_by_itself_from_the_death_of_pcscd() -> Result<()> {
    let namespace = Namespace::new()?;
    let mut daemon = Pcscd::start(&namespace)?;
    let _card = SoftCard::insert(&namespace)?;
    let server = Server::start(&namespace, &["--reader", pcscd::READER])?;
    assert_eq!(server::got(&namespace, "/?type=imsi")?, IMSI);
    let mut draw = Draw::new(5);
    for _ in 0..20 {
        let asked = namespace.program("curl").args("--silent --max-time 20");
        let url = format!("http://{}/?type=imsi", server::ADDRESS);
        let mut asked = asked.arg(url).start()?;
        wait::a_moment(&mut draw, Duration::from_millis(30));
        daemon.kill()?;
        // whatever it is, there is an answer, and in time
        assert!(
            asked.ended()?.success(),
            "{}\n{}",
            asked.log(),
            server.log()
        );
        daemon = Pcscd::start(&namespace)?;
        assert_eq!(
            server::got(&namespace, "/?type=imsi")?,
            IMSI,
            "{}",
            server.log()
        );
    }
    Ok(())
}
