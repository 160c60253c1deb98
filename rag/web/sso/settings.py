"""How visitors sign in at a provider of OpenID Connect, as a file in TOML says.

What may be in the file, and what groups may do. Nothing is asked of the provider here.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from index.library.collections import DEFAULT
from rag.errors import SignOnFault

SECRET_VARIABLE = "TIAOWEN_SSO_SECRET"
# Whoever can sign in at the provider, whatever their groups.
ANYBODY = "*"
Groups = tuple[Annotated[str, Field(min_length=1)], ...]


class SignOnSettings(BaseModel):
    """The provider, what it knows the chat by, and what its groups may do here.

    `ask` and `manage` are groups; `ask` may hold ANYBODY. `collections` are those that not
    everybody reads who may ask, by id, each with the groups that do. `hours` is how long somebody
    stays signed in. `address` is where visitors reach the chat, where a proxy does not tell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    issuer: str
    client: str = Field(min_length=1)
    secret: str = Field(default="", repr=False)
    name: str = Field(default="", max_length=60)
    ask: Groups = ()
    manage: Groups = ()
    collections: dict[str, Groups] = {}
    groups_claim: str = Field(default="groups", min_length=1)
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    hours: float = Field(default=8, gt=0, le=24 * 30)
    address: str = ""

    @field_validator("issuer", "address")
    @classmethod
    def _is_safe(cls, given: str) -> str:
        if given and not is_safe(given):
            raise ValueError("must be an https address, or an http one of this machine")
        return given

    @field_validator("manage")
    @classmethod
    def _is_named(cls, given: Groups) -> Groups:
        if ANYBODY in given:
            raise ValueError(f"must name groups: {ANYBODY} would let everybody manage documents")
        return given

    @field_validator("collections")
    @classmethod
    def _is_not_default(cls, given: dict[str, Groups]) -> dict[str, Groups]:
        if DEFAULT in given:
            raise ValueError(
                f"the {DEFAULT} collection is read by everybody who may ask; make another one"
            )
        return given

    @field_validator("scopes")
    @classmethod
    def _is_openid(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in given:
            raise ValueError("must hold openid")
        return given

    @property
    def shown(self) -> str:
        """What the provider is called on the page: its name, or else its host."""
        return self.name or urlsplit(self.issuer).netloc

    @property
    def named(self) -> frozenset[str]:
        """All groups that mean anything here."""
        return frozenset(self.ask) | frozenset(self.manage) | frozenset(self._reading())

    def role_of(self, groups: Collection[str]) -> Literal["ask", "manage"] | None:
        """What somebody of these groups may do; None: nothing at all."""
        if any(one in groups for one in self.manage):
            return "manage"
        if ANYBODY in self.ask or any(one in groups for one in self.ask):
            return "ask"
        return None

    def readable(self, groups: Collection[str]) -> frozenset[str]:
        """Which of the `collections` somebody of these groups reads."""
        return frozenset(
            key for key, own in self.collections.items() if any(one in groups for one in own)
        )

    def _reading(self) -> Iterable[str]:
        return (group for groups in self.collections.values() for group in groups)


def read_settings(path: Path) -> SignOnSettings:
    """The settings of a file, with the client's secret from the environment if it is there.

    Raises SignOnFault with the first thing that is wrong.
    """
    try:
        row = tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise SignOnFault("sso-unreadable", path=path, reason=fault.strerror) from None
    except ValueError as fault:
        raise SignOnFault("sso-unreadable", path=path, reason=fault) from None
    if secret := os.environ.get(SECRET_VARIABLE, ""):
        row["secret"] = secret
    try:
        settings = SignOnSettings.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        reason = str(first["msg"]).removeprefix("Value error, ")
        where = ".".join(map(str, first["loc"]))
        raise SignOnFault("sso-setting", path=path, name=where, reason=reason) from None
    if not settings.ask and not settings.manage:
        raise SignOnFault("sso-nobody", path=path)
    return settings


def check_collections(settings: SignOnSettings, held: Collection[str], damaged: bool) -> None:
    """Raise SignOnFault where a restricted collection is none: a wrong id would leave it open.

    `damaged`: some could not be opened, so that which are held is not known.
    """
    unknown = sorted(settings.collections.keys() - set(held))
    if unknown and not damaged:
        raise SignOnFault("sso-collection", name=unknown[0], names=", ".join(held))


def is_safe(address: str) -> bool:
    """Whether what is sent to an address can be read by nobody on the way."""
    parts = urlsplit(address)
    try:
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.fragment or parts.query:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
