"""What people see of a worker: the status page in a real browser, whose buttons are clicked, and the figures for Prometheus.

WAL2AVRO_SCREENSHOTS=DIRECTORY keeps pictures of the page. SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re
import subprocess

import pytest
from postgres import cache_dir
from process import free_ports, wait_until
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from stand import ROOT, install
from worker import FAST, Worker

pytestmark = pytest.mark.integration

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
ROWS = 3000
AWAY = "destination-is-away"
EVIL = "<img src=x onerror=document.title='evil'>"
SECONDS = 30


@pytest.fixture(scope="module")
def tools():
    install("page")


@pytest.fixture
def worker(pipeline, tools):
    worker = Worker(pipeline.stand, BUILD, group=pipeline.name, properties=FAST).start()
    yield worker
    worker.stop()


@pytest.fixture
def browser(tools, tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1200,1000", f"user-data-dir={tmp_path}/browser",
                     "disable-background-networking", "disable-component-update"):
        options.add_argument("--" + argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


class Page:
    def __init__(self, browser, worker):
        self.browser = browser
        browser.get(worker.url + "/")

    def card(self, name):
        """The connector's part of the page, or None."""
        found = [each for each in self.browser.find_elements(By.CSS_SELECTOR, "article.connector") if each.get_attribute("data-connector") == name]
        return found[0] if found else None

    def names(self):
        """In the order of the page."""
        return [each.get_attribute("data-connector") for each in self.browser.find_elements(By.CSS_SELECTOR, "article.connector")]

    def text(self, name, selector):
        try:
            card = self.card(name)
            return card.find_element(By.CSS_SELECTOR, selector).text if card else None
        except StaleElementReferenceException:
            return None

    def state(self, name):
        return self.text(name, ".head .pill")

    def figure(self, name, figure):
        return self.text(name, f"[data-figure={figure}] b")

    def wait(self, condition, what, seconds=SECONDS):
        """The page draws itself anew every other second: what was found on it may be gone a moment later."""
        def settled():
            try:
                return condition()
            except StaleElementReferenceException:
                return False
        wait_until(settled, seconds, what, every=0.1)

    def wait_state(self, name, state):
        self.wait(lambda: self.state(name) == state, f"{name} to be shown as {state}")

    def button(self, name, action):
        return self.card(name).find_element(By.CSS_SELECTOR, f"button[data-action={action}]")

    def click(self, name, action):
        def press():
            button = self.button(name, action)
            return button.is_enabled() and (button.click() or True)
        self.wait(press, f"{action} to be enabled")

    def picture(self, name):
        directory = os.environ.get("WAL2AVRO_SCREENSHOTS")
        picture = self.browser.get_screenshot_as_png()
        assert len(picture) > 10000
        if directory:
            with open(os.path.join(directory, name + ".png"), "wb") as file:
                file.write(picture)

    def complaints(self):
        """What the browser has to say: errors of the script, what the policy has kept out."""
        return [entry["message"] for entry in self.browser.get_log("browser")]


def post(worker, path, **changes):
    """The connector's file, over REST. Returns its name."""
    with open(path, encoding="utf-8") as file:
        connector = json.load(file)
    connector["config"].update(changes)
    worker.create(connector["name"], connector["config"])
    return connector["name"]


def both(pipeline, worker):
    """Source and sink, with rows on their way."""
    pipeline.create_source()
    pipeline.create_dest()
    source, sink = post(worker, pipeline.relay_file()), post(worker, pipeline.sink_file())
    worker.wait_states(source)
    worker.wait_states(sink)
    pipeline.run_source(f"insert into t_orders (num, dt) select substr(md5(random()::text), 1, 25), now() from generate_series(1, {ROWS})")
    pipeline.wait_equal()
    return source, sink


def number(text):
    return int(text.replace(",", "")) if text and text[0].isdigit() else None


def test_rows_are_seen_and_buttons_work(pipeline, worker, browser):
    source, sink = both(pipeline, worker)
    page = Page(browser, worker)
    page.wait_state(source, "RUNNING")
    page.wait_state(sink, "RUNNING")
    page.wait(lambda: number(page.figure(sink, "total")) == ROWS, "all rows to be counted")
    page.wait(lambda: number(page.figure(sink, "behind")) == 0, "no row to be behind")
    page.wait(lambda: page.figure(source, "extra") not in (None, "–"), "the WAL that is held back")
    assert browser.find_element(By.ID, "tile-running").text.startswith("2 / 2")
    page.wait(lambda: not page.button(sink, "resume").is_enabled(), "resume not to be offered")
    page.picture("running")

    page.click(sink, "pause")
    page.wait_state(sink, "PAUSED")
    worker.wait_states(sink, "PAUSED", ["PAUSED"])
    pipeline.run_source("insert into t_orders (num) values ('behind')")
    page.wait(lambda: number(page.figure(sink, "behind")) == 1, "one row to be behind")
    assert pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(ROWS,)]
    page.click(sink, "resume")
    page.wait_state(sink, "RUNNING")
    pipeline.wait_equal()

    before = set(worker.children())
    page.click(sink, "restart")
    page.wait(lambda: len(set(worker.children()) - before) == 1, "a new process")
    page.wait_state(sink, "RUNNING")
    page.click(source, "stop")
    page.wait_state(source, "STOPPED")
    worker.wait_states(source, "STOPPED", [])
    page.click(source, "resume")
    page.wait_state(source, "RUNNING")
    worker.wait_states(source)

    worker.delete(sink)
    page.wait(lambda: page.card(sink) is None, "the deleted connector to go")
    assert page.complaints() == []


