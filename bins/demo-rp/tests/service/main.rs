//! The service in a browser without a screen: beside the real identity provider, and beside one that
//! lies.

mod bad_answers;
mod documents;
mod evidence;
mod liar;
mod sign_in;
mod world;
