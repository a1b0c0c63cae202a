"""axe-core, which says what a screen reader or a keyboard would miss on a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"

_DEPENDS_ON_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
# What this rule finds is moderate, whatever it finds, and it looks at all that is on a page.
_ALL = {"resultTypes": ["violations"], "rules": {"region": {"enabled": False}}}
_LOOKS = {"resultTypes": ["violations"], "runOnly": _DEPENDS_ON_LOOKS}


def violations(page: Page, *, looks: bool = False) -> list[str]:
    """What axe-core finds serious or critical: rule, element and reason.

    With ``looks`` only by the rules that depend on colours and on the width of the page, for one
    that has been checked by all rules.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    results = page.evaluate("how => axe.run(document, how)", _LOOKS if looks else _ALL)
    assert results["passes"], "axe-core has checked nothing"
    return [
        f"{found['impact']} {found['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for found in results["violations"]
        for node in found["nodes"]
        if found["impact"] in ("serious", "critical")
    ]
