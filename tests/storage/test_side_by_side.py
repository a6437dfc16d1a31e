"""Other processes: nothing doubled, nothing torn."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from storage import Storage
from tests.storage.made import LONG, at, post, ready, rows_of, save

ROOT = Path(__file__).resolve().parents[2]
COLLECTOR = """
import sys
from storage import Storage
from tests.storage.made import post, save
with Storage(sys.argv[1]) as store:
    for batch in range(10_000):
        posts = [post(f"{batch}-{number}", thread_id=f"t{batch}") for number in range(20)]
        save(store, posts, state={"batch": batch + 1})
        print(batch, flush=True)
"""


def test_two_collectors_with_the_same_posts(store: Storage, store_url: str) -> None:
    ready(store)
    text = f"Die Akkufix 3000 kommt. {LONG}"
    batches = [
        [post(number, text, url=f"https://x.example/{number}", published_at=at(hours=number))]
        for number in range(30)
    ]
    with Storage(store_url) as second, ThreadPoolExecutor(4) as pool:
        doors = [store, second]
        work = [
            pool.submit(save, doors[turn % 2], batch, name=name)
            for turn, batch in enumerate([*batches, *reversed(batches)])
            for name in ("heimwerker", "blog")
        ]
        assert sum(one.result().new for one in work) == 60
    rows = rows_of(store, "mentions")
    assert len(rows) == 60
    assert [row["duplicate_of"] for row in rows].count(None) == 1


def test_a_killed_collector_leaves_whole_batches(store: Storage, store_url: str) -> None:
    ready(store)
    process = subprocess.Popen(
        [sys.executable, "-c", COLLECTOR, store_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    done = store.state("heimwerker")["batch"]
    counts = store.counts()
    assert done >= 5
    assert (counts["posts"], counts["mentions"], counts["threads"]) == (20 * done, 20 * done, done)
