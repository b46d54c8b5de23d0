// Deciding by keyboard: every key presses what a mouse could press (data-key), so nothing here is needed to get something done.
const KEPT = "identity-reason";
const form = document.getElementById("decide");
const reason = form?.elements.reason;

function typing(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog[open]");
}

// A number key writes a usual reason into the field, where it can be changed.
form?.addEventListener("change", (event) => {
  if (event.target.name === "usual" && reason) reason.value = event.target.value;
});
// The next pair often has the same reason: what was written last is offered, selected, so that typing replaces it.
if (reason && !reason.value) {
  try {
    reason.placeholder = sessionStorage.getItem(KEPT) ?? "";
  } catch {
    // Storage is off; then there is nothing to offer.
  }
}
form?.addEventListener("submit", () => {
  try {
    if (reason.value) sessionStorage.setItem(KEPT, reason.value);
  } catch {
    // As above.
  }
});

let verdict = null;
reason?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && verdict && reason.value.trim() && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit(verdict);
  } else if (event.key === "Escape") {
    verdict = null;
    reason.blur();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!pressed) return;
  event.preventDefault();
  if (pressed.name === "verdict" && reason && !reason.value.trim()) {
    // A decision needs its reason: the field asks for it, and Enter decides afterwards.
    verdict = pressed;
    reason.focus();
    return;
  }
  pressed.click();
});
