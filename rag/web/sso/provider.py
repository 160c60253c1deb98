"""What is asked of a provider of OpenID Connect: where it is, who has signed in, and a farewell.

The protocol is Authlib's and joserfc's (the extra `sso`); what is made of a person here is in
rag/web/sso/signing_in.py. No token is logged, and none is kept but for the farewell.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from rag.errors import SignOnFault
from rag.web.sso.settings import SignOnSettings, is_safe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from joserfc.jwk import KeySet

# Signatures by a key that the provider alone has; never by the client's secret, and never none.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA", "Ed25519")  # fmt: skip
# Seconds that clocks may differ, that an answer may take, and that what is known of the provider
# is taken for true.
SKEW, PATIENCE, FRESH = 120, 10.0, 60.0
# Seconds in which a provider that could not be asked about itself is not asked again.
LEFT_ALONE = 5.0
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: what the reply must prove, and where to go on afterwards."""

    state: str
    nonce: str
    verifier: str
    to: str

    @classmethod
    def anew(cls, to: str) -> Begun:
        """One that nobody can have guessed."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, to)


@dataclass(frozen=True)
class Account:
    """Who has signed in, as the provider tells; `id_token` is what it takes leave by."""

    subject: str
    account: str
    name: str
    groups: tuple[str, ...]
    id_token: str


class Provider:
    """One provider. What it tells of itself is asked for when needed, never at the start."""

    def __init__(self, settings: SignOnSettings, clock: Callable[[], float] = time.time) -> None:
        """`clock` is Unix time. Raises SignOnFault where the extra is not installed."""
        try:
            import_module("authlib.integrations.httpx_client")
        except ImportError:
            raise SignOnFault("sso-missing") from None
        self._settings = settings
        self._clock = clock
        self._told: tuple[float, Mapping[str, Any]] | None = None
        # However many want to sign in while it does not answer, one connection waits for it.
        self._discovering = asyncio.Lock()
        self._failed: tuple[float, SignOnFault] | None = None
        self._keys: KeySet | None = None

    async def address(self, begun: Begun, back: str) -> str:
        """Where a browser is sent to sign in, coming `back` then. Raises SignOnFault."""
        told = await self._discovered()
        async with self._client(told, back) as client:
            address, _ = client.create_authorization_url(
                told["authorization_endpoint"],
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(address)

    async def account(self, begun: Begun, code: str, back: str) -> Account:
        """Who has signed in, for the code that the browser brought. Raises SignOnFault."""
        told = await self._discovered()
        async with self._client(told, back) as client:
            token = await _asked(
                lambda: client.fetch_token(
                    told["token_endpoint"], code=code, code_verifier=begun.verifier,
                    grant_type="authorization_code",
                )
            )  # fmt: skip
            id_token = str(token.get("id_token") or "")
            claims = await self._claims(client, told, id_token, token, begun.nonce)
            groups = named(claims, self._settings.groups_claim)
            if groups is None and told.get("userinfo_endpoint"):
                more = await self._fetched(client, told["userinfo_endpoint"], with_token=True)
                # What is told of somebody else is not believed.
                if more.get("sub") == claims["sub"]:
                    groups = named(more, self._settings.groups_claim)
                    claims = {**more, **claims}
        return Account(
            subject=str(claims["sub"]),
            account=_first(claims, "preferred_username", "email", "sub"),
            name=_first(claims, "name", "preferred_username", "email", "sub"),
            groups=groups or (),
            id_token=id_token,
        )

    async def farewell(self, id_token: str, back: str) -> str:
        """Where a browser signs out, coming `back` then; '' if the provider has no such place.

        Raises SignOnFault where it cannot be reached.
        """
        told = await self._discovered()
        address = str(told.get("end_session_endpoint") or "")
        if not address:
            return ""
        query = {"client_id": self._settings.client, "post_logout_redirect_uri": back}
        if id_token:
            query["id_token_hint"] = id_token
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def _claims(
        self,
        client: AsyncOAuth2Client,
        told: Mapping[str, Any],
        id_token: str,
        token: Mapping[str, Any],
        nonce: str,
    ) -> dict[str, Any]:
        """What the ID token says, once all of it has been found right."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        read = None
        if self._keys is not None:
            try:
                read = jwt.decode(id_token, self._keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                self._keys = None  # The provider may sign with another key by now.
        try:
            if read is None:
                self._keys = _key_set(await self._fetched(client, told["jwks_uri"]))
                read = jwt.decode(id_token, self._keys, algorithms=ALGORITHMS)
            settings = self._settings
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": settings.issuer},
                    "aud": {"essential": True, "value": settings.client},
                },
                {
                    "nonce": nonce,
                    "client_id": settings.client,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock()), leeway=SKEW)
        except (JoseError, ValueError, TypeError) as fault:
            raise _refused(f"ID token: {type(fault).__name__} {fault}") from None
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise _refused("ID token: no subject")
        return dict(claims)

    async def _discovered(self) -> Mapping[str, Any]:
        """What the provider tells of itself. Raises SignOnFault, again for some seconds."""
        async with self._discovering:
            now = self._clock()
            if self._told and 0 <= now - self._told[0] < FRESH:
                return self._told[1]
            if self._failed and 0 <= now - self._failed[0] < LEFT_ALONE:
                raise self._failed[1].with_traceback(None)
            try:
                told = await self._discovery()
            except SignOnFault as fault:
                self._failed = self._clock(), fault
                raise
            self._told, self._failed = (now, told), None
            return told

    async def _discovery(self) -> Mapping[str, Any]:
        """What the provider tells of itself now. Raises SignOnFault."""
        issuer = self._settings.issuer
        async with self._client({}, "") as client:
            told = await self._fetched(
                client, f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            )
        if told.get("issuer") != issuer:
            raise _refused(f"it calls itself {told.get('issuer')!r}")
        for name in (*_NEEDED, "userinfo_endpoint", "end_session_endpoint"):
            given = told.get(name)
            if given is None and name not in _NEEDED:
                continue
            # Its own query is the provider's affair; what it may not do is lead past https.
            bare = str(given or "").partition("?")[0]
            if not is_safe(bare) or (issuer.startswith("https:") and bare.startswith("http:")):
                raise _refused(f"its {name} is {given!r}")
        return told

    async def _fetched(
        self, client: AsyncOAuth2Client, address: str, with_token: bool = False
    ) -> dict[str, Any]:
        """The JSON object at an address of the provider. Raises SignOnFault."""

        async def get() -> Any:
            reply = await client.request("GET", address, withhold_token=not with_token)
            reply.raise_for_status()
            return reply.json()

        told = await _asked(get)
        if not isinstance(told, dict):
            raise SignOnFault("sso-away") from None
        return told

    @asynccontextmanager
    async def _client(self, told: Mapping[str, Any], back: str) -> AsyncIterator[AsyncOAuth2Client]:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        settings = self._settings
        offered = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        by = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        async with AsyncOAuth2Client(
            settings.client,
            settings.secret or None,
            token_endpoint_auth_method=by if settings.secret else "none",
            scope=" ".join(settings.scopes),
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=PATIENCE,
            follow_redirects=False,
            verify=_certificates(),
            # This machine is asked through no proxy.
            trust_env=urlsplit(settings.issuer).scheme == "https",
        ) as client:
            yield client


