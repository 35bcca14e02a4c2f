//! What a decorator leaves to the transport inside it.

/// Implements the named methods of [`Transport`](crate::transport::Transport) by calling the same
/// method of a field.
macro_rules! delegate {
    ($inner:ident: $($method:ident),+) => { $(delegate!(@$method $inner);)+ };
    (@begin $inner:ident) => {
        fn begin(&mut self) -> Result<(), $crate::transport::TransportError> {
            self.$inner.begin()
        }
    };
    (@end $inner:ident) => {
        fn end(&mut self) -> Result<(), $crate::transport::TransportError> {
            self.$inner.end()
        }
    };
    (@check $inner:ident) => {
        fn check(&mut self) -> Result<(), $crate::transport::TransportError> {
            self.$inner.check()
        }
    };
    (@info $inner:ident) => {
        fn info(&self) -> $crate::transport::TransportInfo {
            self.$inner.info()
        }
    };
    (@imei $inner:ident) => {
        fn imei(&mut self) -> Result<$crate::Imei, $crate::transport::TransportError> {
            self.$inner.imei()
        }
    };
    (@protocol $inner:ident) => {
        fn protocol(&self) -> Option<$crate::transport::Protocol> {
            self.$inner.protocol()
        }
    };
    (@open_channel $inner:ident) => {
        fn open_channel(
            &mut self,
            aid: &[u8],
        ) -> Result<Option<$crate::apdu::Channel>, $crate::transport::TransportError> {
            self.$inner.open_channel(aid)
        }
    };
    (@close_channel $inner:ident) => {
        fn close_channel(
            &mut self,
            channel: $crate::apdu::Channel,
        ) -> Result<(), $crate::transport::TransportError> {
            self.$inner.close_channel(channel)
        }
    };
}

pub(super) use delegate;