def test_troubles_are_told(pipeline, worker, browser):
    pipeline.create_source()
    pipeline.create_dest()
    source = post(worker, pipeline.relay_file())
    pipeline.run_source("insert into t_orders (num, dt) values ('a', now())")
    pipeline.run_dest(f"alter table {pipeline.topic} drop column dt")
    sink = post(worker, pipeline.sink_file())
    worker.call("POST", "/connectors", {"name": EVIL, "config": json_of(pipeline.sink_file(), EVIL), "initial_state": "STOPPED"}, expect=201)
    page = Page(browser, worker)
    page.wait_state(sink, "FAILED")
    page.wait_state(source, "RUNNING")
    away = {**json_of(pipeline.sink_file(), AWAY), "connection.url": f"jdbc:postgresql://127.0.0.1:{free_ports(1)[0]}/none"}
    worker.call("POST", "/connectors", {"name": AWAY, "config": away}, expect=201)
    page.wait_state(AWAY, "WAITING")
    assert worker.states(AWAY) == ("RUNNING", ["RUNNING"])
    assert "Connection refused" in page.text(AWAY, ".trouble")
    assert page.names() == [sink, *sorted((source, EVIL, AWAY))]
    assert "ALTER TABLE" in page.text(sink, ".trouble").upper() and "dt" in page.text(sink, ".trouble")
    page.wait_state(EVIL, "STOPPED")
    assert browser.title == "wal2avro"
    assert browser.find_elements(By.TAG_NAME, "img") == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    page.picture("troubles-dark")
    browser.set_window_size(500, 1000)
    page.picture("troubles-narrow")

    pipeline.run_dest(f"alter table {pipeline.topic} add column dt date")
    page.click(sink, "restart")
    page.wait_state(sink, "RUNNING")
    pipeline.wait_equal()
    page.click(EVIL, "resume")
    worker.wait_states(EVIL)
    assert page.complaints() == []

    worker.stop()
    page.wait(lambda: browser.find_element(By.ID, "live").text.startswith("no answer for"), "the page to say that nobody answers")
    page.picture("away")


def json_of(path, name):
    """The configuration of a file for another connector."""
    with open(path, encoding="utf-8") as file:
        return {**json.load(file)["config"], "name": name}


def check_metrics(worker):
    """What promtool has to say of /metrics, and what it is."""
    text = worker.ask("GET", "/metrics", headers={"Accept": "text/plain"}).text
    done = subprocess.run([os.path.join(cache_dir(), "promtool", "promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return text


def test_figures_for_prometheus(pipeline, worker):
    check_metrics(worker)
    source, sink = both(pipeline, worker)

    def sample(name, connector, **labels):
        wanted = {"connector": connector, "task": "0", **labels}
        series = [value for key, value in worker.metrics().get(name, {}).items() if wanted.items() <= dict(re.findall(r'(\w+)="([^"]*)"', key)).items()]
        return series[0] if len(series) == 1 else None

    for connector in (source, sink):
        wait_until(lambda: sample("wal2avro_task_rows_total", connector) == ROWS, SECONDS, f"the rows of {connector}")
        assert sample("wal2avro_topic_rows_total", connector, topic=pipeline.topic) == ROWS
        assert sample("wal2avro_task_bytes_total", connector) > ROWS * 20
        assert sample("wal2avro_task_state", connector, state="RUNNING") == 1
        assert sample("wal2avro_task_restarts_total", connector) == 0
    wait_until(lambda: sample("wal2avro_end_to_end_latency_seconds_count", sink) == ROWS, SECONDS, "the latency of all rows")
    assert 0 < sample("wal2avro_end_to_end_latency_seconds_sum", sink) / ROWS < 60
    wait_until(lambda: sample("wal2avro_sink_lag_rows", sink) == 0, SECONDS, "no row to be behind")
    assert sample("wal2avro_sink_dead_letters_total", sink) == 0
    wait_until(lambda: (sample("wal2avro_source_slot_retained_bytes", source) or 0) > 0, SECONDS, "the WAL that is held back")
    text = check_metrics(worker)

    # Every metric of the dashboard is there, now that everything runs.
    with open(os.path.join(ROOT, "docker", "grafana", "wal2avro.json"), encoding="utf-8") as file:
        asked = set(re.findall(r"\bwal2avro_\w+", file.read()))
    told = set(re.findall(r"^(wal2avro_\w+)", text, re.MULTILINE))
    assert asked - told == set()
