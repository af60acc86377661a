"""The dashboard, the alerts and the document for who is on call: they speak of just what the bot tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.content.values import Content
from bot.desk import Desk
from bot.language import Language
from bot.meters import METERS, STATUSES, Meters
from bot.web.app import build_web
from tests.conftest import HOME
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot
from tests.test_meters import VISA, figures

DEPLOY = HOME / "deploy"
BOARD = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
RULES = [
    rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]  # fmt: skip
DOCUMENT = (HOME / "docs" / "watching.md").read_text(encoding="utf-8")


def exposed() -> set[str]:
    """The names under which everything is asked for."""
    return {name.split(" ")[0] for name in figures()}


def queries() -> Iterator[str]:
    """Every query of the dashboard and of the alerts."""
    for panel in BOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (rule["expr"] for rule in RULES)


def taken_apart(query: str) -> tuple[set[str], set[str]]:
    """The meters and the labels that a query names."""
    groups = re.findall(r"\b(?:by|without|on|ignoring) ?\(([^)]*)\)", query)
    matched = re.findall(r"(\w+) ?(?:=|!=|=~|!~) ?\"", query)
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring) ?\([^)]*\)', " ", query)
    meters = set(re.findall(r"\b[a-z_]\w*\b(?!\s*\()", bare)) - {"and", "or", "unless"}
    return meters, {*matched, *(label.strip() for group in groups for label in group.split(","))}


async def test_the_dashboard_and_the_alerts_ask_for_nothing_that_the_bot_does_not_tell(
    telegram: Telegram, rohnamo: RunningBot, content: Content, desk: Desk
) -> None:
    for language in Language:
        await telegram.answer(telegram.person("Anna", language).says(content.entries[VISA].title(language)))
    await rohnamo.settled()
    async with running(build_web(desk)) as address, httpx.AsyncClient() as prometheus:
        told = (await prometheus.get(f"{address}/metrics")).text
    labels = {
        label for family in text_string_to_metric_families(told) for one in family.samples for label in one.labels
    }
    for query in queries():
        meters, by = taken_apart(query)
        assert meters, query
        assert {name for name in meters if name != "up" and not name.startswith("node_filesystem_")} <= exposed(), query
        assert by <= labels | {"job", "instance", "fstype"}, query


def test_a_query_is_taken_apart_into_its_meters_and_labels() -> None:
    query = 'sum by (job, le) (rate(one_total{status="5xx", route!~"/(a|b)"}[5m])) / on (job) two > 0.5 and three == 1'
    assert taken_apart(query) == ({"one_total", "two", "three"}, {"job", "le", "status", "route"})


def test_the_dashboard_is_one_that_grafana_can_import() -> None:
    assert (BOARD["uid"], BOARD["title"], BOARD["schemaVersion"] >= 38) == ("rohnamo", "Rohnamo", True)
    assert [one["name"] for one in BOARD["templating"]["list"]] == ["datasource", "job", "instance"]
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        if panel["type"] != "row":
            assert panel["description"], panel["title"]
            assert {one["datasource"]["uid"] for one in (panel, *panel["targets"])} == {"${datasource}"}
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y, (one, other)
        assert one["x"] + one["w"] <= 24


def test_the_dashboard_shows_all_that_is_counted() -> None:
    shown = {name for query in queries() for name in taken_apart(query)[0]}
    counted = {name.removesuffix("_sum").removesuffix("_count") for name in exposed() if name.startswith("rohnamo_")}
    left_out = {"rohnamo_stage_seconds", "rohnamo_reload_failed_timestamp_seconds"}  # its buckets; when it was not
    assert counted - shown == left_out


def test_every_alert_says_what_is_wrong_and_what_to_do_and_the_document_more_of_it() -> None:
    assert [rule["alert"] for rule in RULES] == re.findall(r"^### (Rohnamo\w+)$", DOCUMENT, re.MULTILINE)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert all(rule["annotations"][part].strip() for part in ("summary", "action"))


def test_the_document_explains_each_meter_with_its_labels_and_their_values() -> None:
    rows = dict(re.findall(r"^\| `(rohnamo_\w+)` \| (.*) \|$", DOCUMENT, re.MULTILINE))
    assert {*rows} == {*re.findall(r"^# HELP (rohnamo_\w+)", METERS.exposition()[0].decode(), re.MULTILINE)}
    for series in figures(Meters()):
        name, *labels = series.split(" ")
        row = next(
            (words for known, words in rows.items() if re.fullmatch(rf"{known}(_sum|_count|_bucket)?", name)), ""
        )
        for label, value in (one.split("=") for one in labels if not one.startswith("le=")):
            assert f"`{label}`" in row, series
            assert label in ("language", "status") or f"`{value}`" in row, series


def test_prometheus_is_shown_the_job_and_the_rules_that_there_are() -> None:
    shown = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    assert [one["job_name"] for one in shown["scrape_configs"]] == ["rohnamo"]
    assert all((DEPLOY / name).exists() for name in shown["rule_files"])
    assert STATUSES[-1] in next(rule["expr"] for rule in RULES if rule["alert"] == "RohnamoPageFails")
