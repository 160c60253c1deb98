"""A provider of OpenID Connect on this machine, for tests, made of Authlib: in its own process.

Discovery, a form to sign in with, codes with PKCE, ID tokens, keys that change, user info with
groups, and an end of the session. A test tells it at /told what to do otherwise than right.
Started as `python tests/oidc_provider.py PORT`. Authlib has no types, so that mypy takes its
classes for Any and lets none be subclassed without being told to ignore it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from html import escape
from typing import Any

import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc.jwk import KeyParameters, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "tiaowen", "the secret of the client"
PASSWORD = "a word of the user"
USERS: dict[str, tuple[str, list[str]]] = {
    "li": ("李馆员", ["staff", "librarians"]),
    "ann": ("Ann Reader", ["staff"]),
    "tax": ("Tao", ["staff", "tax-office"]),
    "guest": ("Gu Est", ["guests"]),
}
BROWSER = "provider_session"


@dataclass
class World:
    """What the provider knows, and what a test has told it to do wrong."""

    issuer: str
    keys: list[RSAKey] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, str] = field(default_factory=dict)
    redirects: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    # Claims of the ID token that are other than right; None leaves one out.
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    # none, HS256: signed otherwise; stranger: by a key that is not published.
    signed: str = ""

    def rotate(self) -> None:
        """Sign with a new key from now on, and forget the one before."""
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True)
        key.ensure_kid()
        self.keys = [key]


@dataclass
class Code:
    """A code that a browser has been given."""

    code: str
    redirect_uri: str
    scope: str
    user: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Client(ClientMixin):  # type: ignore[misc]
    """The one program that people may sign in to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.client_metadata = {"post_logout_redirect_uris": world.redirects}

    def get_client_id(self) -> str:
        return CLIENT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri in self._world.redirects

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


