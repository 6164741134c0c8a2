"""Version 1.2.9 of Kinde's Python SDK, which the tutorial uses, signs in at the emulated tenant.

The SDK's Management API is not tested: the tenant has none. Neither are its schemas of the user profile and of
introspection, which are older than Kinde's present ones (a picture may be null, times are numbers).
"""

import importlib.metadata
import unittest

from authlib.integrations.base_client.errors import OAuthError
from jwt.exceptions import PyJWTError
from kinde_sdk.apis.tags.o_auth_api import OAuthApi
from kinde_sdk.configuration import Configuration
from kinde_sdk.exceptions import ApiException, KindeRetrieveException, KindeTokenException
from kinde_sdk.kinde_api_client import GrantType, KindeApiClient

from tenant import ADAS_PERMISSIONS, CALLBACK, SIGNED_OUT, Browser, Tenant


class KindePythonSdk1(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tenant = Tenant()
        cls.addClassCleanup(cls.tenant.stop)

    def setUp(self):
        self.tenant.reset()
        self.browser = Browser()

    def client(self, **more):
        """Creates a client as the tutorial does, with an empty code verifier."""
        parameters = {
            "configuration": Configuration(host=self.tenant.issuer),
            "domain": self.tenant.issuer,
            "client_id": self.tenant.client_id,
            "client_secret": self.tenant.client_secret,
            "grant_type": GrantType.AUTHORIZATION_CODE_WITH_PKCE,
            "callback_url": CALLBACK,
            "code_verifier": "",
        }
        return KindeApiClient(**{**parameters, **more})

    def signed_in(self, person="ada", **more):
        """Signs in as the tutorial does: one client builds the URL, another one reads the callback."""
        url = self.client(**more).get_login_url()
        client = self.client(**more)
        client.fetch_token(authorization_response=self.browser.sign_in(url, person))
        return client

    def tokens(self, **more):
        url = self.client(**more).get_login_url()
        return self.client(**more).fetch_token_value(authorization_response=self.browser.sign_in(url))

    def test_it_is_the_version_of_the_tutorial(self):
        self.assertEqual(importlib.metadata.version("kinde-python-sdk"), "1.2.9")

    def test_it_signs_in_by_http_basic_and_without_a_code_challenge(self):
        self.assertTrue(self.signed_in().is_authenticated())
        [request] = self.tenant.requests("/oauth2/auth")
        self.assertEqual(request["query"]["scope"], "openid profile email offline")
        self.assertNotIn("code_challenge", request["query"])
        [exchange] = self.tenant.requests("/oauth2/token")
        self.assertEqual(exchange["authorization"].lower(), "basic")
        self.assertNotIn("code_verifier", exchange["form"])

    def test_it_signs_in_with_a_code_challenge_when_it_has_a_verifier(self):
        self.tenant.settings(require_pkce=True)
        self.assertTrue(self.signed_in(code_verifier="v" * 43).is_authenticated())

    def test_it_verifies_tokens_by_jwks_json(self):
        client = self.signed_in()
        self.assertEqual(client.get_claim("iss")["value"], self.tenant.issuer)
        self.assertEqual(client.get_claim("aud", "id_token")["value"], [self.tenant.client_id])
        self.assertEqual(len(self.tenant.requests("/.well-known/jwks.json")), 1)

    def test_it_registers_a_new_user(self):
        client = self.client()
        callback = self.browser.decide(client.get_register_url(), action="create", email="new@example.com")
        client.fetch_token(authorization_response=callback)
        self.assertEqual(client.get_user_details()["email"], "new@example.com")
        [request] = self.tenant.requests("/oauth2/auth")
        self.assertEqual(request["query"]["start_page"], "registration")

    def test_it_reads_user_details_from_the_id_token(self):
        user = self.signed_in().get_user_details()
        self.assertRegex(user.pop("id"), "^kp_[0-9a-f]{32}$")
        expected = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.com", "picture": None}
        self.assertEqual(user, expected)

    def test_it_requests_the_user_profile(self):
        client = self.signed_in()
        result = OAuthApi(client).get_user_profile_v2(skip_deserialization=True)
        self.assertEqual(result.response.status, 200)
        self.assertIn(b'"Ada Lovelace"', result.response.data)

    def test_it_looks_permissions_up(self):
        client = self.signed_in()
        permissions = client.get_permissions()
        self.assertRegex(permissions["org_code"], "^org_[0-9a-f]{12}$")
        self.assertEqual(permissions["permissions"], ADAS_PERMISSIONS)
        self.assertTrue(client.get_permission("create:items")["is_granted"])
        self.assertFalse(client.get_permission("delete:items")["is_granted"])

    def test_it_looks_feature_flags_up_each_by_its_type(self):
        client = self.signed_in()
        self.assertEqual(client.get_string_flag("theme"), "pink")
        self.assertIs(client.get_boolean_flag("is_dark_mode"), True)
        self.assertEqual(client.get_integer_flag("competitions_limit"), 5)
        self.assertEqual(client.get_flag("no_such_flag", "none")["value"], "none")
        with self.assertRaisesRegex(KindeRetrieveException, "is of type boolean - requested type string"):
            client.get_string_flag("is_dark_mode")

    def test_it_looks_organizations_up(self):
        client = self.signed_in("katherine")
        codes = client.get_user_organizations()["org_codes"]
        self.assertEqual(len(codes), 2)
        self.assertIn(client.get_organization()["org_code"], codes)
        self.browser = Browser()
        self.assertEqual(self.signed_in("katherine", org_code=codes[1]).get_organization()["org_code"], codes[1])

    def test_it_requests_an_audience(self):
        audience = "https://api.example.com"
        self.assertEqual(self.signed_in(audience=audience).get_claim("aud")["value"], [audience])

    def test_it_refreshes_automatically_in_the_last_minute_of_a_token(self):
        self.tenant.settings(access_token_lifetime=30, reuse_access_token=False)
        client = self.signed_in()
        before = client.get_claim("jti")["value"]
        self.tenant.settings(access_token_lifetime=86_400)
        self.assertTrue(client.is_authenticated())
        exchanges = self.tenant.requests("/oauth2/token")
        self.assertEqual([exchange["form"]["grant_type"] for exchange in exchanges][-1], "refresh_token")
        self.assertNotEqual(client.get_claim("jti")["value"], before)
        self.assertEqual(client.get_user_details()["given_name"], "Ada")

    def test_it_signs_out_and_is_redirected_to_the_requested_url(self):
        client = self.signed_in()
        self.assertEqual(self.browser.follow(client.logout(redirect_to=SIGNED_OUT)), SIGNED_OUT)
        self.assertFalse(client.is_authenticated())

    def test_its_refresh_token_ends_with_the_sign_out(self):
        self.tenant.settings(access_token_lifetime=30)
        client = self.signed_in()
        self.browser.follow(self.client().logout(redirect_to=SIGNED_OUT))
        with self.assertRaisesRegex(OAuthError, "invalid_grant"):
            client.is_authenticated()

    def test_it_revokes_its_token_by_generated_code(self):
        client = self.signed_in()
        token = client.configuration.access_token
        form = {"token": token, "client_id": self.tenant.client_id, "client_secret": self.tenant.client_secret}
        self.assertEqual(OAuthApi(client).token_revocation(body=form).response.status, 200)
        with self.assertRaisesRegex(ApiException, "403"):
            OAuthApi(client).get_user_profile_v2()

    def test_it_looks_nothing_up_before_sign_in(self):
        with self.assertRaises(KindeTokenException):
            self.client().get_permissions()

    def test_it_gets_a_token_for_a_machine(self):
        audience = f"{self.tenant.issuer}/api"
        client = self.client(grant_type=GrantType.CLIENT_CREDENTIALS, audience=audience)
        client.fetch_token()
        self.assertEqual(client.get_claim("aud")["value"], [audience])
        self.assertEqual(client.get_claim("gty")["value"], ["client_credentials"])

    def test_it_is_refused_with_a_code_that_was_never_issued(self):
        self.tenant.fault("cb_wrong_code")
        with self.assertRaisesRegex(OAuthError, "invalid_grant"):
            self.signed_in()

    def test_it_refuses_id_tokens_that_expired_or_have_a_wrong_signature(self):
        for fault in ("id_tampered", "id_unknown_key_same_kid", "id_alg_none", "id_hs256_client_secret", "id_expired"):
            with self.subTest(fault):
                self.browser = Browser()
                self.tenant.fault(fault)
                client = self.signed_in()
                with self.assertRaises(PyJWTError):
                    client.get_user_details()


if __name__ == "__main__":
    unittest.main()
