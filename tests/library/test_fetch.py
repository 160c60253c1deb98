"""Fetching from addresses: what is taken, under which name, and what is refused and not asked."""

from __future__ import annotations

import gzip
import itertools
import re
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes_network import PUBLIC, Internet, Pages, Pieces, answer, internet, sent_on

from index.errors import DocumentFault, StoreFault
from index.library.allowed import allowed_hosts, is_public
from index.library.fetch import MOST_HOPS, Fetched
from index.library.fetched import TooMuchError, unpacked
from rag.web.messages import sentence_in

PAGE = (
    "<!doctype html><html><head><title>海川市渔港办法</title></head><body>"
    "<p>第一条 管理渔港。</p></body></html>"
).encode()
PDF = b"%PDF-1.4\n1 0 obj\n"
ALLOWED = allowed_hosts(["docs.example", "*.gov.example", "docs.example:8080", "127.0.0.1:8000"])
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"


def endless(head: bytes, piece: bytes) -> Callable[[], Pieces]:
    def pieces() -> Pieces:
        yield head + b"\r\n"
        while True:
            yield piece

    return pieces


def endless_gzip() -> Pieces:
    """Packed so that it grows a thousandfold when it is unpacked."""
    yield HEAD + b"content-encoding: gzip\r\n\r\n"
    pack = zlib.compressobj(wbits=31)
    while True:
        yield pack.compress(bytes(2**22)) + pack.flush(zlib.Z_SYNC_FLUSH)


def slow(head: bytes, piece: bytes) -> Callable[[], Pieces]:
    """A byte now and then, so that no single read takes long."""

    def pieces() -> Pieces:
        yield head
        while True:
            time.sleep(0.1)
            yield piece

    return pieces


ROBOTS = {
    "/robots.txt": answer(
        b"User-agent: *\nDisallow: /closed\nDisallow: /*.pdf$\n", kind="text/plain"
    )
}
INSIDE: Mapping[str, Sequence[Sequence[str]]] = {
    "local.gov.example": [["127.0.0.1"]],
    "six.gov.example": [["::1"]],
    "mapped.gov.example": [["::ffff:127.0.0.1"]],
    "gateway.gov.example": [["64:ff9b::7f00:1"]],
    "six-to-four.gov.example": [["2002:7f00:1::"]],
    "private.gov.example": [["10.1.2.3"]],
    "unique.gov.example": [["fd00::1"]],
    "metadata.gov.example": [["169.254.169.254"]],
    "carrier.gov.example": [["100.100.100.200"]],
    "zero.gov.example": [["0.0.0.0"]],
    # One address that is public beside one that is not.
    "both.gov.example": [[PUBLIC, "192.168.0.7"]],
    # Public when it is looked up first, or twice, and this machine from then on.
    "rebinding.gov.example": [[PUBLIC], ["127.0.0.1"]],
    "twice.gov.example": [[PUBLIC], [PUBLIC], ["127.0.0.1"]],
    "fine.gov.example": [[PUBLIC]],
}

