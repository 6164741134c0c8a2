"""Version 2.4.0 of Kinde's Python SDK signs in at the emulated tenant and uses its account API.

The Management API and the routes for FastAPI and Flask are not tested. Neither is the automatic refresh in
`get_access_token`: the SDK deadlocks there, waiting for a lock that it holds.
"""

import importlib.metadata
import logging
import secrets
import unittest
from urllib.parse import parse_qs, urlsplit

from kinde_sdk import FrameworkFactory, KindeSessionManagement, NullFramework, OAuth
from kinde_sdk.auth import claims, feature_flags, permissions, portals, roles, tokens
from kinde_sdk.auth.entitlements import Entitlements
from kinde_sdk.core.exceptions import KindeLoginException, KindeTokenException
from kinde_sdk.frontend.api.feature_flags_api import FeatureFlagsApi
from kinde_sdk.frontend.api.o_auth_api import OAuthApi
from kinde_sdk.frontend.api.permissions_api import PermissionsApi
from kinde_sdk.frontend.api.roles_api import RolesApi
from kinde_sdk.frontend.api_client import ApiClient
from kinde_sdk.frontend.configuration import Configuration
from kinde_sdk.frontend.exceptions import ForbiddenException

from tenant import ADAS_PERMISSIONS, CALLBACK, SIGNED_OUT, Browser, Tenant

SCOPE = "openid profile email offline"


class Terminal(NullFramework):
    """The SDK's framework for programs without one, registered under a name because the SDK looks it up by name."""

    def __new__(cls, _app=None):
        return super().__new__(cls)

    def __init__(self, _app=None):
        super().__init__()


