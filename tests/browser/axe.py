"""axe-core, which says what a screen reader or a keyboard would miss on a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"


def violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical: rule, element and reason."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    results = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert results["passes"], "axe-core has checked nothing"
    return [
        f"{found['impact']} {found['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for found in results["violations"]
        for node in found["nodes"]
        if found["impact"] in ("serious", "critical")
    ]
