"""axe-core, which says what a screen reader or a keyboard would miss on a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"

_DEPENDS_ON_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
# Styles would be asked for again, which a browser refuses to a page from a file; of all rules one
# that is experimental needs them, and that one is not asked.
_HOW = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
# What this rule finds is moderate, whatever it finds, and it looks at all that is on a page.
_ALL = {**_HOW, "rules": {"region": {"enabled": False}}}
_LOOKS = {**_HOW, "runOnly": _DEPENDS_ON_LOOKS}


# Three quarters of what a chapter consists of are the letters of formulas and of coloured code, and
# the lines of drawings that have a name. axe-core takes milliseconds for each.
_THIN = """() => {
  const bare = (element) => /^(SPAN|EM|STRONG)$/.test(element.tagName) &&
    element.getAttributeNames().every((name) => name === "class");
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.opacity,
      style.display].join();
  };
  const seen = new Set();
  const isNew = (...signs) => seen.size < seen.add(signs.join(" | ")).size;
  const room = (formula) => {
    const box = document.createElement("span");
    box.style.cssText = "display: inline-block; vertical-align: top;" +
      `width: ${formula.scrollWidth}px; height: ${formula.scrollHeight}px`;
    return box;
  };
  const thin = [];
  for (const box of document.querySelectorAll("pre, dt.sig")) {
    const kept = [""];
    for (const node of box.childNodes) {
      const all = node instanceof Element ? [node, ...node.querySelectorAll("*")] : [];
      const isText = all.every(bare) && !isNew(box.tagName, look(box), ...all.map(look));
      if (!isText) kept.push(node, "");
      else kept[kept.length - 1] += node.textContent; // one text, which is measured by the line
    }
    thin.push([box, kept]);
  }
  for (const formula of document.querySelectorAll("mjx-container")) {
    if (!isNew(formula.getAttribute("display"), formula.tabIndex)) {
      thin.push([formula, [room(formula)]]);
    }
  }
  for (const drawing of document.querySelectorAll("article svg[role=img]:not(.st-explorer *)")) {
    thin.push([drawing, []]);
  }
  window.thinned = thin.map(([box]) => [box, [...box.childNodes]]);
  for (const [box, kept] of thin) box.replaceChildren(...kept);
}"""
_FILL = "() => thinned.reverse().forEach(([box, all]) => box.replaceChildren(...all))"

# The rule of contrast asks for all that is drawn below each text, which takes half of the time.
_ALIKE = """() => {
  const drawn = ["color", "backgroundColor", "backgroundImage", "display", "visibility", "opacity",
    "fontSize", "fontWeight", "textShadow", "textIndent", "webkitTextStroke", "filter",
    "mixBlendMode", "clipPath", "transform"];
  let looks, numbers, asked, passed;
  const look = (element) => {
    if (element === null) return 0;
    if (looks.has(element)) return looks.get(element);
    const style = getComputedStyle(element);
    const alone = element.matches(".st-explorer *, svg *") ||
      !["static", "relative"].includes(style.position) || style.float !== "none";
    const key = [look(element.parentElement), element.nodeName, alone && looks.size,
      ...drawn.map((name) => style[name])].join("|");
    if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
    looks.set(element, numbers.get(key));
    return looks.get(element);
  };
  const rule = axe._audit.rules.find((one) => one.id === "color-contrast");
  const check = axe._audit.checks["color-contrast"];
  const {matches} = rule, {evaluate} = check;
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const isField = (element) => /^(INPUT|SELECT|TEXTAREA)$/.test(element.nodeName);
  rule.matches = (element, ...more) => {
    if (!hasText(element) && !isField(element)) return false; // as the rule finds after a while
    return hasText(element) && asked.has(look(element)) ||
      matches(element, ...more) && Boolean(asked.add(look(element)));
  };
  check.evaluate = function (element, ...more) {
    if (passed.has(look(element))) return true;
    let ratio;
    const data = (said) => { ratio = said?.contrastRatio; this.data(said); };
    const found = evaluate.call({...this, data}, element, ...more);
    if (found === true && ratio) passed.add(look(element));
    return found;
  };
  window.forgetLooks = () => {
    [looks, numbers, asked, passed] = [new Map(), new Map(), new Set(), new Set()];
  };
}"""


# A shadow at the edge of what scrolls is a gradient, and over a gradient no contrast is measured.
_WITHOUT_SHADOWS = """:is(pre, .st-table, .pst-scrollable-table-container, div.math, mjx-container,
  .output) { background-image: none !important; }"""


def thin_out(page: Page) -> None:
    """Leave of pieces that look and act alike only the first, which makes axe-core twice as fast.

    Pieces of code that look like one before become plain text, and formulas an empty box of their
    size; a drawing that is one image to a screen reader loses its lines. The page keeps its size.
    """
    page.evaluate(_THIN)


def fill_again(page: Page) -> None:
    """Bring back what `thin_out` took."""
    page.evaluate(_FILL)


def violations(page: Page, *, looks: bool = False) -> list[str]:
    """What axe-core finds serious or critical: rule, element and reason.

    With ``looks`` only by the rules that depend on colours and on the width of the page, for one
    that has been checked by all rules. The contrast of a text whose like has passed is not measured
    again: text of the same style, in elements of the same styles, outside of explorers.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
        page.evaluate(_ALIKE)
        page.add_style_tag(content=_WITHOUT_SHADOWS)
    results = page.evaluate(
        "how => { forgetLooks(); return axe.run(document, how); }", _LOOKS if looks else _ALL
    )
    assert results["passes"], "axe-core has checked nothing"
    return [
        f"{found['impact']} {found['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for found in results["violations"]
        for node in found["nodes"]
        if found["impact"] in ("serious", "critical")
    ]
