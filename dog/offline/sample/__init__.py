"""The public sample data set, mapped to the files that `dog load` takes.

Run `python -m dog.offline.sample DIR`; `docs/explanation/sample_data.md` describes where the data come from
and how they are mapped.
"""
