"""Runs and models without a name of their own bear their recipe's title, in the language of the moment."""

from datetime import UTC, datetime

from pytestqt.qtbot import QtBot

from engine.schema.event import JobChanged
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import job_info
from tests.workbench.fakes.stand_in_engine import catalog
from workbench.rooms import Rooms
from workbench.state.recipes import RecipeNames
from workbench.views.home import HomeView
from workbench.widgets.run_words import job_name


def test_name_when_it_is_a_recipes_id_is_shown_as_its_title_and_any_other_as_it_is() -> None:
    names = RecipeNames()
    assert names.shown("quick") == "quick"
    names.learn(catalog().recipes)
    assert names.shown("quick") == "Quick look"
    assert names.shown("Ward 7, spring") == "Ward 7, spring"


def test_titles_when_learnt_again_are_no_news(qtbot: QtBot) -> None:
    names = RecipeNames()
    with qtbot.waitSignal(names.changed):
        names.learn(catalog().recipes)
    with qtbot.assertNotEmitted(names.changed):
        names.learn(catalog().recipes)


def test_runs_when_the_engine_has_read_itself_lose_their_ids_everywhere(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    job = job_info("running", name="quick", recipe="quick", created_at=datetime.now(UTC))
    fake.tell(JobChanged(job=job), job=job.job_id)
    fake.catalog = catalog()
    rooms.session._read_catalog()
    home = rooms.window.place("home")
    assert isinstance(home, HomeView)
    qtbot.waitUntil(lambda: [item.name for item in home.recent_training.items] == ["Quick look"])
    assert rooms.window.foot._name.text() == "Quick look"
    rooms.set_language("zh")
    qtbot.waitUntil(lambda: [item.name for item in home.recent_training.items] == ["快速"])
    assert job_name(job_info("running", name="Ward 7", recipe="quick")) == "Ward 7"


def test_engine_when_still_reading_itself_is_asked_again(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    qtbot.waitUntil(lambda: "GET /v1/catalog" in fake.requests)
    qtbot.waitUntil(rooms.session._catalog_again.isActive)
    with qtbot.waitSignal(rooms.session._catalog_again.timeout, timeout=4000):
        fake.requests.clear()
    qtbot.waitUntil(lambda: "GET /v1/catalog" in fake.requests)