# What is asked for, the pages there are, and words of the refusal.
HOSTILE: dict[str, tuple[str, Pages, str]] = {
    "another host": ("http://other.example/a", {}, "not among the hosts"),
    "loopback by address": ("http://127.0.0.1/a", {}, "not among the hosts"),
    "loopback though allowed": ("http://127.0.0.1:8000/a", {}, "private network"),
    "loopback as a decimal": ("http://2130706433/a", {}, "not among the hosts"),
    "loopback in hexadecimal": ("http://0x7f.0x0.0x0.0x1/a", {}, "not among the hosts"),
    "loopback in octal": ("http://0177.0.0.1/a", {}, "no address"),
    "loopback in short": ("http://127.1/a", {}, "not among the hosts"),
    "loopback in IPv6": ("http://[::1]/a", {}, "not among the hosts"),
    "loopback mapped into IPv6": ("http://[::ffff:7f00:1]/a", {}, "not among the hosts"),
    "loopback in full-width digits": ("http://１２７．０．０．１/a", {}, "address|not among"),
    "localhost": ("http://localhost:7860/a", {}, "not among the hosts"),
    "another port": ("http://docs.example:22/a", {}, "docs.example:22 is not among"),
    **{
        f"inside by name, {name.partition('.')[0]}": (f"http://{name}/a", {}, "private network")
        for name in INSIDE
        if not name.startswith(("rebinding", "twice", "fine"))
    },
    "the end of an allowed name": ("http://evildocs.example/a", {}, "not among the hosts"),
    "an allowed name in front": ("http://docs.example.evil.example/a", {}, "not among the hosts"),
    "sent on to loopback": (
        "http://docs.example/a",
        {"/a": sent_on("http://127.0.0.1:8000/secret")},
        "sends on to another page: .*private network",
    ),
    "sent on to a private name": (
        "http://docs.example/a",
        {"/a": sent_on("http://private.gov.example/secret", 307)},
        "sends on to another page: .*private network",
    ),
    "sent on twice, then inside": (
        "http://docs.example/a",
        {"/a": sent_on("/b", 301), "/b": sent_on("//metadata.gov.example/latest")},
        "sends on to another page: .*private network",
    ),
    "sent on to another scheme": (
        "http://docs.example/a",
        {"/a": sent_on("file:///etc/passwd")},
        "begins with http",
    ),
    "sent on to another host": (
        "http://docs.example/a",
        {"/a": sent_on("http://other.example/")},
        "sends on to another page: other.example is not among",
    ),
    "sent on with a password": (
        "http://docs.example/a",
        {"/a": sent_on("http://me:word@docs.example/b")},
        "user name or password",
    ),
    "sent round in a circle": (
        "http://docs.example/a",
        {"/a": sent_on("/b"), "/b": sent_on("/a")},
        f"more than {MOST_HOPS} times",
    ),
    "sent on to nowhere": ("http://docs.example/a", {"/a": answer(status=302)}, "without saying"),
    "robots sent on inside": (
        "http://docs.example/a",
        {"/robots.txt": sent_on("http://local.gov.example/robots.txt"), "/a": answer(PAGE)},
        "private network",
    ),
    "a user name in the address": ("http://docs.example@127.0.0.1/a", {}, "user name"),
    "a password in the address": ("http://me:word@docs.example/a", {}, "user name or password"),
    "a backslash in the address": ("http://docs.example\\@127.0.0.1/", {}, "backslashes"),
    "line ends in the address": (
        "http://docs.example/a\r\nHost: inside\r\n\r\nGET /b",
        {},
        "control characters",
    ),
    "a null in the address": ("http://docs.example/\x00", {}, "control characters"),
    "the scheme file": ("file:///etc/passwd", {}, "begins with http"),
    "the scheme ftp": ("ftp://docs.example/a", {}, "begins with http"),
    "the scheme gopher": ("gopher://127.0.0.1:6379/_FLUSHALL", {}, "begins with http"),
    "the scheme data": ("data:text/html,hello", {}, "begins with http"),
    "a script for an address": ("javascript:alert(1)", {}, "begins with http"),
    "no host": ("http:///etc/passwd", {}, "begins with http"),
    "an address without end": ("http://docs.example/" + "a" * 3000, {}, "shorter one"),
    "a name that is not known": ("http://gone.gov.example/", {}, "check the address"),
    "a body without end": (
        "http://docs.example/a",
        {"/a": endless(HEAD, bytes(65536))},
        "more than 20 MB",
    ),
    "a length over the limit": (
        "http://docs.example/a",
        {"/a": HEAD + b"content-length: 99999999999\r\n\r\nx"},
        "more than 20 MB",
    ),
    "a packed body without end": (
        "http://docs.example/a",
        {"/a": endless_gzip},
        "more than 20 MB",
    ),
    "a packed body that grows": (
        "http://docs.example/a",
        {"/a": answer(gzip.compress(bytes(300 * 2**20)), content_encoding="gzip")},
        "more than 20 MB",
    ),
    "packed in what grows without limit": (
        "http://docs.example/a",
        {"/a": answer(bytes(20), content_encoding="br")},
        "packed in a way",
    ),
    "packed twice": (
        "http://docs.example/a",
        {"/a": answer(gzip.compress(gzip.compress(PAGE)), content_encoding="gzip, gzip")},
        "packed in a way",
    ),
    "packed and cut off": (
        "http://docs.example/a",
        {"/a": answer(gzip.compress(PAGE * 50)[:-20], content_encoding="gzip")},
        "damaged",
    ),
    "called packed and is not": (
        "http://docs.example/a",
        {"/a": answer(PAGE, content_encoding="gzip")},
        "damaged",
    ),
    "a body cut off": (
        "http://docs.example/a",
        {"/a": HEAD + b"content-length: 500\r\n\r\nshort"},
        "no whole answer",
    ),
    "no HTTP at all": ("http://docs.example/a", {"/a": b"SSH-2.0-OpenSSH\r\n"}, "no whole answer"),
    "heads without end": (
        "http://docs.example/a",
        {"/a": endless(HEAD[:-2], b"x-filler: " + b"a" * 4000 + b"\r\n")},
        "no whole answer",
    ),
    "a robots.txt that forbids it": (
        "http://docs.example/closed/a",
        {**ROBOTS, "/closed/a": answer(PAGE)},
        "robots.txt of docs.example asks",
    ),
    "a robots.txt that forbids its kind": (
        "http://docs.example/open/a.pdf",
        {**ROBOTS, "/open/a.pdf": answer(PDF, kind="application/pdf")},
        "robots.txt of docs.example asks",
    ),
    "sent on to what robots.txt forbids": (
        "http://docs.example/a",
        {**ROBOTS, "/a": sent_on("/closed/b"), "/closed/b": answer(PAGE)},
        "robots.txt of docs.example asks",
    ),
    "a robots.txt that fails": (
        "http://docs.example/a",
        {"/robots.txt": answer(status=503), "/a": answer(PAGE)},
        "robots.txt of docs.example cannot be read",
    ),
    "a robots.txt without end": (
        "http://docs.example/a",
        {"/robots.txt": endless(HEAD, b"Allow: /\n" * 999), "/a": answer(PAGE)},
        "robots.txt of docs.example cannot be read",
    ),
    "a video": ("http://docs.example/a", {"/a": answer(b"x", kind="video/mp4")}, "type video/mp4"),
    "a script": (
        "http://docs.example/a.js",
        {"/a.js": answer(b"alert(1)", kind="text/javascript")},
        "type text/javascript, which is not read",
    ),
    "a type full of marks": (
        "http://docs.example/a",
        {"/a": answer(b"x", kind="<script>alert(1)</script>")},
        "which is not read",
    ),
    "a page called PDF": (
        "http://docs.example/a.pdf",
        {"/a.pdf": answer(PAGE, kind="application/pdf")},
        "holds something else",
    ),
    "a PDF called page": (
        "http://docs.example/a",
        {"/a": answer(PDF, kind="text/html")},
        "holds something else",
    ),
    "a picture called Word": (
        "http://docs.example/a.docx",
        {"/a.docx": answer(b"\x89PNG\r\n\x1a\n", kind="application/msword")},
        "holds something else",
    ),
    "nothing there": ("http://docs.example/none", {}, r"nothing at this address \(status 404\)"),
    "closed to programs": ("http://docs.example/a", {"/a": answer(status=412)}, "to programs"),
    "a server that fails": ("http://docs.example/a", {"/a": answer(status=500)}, "status 500"),
    "a part alone": ("http://docs.example/a", {"/a": answer(b"x", 206)}, "status 206"),
}


