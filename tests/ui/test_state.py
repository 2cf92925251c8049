"""The dock's model: phases and what they may follow, notices, the log."""

from __future__ import annotations

import itertools

import pytest

from geofm.ui.state import (
    LOG_LINES,
    TRANSITIONS,
    DockModel,
    Notice,
    Outcome,
    Page,
    Phase,
    Progress,
    TransitionError,
)


def test_every_phase_has_its_transitions_and_none_is_a_dead_end() -> None:
    assert set(TRANSITIONS) == set(Phase)
    assert all(TRANSITIONS.values())
    assert set().union(*TRANSITIONS.values()) == set(Phase)


@pytest.mark.parametrize(("here", "there"), list(itertools.permutations(Phase, 2)))
def test_a_phase_follows_another_only_where_the_table_says_so(qgis_app, here, there) -> None:
    model = DockModel(Page.MAP, here)
    heard = []
    model.phase_changed.connect(heard.append)
    if there in TRANSITIONS[here]:
        model.enter(there)
        assert model.phase is there
        assert heard == [there]
    else:
        with pytest.raises(TransitionError):
            model.enter(there)
        assert model.phase is here
        assert heard == []


def test_a_new_run_forgets_the_last_one(model) -> None:
    model.log("old line")
    model.set_notice(Notice(Outcome.FAILED, "It failed."))
    model.set_progress(Progress(50.0, "half"))
    model.enter(Phase.RUNNING)
    assert model.log_text() == ""
    assert model.notice == Notice()
    assert model.progress == Progress()


def test_the_end_of_a_run_keeps_its_log(model) -> None:
    model.enter(Phase.RUNNING)
    model.log("a line\n")
    model.enter(Phase.READY)
    assert model.log_text() == "a line"


def test_the_log_is_bounded_and_without_empty_lines(model) -> None:
    for number in range(LOG_LINES + 10):
        model.log(f"line {number}")
        model.log("  \n")
    lines = model.log_text().splitlines()
    assert len(lines) == LOG_LINES
    assert lines[-1] == f"line {LOG_LINES + 9}"


def test_a_page_is_told_once(model) -> None:
    heard = []
    model.page_changed.connect(heard.append)
    model.show(Page.CHANGE)
    model.show(Page.CHANGE)
    assert heard == [Page.CHANGE]


@pytest.mark.parametrize(
    ("phase", "busy"),
    [
        (Phase.READY, False),
        (Phase.SETUP_NEEDED, False),
        (Phase.RUNNING, True),
        (Phase.CANCELLING, True),
        (Phase.SETTING_UP, True),
    ],
)
def test_busy_is_what_shows_progress(qgis_app, phase, busy) -> None:
    assert DockModel(Page.MAP, phase).busy is busy
