//! TLS or not: what the settings ask for together.

use super::{Bind, ListenOptions};

/// Why settings of listening do not go together; each says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Disagreement {
    /// TLS is asked for, and refused.
    #[error("{flag} asks for TLS, and --http for plain HTTP; leave out one of them")]
    Plain {
        /// What asks for TLS.
        flag: &'static str,
    },
    /// TLS is asked for, where there is none.
    #[error(
        "{flag} asks for TLS, and unix sockets speak plain HTTP; leave it out, or add --listen ADDRESS:PORT"
    )]
    Unix {
        /// What asks for TLS.
        flag: &'static str,
    },
    /// Browsers are told to come without TLS to where it is spoken.
    #[error("--origin {origin} is without TLS, and {cause}; say --origin {secure}")]
    Origin {
        /// The origin.
        origin: String,
        /// What makes the server speak TLS.
        cause: &'static str,
        /// The origin that goes with it.
        secure: String,
    },
    /// Nobody knows under which name browsers find the server.
    #[error("--origin URL is needed beyond loopback")]
    NoOrigin,
    /// Nobody knows under which name browsers find the server.
    #[error("--origin URL is needed, for nothing listens on TCP")]
    NoPort,
}

impl ListenOptions {
    /// Decides whether browsers, which find the server at `origin`, are spoken to with TLS.
    ///
    /// On loopback they take `http://localhost` for secure, and no certificate of ours: there TLS is
    /// for those only who ask for it, by a certificate, a client CA, an origin with `https` or
    /// `--http=false`.
    ///
    /// # Errors
    /// [`Disagreement`]
    pub fn settle(&mut self, origin: Option<&str>) -> Result<(), Disagreement> {
        self.agree()?;
        let is_secure = origin.is_some_and(|origin| origin.starts_with("https:"));
        let asks = self.asks_for_tls().is_some() || is_secure;
        if self.http.is_none() && self.is_local() && !(asks && self.port().is_some()) {
            self.http = Some(true);
        }
        match origin {
            Some(origin) if !is_secure && self.is_https() => Err(self.without_tls(origin)),
            _ => Ok(()),
        }
    }

    /// The origin of a server on this machine, which goes by `name` or else by its address.
    ///
    /// # Errors
    /// [`Disagreement::NoOrigin`], [`Disagreement::NoPort`]
    pub fn local_origin(&self, name: Option<&str>) -> Result<String, Disagreement> {
        if !self.is_local() {
            return Err(Disagreement::NoOrigin);
        }
        let address = self.port().ok_or(Disagreement::NoPort)?;
        let scheme = if self.is_https() { "https" } else { "http" };
        Ok(match name {
            Some(name) => format!("{scheme}://{name}:{}", address.port()),
            None => format!("{scheme}://{address}"),
        })
    }

    /// Whether nobody beyond this machine reaches the server.
    pub fn is_local(&self) -> bool {
        self.listen.iter().all(Bind::is_local)
    }

    /// Refuses settings of which one could only be ignored.
    pub(super) fn agree(&self) -> Result<(), Disagreement> {
        let Some(flag) = self.asks_for_tls() else {
            return Ok(());
        };
        if self.http == Some(true) {
            return Err(Disagreement::Plain { flag });
        }
        if !self.listen.is_empty() && self.port().is_none() {
            return Err(Disagreement::Unix { flag });
        }
        Ok(())
    }