def refused(net: Internet, address: str, seconds: float = 20) -> str:
    with pytest.raises(DocumentFault) as fault:
        net.fetcher(seconds).fetch(address, ALLOWED)
    return fault.value.notice


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_hostile_is_refused_in_a_sentence_and_nothing_inside_is_asked(case: str) -> None:
    address, pages, words = HOSTILE[case]
    with internet(pages, INSIDE) as net:
        told = refused(net, address)
        assert re.search(words, told), told
        assert net.untouched()
    # One sentence that says what to do, in both languages.
    assert "\n" not in told and re.search(r"[:,] [a-z].*\.$", told), told
    assert told.count(". ") == 0
    chinese = sentence_in(told, "zh")
    assert re.search("[一-鿿].*。$", chinese), told
    assert ("转到另一网页：" in chinese) == ("sends on to another page: " in told)
    assert not re.search("[a-z]{3} [a-z]+ [a-z]{3}", chinese), chinese


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    with internet({"/a": answer(PAGE)}, INSIDE) as net:
        got = net.fetcher().fetch("http://twice.gov.example/a", ALLOWED)
        assert got.data == PAGE
        # It was looked up once for each connection (robots.txt, the page), never behind the check.
        assert net.looked_up == ["twice.gov.example"] * 2
        assert net.backend.connected == [PUBLIC] * 2
        assert net.untouched()


