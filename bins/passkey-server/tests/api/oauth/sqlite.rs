//! The flows that matter most, on SQLite in a file, as servers have it: one writer, and readers beside it.

use super::{device, ending, logout, token};
use crate::ciba;
use crate::world::World;

#[tokio::test]
async fn a_code_that_comes_twice_takes_back_what_it_gave() {
    token::replay(&World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_exchanges_of_one_code_at_most_one_gives_tokens_that_last() {
    token::exchange_at_once(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_reuse_kills_the_family() {
    token::reuse(&World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_parallel_refreshes_one_gives_tokens_and_all_are_revoked() {
    token::refresh_at_once(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_device_gets_tokens_when_its_user_has_signed_what_it_shows() {
    device::approval(&World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_client_polls_until_the_user_has_signed_its_message() {
    ciba::polling(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_client_signs_its_user_out_and_everyone_is_told_once() {
    logout::sign_out(&World::on_sqlite().await).await;
}

#[tokio::test]
async fn with_a_passkey_end_the_sessions_and_tokens_that_came_of_it_and_no_others() {
    ending::with_a_passkey(&World::on_sqlite().await).await;
}
