"""Distillation and fusion training are two jobs: the second follows the first by itself and starts from its model."""

import pytest

from engine.schema.command import JobInfo, JobList
from engine.schema.event import Log, TeacherReady
from engine.schema.model import ModelSummary
from tests.end_to_end.conftest import PATIENCE_S, SMALL, Shared, Ward
from tests.engines import until

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("ward")]
CHAINED = (
    *SMALL, "optim.epochs=2", "teachers.fusion.epochs=1", "teachers.fusion.members=1",
    "teachers.fusion.text=as-student", "then=fuse",
)  # fmt: skip


def _follower(ward: Ward, job_id: str) -> JobInfo | None:
    jobs = ward.client.get("/v1/jobs", JobList).jobs
    return next((job for job in jobs if job.follows == job_id), None)


def test_fusion_when_chained_to_distillation_follows_by_itself_and_starts_from_its_model(shared: Shared) -> None:
    ward = shared.ward
    first = ward.learn(*CHAINED, recipe="distil")
    taught = str(ward.done(first).result["model"])
    until(lambda: _follower(ward, first) is not None, PATIENCE_S)
    second = _follower(ward, first)
    assert second is not None
    assert second.recipe == "fuse"
    fused = str(ward.done(second.job_id).result["model"])
    teachers = [event.body.report for event in ward.told(first) if isinstance(event.body, TeacherReady)]
    assert [report.name for report in teachers] == ["pretrained-text", "fusion"]
    assert all(report.parameters > 0 and report.accuracy.n > 0 for report in teachers)
    assert not any(isinstance(event.body, TeacherReady) for event in ward.told(second.job_id))
    models = {name: ward.client.get(f"/v1/models/{name}", ModelSummary) for name in (taught, fused)}
    assert models[fused].parent == taught
    assert models[fused].parameters == models[taught].parameters
    assert models[fused].sha256 != models[taught].sha256
    codes = [event.body.code for event in ward.told(second.job_id) if isinstance(event.body, Log)]
    assert "start-without-folds" not in codes
