from xml.etree import ElementTree as ET

from dog.services.svg_charts import sketch_bars, sketch_lines


def test_charts_are_well_formed_whatever_the_names() -> None:
    bars = ET.fromstring(sketch_bars("a < b & c", {"<up>": 0.0, '"': 3.0}))
    lines = ET.fromstring(sketch_lines("t", [0, 1], {"<new>": [0.5, 2.0]}))

    assert "a < b & c" in "".join(bars.itertext())
    assert "<new>" in "".join(lines.itertext())