def named(claims: Mapping[str, Any], claim: str) -> tuple[str, ...] | None:
    """The groups that a claim names; None if there is no such claim, or it is no list of texts.

    A name with dots is the claim of that name, or else one within others: `realm_access.roles`.
    """
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    return tuple(found)


@cache
def _certificates() -> ssl.SSLContext:
    """Whose certificates are taken; read once, for it takes longer than a sign-in."""
    import httpx2

    return httpx2.create_ssl_context()


def _key_set(told: Mapping[str, Any]) -> KeySet:
    """The provider's keys for signatures, of kinds that are known here."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet, import_key

    keys = []
    for one in told.get("keys", ()):
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") == "oct":
            continue
        try:
            keys.append(import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)


async def _asked(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What the provider replies. Raises SignOnFault: it is away, or says no."""
    import httpx2
    from authlib.common.errors import AuthlibBaseError

    try:
        return await ask()
    except httpx2.HTTPStatusError as fault:
        raise _away(f"status {fault.response.status_code}") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as fault:
        raise _away(type(fault).__name__) from None
    except AuthlibBaseError as fault:
        raise _refused(f"{fault.error}: {fault.description}") from None


def _away(why: str) -> SignOnFault:
    logging.getLogger(__name__).warning("The sign-in provider cannot be reached: %s", why)
    return SignOnFault("sso-away")


def _refused(why: str) -> SignOnFault:
    logging.getLogger(__name__).warning("A sign-in was refused: %s", why)
    return SignOnFault("sso-refused")


def _first(claims: Mapping[str, Any], *names: str) -> str:
    return next(str(claims[name]) for name in names if claims.get(name))
