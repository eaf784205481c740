"""What browsers are told not to do: load from elsewhere, be framed, guess types, tell where one came from."""

from collections.abc import Sequence

from flask import Flask, Response, request

from dog.console.compressed_assets import LASTING


def register_headers(app: Flask, script_hashes: Sequence[str]) -> None:
    """Send the security headers with every answer of the console.

    Parameters
    ----------
    app
        The console's application.
    script_hashes
        Sources of the inline scripts that Dash writes into its page.

    """
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(script_hashes)}".strip(),
            "style-src 'self' 'unsafe-inline'",  # Mantine, the grid and plots set styles on elements
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )

    @app.after_request
    def close(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not request.path.startswith(LASTING):
            answer.headers["Cache-Control"] = "no-store"
        return answer
