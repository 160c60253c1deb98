"""Limits that several servers count together, and each alone while what they count in is away."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from several_servers import Redis

from rag.errors import LimitsFault
from rag.web.rates import MOST_WRONG
from rag.web.shared_rates import (
    SECONDS_ALONE,
    SharedQuestionRate,
    SharedStore,
    SharedTries,
)

SECRET = b"the same on all servers"
_names = count()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    started = Redis(tmp_path_factory.mktemp("redis"))
    started.start()
    yield started
    started.stop()


def client() -> str:
    return f"192.0.2.{next(_names)}"


def test_questions_on_two_servers_are_counted_together(redis: Redis) -> None:
    first, second = (SharedQuestionRate(SharedStore(redis.url, SECRET), 20) for _ in range(2))
    asking, other = client(), client()
    taken = [one.take(asking) for _ in range(5) for one in (first, second)]
    assert taken == [0] * 10
    for one in (first, second):
        assert 1 <= one.take(asking) <= 30
        assert one.take(other) == 0


def test_what_was_asked_long_enough_ago_counts_no_more(redis: Redis) -> None:
    rate = SharedQuestionRate(SharedStore(redis.url, SECRET), 60)  # 30 in 30 seconds
    at_once = SharedQuestionRate(SharedStore(redis.url, SECRET), 1)  # one a minute
    asking = client()
    assert [rate.take(asking) for _ in range(30)] == [0] * 30
    assert 1 <= rate.take(asking) <= 30
    other = client()
    assert at_once.take(other) == 0 and 30 < at_once.take(other) <= 60


def test_wrong_tokens_on_two_servers_are_counted_together(redis: Redis) -> None:
    first, second = (SharedTries(SharedStore(redis.url, SECRET), "tokens") for _ in range(2))
    guessing, other = client(), client()
    for n in range(MOST_WRONG):
        assert first.wait(guessing) == second.wait(guessing) == 0
        # The same one again is no guess.
        for one in (first, second, first):
            one.note(guessing, b"guess %d" % n)
    for one in (first, second):
        assert 1 <= one.wait(guessing) <= 60
        assert one.wait(other) == 0
    assert SharedTries(SharedStore(redis.url, SECRET), "cookies").wait(guessing) == 0


def test_no_address_and_no_token_is_in_the_store(redis: Redis) -> None:
    import redis as driver

    tries = SharedTries(SharedStore(redis.url, SECRET), "tokens")
    tries.note("198.51.100.77", b"a token that was mistyped")
    SharedQuestionRate(SharedStore(redis.url, SECRET), 20).take("198.51.100.77")
    keys = " ".join(map(str, driver.Redis.from_url(redis.url).keys()))
    assert "LIMITS" in keys
    assert "198.51" not in keys and "mistyped" not in keys


def test_a_store_that_is_away_is_told_once_and_each_counts_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = Redis(tmp_path)
    own.start()
    now = [0.0]
    store = SharedStore(own.url, SECRET, lambda: now[0])
    rate, tries = SharedQuestionRate(store, 20), SharedTries(store, "tokens")
    assert rate.take("192.0.2.200") == 0
    for n in range(MOST_WRONG):
        tries.note("192.0.2.201", b"guess %d" % n)
    own.stop()
    with caplog.at_level(logging.WARNING):
        # Nobody is locked out, and no limit is lifted.
        taken = [rate.take("192.0.2.200") for _ in range(12)]
        assert taken[:10] == [0] * 10 and min(taken[10:]) > 0
        assert tries.wait("192.0.2.201") > 0
        now[0] += SECONDS_ALONE
        assert rate.take("192.0.2.202") == 0
    assert [one.getMessage()[:42] for one in caplog.records] == [
        "Limits are counted by each server alone: r"
    ]
    caplog.clear()
    own.start()
    with caplog.at_level(logging.WARNING):
        now[0] += SECONDS_ALONE
        assert rate.take("192.0.2.203") == 0
    assert "together again" in caplog.text
    own.stop()


def test_a_store_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    own = Redis(tmp_path)
    own.start()
    rate = SharedQuestionRate(SharedStore(own.url, SECRET), 20)
    assert rate.take("192.0.2.210") == 0
    own.signal(signal.SIGSTOP)
    began = time.monotonic()
    for _ in range(5):
        assert rate.take("192.0.2.210") == 0
    assert time.monotonic() - began < 2
    own.signal(signal.SIGCONT)
    own.stop()


@pytest.mark.parametrize("url", ["redis", "http://127.0.0.1/", "", "memcached://127.0.0.1:1"])
def test_what_is_no_store_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(LimitsFault) as met:
        SharedStore(url, SECRET)
    assert "\n" not in str(met.value)
