// What the pages of the desk and of the enterprise corner do in the browser. Nothing here is needed to get something done:
// every act is a link or a form as well.
import htmx from "htmx.org";
import "./forms.js";
import "./keep.js";
import "./palette.js";
import "./sheet.js";
import { drawCharts } from "./chart-loader.js";
import { beginsWhereItStands, reachable } from "./scrollable.js";

// Only relative addresses and no code in attributes; the settings stand in the page (meta htmx-config).
window.htmx = htmx;

// A fragment that needs a log-in, or that was refused, is shown as the whole page that the server answered with.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (xhr.status === 422 || xhr.status === 409) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (xhr.status >= 400) {
    const box = document.getElementById("messages");
    if (!box || target.id === "sheet") {
      event.detail.shouldSwap = true;
      return;
    }
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const note = document.createElement("div");
    note.className = "notice is-fail";
    note.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = page.querySelector("h1")?.textContent?.trim() || page.title || String(xhr.status);
    note.append(text);
    box.replaceChildren(note);
  }
});
document.addEventListener("htmx:sendError", () => {
  const box = document.getElementById("messages");
  if (!box) return;
  const note = document.createElement("div");
  note.className = "notice is-fail";
  note.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = document.documentElement.lang.startsWith("zh")
    ? "连不上服务器，什么都没有改变；请检查网络后再试。"
    : "The server can't be reached, and nothing was changed; check the network and try again.";
  note.append(text);
  box.replaceChildren(note);
});

for (const work of [drawCharts, reachable, beginsWhereItStands]) {
  document.addEventListener("htmx:load", (event) => work(event.target));
  work(document);
}

// Menus made of <details> close as menus do.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Of a row of tabs that slides, the one that is open is in sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// A button that prints the page; without a script the browser's own menu does.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// Printing opens what is folded, so that paper shows everything.
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not(.menu, [open])")) {
    fold.dataset.folded = "";
    fold.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-folded]")) {
    delete fold.dataset.folded;
    fold.open = false;
  }
});
