"""A batch on a Ray cluster: what comes out is what comes out without it, also when a node dies in the middle."""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import batches
import pytest

from claimtag.batch import Job, Progress, tag_batch
from claimtag.engines.ray import on_ray
from claimtag.errors import EngineError, InputError, MissingExtraError, OptionError

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason='the package ray is not here: pip install "claimtag[ray]"'
)
# Ray itself uses what it has deprecated, and leaves sockets and log files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two nodes of one core each, whose workers tag as `batches.STUB` says; the head takes no work."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        stub = batches.stub_environment(tmp_path_factory.mktemp("stub"), pause=0.01)
        for name, value in (stub | {"RAY_USAGE_STATS_ENABLED": "0"}).items():
            patch.setenv(name, value)
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        made.nodes = [made.add_node(num_cpus=1), made.add_node(num_cpus=1)]
        made.wait_for_nodes()
        yield made
        made.shutdown()


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """300 records: an article that raises, one that kills its worker, one that hangs, a broken line, the same id twice."""
    bad = {50: "RAISES", 120: "KILLS", 200: "HANGS"}
    lines = [json.dumps({"id": f"a{n}", "text": f"{bad.get(n, 'La mer')} {n}."}) for n in range(298)]
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join([*lines[:10], "{broken", *lines[10:], lines[3]]) + "\n")
    return path


def told(folder: Path) -> Counter[str]:
    """How often each record of the input is in the output or among the rejects."""
    every = [json.loads(line)["id"] for part in sorted(folder.glob("part-*")) for line in part.open()]
    rejects = [json.loads(line) for line in (folder / "rejects.jsonl").open()]
    return Counter([*every, *(f"{each['id']}:{each['line']}" for each in rejects)])


@needs_ray
def test_a_batch_begun_without_ray_is_finished_with_it_and_an_input_that_changed_stops_both(
    cluster: Any, news: Path, tmp_path: Path
) -> None:
    job, out = Job((str(news),), model="fast", format="jsonl", shard_size=50), tmp_path / "out"

    def stop(progress: Progress) -> None:
        if progress.shards:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tag_batch(job, out, workers=1, article_timeout=2, tell=stop)
    assert 1 <= len(list(out.glob("part-*"))) < 6
    before = news.read_bytes()

    def change(progress: Progress) -> None:
        news.write_bytes(before + b"\n")
        os.utime(news, (1, 1))

    engine = on_ray(address=cluster.address, workers=1, article_timeout=2)
    with pytest.raises(InputError, match=r"news\.jsonl: changed while it was read; give --restart to begin anew"):
        tag_batch(job, out, engine=engine, tell=change)
    news.write_bytes(before)
    assert tag_batch(job, out, engine=engine).finished
    assert set(told(out).values()) == {1}


@needs_ray
def test_a_cluster_without_room_is_refused(cluster: Any, news: Path, tmp_path: Path) -> None:
    with pytest.raises(
        EngineError,
        match=r"^the Ray cluster has no room for a worker that takes a core and 1 GPU: it has 2 CPU, 0 GPU$",
    ):
        tag_batch(Job((str(news),), model="fast"), tmp_path / "out", engine=on_ray(address=cluster.address, gpus=1))


@needs_ray
def test_a_node_killed_in_the_middle_loses_and_doubles_nothing(  # the last on this cluster
    cluster: Any, news: Path, tmp_path: Path
) -> None:
    job = Job((str(news),), model="fast", format="jsonl", shard_size=10)
    killed = threading.Event()

    def tell(progress: Progress) -> None:
        if progress.shards >= 8 and not killed.is_set():
            killed.set()
            cluster.remove_node(cluster.nodes[0], allow_graceful=False)

    engine = on_ray(address=cluster.address, article_timeout=2)
    report = tag_batch(job, tmp_path / "ray", engine=engine, tell=tell)
    assert killed.is_set()
    assert report.finished
    assert (report.articles, report.rejects) == (295, 5)
    alone = tag_batch(job, tmp_path / "alone", workers=2, article_timeout=2)
    assert (alone.articles, alone.rejects) == (295, 5)
    assert set(told(tmp_path / "ray").values()) == {1}
    for part in sorted((tmp_path / "alone").glob("part-*")):
        assert (tmp_path / "ray" / part.name).read_bytes() == part.read_bytes()
    assert (tmp_path / "ray" / "rejects.jsonl").read_bytes() == (tmp_path / "alone" / "rejects.jsonl").read_bytes()


@needs_ray
def test_no_cluster_at_an_address_is_said(news: Path, tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=r"^no Ray cluster at '127\.0\.0\.1:1': .*; start one with: ray start --head$"
    ):
        tag_batch(Job((str(news),), model="fast"), tmp_path / "out", engine=on_ray(address="127.0.0.1:1"))


def test_without_the_package_the_pip_line_is_said(news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r'pip install "claimtag\[ray\]"'):
        tag_batch(Job((str(news),), model="fast"), tmp_path / "out", engine=on_ray())


def test_workers_and_gpus_that_make_no_sense_are_refused() -> None:
    with pytest.raises(OptionError, match=r"^a batch needs at least 1 worker"):
        on_ray(workers=0)
    with pytest.raises(OptionError, match=r"^a worker takes no GPU, one, or a part of one, not -1$"):
        on_ray(gpus=-1)
