//! What may be heard from where: no plain HTTP and no open door beyond this machine.

use super::{Advice, Bind};

/// Whether callers must prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// At least one caller is configured, and everybody must be one.
    Required,
    /// Anybody who can connect is let in.
    Absent,
}

/// What is about to be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Exposure {
    /// HTTP without TLS.
    Plain,
    /// HTTPS.
    Tls,
}

/// Why an address may not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Exposed {
    /// Plain HTTP would cross a network.
    #[error(
        "{bind} is beyond loopback, and plain HTTP would show everything to the network; leave out --http, or listen on 127.0.0.1 or unix:PATH"
    )]
    Plain {
        /// The address.
        bind: Bind,
    },
    /// Anybody on the network would be let in.
    #[error(
        "{bind} is beyond loopback, and nobody would be asked who they are; these two lines make a caller:\n  {program} token new NAME --scope {scope} > callers.toml\n  {program} --listen {bind} --token-file callers.toml"
    )]
    Open {
        /// The address.
        bind: Bind,
        /// The program to name in the advice.
        program: &'static str,
        /// The scope to name in the advice.
        scope: &'static str,
    },
}

impl Exposure {
    /// Whether `bind` may be opened like this.
    ///
    /// The refusal carries `advice`.
    ///
    /// # Errors
    /// The address is beyond loopback, and TLS or authentication is missing.
    pub fn check(
        &self,
        bind: &Bind,
        authentication: Authentication,
        advice: Advice,
    ) -> Result<(), Exposed> {
        if bind.is_local() {
            return Ok(());
        }
        let bind = bind.clone();
        match (self, authentication) {
            (Self::Plain, _) => Err(Exposed::Plain { bind }),
            (Self::Tls, Authentication::Required) => Ok(()),
            (Self::Tls, Authentication::Absent) => Err(Exposed::Open {
                bind,
                program: advice.program,
                scope: advice.scope,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        exposure: &Exposure,
        bind: &str,
        authentication: Authentication,
    ) -> Result<(), Exposed> {
        let bind = bind.parse().unwrap();
        let advice = Advice {
            program: "usim-server",
            scope: "sim:read",
        };
        exposure.check(&bind, authentication, advice)
    }

    #[test]
    fn anything_goes_on_loopback_and_on_unix_sockets() {
        for bind in ["127.0.0.1:1", "[::1]:1", "unix:/x"] {
            let checked = check(&Exposure::Plain, bind, Authentication::Absent);
            assert_eq!(checked, Ok(()), "{bind}");
        }
    }

    #[test]
    fn plain_http_beyond_loopback_is_refused_even_with_authentication() {
        let error = check(&Exposure::Plain, "0.0.0.0:1", Authentication::Required).unwrap_err();
        assert!(matches!(error, Exposed::Plain { .. }));
    }

    #[test]
    fn tls_beyond_loopback_needs_authentication_and_says_the_two_lines() {
        let bind = "0.0.0.0:8443";
        assert_eq!(
            check(&Exposure::Tls, bind, Authentication::Required),
            Ok(())
        );
        let error = check(&Exposure::Tls, bind, Authentication::Absent).unwrap_err();
        let text = error.to_string();
        let lines: Vec<_> = text.lines().skip(1).map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "usim-server token new NAME --scope sim:read > callers.toml",
                "usim-server --listen 0.0.0.0:8443 --token-file callers.toml"
            ]
        );
    }
}
