import orjson

from dog.models.start.fit_start import fit_start
from tests.models.start.worlds import factorise, simulate


def test_the_report_is_json() -> None:
    world = simulate()

    _, report = fit_start(world.data, world.encoders, factorise)

    assert set(orjson.loads(orjson.dumps(report.to_document()))["bands"]) == {"0", "1", "2 to 4", "5 or more"}