def test_a_name_that_leads_elsewhere_by_the_second_request_is_refused_there() -> None:
    """The first connection is closed, so the second one is looked up anew."""
    with internet({"/a": sent_on("/b"), "/b": answer(PAGE)}, INSIDE) as net:
        assert "private network" in refused(net, "http://rebinding.gov.example/a")
        assert "private network" in refused(net, "http://twice.gov.example/a")
        assert net.asked == ["/a"]
        assert net.untouched()


@pytest.mark.parametrize(
    "page",
    [
        slow(HEAD + b"content-length: 99999\r\n\r\n", b"x"),
        slow(b"HTTP/1.1 200 OK\r\n", b"x"),
        slow(b"", b"H"),
        slow(b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"),
        slow(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["body", "head", "nothing", "waits", "chunks"],
)
@pytest.mark.parametrize("place", ["/a", "/robots.txt"])
def test_what_is_slow_ends_with_its_time(place: str, page: Callable[[], Pieces]) -> None:
    with internet({place: page}) as net:
        begun = time.monotonic()
        told = refused(net, "http://docs.example/a", 1)
        assert time.monotonic() - begun < 4
    assert (
        told
        == "docs.example takes longer than 1 seconds: download the file in a browser and add it."
    )
    assert "浏览器" in sentence_in(told, "zh")


def test_a_name_that_takes_long_to_look_up_ends_with_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with internet({}) as net:

        def resolve(host: str, port: int) -> Sequence[str]:
            time.sleep(3)
            return [PUBLIC]

        monkeypatch.setattr(net, "resolve", resolve)
        begun = time.monotonic()
        assert "takes longer than 1 seconds" in refused(net, "http://docs.example/a", 1)
        assert time.monotonic() - begun < 2.5


def test_without_a_list_nothing_is_looked_up_and_the_way_is_told() -> None:
    with internet({"/a": answer(PAGE)}) as net:
        with pytest.raises(DocumentFault, match=r"--import-host NAME.*sources\.json"):
            net.fetcher().fetch("http://docs.example/a", ())
        assert (net.looked_up, net.outside.asked) == ([], [])


NAMES: dict[str, tuple[str, bytes, str]] = {
    "a page": ("/art/2026/11/content_12.html", answer(PAGE), "content_12.html"),
    "a page by a program": ("/show.jsp?id=3", answer(PAGE), "show.html"),
    "the first page": ("/", answer(PAGE), "docs.example.html"),
    "an attachment": ("/a/notice.pdf", answer(PDF, kind="application/pdf"), "notice.pdf"),
    "a name in Chinese": (
        "/%E9%80%9A%E7%9F%A5.pdf",
        answer(PDF, kind="application/pdf"),
        "通知.pdf",
    ),
    "a name in GBK": ("/%B9%D8%D3%DA.pdf", answer(PDF, kind="application/pdf"), "关于.pdf"),
    "a name that is given": (
        "/download?id=3",
        answer(
            PDF,
            kind="application/octet-stream",
            content_disposition='attachment; filename="通知.pdf"',
        ),
        "通知.pdf",
    ),
    "a name by RFC 5987": (
        "/download",
        answer(
            PDF,
            kind="application/pdf",
            content_disposition="attachment; filename*=UTF-8''%E9%80%9A%E7%9F%A5.pdf",
        ),
        "通知.pdf",
    ),
    "a name with percent signs": (
        "/download",
        answer(PDF, kind="", content_disposition="attachment; filename=%E9%80%9A%E7%9F%A5.pdf"),
        "通知.pdf",
    ),
    "a name with folders": (
        "/download",
        answer(
            PDF,
            kind="application/pdf",
            content_disposition='attachment; filename="../../etc/a.pdf"',
        ),
        "a.pdf",
    ),
    "a name without suffix": ("/file/77", answer(PDF, kind="application/pdf"), "77.pdf"),
    "content that says more than its type": (
        "/a.pdf",
        answer(PDF, kind="text/html"),
        "a.pdf",
    ),
    "plain text": ("/a", answer("第一条 文字。".encode(), kind="text/plain"), "a.txt"),
}


@pytest.mark.parametrize("case", NAMES)
def test_what_is_fetched_has_a_name_that_it_can_be_read_by(case: str) -> None:
    target, page, name = NAMES[case]
    with internet({target.partition("?")[0]: page}) as net:
        got = net.fetcher().fetch(f"http://docs.example{target}#part", ALLOWED)
    assert got.name == name
    assert got.address == f"http://docs.example{target}"
    assert page.endswith(got.data) and got.data


def test_a_packed_page_that_was_sent_on_arrives() -> None:
    pages = {
        "/robots.txt": sent_on("/robots"),
        "/robots": answer(b"User-agent: *\nAllow: /\n", kind="text/plain"),
        "/a": sent_on("https://docs.example:80/b") and sent_on("/b"),
        "/b": answer(gzip.compress(PAGE), content_encoding="gzip"),
    }
    with internet(pages) as net:
        got = net.fetcher().fetch("http://docs.example/a", ALLOWED)
        assert got == Fetched("b.html", PAGE, "http://docs.example/b")
        heads = [heads for target, heads in net.outside.asked if target == "/b"]
    assert heads[0]["host"] == "docs.example"
    assert heads[0]["user-agent"].startswith("Tiaowen/")
    assert "cookie" not in heads[0]


def test_what_grows_is_never_unpacked_beyond_its_limit() -> None:
    packed = gzip.compress(bytes(100 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(TooMuchError):
            unpacked([packed], "gzip", 2**20)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def test_a_body_in_chunks_arrives() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n"
        for start in itertools.count(0, 50):
            piece = PAGE[start : start + 50]
            yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
            if not piece:
                return

    with internet({"/a": pieces}) as net:
        assert net.fetcher().fetch("http://docs.example/a", ALLOWED).data == PAGE


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate for a name, which vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return path


def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    file = certificate(tmp_path, "docs.example")
    asked_for: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    server.sni_callback = lambda _, name, __: asked_for.append(name)
    trusting = ssl.create_default_context(cafile=str(file))
    with internet({"/a": answer(PAGE)}, INSIDE, server) as net:
        assert net.fetcher(context=trusting).fetch("https://docs.example/a", ALLOWED).data == PAGE
        assert set(asked_for) == {"docs.example"}
        assert set(net.backend.connected) == {PUBLIC}
        with pytest.raises(DocumentFault, match="no certificate that this machine trusts"):
            net.fetcher(context=trusting).fetch("https://fine.gov.example/a", ALLOWED)
        # And of those that everybody trusts, none vouches for this server.
        told = refused(net, "https://docs.example/a")
    assert "no certificate" in told and "证书" in sentence_in(told, "zh")


@pytest.mark.parametrize(
    "entry",
    ["", "*", "*.", "*.cn", "http://a.org", "a.org/b", "a b.org", "127.1", "0x7f000001", "a.org:0",
     "a.org:99999", "me@a.org", "a..org:x", "*.127.0.0.1:80:1"],
)  # fmt: skip
def test_what_is_no_host_is_not_allowed(entry: str) -> None:
    with pytest.raises(StoreFault, match="is no host to fetch from: write example"):
        allowed_hosts([entry])


def test_hosts_are_allowed_as_they_are_named() -> None:
    hosts = allowed_hosts([" WWW.Gov.Example. ", "*.商务.example", "[2606:2800::1]", "a.org:8080"])
    assert list(map(str, hosts)) == [
        "www.gov.example", "*.xn--zfr74d.example", "2606:2800::1", "a.org:8080",
    ]  # fmt: skip
    assert not hosts[1].covers("xn--zfr74d.example", 80, 80)
    assert hosts[1].covers("a.b.xn--zfr74d.example", 443, 443)
    assert not hosts[3].covers("a.org", 80, 80)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True), ("2606:2800:220:1::1", True), ("64:ff9b::5db8:d822", True),
        ("127.0.0.1", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("::", False),
        ("255.255.255.255", False), ("224.0.0.1", False), ("192.0.2.1", False), ("::1", False),
        ("198.18.0.1", False), ("fe80::1", False), ("fe80::1%eth0", False), ("fc00::1", False),
        ("fec0::1", False), ("::ffff:93.184.216.34", False), ("2002:5db8:d822::1", False),
        ("2001:0:7f00:1::", False), ("2001:db8::1", False), ("ff02::1", False), ("::7f00:1", False),
        ("64:ff9b::a00:1", False), ("64:ff9b:1::a00:1", False), ("docs.example", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
