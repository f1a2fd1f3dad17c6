"""A person who has no mouse: every step by Tab, and the focus is seen on the way."""

from tests.browser.visitor import Visitor

IS_MARKED = """
(element) => {
  const visible = (e) => { const s = getComputedStyle(e); return s.outlineStyle !== "none" &&
    parseFloat(s.outlineWidth) >= 2; };
  return visible(element) || (element.parentElement && visible(element.parentElement));
}
"""
NAME = "e => e.labels?.[0]?.innerText || e.getAttribute('aria-label') || e.innerText || ''"


def press_until_focused(visitor: Visitor, name: str, *, key: str = "Tab", most: int = 60) -> None:
    """Press a key until what has this name has the focus; on the way it is always visible."""
    visitor.page.wait_for_load_state()  # before its styles are there no focus is seen
    for _ in range(most):
        visitor.page.keyboard.press(key)
        focused = visitor.focused()
        assert focused.count() == 1, "the focus is lost"
        text = focused.evaluate(NAME)
        assert focused.evaluate(IS_MARKED), f"the focus on {text!r} cannot be seen"
        if " ".join(text.split()).startswith(name):
            return
    raise AssertionError(f"{name!r} is not reached by {key}")


def press(visitor: Visitor, name: str, *, key: str = "Enter", most: int = 60) -> None:
    """Go to what has this name, and press it; a box is ticked by Space."""
    press_until_focused(visitor, name, most=most)
    visitor.page.keyboard.press(key)


def type_into(visitor: Visitor, name: str, text: str, *, most: int = 60) -> None:
    """Go to the field, and type in place of what is in it."""
    press_until_focused(visitor, name, most=most)
    visitor.page.keyboard.press("ControlOrMeta+A")
    visitor.page.keyboard.type(text)
