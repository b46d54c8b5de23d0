// The side sheet. It is a <dialog>, so the browser keeps the focus inside, closes it with Esc and gives the focus back.
// Its content has an address of its own and is a whole page without this script.
import htmx from "htmx.org";

const box = document.getElementById("sheet-box");
const inside = document.getElementById("sheet");
let way = [];
// An open sheet is a step of the browser's history, so that Back, the most natural way on a phone, closes it and stays on the page.
let stepped = false;

function show(url) {
  if (way.at(-1) !== url) way.push(url);
  if (!box.open) {
    box.showModal();
    history.pushState({ ...history.state, sheet: true }, "");
    stepped = true;
  }
  box.scrollTop = 0;
  const back = inside.querySelector('[data-sheet="back"]');
  if (back) back.hidden = way.length < 2;
  const heading = inside.querySelector("#sheet-title");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

if (box && inside) {
  inside.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== inside) return;
    const path = event.detail.pathInfo;
    show(path.finalRequestPath || path.requestPath);
  });
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sheet]");
    if (event.target === box) box.close();
    else if (button?.dataset.sheet === "close") box.close();
    else if (button?.dataset.sheet === "back") {
      way.pop();
      const before = way.pop();
      if (before) htmx.ajax("GET", before, { target: "#sheet", swap: "innerHTML" });
    }
  });
  box.addEventListener("close", () => {
    way = [];
    inside.replaceChildren();
    if (stepped) {
      stepped = false;
      history.back();
    }
  });
  window.addEventListener("popstate", () => {
    if (!box.open) return;
    stepped = false;
    box.close();
  });
  // A link that asks for the sheet while Ctrl or the middle button is held opens its page in a tab, as any link does.
  document.addEventListener("htmx:confirm", (event) => {
    const cause = event.detail.triggeringEvent;
    if (cause instanceof MouseEvent && (cause.ctrlKey || cause.metaKey || cause.shiftKey || cause.button === 1)) event.preventDefault();
  });
}

// Any other dialog: a button with data-open names it; without a script the button's form or link leads to a page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog instanceof HTMLDialogElement && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    const dialog = closer.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  }
});
