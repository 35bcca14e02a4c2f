//! EAP-AKA, EAP-AKA' and EAP-SIM: programs of others with each other and our card, our peer at
//! hostapd, our server with `eapol_test`.

mod card;
mod peer;
mod server;
