//! The issuer's keys over several sign-ins: how often they are fetched, and what happens when they change.
//! Wrong signatures, and a key set that is broken at the first sign-in, are tested in `provider_faults`.

use super::callback_response;
use crate::endpoints::KEYS;
use crate::harness::Site;

// ID-18
#[tokio::test]
async fn an_unknown_key_causes_one_fetch_for_every_sign_in() {
    let site = Site::start().await;
    site.tenant.fault("id_unknown_kid").await;
    for fetches in 1..=3 {
        assert_eq!(callback_response(&site, "ada").await.status, 400);
        assert_eq!(site.tenant.requests_at(KEYS).await, fetches);
    }
    site.tenant.clear_faults().await;
    site.signed_in("ada").await;
    assert_eq!(site.tenant.requests_at(KEYS).await, 3, "the known keys are still known");
}

// PF-11
#[tokio::test]
async fn known_keys_sign_users_in_while_the_key_set_is_out_of_order() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    site.tenant.clear_log().await;
    for fault in ["jwks_500", "jwks_drop", "jwks_malformed", "jwks_empty", "jwks_slow"] {
        site.tenant.fault(fault).await;
        site.signed_in("ada").await;
    }
    assert_eq!(site.tenant.requests_at(KEYS).await, 0);
}

// PF-11, ID-18
#[tokio::test]
async fn an_unknown_key_does_not_spoil_the_known_ones_while_the_key_set_is_out_of_order() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    site.tenant.fault("jwks_500").await;
    site.tenant.fault_times("id_unknown_kid", 1).await;
    assert_eq!(callback_response(&site, "ada").await.status, 502, "whether the key exists could not be found out");
    site.signed_in("ada").await;
}

// PF-10
#[tokio::test]
async fn a_key_set_that_works_again_serves_the_next_sign_in() {
    let site = Site::start().await;
    site.tenant.fault("jwks_500").await;
    assert_eq!(callback_response(&site, "ada").await.status, 502);
    site.tenant.clear_faults().await;
    site.signed_in("ada").await;
}

// ID-25
#[tokio::test]
async fn keys_rotate_without_a_restart_for_one_fetch_each() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    for fault in ["key_rotation", "key_rotation_drop_old", "key_rotation"] {
        site.tenant.fault(fault).await;
        site.tenant.clear_log().await;
        site.signed_in("ada").await;
        site.signed_in("ada").await;
        assert_eq!(site.tenant.requests_at(KEYS).await, 1, "{fault}");
    }
}

// ID-25
#[tokio::test]
async fn a_dropped_key_signs_nobody_in_once_the_new_keys_are_known() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    site.tenant.fault("key_rotation_drop_old").await;
    site.signed_in("ada").await;
    site.tenant.fault("id_unknown_kid").await;
    assert_eq!(callback_response(&site, "ada").await.status, 400);
}
