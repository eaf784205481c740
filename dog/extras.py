"""How messages name the optional requirements of pyproject.toml."""


def install_extra(name: str) -> str:
    """Return how to install an extra.

    Examples
    --------
    >>> install_extra("sql")
    "pip install 'decision-option-generator[sql]' (in a checkout: pip install -r requirements-sql.txt)"

    """
    return f"pip install 'decision-option-generator[{name}]' (in a checkout: pip install -r requirements-{name}.txt)"
