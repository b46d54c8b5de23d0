// The command palette: Ctrl K, then arrows and Enter. The field itself asks the server (hx-get).
const palette = document.getElementById("palette");

if (palette) {
  const field = palette.querySelector("input");
  const results = palette.querySelector(".palette-results");
  const links = () => [...results.querySelectorAll("a[href]")];
  const mark = (index) => {
    const all = links();
    all.forEach((link, at) => link.classList.toggle("is-on", at === index));
    all[index]?.scrollIntoView({ block: "nearest" });
  };
  const marked = () => links().findIndex((link) => link.classList.contains("is-on"));

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close();
      else palette.showModal();
      field.select();
    }
  });
  field.addEventListener("keydown", (event) => {
    const count = links().length;
    if (event.key === "ArrowDown" && count) mark((marked() + 1) % count);
    else if (event.key === "ArrowUp" && count) mark((marked() - 1 + count) % count);
    else if (event.key === "Enter" && marked() >= 0) links()[marked()].click();
    // A search field would only empty itself at the first Esc.
    else if (event.key === "Escape") palette.close();
    else return;
    event.preventDefault();
  });
  results.addEventListener("htmx:afterSwap", () => mark(0));
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
}