    /// The first flag that makes no sense without TLS.
    fn asks_for_tls(&self) -> Option<&'static str> {
        let flags = [
            ("--tls-pem", &self.tls_pem),
            ("--tls-cert", &self.tls_cert),
            ("--client-ca", &self.client_ca),
        ];
        let mut given = flags.into_iter().filter(|(_, value)| value.is_some());
        given.next().map(|(flag, _)| flag)
    }

    fn without_tls(&self, origin: &str) -> Disagreement {
        let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        Disagreement::Origin {
            origin: origin.to_owned(),
            secure: format!("https://{rest}"),
            cause: match self.asks_for_tls() {
                Some("--tls-pem") => "--tls-pem asks for it",
                Some("--tls-cert") => "--tls-cert asks for it",
                Some(_) => "--client-ca asks for it",
                None if self.is_local() => "--http=false asks for it",
                None => "beyond loopback it is spoken",
            },
        }
    }

    fn port(&self) -> Option<std::net::SocketAddr> {
        self.listen.iter().find_map(|bind| match bind {
            Bind::Tcp(address) => Some(*address),
            Bind::Unix(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: &str = "unix:/run/s";
    const LOOPBACK: &str = "127.0.0.1:8445";

    fn listening(on: &[&str]) -> ListenOptions {
        ListenOptions {
            listen: on.iter().map(|text| text.parse().unwrap()).collect(),
            ..ListenOptions::default()
        }
    }

    fn with_certificate(on: &[&str]) -> ListenOptions {
        ListenOptions {
            tls_pem: Some("tls.pem".into()),
            ..listening(on)
        }
    }

    fn settled(mut options: ListenOptions, origin: Option<&str>) -> Result<bool, String> {
        let settled = options.settle(origin).map_err(|error| error.to_string());
        settled.map(|()| options.is_https())
    }

    #[test]
    fn on_loopback_nothing_is_encrypted_that_nobody_asked_to_be() {
        assert_eq!(settled(listening(&[LOOPBACK]), None), Ok(false));
        let origin = Some("http://localhost:8445");
        assert_eq!(settled(listening(&[LOOPBACK, UNIX]), origin), Ok(false));
        let proxied = Some("https://id.example.com");
        assert_eq!(settled(listening(&[UNIX]), proxied), Ok(false));
    }

    #[test]
    fn whoever_asks_for_tls_on_loopback_gets_it() {
        assert_eq!(settled(with_certificate(&[LOOPBACK]), None), Ok(true));
        let asking = ListenOptions {
            client_ca: Some("ca.pem".into()),
            ..listening(&[LOOPBACK])
        };
        assert_eq!(settled(asking, None), Ok(true));
        let origin = Some("https://localhost:8445");
        assert_eq!(settled(listening(&[LOOPBACK]), origin), Ok(true));
        let told = ListenOptions {
            http: Some(false),
            ..listening(&[LOOPBACK])
        };
        assert_eq!(settled(told, None), Ok(true));
    }

    #[test]
    fn a_proxy_that_ends_tls_is_spoken_to_without_on_request() {
        let told = ListenOptions {
            http: Some(true),
            ..listening(&[LOOPBACK])
        };
        assert_eq!(settled(told, Some("https://id.example.com")), Ok(false));
    }

    #[test]
    fn beyond_loopback_there_is_tls() {
        let origin = Some("https://id.example.com");
        assert_eq!(settled(listening(&["0.0.0.0:443"]), origin), Ok(true));
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_what_to_change() {
        let plain = ListenOptions {
            http: Some(true),
            ..with_certificate(&[LOOPBACK])
        };
        let refused = settled(plain, None).unwrap_err();
        assert_eq!(
            refused,
            "--tls-pem asks for TLS, and --http for plain HTTP; leave out one of them"
        );
        let refused = settled(with_certificate(&[UNIX]), None).unwrap_err();
        assert!(refused.ends_with("add --listen ADDRESS:PORT"), "{refused}");
        for (options, cause) in [
            (with_certificate(&[LOOPBACK]), "--tls-pem asks for it"),
            (listening(&["0.0.0.0:443"]), "beyond loopback it is spoken"),
        ] {
            let refused = settled(options, Some("http://localhost:8445")).unwrap_err();
            let mend = "say --origin https://localhost:8445";
            assert_eq!(
                refused,
                format!("--origin http://localhost:8445 is without TLS, and {cause}; {mend}")
            );
        }
    }

    #[test]
    fn a_server_on_this_machine_knows_its_origin_and_others_must_be_told() {
        let mut options = with_certificate(&[UNIX, LOOPBACK]);
        let origin = options.local_origin(Some("localhost"));
        assert_eq!(origin.unwrap(), "https://localhost:8445");
        (options.tls_pem, options.http) = (None, Some(true));
        let origin = options.local_origin(None).unwrap();
        assert_eq!(origin, "http://127.0.0.1:8445");
        let beyond = listening(&["0.0.0.0:443"]).local_origin(None);
        assert_eq!(beyond, Err(Disagreement::NoOrigin));
        let nowhere = listening(&[UNIX]).local_origin(None);
        assert_eq!(nowhere, Err(Disagreement::NoPort));
    }
}