class Asked(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib has it."""

    def __init__(self, request: Request, form: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url), headers=request.headers)
        self._form = form
        self.payload = BasicOAuth2Payload({**request.query_params, **form})

    @property
    def form(self) -> dict[str, str]:
        return self._form


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server over Starlette."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.register_token_generator(
            "default", BearerTokenGenerator(lambda **_: f"at-{len(world.tokens)}-{time.time_ns()}")
        )

    def query_client(self, client_id: str) -> Client | None:
        return Client(self.world) if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        self.world.tokens[token["access_token"]] = request.user

    def send_signal(self, name: str, *_: object, **__: object) -> None:
        return None

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status)
        return Response(body or "", status, dict(headers))


class Codes(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Asked) -> None:
        told = request.payload.data
        self.server.world.codes[code] = Code(
            code,
            told["redirect_uri"],
            told.get("scope", ""),
            request.user,
            told.get("nonce", ""),
            told.get("code_challenge", ""),
            told.get("code_challenge_method", ""),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found: Code | None = self.server.world.codes.get(code)
        return found

    def delete_authorization_code(self, code: Code) -> None:
        del self.server.world.codes[code.code]

    def authenticate_user(self, code: Code) -> str:
        return code.user


class Identity(OpenIDCode):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        super().__init__(require_nonce=True)
        self._world = world

    def exists_nonce(self, nonce: str, request: Asked) -> bool:
        return any(one.nonce == nonce for one in self._world.codes.values())

    def get_client_algorithm(self, client: Client) -> str:
        return {"none": "none", "HS256": "HS256"}.get(self._world.signed, "RS256")

    def resolve_client_private_key(self, client: Client) -> Any:
        if self._world.signed == "HS256":
            from joserfc.jwk import OctKey

            return OctKey.import_key(SECRET)
        if self._world.signed == "stranger":
            published: KeyParameters = {"kid": str(self._world.keys[-1].kid)}
            return RSAKey.generate_key(2048, published, private=True)
        return self._world.keys[-1]

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": self.get_client_algorithm(client), "kid": self._world.keys[-1].kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._world.issuer, "aud": [CLIENT]}

    def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
        told = {**about(user), **self._world.claims}
        return {name: value for name, value in told.items() if value is not None}

    def encode_id_token(self, token: dict[str, Any], request: Asked) -> str:
        if self._world.signed != "none":
            return str(super().encode_id_token(token, request))
        import base64
        import json

        claims = self.get_compatible_claims(request)
        claims |= self.get_authorization_code_claims(request.authorization_code)
        claims |= about(request.user)
        parts = ({"alg": "none"}, claims)
        bare = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts)
        return b".".join(bare).decode() + "."


class Leaving(EndSessionEndpoint):  # type: ignore[misc]
    def get_server_jwks(self) -> KeySet:
        return KeySet([*self.server.world.keys])

    def create_endpoint_request(self, request: Asked) -> Asked:
        return request

    def end_session(self, request: Any) -> None:
        subject = (request.id_token_claims or {}).get("sub", "")
        world = self.server.world
        world.ended.append(subject)
        world.browsers = {key: u for key, u in world.browsers.items() if f"sub-{u}" != subject}


def about(user: str) -> dict[str, Any]:
    """The claims of a user."""
    name, groups = USERS[user]
    return {"sub": f"sub-{user}", "preferred_username": user, "name": name, "groups": groups}


def application(issuer: str) -> Starlette:
    """The provider as a web application."""
    world = World(issuer)
    world.rotate()
    server = Server(world)
    server.register_grant(Codes, [CodeChallenge(required=True), Identity(world)])
    server.register_endpoint(Leaving)

    def discovery(_: Request) -> Response:
        told = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "end_session_endpoint": f"{issuer}/end",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return JSONResponse({**told, **world.discovery})

    async def authorize(request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        asked = Asked(request, {})
        user = world.browsers.get(request.cookies.get(BROWSER, ""), "")
        if request.method == "POST":
            right = form.get("password") == PASSWORD and form.get("user") in USERS
            user = form["user"] if right else ""
        try:
            grant = server.get_consent_grant(asked, user or None)
        except OAuth2Error as fault:
            response: Response = server.handle_error_response(asked, fault)
            return response
        if not user:
            return HTMLResponse(sign_in(str(request.url), request.method == "POST"))
        reply: Response = server.create_authorization_response(asked, user, grant)
        key = f"{user}-{time.time_ns()}"
        world.browsers[key] = user
        reply.set_cookie(BROWSER, key, httponly=True, samesite="lax")
        return reply

    async def token(request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        reply: Response = server.create_token_response(Asked(request, form))
        return reply

    def userinfo(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in world.tokens:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({**about(world.tokens[given]), **world.userinfo})

    def end(request: Request) -> Response:
        reply: Response | None = server.create_endpoint_response("end_session", Asked(request, {}))
        return reply or HTMLResponse("<p>Signed out of the provider.</p>")

    def jwks(_: Request) -> Response:
        return JSONResponse(KeySet([*world.keys]).as_dict(private=False))

    async def told(request: Request) -> Response:
        """What a test wants to be other than it is, and what has happened."""
        row = await request.json() if request.method == "POST" else {}
        if row.pop("rotate", False):
            world.rotate()
        for name, value in row.items():
            setattr(world, name, value)
        return JSONResponse({"ended": world.ended, "browsers": len(world.browsers)})

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/authorize", authorize, methods=both),
            Route("/token", token, methods=["POST"]),
            Route("/userinfo", userinfo),
            Route("/jwks", jwks),
            Route("/end", end, methods=both),
            Route("/told", told, methods=both),
        ]
    )


def sign_in(address: str, wrong: bool) -> str:
    """The provider's own form."""
    said = "<p role=alert>Wrong name or password.</p>" if wrong else ""
    return (
        f"<!doctype html><html lang=en><title>Provider</title><h1>Provider</h1>{said}"
        f'<form method="post" action="{escape(address)}"><label>User <input name=user></label>'
        "<label>Password <input name=password type=password></label><button>Sign in</button></form>"
    )


if __name__ == "__main__":
    port = int(sys.argv[1])
    address = f"http://127.0.0.1:{port}"
    uvicorn.run(application(address), host="127.0.0.1", port=port, log_level="error")