class KindePythonSdk2(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        logging.disable(logging.CRITICAL)
        cls.addClassCleanup(logging.disable, logging.NOTSET)
        FrameworkFactory.register_framework("terminal", Terminal)
        cls.tenant = Tenant()
        cls.addClassCleanup(cls.tenant.stop)

    async def asyncSetUp(self):
        self.tenant.reset()
        self.browser = Browser()
        self.oauth = OAuth(
            client_id=self.tenant.client_id,
            client_secret=self.tenant.client_secret,
            redirect_uri=CALLBACK,
            host=self.tenant.issuer,
            framework="terminal",
        )
        self.user = secrets.token_hex(8)

    async def sign_in(self, person="ada", **options):
        url = await self.oauth.login({"scope": SCOPE, **options})
        return await self.handle(self.browser.sign_in(url, person))

    async def handle(self, callback):
        query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
        result = await self.oauth.handle_redirect(query["code"], self.user, query["state"])
        KindeSessionManagement().set_user_id(self.user)
        return result

    def account_api(self):
        token = self.oauth.get_tokens(self.user)["access_token"]
        return ApiClient(Configuration(host=self.tenant.issuer, access_token=token))

    def test_it_is_the_version_that_the_tests_are_for(self):
        self.assertEqual(importlib.metadata.version("kinde-python-sdk"), "2.4.0")

    async def test_it_signs_in_with_a_code_challenge_and_a_nonce(self):
        result = await self.sign_in()
        self.assertTrue(self.oauth.is_authenticated())
        self.assertEqual(len(self.tenant.requests("/.well-known/openid-configuration")), 1)
        [request] = self.tenant.requests("/oauth2/auth")
        self.assertEqual(request["query"]["code_challenge_method"], "S256")
        [exchange] = self.tenant.requests("/oauth2/token")
        self.assertIsNone(exchange["authorization"])
        self.assertEqual(exchange["form"]["client_id"], self.tenant.client_id)
        id_token = self.tenant.verify(result["tokens"]["id_token"], self.tenant.client_id)
        self.assertEqual(id_token["nonce"], request["query"]["nonce"])
        self.tenant.verify(result["tokens"]["access_token"])

    async def test_it_registers_a_new_user(self):
        url = await self.oauth.register({"scope": SCOPE})
        result = await self.handle(self.browser.decide(url, action="create", email="new@example.com"))
        self.assertEqual(result["user"]["email"], "new@example.com")
        [request] = self.tenant.requests("/oauth2/auth")
        self.assertEqual(request["query"]["prompt"], "create")

    async def test_it_requests_user_details_from_the_user_profile(self):
        result = await self.sign_in("emmy")
        self.assertEqual(result["user"]["name"], "Emmy Noether")
        self.assertEqual(self.oauth.get_user_info()["email"], "emmy@example.com")
        self.assertEqual(len(self.tenant.requests("/oauth2/v2/user_profile")), 2)

    async def test_it_looks_permissions_and_roles_up(self):
        await self.sign_in()
        granted = await permissions.get_permissions()
        self.assertRegex(granted["orgCode"], "^org_[0-9a-f]{12}$")
        self.assertEqual(granted["permissions"], ADAS_PERMISSIONS)
        self.assertTrue((await permissions.get_permission("create:items"))["isGranted"])
        self.assertFalse((await permissions.get_permission("delete:items"))["isGranted"])
        self.assertTrue((await roles.get_role("admin"))["isGranted"])

    async def test_it_looks_feature_flags_up_each_by_its_type(self):
        await self.sign_in()
        flags = {code: (flag.type, flag.value) for code, flag in (await feature_flags.get_all_flags()).items()}
        self.assertEqual(flags["theme"], ("string", "pink"))
        self.assertEqual(flags["is_dark_mode"], ("boolean", True))
        self.assertEqual(flags["competitions_limit"], ("integer", 5))
        self.assertTrue((await feature_flags.get_flag("no_such_flag", False)).is_default)

    async def test_it_looks_claims_up(self):
        await self.sign_in()
        self.assertEqual((await claims.get_claim("iss"))["value"], self.tenant.issuer)
        self.assertEqual((await claims.get_claim("given_name", "id_token"))["value"], "Ada")
        info = tokens.get_token_info()
        self.assertTrue(info["hasAccessToken"] and info["hasIdToken"] and info["hasRefreshToken"])

    async def test_it_requests_permissions_roles_and_feature_flags_from_the_account_api(self):
        await self.sign_in()
        api = self.account_api()
        granted = PermissionsApi(api).get_user_permissions().data
        self.assertEqual(granted.org_code, (await permissions.get_permissions())["orgCode"])
        self.assertEqual([item.key for item in granted.permissions], ADAS_PERMISSIONS)
        self.assertEqual([role.key for role in RolesApi(api).get_user_roles().data.roles], ["admin"])
        flags = FeatureFlagsApi(api).get_feature_flags().data.feature_flags
        self.assertEqual({flag.key: flag.type for flag in flags}["layout"], "object")

    async def test_it_requests_entitlements_and_a_portal_link_from_the_account_api(self):
        await self.sign_in()
        entitlements = Entitlements(self.tenant.issuer, self.oauth.get_tokens(self.user)["access_token"])
        [entitlement] = entitlements.get_all_entitlements()
        self.assertEqual(entitlement.feature_key, "items")
        self.assertEqual(entitlements.get_entitlement("items").data.entitlement.feature_key, "items")
        portal = await portals.generate_portal_url(self.tenant.issuer, SIGNED_OUT)
        self.assertTrue(portal["url"].startswith(f"{self.tenant.issuer}/"))

    async def test_it_requests_profile_and_introspection_by_generated_code(self):
        result = await self.sign_in()
        api = OAuthApi(self.account_api())
        profile = api.get_user_profile_v2()
        self.assertEqual((profile.sub, profile.given_name), (result["user"]["sub"], "Ada"))
        self.assertTrue(api.token_introspection(token=result["tokens"]["access_token"]).active)

    async def test_it_refreshes(self):
        before = (await self.sign_in())["tokens"]
        self.tenant.settings(reuse_access_token=False)
        manager = self.oauth._session_manager.get_token_manager(self.user)
        access_token = manager.refresh_access_token()
        self.assertNotEqual(access_token, before["access_token"])
        self.assertNotEqual(manager.tokens["refresh_token"], before["refresh_token"])
        self.tenant.verify(access_token)
        self.tenant.verify(manager.get_id_token(), self.tenant.client_id)

    async def test_it_has_no_refresh_token_without_the_scope_offline(self):
        result = await self.sign_in(scope="openid profile email")
        self.assertNotIn("refresh_token", result["tokens"])

    async def test_it_signs_out_revokes_its_token_and_is_redirected(self):
        await self.sign_in()
        api = PermissionsApi(self.account_api())
        url = await self.oauth.logout(self.user, {"post_logout_redirect_uri": SIGNED_OUT, "state": "bye"})
        self.assertEqual(len(self.tenant.requests("/oauth2/revoke")), 1)
        with self.assertRaises(ForbiddenException):
            api.get_user_permissions()
        self.assertEqual(self.browser.follow(url), f"{SIGNED_OUT}?state=bye")
        [request] = self.tenant.requests("/logout")
        self.assertIn("id_token_hint", request["query"])
        self.assertFalse(self.oauth.is_authenticated())

    async def test_it_refuses_another_state(self):
        self.tenant.fault("cb_wrong_state")
        with self.assertRaises(KindeLoginException):
            await self.sign_in()

    async def test_it_fails_when_the_tenant_refuses_the_code(self):
        for fault in ("cb_wrong_code", "token_invalid_client", "token_500"):
            with self.subTest(fault):
                self.browser = Browser()
                self.tenant.fault(fault)
                with self.assertRaises(KindeTokenException):
                    await self.sign_in()


if __name__ == "__main__":
    unittest.main()
